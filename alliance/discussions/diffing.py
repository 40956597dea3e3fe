"""What changed between two texts, word by word, as a reader sees it. The time is bounded whatever the texts are."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from typing import Any, Literal

Kind = Literal["same", "added", "removed"]
# Scripts that write no blanks are compared character by character.
_WORD = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]|\w+|\s+|[^\w\s]")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
MAX_WORDS = 1500  # of a passage to be compared word by word; a longer one is shown as replaced
MAX_LINES = 2000
ALIKE = 0.25  # the share of letters that stayed, from which on words are compared
MAX_HISTORY = 400_000  # characters compared for one page; earlier edits are shown as they read


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text that stayed, came or went."""

    kind: Kind
    text: str


def compare(before: str, after: str) -> list[Piece]:
    """The pieces of which both texts consist: those "same" and "removed" are the first, those "same" and "added" the second."""
    old, new = _LINE.findall(before), _LINE.findall(after)
    pieces: list[Piece] = []
    for piece in _lines(old, new):
        if pieces and pieces[-1].kind == piece.kind:
            pieces[-1] = Piece(piece.kind, pieces[-1].text + piece.text)
        elif piece.text:
            pieces.append(piece)
    return pieces


def _lines(old: list[str], new: list[str]) -> Iterator[Piece]:
    start = _common(old, new)
    end = _common(old[start:][::-1], new[start:][::-1])
    yield Piece("same", "".join(old[:start]))
    yield from _changed(old[start : len(old) - end], new[start : len(new) - end])
    yield Piece("same", "".join(old[len(old) - end :]))


def _common(old: Sequence[str], new: Sequence[str]) -> int:
    """How many parts both begin with."""
    count = 0
    for one, other in zip(old, new, strict=False):
        if one != other:
            break
        count += 1
    return count


def _changed(old: list[str], new: list[str]) -> Iterator[Piece]:
    if max(len(old), len(new)) > MAX_LINES:
        yield from _replaced("".join(old), "".join(new))
        return
    for kind, i, j, k, m in SequenceMatcher(None, old, new).get_opcodes():
        if kind == "equal":
            yield Piece("same", "".join(old[i:j]))
        else:
            yield from _words("".join(old[i:j]), "".join(new[k:m]))


def _words(before: str, after: str) -> Iterator[Piece]:
    old, new = _WORD.findall(before), _WORD.findall(after)
    if not old or not new or max(len(old), len(new)) > MAX_WORDS:
        yield from _replaced(before, after)
        return
    matcher = SequenceMatcher(None, old, new, autojunk=max(len(old), len(new)) >= 400)
    kept = sum(len("".join(old[one.a : one.a + one.size]).replace(" ", "")) for one in matcher.get_matching_blocks())
    if kept < ALIKE * max(len(before), len(after)):  # another text: crumbs of what both have in common would only confuse
        yield from _replaced(before, after)
        return
    gone = come = ""
    for kind, i, j, k, m in matcher.get_opcodes():
        was, now = "".join(old[i:j]), "".join(new[k:m])
        if kind == "equal" and not (was.isspace() and (gone or come) and j < len(old)):
            yield from _replaced(gone, come)
            yield Piece("same", was)
            gone = come = ""
        else:
            gone, come = gone + was, come + now
    yield from _replaced(gone, come)


def _replaced(before: str, after: str) -> Iterator[Piece]:
    if before:
        yield Piece("removed", before)
    if after:
        yield Piece("added", after)


@dataclass(frozen=True, slots=True)
class Change:
    """An edit: which revision it made, who made it when, and what it changed (None: too much to be compared)."""

    number: int
    editor: Any
    by_author: bool
    at: datetime
    text: str
    pieces: list[Piece] | None


def changes(post: Any, revisions: Sequence[Any], clean: Callable[[str], str] = str) -> list[Change]:
    """The edits of a post, newest first.

    Args:
        post: as it is now.
        revisions: what it said before, newest first.
        clean: what their texts are passed through (see retracting.py).
    """
    found: list[Change] = []
    after, budget = clean(post.body), MAX_HISTORY
    for one in revisions:
        before = clean(one.body)
        budget -= len(before) + len(after)
        pieces = compare(before, after) if budget > 0 else None
        found.append(Change(one.number + 1, one.editor, one.editor_id == post.author_id, one.replaced_at, after, pieces))
        after = before
    return found
