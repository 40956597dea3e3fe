"""Splitting, merging and moving discussions: each with its reason in the log, and back again within a day."""

from __future__ import annotations

import re
from datetime import timedelta

from sqlalchemy import or_, select, update

from alliance.core import clock, db
from alliance.core.errors import Conflict, Invalid, NotFound
from alliance.core.i18n import gettext as _
from alliance.discussions import moving, relocating
from alliance.discussions.counters import hold
from alliance.discussions.models import Discussion, Post
from alliance.discussions.move_models import Move, MovedPost
from alliance.groups import queries as groups
from alliance.groups.models import Space
from alliance.moderation import confiding, log, queries, reasons
from alliance.moderation.models import LogEntry, ReviewItem
from alliance.policy import Actor, require, visible

UNDO = timedelta(hours=24)
_NUMBERS = re.compile(r"#?(\d{1,9})")
_TARGET = re.compile(r"(?:.*/d/)?(\d{1,9})(?:/.*)?")


def numbers_given(words: str) -> list[int]:
    """The numbers of posts somebody wrote: "12, #40"."""
    return [int(found) for found in _NUMBERS.findall(words)]


def _posts(discussion_id: int, numbers: list[int]) -> list[int]:
    """The ids of the posts with some numbers.

    Raises:
        Invalid: there is no such post in the discussion.
    """
    query = select(Post.id, Post.number).where(Post.discussion_id == discussion_id, Post.number.in_(numbers[:1000]))
    found = {row.number: row.id for row in db.session().execute(query)}
    missing = sorted(set(numbers) - found.keys())
    if missing:
        raise Invalid.field("posts", _("There is no post #%(number)s in this discussion.", number=missing[0]))
    return list(found.values())


def target_of(actor: Actor, words: str) -> Discussion:
    """The discussion somebody named by its number or address.

    Raises:
        Invalid: it is none they can see.
    """
    match = _TARGET.fullmatch(words.strip())
    try:
        return queries.discussion(actor, int(match[1])) if match else _no_target()
    except NotFound:
        return _no_target()


def _no_target() -> Discussion:
    raise Invalid.field("target", _("Give the address or the number of a discussion that you can read."))


def branches(
    actor: Actor, discussion_id: int, numbers: list[int], *, title: str = "", target: str = "", reason: str = "", code: str = ""
) -> moving.Moved:
    """Move branches of a discussion: into a new one with a title, or into one that is there.

    Raises:
        Invalid, Refused, Conflict: nothing is changed.
    """
    if bool(title.strip()) == bool(target.strip()):
        raise Invalid.field("title", _("Give either a title for a new discussion, or the discussion the posts go to."))
    with db.transaction():
        source = queries.discussion(actor, discussion_id)
        require(actor, "discussion.reorder", source)
        line = log.checked(reason, needed=not reasons.checked(code))
        ids = _posts(source.id, numbers)
        if title.strip():
            done = moving.split(source.id, ids, title, actor.person_id)
        else:
            other = target_of(actor, target)
            require(actor, "discussion.reorder", other)
            done = moving.move(source.id, ids, other.id, actor.person_id)
        log.write(actor, done.move.kind, line, code=code, discussion=done.target)
        _follow(done)
        return done


def merge(actor: Actor, discussion_id: int, target: str, reason: str, code: str = "") -> moving.Moved:
    """Merge a discussion into another one, to which its address leads from then on.

    Raises:
        Invalid, Refused, Conflict: nothing is changed.
    """
    with db.transaction():
        source, other = queries.discussion(actor, discussion_id), target_of(actor, target)
        for one in (source, other):
            require(actor, "discussion.reorder", one)
        line = log.checked(reason, needed=not reasons.checked(code))
        done = moving.merge(source.id, other.id, actor.person_id)
        log.write(actor, "merge", line, code=code, discussion=done.target)
        meant = update(ReviewItem).where(ReviewItem.meant_for_id == source.id).values(meant_for_id=done.target.id)
        db.session().execute(meant.execution_options(synchronize_session=False))
        _follow(done)
        return done


def relocate(actor: Actor, discussion_id: int, space_code: str, reason: str, code: str = "") -> Discussion:
    """Move a discussion to another space.

    Raises:
        Invalid, Refused: nothing is changed.
    """
    with db.transaction() as session:
        found = queries.discussion(actor, discussion_id)
        require(actor, "discussion.reorder", found)
        line = log.checked(reason, needed=not reasons.checked(code))
        try:
            space: Space = groups.get_space(actor, space_code)
        except NotFound:
            raise Invalid.field("space", _("Choose a space from the list.")) from None
        was = hold(session, found.id).space_id
        held = _gone_to(found.id, space)
        log.write(actor, "relocate", line, code=code, discussion=held, detail=f"from:{was}")
        return held


def _gone_to(discussion_id: int, space: Space) -> Discussion:
    """Inside a transaction: a discussion is in another space, with what waits about its posts."""
    held = relocating.relocate(discussion_id, space)
    _wait_with(held)
    return held


def came_from(actor: Actor, discussion_id: int) -> Space | None:
    """The space to which a discussion can be moved back: it came from there within a day, and one may read there."""
    query = select(LogEntry).where(LogEntry.discussion_id == discussion_id, LogEntry.act.in_(("relocate", "move_back")))
    last = db.session().scalar(query.order_by(LogEntry.id.desc()).limit(1))
    if last is None or last.act != "relocate" or not last.detail or clock.now() - last.created_at > UNDO:
        return None
    return db.session().scalar(select(Space).where(Space.id == int(last.detail.removeprefix("from:")), visible(actor, Space)))


def move_back(actor: Actor, discussion_id: int) -> Discussion:
    """Take back, within a day, that a discussion was moved to another space.

    Raises:
        NotFound, Refused, Conflict: nothing is changed.
    """
    with db.transaction() as session:
        found = queries.discussion(actor, discussion_id)
        require(actor, "discussion.reorder", found)
        hold(session, found.id)
        space = came_from(actor, found.id)
        if space is None:
            raise Conflict(_("This cannot be taken back any more: move the discussion anew instead."))
        try:
            held = _gone_to(found.id, space)
        except Invalid as changed:
            raise Conflict(" ".join(sentence for said in changed.errors.values() for sentence in said)) from None
        log.write(actor, "move_back", "", discussion=held)
        return held


def put_back(actor: Actor, move_id: int) -> moving.Moved:
    """Take a move back within a day: the posts return to their places.

    Raises:
        NotFound, Refused, Conflict: nothing is changed.
    """
    with db.transaction() as session:
        noted = session.get(Move, move_id)
        if noted is None:
            raise NotFound
        target = queries.discussion(actor, noted.target_id)
        require(actor, "discussion.reorder", target)
        if clock.now() - noted.created_at > UNDO:
            raise Conflict(_("This cannot be taken back any more: move the posts anew instead."))
        done = moving.put_back(move_id, actor.person_id, lambda held: _answered(held, actor.person_id))
        log.write(actor, "put_back", "", discussion=done.target)
        _follow(done)
        return done


def _answered(noted: Move, person_id: int | None) -> bool:
    """Whether anybody else answered in another way what was moved, since it was."""
    posts = select(MovedPost.post_id).where(MovedPost.move_id == noted.id)
    places = select(Discussion.id).where(Discussion.id == noted.source_id)
    return confiding.answered(posts, places, noted.created_at, person_id)


def _follow(done: moving.Moved) -> None:
    """What waits about the posts belongs to the space they are in now."""
    _wait_with(done.target)


def _wait_with(found: Discussion) -> None:
    posts = select(Post.id).where(Post.discussion_id == found.id)
    about = or_(ReviewItem.post_id.in_(posts), ReviewItem.meant_for_id == found.id)
    waits = update(ReviewItem).where(about).values(space_id=found.space_id)
    db.session().execute(waits.execution_options(synchronize_session=False))
