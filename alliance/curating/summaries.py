"""Summaries: written, worded anew, taken down; shown with what still can be read of what they rest on."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, and_, delete, or_, select, update
from sqlalchemy.orm import joinedload

from alliance.core import clock, db, outbox
from alliance.core.errors import Conflict, Invalid
from alliance.core.i18n import LANGUAGES
from alliance.core.i18n import gettext as _
from alliance.core.text import detect_language
from alliance.curating import wording
from alliance.curating.models import Summary, SummarySource
from alliance.discussions import counters
from alliance.discussions import queries as discussions
from alliance.discussions.models import Discussion, Post
from alliance.events import DiscussionChanged
from alliance.groups.models import Space
from alliance.moderation import log
from alliance.policy import Actor, require

STALE = 10  # posts that came since from which on a summary is marked as old


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with those of its posts that can be read."""

    text: str
    posts: Sequence[Row[Any]]


@dataclass(frozen=True, slots=True)
class Shown:
    """A summary as everybody reads it who reads the discussion. `left_out`: how many sentences rest on nothing that can be read any more."""

    row: Summary
    sentences: list[Sentence]
    left_out: int
    stale: bool


def current(discussion_id: int) -> Summary | None:
    """The newest revision; None where there is none, or it was taken down."""
    found = newest(discussion_id)
    return found if found is not None and found.sentences else None


def newest(discussion_id: int) -> Summary | None:
    """The newest revision, also one that says that the summary was taken down."""
    query = select(Summary).where(Summary.discussion_id == discussion_id).order_by(Summary.number.desc()).limit(1)
    return db.session().scalar(query.options(joinedload(Summary.author)))


def revisions(discussion_id: int, limit: int = 50) -> list[Summary]:
    """All revisions, newest first."""
    query = select(Summary).where(Summary.discussion_id == discussion_id).order_by(Summary.number.desc()).limit(limit)
    return list(db.session().scalars(query.options(joinedload(Summary.author))))


def shown(discussion: Any, row: Summary | None = None, *, inside: bool = True) -> Shown | None:
    """The summary of a discussion, the same for all who read it; for those to whom it is closed (not `inside`) the sentences alone."""
    found = row or current(discussion.id)
    if found is None:
        return None
    return read_of(discussion, found, posts_by_id(discussion, _resting(found)), inside=inside)


def _resting(found: Summary) -> set[int]:
    return {post for one in found.sentences for post in one["posts"]}


def read_of(discussion: Any, found: Summary, posts: dict[int, Row[Any]], *, inside: bool = True) -> Shown:
    """A summary, as far as it rests on these posts."""
    read = [Sentence(one["text"], [posts[post] for post in one["posts"] if post in posts]) for one in found.sentences]
    kept = [one for one in read if one.posts]
    if not inside:
        return Shown(found, [Sentence(one.text, ()) for one in kept], 0, stale=False)
    return Shown(found, kept, len(read) - len(kept), discussion.next_number - found.next_number >= STALE)


def posts_by_id(discussion: Any, ids: Collection[int]) -> dict[int, Row[Any]]:
    """Those of some posts that everybody may read who reads the discussion."""
    free = and_(Discussion.confided_at.is_(None), or_(Post.space_id == discussion.space_id, Space.visibility == "public"))
    open_to_them = or_(Post.discussion_id == discussion.id, free)
    query: Select[*tuple[Any, ...]] = select(Post.id, Post.number, Post.discussion_id).join(Space, Space.id == Post.space_id)
    query = query.join(Discussion, Discussion.id == Post.discussion_id)
    rows = db.session().execute(query.where(Post.id.in_(ids), Post.status == "visible", Discussion.status == "visible", open_to_them))
    return {row.id: row for row in rows}


def text_of(discussion: Any, found: Summary) -> str:
    """A summary as it is written: posts of the discussion by their numbers, others by their addresses."""
    posts = posts_by_id(discussion, _resting(found))

    def name(post_id: int) -> str:
        post = posts.get(post_id)
        return f"#{post.number}" if post is not None and post.discussion_id == discussion.id else f"/p/{post_id}"

    return wording.written(found.sentences, name)


def write(actor: Actor, discussion_id: int, body: str, *, based_on: int | None = None, language: str | None = None) -> Summary:
    """Write the summary of a discussion, or word it anew.

    Args:
        actor: who curates the space.
        discussion_id: of a discussion the actor sees.
        body: sentences, each with the posts it rests on (see wording.py).
        based_on: the number of the revision it was made from (0: there was none); None: whichever is there.
        language: of the text; None: found out.

    Raises:
        NotFound, Refused, Invalid: nothing is changed.
        Conflict: somebody else has written meanwhile.
    """
    with db.transaction():
        discussion = _held(actor, discussion_id)
        sentences = _sourced(discussion, wording.read(body))
        before = _not_overtaken(discussion_id, based_on)
        if before is not None and before.sentences == sentences:
            return before
        spoken = language if language in LANGUAGES else detect_language(" ".join(one["text"] for one in sentences))
        made = _add(actor, discussion, before, sentences, spoken)
        log.write(actor, "summarize", "", discussion=discussion)
    return made


def take_down(actor: Actor, discussion_id: int) -> None:
    """Take the summary of a discussion down; what it said stays in its history.

    Raises:
        NotFound, Refused: nothing is changed.
        Conflict: there is none.
    """
    with db.transaction():
        discussion = _held(actor, discussion_id)
        before = newest(discussion_id)
        if before is None or not before.sentences:
            raise Conflict(_("There is no summary to take down."))
        _add(actor, discussion, before, [], None)
        log.write(actor, "unsummarize", "", discussion=discussion)


def _held(actor: Actor, discussion_id: int) -> Discussion:
    discussion = discussions.get_discussion(actor, discussion_id)
    require(actor, "discussion.summarize", discussion)
    return counters.hold(db.session(), discussion.id)


def _not_overtaken(discussion_id: int, based_on: int | None) -> Summary | None:
    before = newest(discussion_id)
    if based_on is not None and (before.number if before is not None else 0) != based_on:
        raise Conflict(_("Somebody has changed the summary meanwhile. Look at it, then save your text again to replace it."))
    return before


def _sourced(discussion: Discussion, claims: Sequence[wording.Claim]) -> list[dict[str, Any]]:
    """The sentences with the ids of their posts."""
    numbers = {number for claim in claims for number in claim.numbers}
    query = select(Post.number, Post.id).where(Post.discussion_id == discussion.id, Post.number.in_(numbers), Post.status == "visible")
    by_number = {row.number: row.id for row in db.session().execute(query)}
    elsewhere = posts_by_id(discussion, {post for claim in claims for post in claim.ids})
    for claim in claims:
        missing = [f"#{number}" for number in claim.numbers if number not in by_number]
        missing += [f"/p/{post}" for post in claim.ids if post not in elsewhere]
        if missing:
            raise Invalid.field(
                "body",
                _(
                    "There is no post %(post)s that can be read here; it is named behind “%(sentence)s”",
                    post=missing[0],
                    sentence=claim.text[:160],
                ),
            )
    ids = [list(dict.fromkeys([*(by_number[number] for number in claim.numbers), *claim.ids])) for claim in claims]
    return [{"text": claim.text, "posts": posts} for claim, posts in zip(claims, ids, strict=True)]


def _add(actor: Actor, discussion: Discussion, before: Summary | None, sentences: list[dict[str, Any]], language: str | None) -> Summary:
    session = db.session()
    made = Summary(
        discussion_id=discussion.id, origin_id=discussion.id, number=before.number + 1 if before else 1, sentences=sentences, language=language,
        next_number=discussion.next_number, author_id=actor.person_id, created_at=clock.now(),
    )  # fmt: skip
    session.add(made)
    discussion.version += 1
    session.flush()
    _note_sources(discussion.id)
    outbox.publish(DiscussionChanged(discussion.id, discussion.space_id))
    return made


def _note_sources(discussion_id: int) -> None:
    """Which posts the summary of a discussion rests on, as it is now."""
    session, now = db.session(), newest(discussion_id)
    session.execute(delete(SummarySource).where(SummarySource.discussion_id == discussion_id))
    posts = {post for one in (now.sentences if now is not None else []) for post in one["posts"]}
    session.add_all(SummarySource(discussion_id=discussion_id, post_id=post) for post in sorted(posts))
    session.flush()


def resting_on_discussion(discussion_id: int) -> None:
    """Inside a transaction: what is said in a discussion can be read by others than before: the same for the summaries of other ones."""
    session, posts = db.session(), select(Post.id).where(Post.discussion_id == discussion_id)
    others = select(SummarySource.discussion_id).where(SummarySource.post_id.in_(posts), SummarySource.discussion_id != discussion_id)
    for other in sorted(session.scalars(others.distinct())):
        counters.renew(counters.hold(session, other))


def resting_on(post_id: int) -> None:
    """Inside a transaction: a post can be read, or no longer: pages with summaries that rest on it are to be made anew."""
    session = db.session()
    for discussion_id in sorted(session.scalars(select(SummarySource.discussion_id).where(SummarySource.post_id == post_id))):
        counters.hold(session, discussion_id).version += 1


def carry(source_id: int, target_id: int, *, back: bool) -> None:
    """Inside a transaction: a discussion was merged into another, or is there again; its summary goes along where there is none."""
    session = db.session()
    if not back and newest(target_id) is not None:
        return
    which = [Summary.discussion_id == source_id, *([Summary.origin_id == target_id] if back else [])]
    moved = update(Summary).where(*which).values(discussion_id=target_id).execution_options(synchronize_session=False)
    if session.execute(moved).rowcount:  # type: ignore[attr-defined]
        session.expire_all()
        _note_sources(source_id)
        _note_sources(target_id)
