"""Slow mode: one post a person in so many minutes, in discussions where moderators asked for it."""

from __future__ import annotations

import math
from datetime import timedelta

from sqlalchemy import select

from alliance.core import clock, db, i18n
from alliance.core.errors import TooMany
from alliance.core.i18n import gettext as _
from alliance.discussions import masks
from alliance.discussions.models import Discussion, Post
from alliance.policy import Actor, can

MOST_MINUTES = 7 * 24 * 60


class TooSoon(TooMany):
    """Somebody has said something in a slow discussion already; the sentence says when they may again."""


def check(actor: Actor, discussion: Discussion) -> None:
    """Inside a transaction that holds the discussion: whether the time has come for this person's next post.

    Raises:
        TooSoon: not yet.
    """
    if not discussion.slow_minutes or actor.is_system or can(actor, "discussion.steer", discussion):
        return
    apart = timedelta(minutes=discussion.slow_minutes)
    query = select(Post.created_at).where(masks.written_by(actor.person_id), Post.discussion_id == discussion.id)
    query = query.where(Post.created_at > clock.now() - apart, Post.imported.is_(False))
    last = db.session().scalar(query.order_by(Post.created_at.desc(), Post.id.desc()).limit(1))
    if last is None:
        return
    free = last + apart
    minutes = i18n.format_duration(discussion.slow_minutes * 60)
    said = _(
        "In this discussion one may post once in %(time)s. You may post again from %(moment)s on.",
        time=minutes,
        moment=i18n.format_datetime(free),
    )
    raise TooSoon(max(1, math.ceil((free - clock.now()).total_seconds())), said)
