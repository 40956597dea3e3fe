"""Sentences of a post, each with the exact place where it stands in the stored source.

body[sentence.start:sentence.end] == sentence.text always holds: it is what makes a digest traceable.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import sentencex

from alliance.digests import noise
from alliance.digests.abbreviations import ABBREVIATIONS, MAY_END
from alliance.digests.blocks import stretches

LONGEST_BODY = 200_000
LONGEST_SENTENCE = 900
LOOK_BACK = 40  # characters that tell whether a full stop ends a sentence; more would be quadratic
_LAST_TOKEN = re.compile(r"([^\s(«„“\"'\[]+)\.\s*$")
_SPACES = re.compile(r"[\n\r\t\v\f\x1c-\x1f\x85\u2028\u2029]")
_WIDE_GAP = re.compile(r"\s{6,}")
_CLOSING_MARK = re.compile(r"\s*(?:[”’」』）》]|[\"'*_~)»]+(?:\s|$))")
_EMPHASIS = re.compile(r"(\*{1,3}|_{1,3}|~~|`)")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence and its place; kind is statement, question, proposal or request."""

    start: int
    end: int
    text: str
    kind: str


def sentences(body: str, language: str | None, *, lazy_quotes: bool = True) -> list[Sentence]:
    """The sentences of a post that are material for a digest, in order."""
    source = body[:LONGEST_BODY]
    return list(_material(source, language or "en", lazy_quotes))


def _material(body: str, language: str, lazy_quotes: bool) -> Iterator[Sentence]:
    first = True
    for stretch in stretches(body, lazy_quotes=lazy_quotes):
        if noise.is_closing(body[stretch.start : stretch.end]):
            break
        for piece in _cut(body, stretch.start, stretch.end, language):
            start, end = _trim(body, *piece, opening=first)
            text = body[start:end]
            if len(text) > LONGEST_SENTENCE or not noise.is_material(text):
                continue
            first = False
            yield Sentence(start, end, text, noise.kind_of(text, language))


def _cut(body: str, start: int, end: int, language: str) -> list[tuple[int, int]]:
    """Sentence boundaries inside one stretch, as positions in the body."""
    pieces: list[tuple[int, int]] = []
    flat = _SPACES.sub(" ", body[start:end])
    for at, to in _paragraphs(flat):
        pieces += [(start + at + a, start + at + b) for a, b in _merged(flat[at:to], language)]
    return pieces


def _paragraphs(flat: str) -> Iterator[tuple[int, int]]:
    """Mail that lost its line breaks still shows paragraphs as wide gaps."""
    position = 0
    for gap in _WIDE_GAP.finditer(flat):
        yield position, gap.start()
        position = gap.end()
    yield position, len(flat)


def _merged(text: str, language: str) -> list[tuple[int, int]]:
    """What the segmenter found, put together again where an abbreviation misled it."""
    merged: list[tuple[int, int]] = []
    joined = False
    for start, end in _boundaries(text, language):
        if merged and (joined or _continues(text[start:end], text[max(merged[-1][0], start - LOOK_BACK) : start])):
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
        joined = _abbreviated(text[max(merged[-1][0], end - LOOK_BACK) : end], text[end : end + 1], language)
    return merged


def _boundaries(text: str, language: str) -> Iterator[tuple[int, int]]:
    position = 0
    for piece in sentencex.segment(language, text):
        yield position, position + len(piece)
        position += len(piece)


def _continues(piece: str, before: str) -> bool:
    """Whether the segmenter cut where the sentence goes on: a small letter or a closing mark follows."""
    head = piece.lstrip()[:1]
    if not head or _CLOSING_MARK.match(piece):
        return True
    return head.islower() and before.rstrip()[-1:] in {".", "…"}


def _abbreviated(text: str, following: str, language: str) -> bool:
    found = _LAST_TOKEN.search(text)
    if not found:
        return False
    token = found.group(1).lower()
    known = ABBREVIATIONS.get(language, frozenset()) | ABBREVIATIONS["en"]
    if token in known:
        return token not in MAY_END or following.isdigit()
    return len(token) == 1 and token.isalpha() and found.group(1).isupper() and language != "zh"


def _trim(body: str, start: int, end: int, *, opening: bool) -> tuple[int, int]:
    """Without spaces, a greeting at the opening, and emphasis marks whose partner is elsewhere."""
    start, end = _strip(body, start, end)
    if opening:
        start += noise.greeting_length(body[start:end])
    for marks in {found.group(1) for found in _EMPHASIS.finditer(body[start:end])}:
        if body.count(marks, start, end) % 2 == 0 and not _wraps(body, start, end, marks):
            continue
        if body.startswith(marks, start):
            start += len(marks)
        if body.endswith(marks, start, end):
            end -= len(marks)
    return _strip(body, start, end)


def _wraps(body: str, start: int, end: int, marks: str) -> bool:
    return (
        end - start > 2 * len(marks)
        and body.startswith(marks, start)
        and body.endswith(marks, start, end)
        and body.count(marks, start, end) == 2
    )


def _strip(body: str, start: int, end: int) -> tuple[int, int]:
    piece = body[start:end]
    left = len(piece) - len(piece.lstrip())
    return start + left, max(start + left, start + len(piece.rstrip()))
