"""A digest of the whole Alliance assembled from those of its spaces: what their rapporteurs signed comes first, as it was worded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from alliance.core import db
from alliance.digests import queries
from alliance.digests.models import Digest, KeyPoint
from alliance.digests.queries import PostRow
from alliance.digests.selection import usual_number
from alliance.digests.states import copy_of

CARRIED = ("discussed", "convergence", "divergence", "proposals", "requests")


def sources(digest: Digest) -> list[Digest]:
    """The signed digests a digest of all spaces is assembled from: of single spaces, or of shorter periods, wholly within its own."""
    if digest.space_id is not None:
        return []
    query = select(Digest).where(
        Digest.status.in_(("signed", "transmitted")), Digest.audience == "public", Digest.id != digest.id,
        Digest.period_start >= digest.period_start, Digest.period_end <= digest.period_end,
    )  # fmt: skip
    found = db.session().scalars(query.options(selectinload(Digest.gathered).selectinload(KeyPoint.citations)).order_by(Digest.id))
    return [one for one in found if _within(one, digest)]


def _within(one: Digest, digest: Digest) -> bool:
    """Whether its period lies in that of the other, and it is of a space or shorter."""
    (begin, until), (first, last) = queries.span(digest), queries.span(one)
    return first >= begin and last <= until and (one.space_id is not None or last - first < until - begin - timedelta(hours=12))


def uncovered(posts: Sequence[PostRow], digests: Sequence[Digest]) -> list[PostRow]:
    """What was said that none of these digests covers: it is compiled as ever."""
    spans = [(one.space_id, *queries.span(one)) for one in digests]
    return [
        post
        for post in posts
        if not any(space in {None, post.space_id} and begin <= post.created_at < until for space, begin, until in spans)
    ]


def carried(digests: Sequence[Digest], posts: int) -> list[KeyPoint]:
    """Copies of their key points with wording, citations and support: every stakeholder type first, then the digests in turn, the broadest first.

    What may no longer be read, in any of its sources, is not carried. posts: how many they cover; beyond what a digest of so
    many has, points are kept among those not used.
    """
    ranked = [(one, point) for one in digests for point in sorted(one.points, key=_breadth) if point.section in CARRIED and point.citations]
    seen = queries.still_visible(cited.post_id for _one, point in ranked for cited in point.citations)
    fresh = list(_once((one, point) for one, point in ranked if all(cited.post_id in seen for cited in point.citations)))
    ordered = _in_turn(fresh)
    wanted = max(usual_number(posts), len(digests))
    made = []
    for place, (one, point) in enumerate(ordered):
        copy = copy_of(point)
        copy.used = place < wanted
        copy.reasons = [{"code": "carried", "symbol": one.symbol}, *(reason for reason in point.reasons if reason["code"] != "carried")]
        made.append(copy)
    return made


def _breadth(point: KeyPoint) -> tuple[int, int, int]:
    return -len(point.support.get("by_type") or {}), -int(point.support.get("people") or 0), point.position


def _once(found: Iterable[tuple[Digest, KeyPoint]]) -> Iterator[tuple[Digest, KeyPoint]]:
    """A point that stands in two of the digests counts once: the later one's, which may be the better worded."""
    kept: dict[tuple[int, int, int], tuple[Digest, KeyPoint]] = {}
    for one, point in found:
        first = point.citations[0]
        kept[first.post_id, first.revision, first.start] = (one, point)
    yield from kept.values()


def _in_turn(found: list[tuple[Digest, KeyPoint]]) -> list[tuple[Digest, KeyPoint]]:
    """First what gives a voice to a stakeholder type not yet heard, then one point of each digest in turn."""
    first, heard = [], set[str | None]()
    for one, point in found:
        types = {cited.stakeholder_type for cited in point.citations}
        if types - heard:
            first.append((one, point))
            heard |= types
    chosen = {point.id for _one, point in first}
    turns: dict[int, int] = {}
    rest = []
    for one, point in found:
        if point.id not in chosen:
            turns[one.id] = turns.get(one.id, 0) + 1
            rest.append((turns[one.id], one, point))
    return first + [(one, point) for _turn, one, point in sorted(rest, key=lambda row: row[0])]
