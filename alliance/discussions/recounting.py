"""Counters compared with what they count, and set right: for `alliance doctor`, `alliance recount` and whoever writes rows past the services.

Discussions are gone through in parts, so that the memory this takes does not grow with the installation.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, case, delete, func, insert, select

from alliance.accounts.models import Person
from alliance.core import db, vocabulary
from alliance.discussions import counters, voices
from alliance.discussions.models import Discussion, DiscussionVoice, OrganizationContribution, PersonContribution, Post
from alliance.groups.models import Space

PART = 500
VISIBLE = Post.status == "visible"
VEILED = and_(Discussion.confided_at.is_not(None), Discussion.space.has(Space.visibility == "public"))  # see counters.is_veiled
COUNTED = and_(VISIBLE, Post.discussion_id.not_in(select(Discussion.id).where(VEILED)))  # in public
CONTRIBUTIONS: tuple[tuple[type[Any], Any, Any], ...] = (
    (PersonContribution, PersonContribution.person_id, Post.author_id),
    (OrganizationContribution, OrganizationContribution.organization_id, Post.organization_id),
)
Voices = dict[voices.Key, int]
Counts = dict[tuple[int, int], tuple[int, int]]  # (whose, space) → (posts, discussions)


@dataclass(frozen=True, slots=True)
class Wrong:
    """Whose counters are not what they should be."""

    discussions: list[int]
    people: list[int]
    organizations: list[int]
    spaces: list[int]

    def __len__(self) -> int:
        return len(self.discussions) + len(self.people) + len(self.organizations) + len(self.spaces)


def check() -> Wrong:
    """Compare every counter with the posts."""
    people, organizations = ({whose for whose, _space in _differing(*one)} for one in CONTRIBUTIONS)
    return Wrong(
        [one for part in _parts() for one in _wrong_discussions(part)],
        sorted(people | set(_miscounted(Person, Post.author_id))),
        sorted(organizations),
        _miscounted(Space, Post.space_id),
    )


def repair() -> Wrong:
    """Set wrong counters right, one discussion (person, space …) after the other; what was wrong."""
    wrong = check()
    for discussion_id in wrong.discussions:
        recount_discussion(discussion_id)
    for model, whose, column in CONTRIBUTIONS:
        for key in sorted(_differing(model, whose, column)):
            _recount_contribution(model, whose, column, key)
    for kind, column, ids in ((Person, Post.author_id, wrong.people), (Space, Post.space_id, wrong.spaces)):
        for one in ids:
            _recount_posts(kind, column, one)
    return wrong


def _parts() -> Iterator[Sequence[int]]:
    last = 0
    while found := db.session().scalars(select(Discussion.id).where(Discussion.id > last).order_by(Discussion.id).limit(PART)).all():
        yield found
        last = found[-1]


def _spoken(ids: Sequence[int]) -> dict[int, Voices]:
    """The voices of discussions, counted from their posts."""
    columns = Post.discussion_id, Post.author_id, Post.stakeholder_type, Post.country
    query = select(*columns, func.count()).where(Post.discussion_id.in_(ids), VISIBLE).group_by(*columns)
    found: dict[int, Voices] = {one: defaultdict(int) for one in ids}
    for discussion_id, person_id, kind, country, number in db.session().execute(query):
        found[discussion_id][person_id, kind or "", vocabulary.region_of(country) or ""] += number
    return found


def _kept(ids: Sequence[int]) -> dict[int, Voices]:
    """The voices of discussions as they are kept."""
    columns = DiscussionVoice.discussion_id, DiscussionVoice.person_id, DiscussionVoice.stakeholder_type, DiscussionVoice.region
    found: dict[int, Voices] = {one: {} for one in ids}
    for discussion_id, *key, number in db.session().execute(select(*columns, DiscussionVoice.posts).where(columns[0].in_(ids))):
        found[discussion_id][tuple(key)] = number  # type: ignore[index]
    return found


def _wrong_discussions(ids: Sequence[int]) -> list[int]:
    spoken, kept = _spoken(ids), _kept(ids)
    rows = db.session().execute(select(Discussion.id, Discussion.posts_count, Discussion.voices).where(Discussion.id.in_(ids)))
    right = {
        row.id
        for row in rows
        if kept[row.id] == spoken[row.id]
        and row.voices == voices.tally(spoken[row.id].items())
        and row.posts_count == sum(spoken[row.id].values())
    }
    return [one for one in ids if one not in right]


def recount_discussion(discussion_id: int) -> None:
    """Set right what is counted of a discussion."""
    with db.transaction() as session:
        held = counters.hold(session, discussion_id)
        spoken = _spoken([discussion_id])[discussion_id]
        session.execute(delete(DiscussionVoice).where(DiscussionVoice.discussion_id == discussion_id))
        names = ("discussion_id", "person_id", "stakeholder_type", "region", "posts")
        if spoken:
            session.execute(insert(DiscussionVoice), [dict(zip(names, (discussion_id, *key, n), strict=True)) for key, n in spoken.items()])
        held.voices, held.posts_count = voices.tally(spoken.items()), sum(spoken.values())
        held.version += 1


def _contributed(column: Any, *where: Any) -> Counts:
    opened = func.sum(case((Post.number == 1, 1), else_=0))
    query = select(column, Post.space_id, func.count(), opened).where(COUNTED, column.is_not(None), *where).group_by(column, Post.space_id)
    return {(row[0], row[1]): (row[2], int(row[3])) for row in db.session().execute(query)}


def _differing(model: type[Any], whose: Any, column: Any) -> set[tuple[int, int]]:
    """Contributions that are kept otherwise than they can be counted; a row of nothing is as good as none."""
    rows = db.session().execute(select(whose, model.space_id, model.posts, model.discussions).where(model.posts + model.discussions != 0))
    kept: Counts = {(row[0], row[1]): (row[2], row[3]) for row in rows}
    counted = _contributed(column)
    return {key for key in kept.keys() | counted.keys() if kept.get(key) != counted.get(key)}


def _recount_contribution(model: type[Any], whose: Any, column: Any, key: tuple[int, int]) -> None:
    with db.transaction() as session:
        session.get_one(Space, key[1], with_for_update=True)  # whoever writes in the space waits, as counters.count does
        counted = _contributed(column, column == key[0], Post.space_id == key[1])
        session.execute(delete(model).where(whose == key[0], model.space_id == key[1]))
        if key in counted:
            posts, discussions = counted[key]
            session.add(model(**{whose.key: key[0]}, space_id=key[1], posts=posts, discussions=discussions))


def recount_contributions(space_id: int, people: Sequence[int], organizations: Sequence[int]) -> None:
    """Count anew what some people and organizations contributed to a space."""
    for ids, (model, whose, column) in zip((people, organizations), CONTRIBUTIONS, strict=True):
        for one in ids:
            _recount_contribution(model, whose, column, (one, space_id))


def recount_people(space_id: int, people: Sequence[int]) -> None:
    """Count anew what some people contributed to a space, and their posts."""
    recount_contributions(space_id, people, ())
    for one in people:
        _recount_posts(Person, Post.author_id, one)


def recount_space(space_id: int) -> None:
    """Count anew what can be read in a space: posts, discussions, and when the last post came."""
    _recount_posts(Space, Post.space_id, space_id)
    readable = Discussion.space_id == space_id, Discussion.status == "visible", ~VEILED
    with db.transaction() as session:
        held = session.get_one(Space, space_id)
        held.discussions_count = session.scalar(select(func.count(Discussion.id)).where(*readable)) or 0
        held.last_post_at = session.scalar(select(func.max(Discussion.last_post_at)).where(*readable))


def _miscounted(model: Any, column: Any) -> list[int]:
    """People or spaces whose number of posts is wrong."""
    counted = select(column.label("whose"), func.count().label("number")).where(COUNTED).group_by(column).subquery()
    query = select(model.id).outerjoin(counted, counted.c.whose == model.id)
    return list(db.session().scalars(query.where(model.posts_count != func.coalesce(counted.c.number, 0)).order_by(model.id)))


def _recount_posts(model: Any, column: Any, one: int) -> None:
    with db.transaction() as session:
        held = session.get_one(model, one, with_for_update=True, populate_existing=True)
        held.posts_count = session.scalar(select(func.count(Post.id)).where(column == one, COUNTED)) or 0
