"""What can be counted of a period: who took part, in what, and what changed against the period before. Without the database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from alliance.core import vocabulary
from alliance.core.vocabulary import region_of
from alliance.digests.queries import PostRow

MOST_LISTED = 10


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
        "posts_by_region": dict(sorted(Counter(region_of(post.country) or "" for post in posts).items())),
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
