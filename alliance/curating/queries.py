"""Reading what was curated."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, select

from alliance.accounts.models import Person
from alliance.core import db
from alliance.core.errors import NotFound
from alliance.discussions.models import Post
from alliance.policy import Actor, visible

MOST_SHOWN = 12


def post(actor: Actor, post_id: int) -> Post:
    """A post everybody in its space may read.

    Raises:
        NotFound: none such, or not one the actor may see.
    """
    found = db.session().scalar(select(Post).where(Post.id == post_id, Post.status == "visible", visible(actor, Post)))
    if found is None:
        raise NotFound
    return found


def key_contributions(discussion_id: int, limit: int = MOST_SHOWN) -> list[Row[Any]]:
    """The key contributions to a discussion the actor sees, in the order in which they were made."""
    named = (Post.id, Post.number, Post.key_note, Post.stakeholder_type, Person.name)
    query = select(*named).join(Person, Person.id == Post.author_id)
    marked = query.where(Post.discussion_id == discussion_id, Post.key_note.is_not(None), Post.status == "visible")
    return list(db.session().execute(marked.order_by(Post.number).limit(limit)))
