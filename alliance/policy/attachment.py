"""Attached files: as open as the post or the group they belong to; before that, nobody's but the uploader's."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_

from alliance.policy.actor import Actor
from alliance.policy.post import readable as readable_post
from alliance.policy.sheet import action, sees
from alliance.policy.space import within_readable


@sees("Attachment")
def readable(actor: Actor, model: Any) -> ColumnElement[bool]:
    """Files of posts the actor may read, those among the documents of groups one may read, and one's own that are nowhere yet."""
    post = model.post.property.mapper.class_
    mine = model.person_id == actor.person_id if actor.person_id else false()
    unpublished = and_(model.post_id.is_(None), model.space_id.is_(None), mine)
    return or_(unpublished, model.post.has(readable_post(actor, post)), within_readable(actor, model))


@action("attachment.upload")
def upload(actor: Actor, _thing: Any) -> bool:
    """To attach files, sign in with a confirmed address and an account in good standing."""
    return actor.is_authenticated and actor.may_act
