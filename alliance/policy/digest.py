"""Digests: rapporteurs write them, everybody signed in comments, a second person signs, the secretariat transmits."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, or_, true

from alliance.policy.actor import Actor
from alliance.policy.sheet import action, sees
from alliance.policy.space import role, within_readable

RAPPORTEURS = ("chair", "rapporteur")


@sees("Digest")
def _visible(actor: Actor, model: Any) -> ColumnElement[bool]:
    """Digests of what the actor may read: those for the public, and the restricted ones for moderators and the secretariat."""
    public: ColumnElement[bool] = true() if actor.is_moderator else model.audience == "public"
    return and_(public, or_(model.space_id.is_(None), within_readable(actor, model)))


def _rapporteur(actor: Actor, space: Any) -> bool:
    mine = space is not None and role(actor, space) in RAPPORTEURS
    return actor.may_act and (actor.is_moderator or mine)


@action("digest.compile")
def compile_(actor: Actor, space: Any) -> bool:
    """Only rapporteurs (moderators and the secretariat; chairs and rapporteurs for their group) may compile a digest."""
    return _rapporteur(actor, space)


@action("digest.edit")
def edit(actor: Actor, digest: Any) -> bool:
    """Only rapporteurs (moderators and the secretariat; chairs and rapporteurs for their group) may edit a digest, submit it, or prepare a corrected edition."""
    return _rapporteur(actor, digest.space)


@action("digest.comment")
def comment(actor: Actor, _digest: Any) -> bool:
    """To comment on a digest in the making, sign in with a confirmed address and an account in good standing."""
    return actor.is_authenticated and actor.may_act


@action("digest.history", "read")
def history(actor: Actor, _digest: Any) -> bool:
    """Sign in to see the versions of a digest, and who made them."""
    return actor.is_authenticated or actor.is_system


@action("digest.return")
def return_(actor: Actor, digest: Any) -> bool:
    """Only rapporteurs (moderators and the secretariat; chairs and rapporteurs for their group) may return a digest with comments."""
    return _rapporteur(actor, digest.space)


@action("digest.sign")
def sign(actor: Actor, digest: Any) -> bool:
    """A digest is signed by a second person: a rapporteur (of the group, or a moderator or the secretariat) who is not the only one to have worked on it."""
    return actor.is_authenticated and _rapporteur(actor, digest.space) and digest.authors != {actor.person_id}


@action("digest.transmit", "admin")
def transmit(actor: Actor, _digest: Any) -> bool:
    """Only the secretariat may transmit a digest, or withdraw one that was signed."""
    return actor.is_secretariat and actor.may_act


@action("digest.contest")
def contest(actor: Actor, digest: Any) -> bool:
    """Whoever contributed to the discussions a digest covers may contest how they were represented."""
    return actor.is_authenticated and actor.may_act and bool(digest.covers(actor.person_id))
