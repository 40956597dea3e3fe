"""Spaces, discussions and posts for the tests."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from alliance.core import db
from alliance.discussions import services
from alliance.discussions.models import Discussion, Post
from alliance.groups.models import Space
from alliance.policy import Actor


def space(code: str = "c2") -> Space:
    """A space, made when it is not there."""
    known = db.session().scalar(select(Space).where(Space.code == code))
    if known is not None:
        return known
    with db.transaction() as session:
        made = Space(
            code=code,
            kind="action_line",
            titles={"en": f"Space {code}", "fr": f"Espace {code}"},
            descriptions={"en": ""},
            sources={},
            facilitators=[],
        )
        session.add(made)
    return made


def discussion(
    actor: Actor, title: str = "Who pays for the last mile?", body: str = "We ask because nobody knows.", **more: Any
) -> Discussion:
    """A discussion with its opening post."""
    return services.open_discussion(actor, space(), title, body, **more)


def opening(found: Discussion) -> Post:
    """The first post of a discussion."""
    return db.session().scalars(select(Post).where(Post.discussion_id == found.id, Post.number == 1)).one()


def reply(actor: Actor, found: Discussion, parent: Post | None = None, body: str = "The users do.", **more: Any) -> Post:
    """An answer."""
    return services.publish_post(actor, found, body, parent=parent, **more)
