"""Which statements stand in the digest, and why. The same input always gives the same answer.

Stratified before ranked: a stakeholder type that spoke little still speaks in the digest, no author and no discussion
fills it, and saying a thing many times counts once per person.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, sqrt

import numpy as np

from alliance.digests import noise, strands
from alliance.digests.material import Candidate, Key, Source, Strand, candidates, distinct
from alliance.digests.strands import Representatives, Weights

MOST_COMPARED = 2500
MOST_POINTS = 40
METHOD = "strands-3"
SHORT, LONG = 12, 32  # words of a statement that reads well
PLACE_SHARE, PLACE_REACH, COST, HEAD = 0.1, 0.15, 0.8, 5.0
LEANING = 0.5
MARKED = 1.25  # what a statement of a key contribution counts more: as much as a proposal
TOPIC = 1.3  # what a statement counts more whose discussion has a topic that is in no key point yet: as much as the first of a discussion
KIND_WEIGHT = {"proposal": 1.25, "request": 1.1, "question": 0.9, "statement": 1.0}


@dataclass(frozen=True, slots=True)
class Selection:
    """The strands chosen, best first, those that came next, and how much they were chosen from."""

    strands: list[Strand]
    spare: list[Strand]
    sentences: int
    distinct: int
    compared: int


def usual_number(posts: int) -> int:
    """How many key points a digest of so many posts has."""
    return min(MOST_POINTS, max(3, round(1.8 * sqrt(posts)))) if posts else 0


def select(sources: Sequence[Source], wanted: int, *, spare: int = 0, whole: bool = False) -> Selection:
    """Choose up to `wanted` strands, each with the statement that stands for it, and up to `spare` that would come next."""
    everything = candidates(sources, whole=whole)
    once, echoes = distinct(everything)
    compared = _fair_share(once, MOST_COMPARED)
    if not compared:
        return Selection([], [], len(everything), len(once), 0)
    picks = _pick(compared, wanted, spare, whole=whole)
    leads = [compared[index] for index in picks]
    said = [echo for candidate in once for echo in echoes[candidate.order]]
    found = _strands(leads[:wanted], said)
    taken = {member.order for strand in found for member in strand.members}
    spared = [lead for lead in leads[wanted:] if lead.order not in taken]  # the others are in a strand already
    further = _strands(spared, [one for one in said if one.order not in taken])
    _explain(found)
    for strand in further:
        strand.reasons.append({"code": "strand", "posts": len(strand.posts()), "people": len(strand.people())})
    return Selection(found, further, len(everything), len(once), len(compared))


def _strands(leads: Sequence[Candidate], said: Sequence[Candidate]) -> list[Strand]:
    return [Strand(lead, members) for lead, members in zip(leads, strands.assign(leads, said), strict=True)]


def select_words(sources: Sequence[Source], budget: int) -> list[Candidate]:
    """Choose statements of at most so many words together, in their order; for mail and minutes as they come."""
    once, _echoes = distinct(candidates(sources, lazy_quotes=False))
    compared = _fair_share(once, MOST_COMPARED)
    if not compared:
        return []
    words = np.array([candidate.words for candidate in compared], dtype=float)
    near = strands.with_places(strands.nearness(compared), words, PLACE_SHARE, PLACE_REACH)
    choice = Representatives(near, words, _quality(compared, HEAD) / words**COST)

    def affordable(gains: Weights) -> Weights:
        left = budget - sum(compared[index].words for index in choice.picked)
        return np.where(words <= left, gains, -1.0)

    return [compared[index] for index in sorted(choice.run(len(compared), affordable))]


def _fair_share(found: list[Candidate], most: int) -> list[Candidate]:
    """At most so many: the first statements of every post before the later ones, of every author in turn."""
    if len(found) <= most:
        return found
    turns: Counter[Key] = Counter()
    ranked: list[tuple[int, int, Candidate]] = []
    for candidate in sorted(found, key=lambda one: (one.rank, one.order)):
        turns[candidate.source.author] += 1
        ranked.append((turns[candidate.source.author], candidate.order, candidate))
    kept = sorted(ranked, key=lambda one: one[:2])[:most]
    return sorted((one[2] for one in kept), key=lambda one: one.order)


def _quality(found: Sequence[Candidate], head: float = 1.0) -> Weights:
    """How well a statement can stand alone: neither a fragment nor a lecture, near the head of its post."""
    words = np.array([candidate.words for candidate in found], dtype=float)
    quality: Weights = np.where(words < SHORT, words / SHORT, 1.0) * np.where(words > LONG, np.sqrt(LONG / words), 1.0)
    heads: Weights = np.array([1.0 + head / (1 + candidate.rank) for candidate in found])
    return quality * heads


def _pick(found: list[Candidate], wanted: int, spare: int, *, whole: bool) -> list[int]:
    quality = np.ones(len(found)) if whole else _quality(found) * _standing(found)
    choice = Representatives(strands.nearness(found), _voices(found), quality)
    choice.run(min(wanted, len(found)), _Balance(found, wanted, choice).adjust)
    return choice.run(min(wanted + spare, len(found)), lambda gains: np.where(gains > 0, gains, -1.0))


def _standing(found: Sequence[Candidate]) -> Weights:
    """Proposals and key contributions count more; what leans on the sentence before it, or only tells of its author, less."""
    kinds: Weights = np.array([KIND_WEIGHT[candidate.sentence.kind] for candidate in found])
    leaning: Weights = np.array([LEANING if noise.leans(candidate.sentence.text) else 1.0 for candidate in found])
    marked: Weights = np.array([MARKED if candidate.source.marked else 1.0 for candidate in found])
    return kinds * leaning * marked


def _voices(found: Sequence[Candidate]) -> Weights:
    """Each person's statements weigh together as their root, each stakeholder type's voices likewise."""
    by_author = Counter(candidate.source.author for candidate in found)
    authors = {(candidate.source.stakeholder_type, candidate.source.author) for candidate in found}
    by_type = Counter(kind for kind, _author in authors)
    return np.array([1 / sqrt(by_author[one.source.author]) / by_type[one.source.stakeholder_type] ** 0.5 for one in found], dtype=float)


class _Balance:
    """Before each pick: who has not spoken yet comes forward, who has spoken enough stands back."""

    def __init__(self, found: list[Candidate], wanted: int, choice: Representatives) -> None:
        self.found = found
        self.wanted = wanted
        self.choice = choice
        self.authors = Counter(candidate.source.author for candidate in found)
        self.types = {candidate.source.stakeholder_type for candidate in found}
        self.discussions = {candidate.source.discussion for candidate in found}
        self.most_by_author = max(1, ceil(wanted / max(1, len(self.authors))))
        self.most_by_discussion = max(2, ceil(1.5 * wanted / max(1, len(self.discussions))))

    def adjust(self, gains: Weights) -> Weights:
        """Gains after balance; what is held back is only taken when nothing else is open."""
        picked = [self.found[index].source for index in self.choice.picked]
        waiting = self.types - {source.stakeholder_type for source in picked}
        authors = Counter(source.author for source in picked)
        discussions = Counter(source.discussion for source in picked)
        heard = {topic for source in picked for topic in source.topics}
        only_waiting = bool(waiting) and self.wanted - len(picked) <= len(waiting)
        factors = np.array([self._factor(one.source, waiting, authors, discussions, only_waiting=only_waiting) for one in self.found])
        factors *= np.array([TOPIC if set(one.source.topics) - heard else 1.0 for one in self.found])
        return np.where(gains < 0, gains, (gains + 1e-9) * factors)

    def _factor(
        self, source: Source, waiting: set[str | None], authors: Counter[Key], discussions: Counter[Key], *, only_waiting: bool
    ) -> float:
        factor = 1.0
        if source.stakeholder_type in waiting:
            factor *= 1e6 if only_waiting else 1.5
        if authors[source.author] >= self.most_by_author:
            factor *= 1e-6
        if discussions[source.discussion] >= self.most_by_discussion:
            factor *= 0.2
        elif not discussions[source.discussion]:
            factor *= 1.3
        return factor


def _explain(found: list[Strand]) -> None:
    """Record why each strand is here: facts the page turns into sentences."""
    types: set[str | None] = set()
    discussions: set[Key] = set()
    topics: set[str] = set()
    for strand in found:
        source = strand.lead.source
        strand.reasons.append({"code": "strand", "posts": len(strand.posts()), "people": len(strand.people())})
        spoke = [kind for kind in strand.people_by_type() if kind]
        if len(spoke) > 1:
            strand.reasons.append({"code": "breadth", "types": spoke})
        if source.stakeholder_type not in types:
            strand.reasons.append({"code": "first_of_type", "type": source.stakeholder_type})
        if source.discussion not in discussions:
            strand.reasons.append({"code": "first_of_discussion"})
        if set(source.topics) - topics:
            strand.reasons.append({"code": "first_of_topic", "topics": sorted(set(source.topics) - topics)})
        if strand.lead.sentence.kind != "statement":
            strand.reasons.append({"code": "kind", "kind": strand.lead.sentence.kind})
        if source.marked:
            strand.reasons.append({"code": "marked"})
        types.add(source.stakeholder_type)
        discussions.add(source.discussion)
        topics.update(source.topics)
