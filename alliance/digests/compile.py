"""From the posts of a period to figures and key points: counting and choosing, without the database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from alliance.core import vocabulary
from alliance.core.vocabulary import region_of
from alliance.digests.material import Candidate, Source, Strand
from alliance.digests.models import SECTIONS
from alliance.digests.queries import PostRow
from alliance.digests.selection import Selection, select, usual_number

MOST_CITATIONS = 8
MOST_LISTED = 10
MOST_SPARE = 30  # strands gathered and not used that are kept to be looked at
SECTION_OF = {"statement": "discussed", "proposal": "proposals", "request": "requests", "question": "requests"}


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


def compile_points(posts: Sequence[PostRow]) -> tuple[list[CompiledPoint], Selection]:
    """The key points of the posts: by section, within it by space, the broadest first; then what was gathered and not used."""
    types = {post.stakeholder_type for post in posts}
    wanted = max(usual_number(len(posts)), len(types))
    selection = select([_source(post) for post in posts], wanted, spare=min(MOST_SPARE, wanted))
    points = [_point(strand) for strand in selection.strands]
    points.sort(key=lambda point: (SECTIONS.index(point.section), point.space_id, -_breadth(point)))
    return points + [_point(strand, used=False) for strand in selection.spare], selection


def _breadth(point: CompiledPoint) -> int:
    return 100 * len(point.support["by_type"]) + int(point.support["people"])


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
    )


def _point(strand: Strand, *, used: bool = True) -> CompiledPoint:
    support = {
        "posts": len(strand.posts()),
        "people": len(strand.people()),
        "organizations": len(strand.organizations()),
        "by_type": strand.people_by_type(),
    }
    section = SECTION_OF[strand.lead.sentence.kind]
    return CompiledPoint(section, strand.lead.source.space, strand.lead, _citations(strand), support, strand.reasons, used)


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


def figures(posts: Sequence[PostRow], contributors: Mapping[int, tuple[str, str]], spaces: Sequence[int]) -> dict[str, Any]:
    """What can be counted. contributors: (handle, name) of each author; spaces: all in question, in official order."""
    types = Counter(post.stakeholder_type or "" for post in posts)
    regions = {region_of(post.country) for post in posts}
    table = Counter((post.space_id, post.stakeholder_type or "") for post in posts)
    authors = {(post.author_id, post.stakeholder_type or "") for post in posts}
    return {
        "posts": len(posts),
        "people": len({post.author_id for post in posts}),
        "discussions": len({post.discussion_id for post in posts}),
        "organizations": len({post.organization_id for post in posts} - {None}),
        "countries": len({post.country for post in posts} - {None}),
        "posts_by_type": dict(sorted(types.items())),
        "people_by_type": dict(sorted(Counter(kind for _, kind in authors).items())),
        "participation": [
            {"space": space, "types": {kind: n for (where, kind), n in sorted(table.items()) if where == space}} for space in spaces
        ],
        "active": _active(posts),
        "unanswered": _unanswered(posts),
        "types_not_heard": vocabulary.types_not_heard(types),
        "regions_not_heard": vocabulary.regions_not_heard(regions),
        "contributors": _contributors(posts, contributors),
    }


def _active(posts: Sequence[PostRow]) -> list[dict[str, int]]:
    count = Counter(post.discussion_id for post in posts)
    people: dict[int, set[int]] = {}
    for post in posts:
        people.setdefault(post.discussion_id, set()).add(post.author_id)
    ranked = sorted(count, key=lambda one: (-count[one], -len(people[one]), one))[:MOST_LISTED]
    return [{"discussion": one, "posts": count[one], "people": len(people[one])} for one in ranked]


def _unanswered(posts: Sequence[PostRow]) -> list[dict[str, int]]:
    """Discussions opened in the period to which nobody else has replied by now."""
    alone = [post for post in posts if post.number == 1 and not post.replies]
    others = {post.discussion_id for post in posts if post.number != 1}
    waiting = [post for post in alone if post.discussion_id not in others]
    return [{"discussion": post.discussion_id, "post": post.id} for post in waiting][: 5 * MOST_LISTED]


def _contributors(posts: Sequence[PostRow], names: Mapping[int, tuple[str, str]]) -> list[dict[str, Any]]:
    count = Counter(post.author_id for post in posts)
    latest = {post.author_id: post for post in posts}
    rows = [
        {
            "handle": names[author][0],
            "name": names[author][1],
            "stakeholder_type": post.stakeholder_type,
            "organization": post.organization,
            "country": post.country,
            "posts": count[author],
        }
        for author, post in latest.items()
        if author in names
    ]
    return sorted(rows, key=lambda row: (row["name"].casefold(), row["handle"]))
