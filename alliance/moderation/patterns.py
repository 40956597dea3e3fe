"""Words that are watched, as patterns: literal words, and `*` for any letters (or none) within a word. Nothing else has a meaning.

They are compared with folded texts (`core/folding.py`) by looking for their longest piece, so the time is that of reading the text once for
each pattern, whatever is written in either.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from alliance.core import folding

MAX_LENGTH = 80
LEAST_LETTERS = 2


class Unusable(ValueError):
    """A pattern that would mean nothing, or nearly everything."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern ready to be looked for.

    Attributes:
        written: as the secretariat wrote it.
        words: its words, each in the pieces between its stars.
        anchor: the longest piece, looked for first (with the blanks beside it, where nothing may stand there).
        starts, ends: whether a word has to begin, and to end, where it does (not in scripts without spaces).
    """

    written: str
    words: tuple[tuple[str, ...], ...]
    anchor: str
    starts: bool
    ends: bool

    @property
    def is_plain(self) -> bool:
        """Whether it holds no star: then finding the anchor is finding it."""
        return all(len(pieces) == 1 for pieces in self.words)


def made(written: str) -> Pattern:
    """A pattern of a line.

    Raises:
        Unusable: it is too long, holds too few letters, or a star that stands alone.
    """
    if len(written) > MAX_LENGTH:
        raise Unusable(written)
    folded = [_pieces(word) for word in written.split() if word]
    words = tuple(pieces for group in folded for pieces in group)
    letters = "".join("".join(pieces) for pieces in words)
    least = 1 if letters and folding.is_solid(letters[0]) else LEAST_LETTERS
    if any(not "".join(pieces) for pieces in words) or len(letters) < least or _is_loose(words):
        raise Unusable(written)
    starts, ends = not _solid(words[0][0], 0), not _solid(words[-1][-1], -1)
    if all(len(pieces) == 1 for pieces in words):
        anchor = " " * starts + " ".join(pieces[0] for pieces in words) + " " * ends
    else:
        anchor = max((piece for pieces in words for piece in pieces), key=len)
    return Pattern(written, words, anchor, starts, ends)


def _is_loose(words: tuple[tuple[str, ...], ...]) -> bool:
    """Whether stars leave too little: `*a*` would be nearly every text."""
    starred = ("".join(pieces) for pieces in words if len(pieces) > 1)
    return any(len(letters) < LEAST_LETTERS and not (letters and folding.is_solid(letters[0])) for letters in starred)


def _solid(piece: str, at: int) -> bool:
    return bool(piece) and folding.is_solid(piece[at])


def _pieces(word: str) -> list[tuple[str, ...]]:
    """A written word as the words it folds to ("bit-coin*" is two), each in the pieces between its stars."""
    apart: list[str] = []
    for one in folding.fold(folding.letters(word).replace("*", _STAR)).split():
        # The folding sets a star apart from what is written without spaces, where it belongs.
        if apart and _solid(apart[-1], 0) and (one == _STAR or (apart[-1].endswith(_STAR) and _solid(one, 0))):
            apart[-1] += one
        else:
            apart.append(one)
    return [tuple(one.split(_STAR)) for one in apart]


_STAR = "ꙮ"  # a letter to the folding, and in nobody's words


def found(pattern: Pattern, text: str) -> bool:
    """Whether a pattern is met by a folded text."""
    at = text.find(pattern.anchor)
    if at < 0 or pattern.is_plain:
        return at >= 0
    return any(_meets(pattern, words) for words in _around(pattern, text, at))


def _around(pattern: Pattern, text: str, at: int) -> Iterator[list[str]]:
    """The places of a text where a pattern could stand: so many words, that with the anchor among them; each place once."""
    size = len(pattern.words)
    place = next(number for number, pieces in enumerate(pattern.words) if pattern.anchor in pieces)
    while at >= 0:
        begin, end = text.rfind(" ", 0, at) + 1, text.find(" ", at)
        for _number in range(place):
            begin = text.rfind(" ", 0, max(0, begin - 1)) + 1
        stop = end
        for _number in range(size - place - 1):
            stop = text.find(" ", stop + 1) if stop >= 0 else -1
        yield text[begin : stop if stop >= 0 else len(text)].split(" ")
        at = text.find(pattern.anchor, end) if end >= 0 else -1


def _meets(pattern: Pattern, words: list[str]) -> bool:
    if len(words) != len(pattern.words):
        return False
    last = len(words) - 1
    return all(
        _fits(pieces, word, begins=number > 0 or pattern.starts, ends=number < last or pattern.ends)
        for number, (pieces, word) in enumerate(zip(pattern.words, words, strict=True))
    )


def _fits(pieces: tuple[str, ...], word: str, *, begins: bool, ends: bool) -> bool:
    """Whether the pieces stand in a word in their order, the first at its beginning and the last at its end where that is asked."""
    first, last = pieces[0], pieces[-1]
    if len(pieces) == 1 and begins and ends:
        return word == first
    if (begins and not word.startswith(first)) or (ends and not word.endswith(last)):
        return False
    at, limit = len(first) if begins else 0, len(word) - (len(last) if ends else 0)
    for piece in pieces[begins : len(pieces) - ends]:
        at = word.find(piece, at, limit)
        if at < 0:
            return False
        at += len(piece)
    return at <= limit
