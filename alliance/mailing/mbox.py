"""Where one message ends and the next begins in an mbox file.

The rule (Mailman's): a message begins at a line `From sender date` (or `From sender` / `From -` after an empty line)
that the next line answers with a header; at the head of a file a header alone will do, so that a single `.eml` is an
archive of one (what stands before the first such line is no message). Any other line that happens to begin with "From " belongs to the message it stands in. The number of
messages in a file is the number of such beginnings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

MAX_LINE = 1 << 20
_DATED = re.compile(rb"From .*\s?\w{3},?\s+\w{3}\s+\d{1,2}\s+\d{1,2}:\d\d(:\d\d)?(\s+\S+)?\s+\d{4}(\s+\S+){0,3}\s*$")
_BARE = re.compile(rb"From [^\s]+\s*$")
_HEADER = re.compile(rb"[!-9;-~]+[ \t]*:|>From ")
_QUOTED_FROM = re.compile(rb"^>(>*From )", re.MULTILINE)


class NotAnArchive(Exception):
    """The file holds no message."""


@dataclass(frozen=True, slots=True)
class Span:
    """Where a message lies in the file.

    Attributes:
        number: its place, from 1.
        from_line: the separator before it, empty when there was none.
        start: of its headers.
        end: just behind it.
    """

    number: int
    from_line: bytes
    start: int
    end: int


@dataclass(slots=True)
class _Line:
    text: bytes
    at: int
    whole: bool  # begins at the beginning of a line (a very long line comes in pieces)


def spans(file: BinaryIO) -> Iterator[Span]:
    """Every message of the file, in order, in constant memory.

    Raises:
        NotAnArchive: nothing in the file begins as a message does.
    """
    file.seek(0)
    number, start, from_line, began, at_head = 0, 0, b"", False, True
    before = line = _Line(b"\n", 0, True)
    for line, following in _pairs(file):
        if _begins(before, line, following, at_head=at_head):
            if began:
                number += 1
                yield Span(number, from_line, start, line.at)
            has_line = line.text.startswith(b"From ")
            began, from_line, start = True, line.text if has_line else b"", line.at + (len(line.text) if has_line else 0)
        at_head = at_head and not line.text.strip()
        before = line
    if not began:
        raise NotAnArchive
    yield Span(number + 1, from_line, start, line.at + len(line.text))


def read(file: BinaryIO, span: Span) -> bytes:
    """The message at a place, its `>From ` lines as they were before they went into the file."""
    file.seek(span.start)
    return _QUOTED_FROM.sub(rb"\1", file.read(span.end - span.start))


def begins_as_message(raw: bytes) -> bool:
    """Whether its first line is a header, or a line `From …` before one."""
    return bool(_HEADER.match(raw) or raw.startswith(b"From "))


def _pairs(file: BinaryIO) -> Iterator[tuple[_Line, bytes]]:
    """Every line with the text of the next."""
    last: _Line | None = None
    at, whole = 0, True
    while text := file.readline(MAX_LINE):
        line = _Line(text, at, whole)
        at, whole = at + len(text), text.endswith(b"\n")
        if last is not None:
            yield last, line.text
        last = line
    if last is not None:
        yield last, b""


def _begins(before: _Line, line: _Line, following: bytes, *, at_head: bool) -> bool:
    if not line.whole:
        return False
    if at_head:
        return begins_as_message(line.text)
    if not line.text.startswith(b"From "):
        return False
    after_empty = not before.text.strip()
    if _DATED.match(line.text):
        return bool(_HEADER.match(following)) or (after_empty and not following.strip())
    return bool(_BARE.match(line.text) and _HEADER.match(following))
