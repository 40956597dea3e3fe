"""Posts. A hidden or withdrawn post keeps its place in the tree as a placeholder; its text is not visible."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_

from alliance.policy.actor import Actor
from alliance.policy.discussion import is_free
from alliance.policy.sheet import action, sees
from alliance.policy.space import among, curates, is_open, members, moderates, shown, unclosed, within_moderated, within_readable


@sees("Post")
def readable(actor: Actor, model: Any) -> ColumnElement[bool]:
    """Posts whose text the actor may read; moderators read hidden ones too."""
    discussion = model.discussion.property.mapper.class_
    whole = and_(shown(actor, discussion), unclosed(actor, discussion))
    return and_(shown(actor, model), within_readable(actor, model), model.discussion.has(whole))


def readers(post: Any, person: Any) -> ColumnElement[bool]:
    """The same rule asked the other way round: who of `person` (a model) may read `post` (a model); moderators' sight of hidden ones left out.

    For those who tell many people at once; whoever shows or sends something asks `visible` besides.
    """
    discussion, space = post.discussion.property.mapper.class_, post.space.property.mapper.class_
    within = post.space.has(or_(space.visibility == "public", members(space, person)))
    whole = and_(discussion.status == "visible", among(discussion, person))
    return and_(person.claimed, post.status == "visible", post.discussion.has(whole), within)


def within_seen(actor: Actor, model: Any) -> ColumnElement[bool]:
    """Posts whose text the actor may read, of discussions that are known to be visible to this actor (a page has looked)."""
    return shown(actor, model)


def waiting_own(actor: Actor, model: Any) -> ColumnElement[bool]:
    """One's own posts that nobody else reads at present: they wait for a moderator, or one has hidden them."""
    if actor.person_id is None:
        return false()
    mine = or_(model.author_id == actor.person_id, model.written_by_id == actor.person_id)
    there = model.discussion.has(unclosed(actor, model.discussion.property.mapper.class_))
    return and_(mine, model.status.in_(("held", "hidden")), within_readable(actor, model), there)


def answerable_for(actor: Actor, model: Any) -> ColumnElement[bool]:
    """The same for whoever may appeal: also a member who is suspended, who reads of a closed group what is about their own posts, and no more."""
    return waiting_own(replace(actor, suspended=False), model)


def reviewable(actor: Actor, model: Any) -> ColumnElement[bool]:
    """Posts a moderator may have to decide about, whatever their state, but for what its author withdrew."""
    return and_(model.status != "withdrawn", within_moderated(actor, model))


@action("post.edit")
def edit(actor: Actor, post: Any) -> bool:
    """Only the author may edit a post, while it is visible, its discussion not locked and its working group not closed."""
    free = is_free(post.discussion) and is_open(post.discussion.space)
    return actor.may_act and _own(actor, post) and post.status == "visible" and free


@action("post.rewrite")
def rewrite(actor: Actor, post: Any) -> bool:
    """Only the author may write a post anew that waits or was hidden."""
    return actor.may_act and wrote(actor, post)


@action("post.withdraw")
def withdraw(actor: Actor, post: Any) -> bool:
    """Only the author may withdraw a post."""
    return actor.may_act and _own(actor, post) and post.status in {"visible", "held"}


@action("post.flag")
def flag(actor: Actor, post: Any) -> bool:
    """To flag a post, sign in with a confirmed address; one's own posts are edited or withdrawn instead."""
    return actor.may_act and post.status == "visible" and not _own(actor, post)


@action("post.hide", "moderate")
def hide(actor: Actor, post: Any) -> bool:
    """Only moderators may hide a post."""
    return actor.may_act and moderates(actor, post.discussion.space)


@action("post.mark")
def mark(actor: Actor, post: Any) -> bool:
    """Only moderators, and the chairs, moderators and rapporteurs of a working group, may say what its key contributions are."""
    return actor.may_act and curates(actor, post.discussion.space)


@action("post.history", "read")
def history(actor: Actor, post: Any) -> bool:
    """The history of a post is open to everybody who may read the post."""
    return post.status == "visible" or moderates(actor, post.discussion.space)


def wrote(actor: Actor, post: Any) -> bool:
    """Whether this person wrote a post, whoever its readers are told has."""
    return actor.is_authenticated and post.writer_id == actor.person_id


def _own(actor: Actor, post: Any) -> bool:
    return actor.is_system or wrote(actor, post)
