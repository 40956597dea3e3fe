"""Who has spoken: in a discussion by stakeholder type and regional group, and people and organizations by space.

Kept by the writer, in the transaction of the post (`counters.count` comes here), so that no page counts posts. Of a
discussion each voice is a row (a person, as what and from where they spoke); what a page shows of them all is on the
discussion itself, {"types" | "regions": {name: [posts, people]}}, the name "" where none was declared.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import bindparam, delete, select

from alliance.core import db, plain, rows, vocabulary
from alliance.discussions.models import Discussion, DiscussionVoice, OrganizationContribution, PersonContribution, Post

Tally = dict[str, dict[str, list[int]]]
Key = tuple[int, str, str]  # person, stakeholder type, region
ASPECTS = ("types", "regions")
_CONTRIBUTED = ("posts", "discussions")
_VOICES: Any = DiscussionVoice.__table__
_VOICES_OF = select(_VOICES.c.stakeholder_type, _VOICES.c.region).where(
    _VOICES.c.discussion_id == bindparam("discussion_id"), _VOICES.c.person_id == bindparam("person_id")
)


def note_contribution(post: Post, change: int) -> None:
    """Inside a transaction: a post more or less to be read, by its author and for an organization, in a space."""
    more = {"space_id": post.space_id, "posts": change, "discussions": change if post.number == 1 else 0}
    plain.run(rows.adding(PersonContribution, *_CONTRIBUTED), {"person_id": post.author_id, **more})
    if post.organization_id is not None:
        plain.run(rows.adding(OrganizationContribution, *_CONTRIBUTED), {"organization_id": post.organization_id, **more})


def note_voice(discussion: Discussion, post: Post, change: int) -> None:
    """Inside a transaction: a post more or less to be read in a discussion that is held."""
    names = post.stakeholder_type or "", vocabulary.region_of(post.country) or ""
    mine = {"discussion_id": discussion.id, "person_id": post.author_id}
    voice = {**mine, "stakeholder_type": names[0], "region": names[1]}
    posts: int = plain.run(rows.adding(DiscussionVoice, "posts"), {**voice, "posts": change})[0][0]
    if posts <= 0:
        db.session().connection().execute(delete(_VOICES).where(*(_VOICES.c[name] == value for name, value in voice.items())))
    after = before = [names]
    if posts <= 0 or posts == change:  # one that came or went: what else has this person been here?
        after = [(row[0], row[1]) for row in plain.run(_VOICES_OF, mine)]
        others = [one for one in after if one != names]
        before = [*others, names] if posts <= 0 else others
    discussion.voices = _moved(discussion.voices, names, change, before, after)


def _moved(tally: Tally, names: tuple[str, str], change: int, before: list[tuple[str, str]], after: list[tuple[str, str]]) -> Tally:
    """A tally with a post more or less under these names, of a person whose voices were `before` and are `after`."""
    moved: Tally = {}
    for position, (aspect, name) in enumerate(zip(ASPECTS, names, strict=True)):
        posts, people = tally.get(aspect, {}).get(name, (0, 0))
        heard = (name in {one[position] for one in after}) - (name in {one[position] for one in before})
        counts = {**tally.get(aspect, {}), name: [posts + change, people + heard]}
        moved[aspect] = {key: counts[key] for key in sorted(counts) if counts[key][0] > 0}
    return moved


def tally(voices: Iterable[tuple[Key, int]]) -> Tally:
    """What a discussion says of all its voices ((person, stakeholder type, region), posts)."""
    found: dict[str, dict[str, tuple[int, set[int]]]] = {aspect: {} for aspect in ASPECTS}
    for (person_id, *names), number in voices:
        for aspect, name in zip(ASPECTS, names, strict=True):
            posts, people = found[aspect].get(name, (0, set()))
            found[aspect][name] = posts + number, people | {person_id}
    return {aspect: {name: [posts, len(people)] for name, (posts, people) in sorted(rows.items())} for aspect, rows in found.items()}
