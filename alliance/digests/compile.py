"""From the posts of a period to figures and key points: counting and choosing, without the database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from alliance.digests.material import Candidate, Key, Source, Strand
from alliance.digests.models import SECTIONS
from alliance.digests.queries import PostRow
from alliance.digests.selection import Selection, select, usual_number

MOST_CITATIONS = 8
MOST_SPARE = 30  # strands gathered and not used that are kept to be looked at
BROAD = 3  # stakeholder types, and people, that make a point one of convergence
SECTION_OF = {"statement": "discussed", "proposal": "proposals", "request": "requests", "question": "requests"}
Positions = Mapping[int, Mapping[str, Mapping[str, int]]]  # of posts: how many of which type took which position


@dataclass(frozen=True, slots=True)
class CompiledPoint:
    """A key point before it is stored: its statement, where it and its like stand, and why it is there."""

    section: str
    space_id: int
    statement: Candidate
    citations: list[Candidate]
    support: dict[str, Any]
    reasons: list[dict[str, Any]]
    used: bool = True


def compile_points(posts: Sequence[PostRow], positions: Positions | None = None) -> tuple[list[CompiledPoint], Selection]:
    """The key points of the posts: by section, within it by space, the broadest first; then what was gathered and not used."""
    types = {post.stakeholder_type for post in posts}
    wanted = max(usual_number(len(posts)), len(types))
    selection = select([_source(post) for post in posts], wanted, spare=min(MOST_SPARE, wanted))
    room = _Room(posts, positions or {})
    points = [_point(strand, room) for strand in selection.strands]
    points.sort(key=lambda point: (SECTIONS.index(point.section), point.space_id, -breadth(point.support)))
    return points + [_point(strand, room, used=False) for strand in selection.spare], selection


def breadth(support: Mapping[str, Any]) -> int:
    """How broadly a point is made: stakeholder types before people."""
    return 100 * len(support["by_type"]) + int(support["people"])


def _source(post: PostRow) -> Source:
    return Source(
        key=post.id,
        discussion=post.discussion_id,
        author=post.author_id,
        body=post.body,
        language=post.language,
        stakeholder_type=post.stakeholder_type,
        organization=post.organization_id,
        space=post.space_id,
        marked=post.key_note is not None,
        topics=post.topics,
    )


class _Room:
    """Who spoke in which discussion, and what positions were taken on which post: what a point is measured against."""

    def __init__(self, posts: Sequence[PostRow], positions: Positions) -> None:
        self.positions = positions
        self.people: dict[Key, set[int]] = {}
        for post in posts:
            self.people.setdefault(post.discussion_id, set()).add(post.author_id)

    def support(self, strand: Strand) -> dict[str, Any]:
        """What can be counted of a strand: who makes the point, of how many who spoke there, and the positions taken on it."""
        there = {member.source.discussion for member in strand.members}
        taken: dict[str, Counter[str]] = {}
        for key in strand.posts():
            for kind, by_type in self.positions.get(int(key), {}).items():
                taken.setdefault(kind, Counter()).update(by_type)
        return {
            "posts": len(strand.posts()),
            "people": len(strand.people()),
            "organizations": len(strand.organizations()),
            "by_type": strand.people_by_type(),
            "of": len(set().union(*(self.people.get(one, set()) for one in there))),
            "positions": {kind: sum(taken[kind].values()) for kind in sorted(taken)},
            "positions_by_type": {kind: dict(sorted(taken[kind].items())) for kind in sorted(taken)},
        } | ({"topics": strand.topics()} if strand.topics() else {})


def _point(strand: Strand, room: _Room, *, used: bool = True) -> CompiledPoint:
    support = room.support(strand)
    section = _section(strand.lead.sentence.kind, support)
    if section in {"convergence", "divergence"}:
        strand.reasons.append({"code": section})
    return CompiledPoint(section, strand.lead.source.space, strand.lead, _citations(strand), support, strand.reasons, used)


def _section(kind: str, support: Mapping[str, Any]) -> str:
    """Where a point stands: what is objected to is divergence, what several stakeholder types state without objection is convergence."""
    taken = support["positions"]
    objections = taken.get("object", 0)
    if objections * 4 >= max(1, sum(taken.values())):
        return "divergence"
    if kind == "statement" and not objections and len([one for one in support["by_type"] if one]) >= BROAD and support["people"] >= BROAD:
        return "convergence"
    return SECTION_OF[kind]


def _citations(strand: Strand) -> list[Candidate]:
    """The lead, then one of each stakeholder type, then one of each further person."""
    chosen, authors, types = [strand.lead], {strand.lead.source.author}, {strand.lead.source.stakeholder_type}
    for new_type in (True, False):
        for member in strand.members[1:]:
            fresh = member.source.author not in authors and (not new_type or member.source.stakeholder_type not in types)
            if fresh and len(chosen) < MOST_CITATIONS:
                chosen.append(member)
                authors.add(member.source.author)
                types.add(member.source.stakeholder_type)
    return chosen
