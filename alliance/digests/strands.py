"""Strands: which statements are near each other, and which few of them stand best for all.

The few are found by facility location: each pick is the statement that adds most to how well everything said is
represented. What stands near a pick is its strand, so a second statement of a strand adds little until every other
strand has one: one from each strand before a second from any.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from alliance.digests.material import Candidate
from alliance.digests.terms import Matrix, unit, weigh

FEWEST_DIMENSIONS, MOST_DIMENSIONS = 40, 100
NOISE = 0.1
SAME_POINT = 0.3
SHARED = 2  # words besides: one in common is a subject, not a point
Weights = NDArray[np.float64]


def nearness(found: Sequence[Candidate]) -> Matrix:
    """How near any two statements are in what they are about, 0 to 1."""
    rows, _names = weigh([list(candidate.terms) for candidate in found])
    reduced = _reduce(rows, int(np.clip(len(found) // 4, FEWEST_DIMENSIONS, MOST_DIMENSIONS)))
    del rows
    near: Matrix = reduced @ reduced.T
    np.clip(near, 0, 1, out=near)
    near[near < NOISE] = 0
    np.fill_diagonal(near, 1)
    return near


def _reduce(rows: Matrix, dimensions: int) -> Matrix:
    """Latent dimensions, so that two ways of saying a thing come near each other; the same for the same input."""
    if min(rows.shape) <= dimensions:
        return rows
    if rows.shape[0] <= 250:
        left, values, _right = np.linalg.svd(rows, full_matrices=False)
        return unit((left[:, :dimensions] * values[:dimensions]).astype(np.float32))
    start = np.random.default_rng(2006).standard_normal((rows.shape[1], dimensions + 10)).astype(np.float32)
    basis = np.linalg.qr(rows @ (rows.T @ (rows @ start)))[0]
    left, values, _right = np.linalg.svd(basis.T @ rows, full_matrices=False)
    return unit(((basis @ left)[:, :dimensions] * values[:dimensions]).astype(np.float32))


def with_places(near: Matrix, words: Weights, share: float, reach: float) -> Matrix:
    """Nearness in content mixed with nearness in place: what stands far apart in a long discussion is another matter."""
    place = (np.cumsum(words) - words / 2) / max(1.0, float(words.sum()))
    close = np.exp(-np.abs(place[:, None] - place[None, :]) / reach)
    return ((1 - share) * near + share * close).astype(np.float32)


class Representatives:
    """Picks statements one by one, each adding most to the representation of all."""

    def __init__(self, near: Matrix, weight: Weights, quality: Weights) -> None:
        self.near = near
        self.weight = weight
        self.quality = quality
        self.covered = np.zeros(len(weight))
        self.open = np.ones(len(weight), dtype=bool)
        self.picked: list[int] = []

    def gains(self) -> Weights:
        """What each statement would add; -1 for those no longer open."""
        added = np.empty(len(self.weight))
        for start in range(0, len(added), 512):
            columns = self.near[:, start : start + 512]
            added[start : start + 512] = self.weight @ np.maximum(columns - self.covered[:, None], 0)
        return np.where(self.open, added * self.quality, -1.0)

    def take(self, index: int) -> None:
        """Pick this one."""
        self.picked.append(index)
        self.open[index] = False
        self.covered = np.maximum(self.covered, self.near[:, index])

    def run(self, wanted: int, allowed: Callable[[Weights], Weights]) -> list[int]:
        """Pick up to `wanted`; `allowed` adjusts the gains before each (negative: not this one)."""
        while len(self.picked) < wanted:
            gains = allowed(self.gains())
            best = int(gains.argmax()) if len(gains) else -1
            if best < 0 or gains[best] < 0:
                break
            self.take(best)
        return self.picked


def assign(leads: Sequence[Candidate], everything: Sequence[Candidate]) -> list[list[Candidate]]:
    """For each lead, all that speak of the same point (by the words they share, two at least; a figure is none), the lead first."""
    weights = _rarity(everything)
    columns = {term: i for i, term in enumerate(sorted({term for lead in leads for term in lead.terms if not term.isdecimal()}))}
    table = np.zeros((len(columns) + 1, len(leads)))
    for place, lead in enumerate(leads):
        for term in set(lead.terms) & columns.keys():
            table[columns[term], place] = weights[term] ** 2 / _length(lead.terms, weights)
    members: list[list[Candidate]] = [[lead] for lead in leads]
    chosen = {lead.order: place for place, lead in enumerate(leads)}
    for candidate in everything:
        rows = [columns[term] for term in set(candidate.terms) if term in columns]
        if candidate.order in chosen or len(rows) < SHARED:
            continue
        shared = np.count_nonzero(table[rows], axis=0) >= SHARED
        scores = np.where(shared, table[rows].sum(axis=0), 0) / _length(candidate.terms, weights)
        best = int(scores.argmax())
        if scores[best] >= SAME_POINT:
            members[best].append(candidate)
    return members


def _rarity(everything: Sequence[Candidate]) -> dict[str, float]:
    homes: dict[str, set[object]] = {}
    for candidate in everything:
        for term in candidate.terms:
            homes.setdefault(term, set()).add(candidate.source.key)
    total = len({candidate.source.key for candidate in everything})
    return {term: float(np.log(1 + total / len(where))) for term, where in homes.items()}


def _length(terms: Sequence[str], weights: dict[str, float]) -> float:
    return float(np.sqrt(sum(weights[term] ** 2 for term in set(terms)))) or 1.0
