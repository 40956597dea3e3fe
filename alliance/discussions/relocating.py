"""Moving a whole discussion to another space, with all that is counted there."""

from __future__ import annotations

from sqlalchemy import select, update

from alliance.core import db, outbox
from alliance.core.errors import Invalid
from alliance.core.i18n import gettext as _
from alliance.discussions import recounting
from alliance.discussions.confiding import check_spaces, settle
from alliance.discussions.counters import hold
from alliance.discussions.models import Discussion, DiscussionActivity, Post
from alliance.events import DiscussionChanged
from alliance.groups.models import Space


def relocate(discussion_id: int, space: Space) -> Discussion:
    """Inside a transaction: a discussion goes to another space, with all that is counted there.

    Raises:
        Invalid: it is there already, or who reads it would change.
    """
    session = db.session()
    held = hold(session, discussion_id)
    if held.space_id == space.id:
        raise Invalid.field("space", _("It is in this space already."))
    check_spaces(held.space, space)
    if held.confided_at is not None:
        raise Invalid.field("space", _("A closed discussion stays in its space: elsewhere others would read what was said in it."))
    was = held.space_id
    rows = session.execute(select(Post.status, Post.author_id, Post.organization_id).where(Post.discussion_id == held.id)).all()
    shown = sum(row.status == "visible" for row in rows)
    open_too = int(held.status == "visible")
    for space_id, sign in ((was, -1), (space.id, 1)):
        more = {"posts_count": Space.posts_count + sign * shown, "discussions_count": Space.discussions_count + sign * open_too}
        session.execute(update(Space).where(Space.id == space_id).values(more))
    session.execute(update(Post).where(Post.discussion_id == held.id).values(space_id=space.id, version=Post.version + 1))
    session.execute(update(DiscussionActivity).where(DiscussionActivity.discussion_id == held.id).values(space_id=space.id))
    held.space_id = space.id
    held.version += 1
    session.flush()
    session.expire_all()
    people, organizations = {row.author_id for row in rows}, {row.organization_id for row in rows if row.organization_id is not None}
    for space_id in (was, space.id):
        recounting.recount_contributions(space_id, sorted(people), sorted(organizations))
    outbox.publish(DiscussionChanged(discussion_id, space.id))
    settle(held)
    return held
