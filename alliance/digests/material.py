"""What the selection works on and what it answers: plain data, no database."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from alliance.digests import noise
from alliance.digests.sentences import Sentence, sentences
from alliance.digests.terms import terms

Key = int | str
LONGEST_POST = 60  # sentences of one post that are considered


@dataclass(frozen=True, slots=True)
class Source:
    """A post, as far as the selection needs to know it."""

    key: Key
    discussion: Key
    author: Key
    body: str
    language: str | None = None
    stakeholder_type: str | None = None
    organization: Key | None = None
    space: int = 0
    marked: bool = False  # a moderator marked it as a key contribution
    topics: tuple[str, ...] = ()  # of its discussion, by their keys


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that could stand in the digest. `rank` is its place in its post, `order` in everything gathered."""

    source: Source
    sentence: Sentence
    rank: int
    order: int
    words: int
    terms: tuple[str, ...]


@dataclass(slots=True)
class Strand:
    """What is said on one point: the statement that stands for it, all that say the same, and why it was chosen."""

    lead: Candidate
    members: list[Candidate]
    reasons: list[dict[str, Any]] = field(default_factory=list)

    def posts(self) -> set[Key]:
        """The posts in which the point is made."""
        return {member.source.key for member in self.members}

    def people(self) -> set[Key]:
        """Who makes it."""
        return {member.source.author for member in self.members}

    def organizations(self) -> set[Key]:
        """The organizations in whose name it is made."""
        return {member.source.organization for member in self.members if member.source.organization is not None}

    def topics(self) -> list[str]:
        """The topics of the discussions in which it is made."""
        return sorted({topic for member in self.members for topic in member.source.topics})

    def people_by_type(self) -> dict[str, int]:
        """How many people of each stakeholder type make it ("" for the unclassified)."""
        found = {(member.source.stakeholder_type or "", member.source.author) for member in self.members}
        types = sorted({kind for kind, _ in found})
        return {kind: sum(1 for one, _ in found if one == kind) for kind in types}


def candidates(sources: Sequence[Source], *, whole: bool = False, lazy_quotes: bool = True) -> list[Candidate]:
    """Every material sentence of the posts, in order. whole: each source is one statement as it stands (a flat comment)."""
    cut: dict[tuple[str, str | None], list[tuple[Sentence, int, tuple[str, ...]]]] = {}
    found: list[Candidate] = []
    for source in sources:
        known = cut.get((source.body, source.language))
        if known is None:
            known = cut[(source.body, source.language)] = _read(source, whole=whole, lazy_quotes=lazy_quotes)
        for rank, (sentence, words, kept) in enumerate(known):
            found.append(Candidate(source, sentence, rank, len(found), words, kept))
    return found


def _read(source: Source, *, whole: bool, lazy_quotes: bool) -> list[tuple[Sentence, int, tuple[str, ...]]]:
    language = source.language or "en"
    if whole:
        pieces = [Sentence(0, len(source.body), source.body, "statement")] if source.body.strip() else []
    else:
        pieces = sentences(source.body, source.language, lazy_quotes=lazy_quotes)[:LONGEST_POST]
    return [(piece, max(1, noise.words(piece.text)), tuple(terms(piece.text, language))) for piece in pieces]


def distinct(found: Sequence[Candidate]) -> tuple[list[Candidate], dict[int, list[Candidate]]]:
    """The candidates with every text once (its first saying), and by its order all who say exactly that."""
    first: dict[str, Candidate] = {}
    echoes: dict[int, list[Candidate]] = {}
    for candidate in found:
        text = " ".join(candidate.sentence.text.casefold().split())
        lead = first.setdefault(text, candidate)
        echoes.setdefault(lead.order, []).append(candidate)
    return list(first.values()), echoes
