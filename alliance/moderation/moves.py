"""Splitting, merging and moving discussions: each with its reason in the log, and back again within a day."""

from __future__ import annotations

import re
from datetime import timedelta

from sqlalchemy import select, update

from alliance.core import clock, db
from alliance.core.errors import Conflict, Invalid, NotFound
from alliance.core.i18n import gettext as _
from alliance.discussions import moving, relocating
from alliance.discussions.models import Discussion, Post
from alliance.discussions.move_models import Move
from alliance.groups import queries as groups
from alliance.groups.models import Space
from alliance.moderation import log, queries, reasons
from alliance.moderation.models import ReviewItem
from alliance.policy import Actor, require

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
        held = relocating.relocate(found.id, space)
        posts = select(Post.id).where(Post.discussion_id == held.id)
        session.execute(
            update(ReviewItem).where(ReviewItem.post_id.in_(posts)).values(space_id=space.id).execution_options(synchronize_session=False)
        )
        log.write(actor, "relocate", line, code=code, discussion=held)
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
        done = moving.put_back(move_id)
        log.write(actor, "put_back", "", discussion=done.target)
        _follow(done)
        return done


def _follow(done: moving.Moved) -> None:
    """What waits about the posts belongs to the space they are in now."""
    posts = select(Post.id).where(Post.discussion_id == done.target.id)
    waits = update(ReviewItem).where(ReviewItem.post_id.in_(posts)).values(space_id=done.target.space_id)
    db.session().execute(waits.execution_options(synchronize_session=False))
