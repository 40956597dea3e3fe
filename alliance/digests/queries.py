"""Gathering what was said in a period, and finding digests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from alliance.accounts.models import Person
from alliance.core import cursors, db
from alliance.core.errors import NotFound
from alliance.core.vocabulary import region_of
from alliance.digests.models import Citation, Digest, DigestComment, KeyPoint
from alliance.discussions import topics
from alliance.discussions.models import Discussion, Post, PostRevision
from alliance.groups.models import Space
from alliance.policy import Actor, visible
from alliance.polls import queries as polls
from alliance.polls.models import Poll
from alliance.signals import queries as signals
from alliance.signals.models import POSITIONS
from alliance.stakeholders.models import Organization


@dataclass(frozen=True, slots=True)
class PostRow:
    """A post of the period, as the compiler reads it."""

    id: int
    discussion_id: int
    space_id: int
    parent_id: int | None
    number: int
    author_id: int
    body: str
    language: str | None
    revision: int
    stakeholder_type: str | None
    country: str | None
    organization_id: int | None
    organization: str | None
    replies: int
    created_at: datetime
    imported: bool
    key_note: str | None = None
    topics: tuple[str, ...] = ()


def bounds(start: date, end: date) -> tuple[datetime, datetime]:
    """The moments between which whole days, the last one included, lie."""
    return datetime.combine(start, time(), UTC), datetime.combine(end, time(), UTC) + timedelta(days=1)


def span(digest: Digest) -> tuple[datetime, datetime]:
    """The moments between which the posts of a digest lie."""
    begin, until = bounds(digest.period_start, digest.period_end)
    return digest.begins_at or begin, digest.ends_at or until


def posts_between(begin: datetime, until: datetime, space: Space | None) -> list[PostRow]:
    """What was said in the period for everybody to read (a digest never reaches further than its sources), in order."""
    query = (
        select(
            Post.id, Post.discussion_id, Post.space_id, Post.parent_id, Post.number, Post.author_id, Post.body, Post.language,
            Post.revision, Post.stakeholder_type, Post.country, Post.organization_id, Organization.name, Post.replies_count,
            Post.created_at, Post.imported, Post.key_note,
        )
        .outerjoin(Organization, Organization.id == Post.organization_id)
        .where(visible(Actor.guest(), Post), Post.created_at >= begin, Post.created_at < until)
        .order_by(Post.created_at, Post.id)
    )  # fmt: skip
    if space is not None:
        query = query.where(Post.space_id == space.id)
    rows = db.session().execute(query).all()
    tagged: dict[int, list[str]] = {}
    for part in _parts(row.discussion_id for row in rows):
        tagged |= topics.keys_of(part)
    return [replace(PostRow(*fields), topics=tuple(tagged.get(fields[1], ()))) for fields in map(tuple, rows)]


def posts_in(start: date, end: date, space_id: int | None) -> int:
    """How many posts a period has for everybody to read."""
    begin, until = bounds(start, end)
    query = select(func.count()).select_from(Post).where(visible(Actor.guest(), Post), Post.created_at >= begin, Post.created_at < until)
    return db.session().scalar(query if space_id is None else query.where(Post.space_id == space_id)) or 0


def spaces_by_id() -> dict[int, Space]:
    """Every public space."""
    return {space.id: space for space in db.session().scalars(select(Space).where(visible(Actor.guest(), Space)))}


def discussions_by_id(ids: Iterable[int]) -> dict[int, Discussion]:
    """Discussions everybody may see, by their number."""
    found: dict[int, Discussion] = {}
    for part in _parts(ids):
        query = select(Discussion).where(Discussion.id.in_(part), visible(Actor.guest(), Discussion))
        found |= {row.id: row for row in db.session().scalars(query)}
    return found


def people_by_id(ids: Iterable[int]) -> dict[int, Person]:
    """People by their number."""
    found: dict[int, Person] = {}
    for part in _parts(ids):
        found |= {row.id: row for row in db.session().scalars(select(Person).where(Person.id.in_(part)))}
    return found


def _parts(ids: Iterable[int]) -> Iterator[list[int]]:
    wanted = sorted(set(ids))
    for start in range(0, len(wanted), 500):
        yield wanted[start : start + 500]


def get_digest(actor: Actor, digest_id: int) -> Digest:
    """A digest with its points and citations.

    Raises:
        NotFound: none such, or not one the actor may see.
    """
    query = (
        select(Digest)
        .where(Digest.id == digest_id, visible(actor, Digest))
        .options(
            selectinload(Digest.gathered).selectinload(KeyPoint.citations).joinedload(Citation.post).joinedload(Post.author),
            selectinload(Digest.gathered).joinedload(KeyPoint.space),
        )
    )
    found = db.session().scalar(query)
    if found is None:
        raise NotFound
    return found


def digests(actor: Actor, limit: int = 30, after: str | None = None) -> tuple[list[Digest], str | None]:
    """Digests, the latest compiled first, and the cursor of the rest."""
    query = select(Digest).where(visible(actor, Digest)).order_by(Digest.id.desc()).limit(limit + 1)
    if after:
        query = query.where(Digest.id < cursors.decode(after, (int,))[0])
    found = list(db.session().scalars(query))
    return found[:limit], cursors.encode(found[limit - 1].id) if len(found) > limit else None


def last_of_year(year: int) -> int:
    """The highest number given to a digest in a year, 0 when there is none."""
    symbols = db.session().scalars(select(Digest.symbol).where(Digest.symbol.like(f"ALLIANCE/DIG/{year}/%")))
    return max((int(symbol.split("/")[3]) for symbol in symbols), default=0)


def begun_before(moment: datetime) -> list[int]:
    """Digests whose compilation was begun before a moment and not finished."""
    query = select(Digest.id).where(Digest.status == "compiling", Digest.compiled_at < moment).order_by(Digest.id)
    return list(db.session().scalars(query))


def counted(begin: datetime, until: datetime, space_id: int | None) -> dict[str, Any]:
    """How much was said for everybody to read between two moments: posts, people, by stakeholder type, region and space."""
    where = [visible(Actor.guest(), Post), Post.created_at >= begin, Post.created_at < until]
    if space_id is not None:
        where.append(Post.space_id == space_id)
    rows = db.session().execute(
        select(Post.space_id, Post.stakeholder_type, Post.country, func.count())
        .where(*where)
        .group_by(Post.space_id, Post.stakeholder_type, Post.country)
    )
    types: Counter[str] = Counter()
    regions: Counter[str] = Counter()
    spaces: Counter[str] = Counter()
    for space, kind, country, number in rows:
        types[kind or ""] += number
        regions[region_of(country) or ""] += number
        spaces[str(space)] += number
    people = db.session().scalar(select(func.count(Post.author_id.distinct())).where(*where)) or 0
    return {
        "posts": sum(types.values()), "people": people, "posts_by_type": dict(types), "posts_by_region": dict(regions), "posts_by_space": dict(spaces),
    }  # fmt: skip


def positions(post_ids: Iterable[int]) -> dict[int, dict[str, dict[str, int]]]:
    """How many people of which stakeholder type ("" for none) took which position on these posts."""
    found: dict[int, dict[str, dict[str, int]]] = {}
    for part in _parts(post_ids):
        for post_id, counts in signals.counts(part).items():
            taken = {kind: {one or "": n for one, n in by_type.items()} for kind, by_type in counts.items() if kind in POSITIONS}
            if taken:
                found[post_id] = taken
    return found


def polls_of(post_ids: Iterable[int]) -> list[dict[str, Any]]:
    """The polls in these posts whose result everybody may see: votes of each answer, and voters."""
    rows = [row for part in _parts(post_ids) for row in db.session().scalars(select(Poll).where(Poll.post_id.in_(part)))]
    shown = [row for row in rows if polls.shows_results(row)]
    results = polls.results(shown)
    return [
        {"post": row.post_id, "votes": [sum(one.values()) for one in results[row.id].votes], "voters": sum(results[row.id].voters.values())}
        for row in sorted(shown, key=lambda row: row.post_id)
        if row.id in results and results[row.id].voters
    ]


def polls_by_post(post_ids: Iterable[int]) -> dict[int, Poll]:
    """Polls, with their posts, of posts everybody may read."""
    found: dict[int, Poll] = {}
    for part in _parts(post_ids):
        query = select(Poll).join(Post, Post.id == Poll.post_id).where(Poll.post_id.in_(part), visible(Actor.guest(), Post))
        found |= {row.post_id: row for row in db.session().scalars(query.options(joinedload(Poll.post)))}
    return found


def signed(actor: Actor, limit: int = 30) -> list[Digest]:
    """The digests that were signed and stand, the latest first."""
    query = select(Digest).where(visible(actor, Digest), Digest.status.in_(("signed", "transmitted")))
    return list(db.session().scalars(query.order_by(Digest.signed_at.desc(), Digest.id.desc()).limit(limit)))


def former(digest: Digest) -> Digest | None:
    """The last digest of the same space that ended before this one begins and was not withdrawn or superseded; a signed one before others."""
    query = select(Digest).where(
        Digest.space_id.is_(None) if digest.space_id is None else Digest.space_id == digest.space_id,
        Digest.period_end < digest.period_start, Digest.audience == digest.audience, Digest.id != digest.id,
        Digest.status.in_(("draft", "review", "returned", "signed", "transmitted")),
    )  # fmt: skip
    out = Digest.status.in_(("signed", "transmitted"))
    return db.session().scalar(query.order_by(out.desc(), Digest.period_end.desc(), Digest.id.desc()).limit(1))


def points_by_id(ids: Iterable[int]) -> dict[int, KeyPoint]:
    """Key points of whatever digest, with what they cite."""
    query = select(KeyPoint).where(KeyPoint.id.in_(sorted(set(ids)))).options(selectinload(KeyPoint.citations).joinedload(Citation.post))
    return {row.id: row for row in db.session().scalars(query)}


def still_visible(post_ids: Iterable[int]) -> set[int]:
    """Which of these posts everybody may still read: asked each time a digest is shown."""
    found: set[int] = set()
    for part in _parts(post_ids):
        found |= set(db.session().scalars(select(Post.id).where(Post.id.in_(part), visible(Actor.guest(), Post))))
    return found


def body_of(post: Post, revision: int) -> str:
    """What a revision of a post says ("" where there is none of that number)."""
    if post.revision == revision:
        return post.body
    query = select(PostRevision.body).where(PostRevision.post_id == post.id, PostRevision.number == revision)
    return db.session().scalar(query) or ""


def public_post(post_id: int) -> Post | None:
    """A post everybody may read."""
    query = select(Post).where(Post.id == post_id, visible(Actor.guest(), Post)).options(joinedload(Post.organization))
    return db.session().scalar(query)


def comments(digest: Digest) -> list[DigestComment]:
    """What was said about a digest in the making, the earliest first."""
    query = select(DigestComment).where(DigestComment.digest_id == digest.id).order_by(DigestComment.id).limit(500)
    return list(db.session().scalars(query.options(joinedload(DigestComment.person))))


def editions(digest: Digest) -> list[Digest]:
    """The corrected editions of a digest."""
    return list(db.session().scalars(select(Digest).where(Digest.corrects_id == digest.id).order_by(Digest.id)))


def first_and_last() -> tuple[datetime, datetime] | None:
    """When the first and the last public post were made."""
    row = db.session().execute(select(func.min(Post.created_at), func.max(Post.created_at)).where(visible(Actor.guest(), Post))).one()
    return (row[0], row[1]) if row[0] else None
