"""The text of a summary as a moderator writes it: sentences, each followed by the posts it rests on in brackets: “… [#12, #14]”."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from alliance.core.errors import Invalid
from alliance.core.i18n import gettext as _
from alliance.core.text import clean_line

MAX_TEXT = 20_000
MAX_SENTENCES, MAX_SENTENCE, MAX_POSTS = 40, 600, 12
_SOURCES = re.compile(r"\[([^\[\]\n]{1,1000})\]")
_BETWEEN = re.compile(r"[\s,;،、；]+")
_NUMBER = re.compile(r"#?(\d{1,9})")
_ADDRESS = re.compile(r"(?:https?://[^\s/]{1,200})?/p/(\d{1,9})/?")
# A sentence that ends inside: behind a word too long to be an abbreviation, before what looks like a beginning.
_ENDS = re.compile(r"(?:[^\W\d_]{5}[.]|[?!؟])[\"'”»)]*\s+(?=[^\W\d_a-zа-я])|[。？！](?=\S)")


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence, and the posts it names: numbers in the discussion, and ids of posts named by their address."""

    text: str
    numbers: tuple[int, ...]
    ids: tuple[int, ...]


def read(words: str) -> list[Claim]:
    """The sentences of a text.

    Raises:
        Invalid: one names no post, or there are too many; the message quotes it.
    """
    if len(words) > MAX_TEXT:
        raise _wrong(_("At most %(most)s characters.", most=MAX_TEXT))
    found = [claim for line in words.splitlines() for claim in _of_line(line)]
    if not found:
        raise _wrong(_("Write at least one sentence."))
    if len(found) > MAX_SENTENCES:
        raise _wrong(_("A summary has at most %(most)s sentences.", most=MAX_SENTENCES))
    return found


def _of_line(line: str) -> list[Claim]:
    found, begin = [], 0
    for match in _SOURCES.finditer(line):
        named = _named(match[1])
        if named is not None:
            found.append(_claim(line[begin : match.start()], *named))
            begin = match.end()
    rest = line[begin:].strip()
    if rest.strip(" .。"):
        raise _unsourced(rest)
    return found


def _named(words: str) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    """The posts named between brackets; None where something else stands there."""
    numbers, ids = [], []
    for one in filter(None, _BETWEEN.split(words)):
        if match := _NUMBER.fullmatch(one):
            numbers.append(int(match[1]))
        elif match := _ADDRESS.fullmatch(one):
            ids.append(int(match[1]))
        else:
            return None
    return (tuple(numbers), tuple(ids)) if numbers or ids else None


def _claim(words: str, numbers: tuple[int, ...], ids: tuple[int, ...]) -> Claim:
    text = clean_line(words).strip().removeprefix(". ").strip()
    if not text:
        raise _wrong(_("A sentence has to stand before the posts it rests on."))
    if inner := _ENDS.search(text):
        raise _unsourced(text[: inner.end()])
    if len(text) > MAX_SENTENCE or len(numbers) + len(ids) > MAX_POSTS:
        raise _wrong(
            _("A sentence has at most %(most)s characters and rests on at most %(posts)s posts.", most=MAX_SENTENCE, posts=MAX_POSTS)
        )
    return Claim(text, numbers, ids)


def _unsourced(sentence: str) -> Invalid:
    return _wrong(
        _(
            "This sentence names no post it rests on: “%(sentence)s” Put the numbers behind it, like this: [#12, #14]",
            sentence=sentence[:160].strip(),
        )
    )


def _wrong(message: str) -> Invalid:
    return Invalid.field("body", message)


def written(sentences: list[dict[str, object]], name: Callable[[int], str]) -> str:
    """Sentences as they are written, one a line; `name` gives the sign of a post."""
    lines = [f"{one['text']} [{', '.join(name(post) for post in one['posts'])}]" for one in sentences]  # type: ignore[attr-defined]
    return "\n".join(lines)
