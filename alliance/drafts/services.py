"""Saving drafts as one types, and taking them away when what they say is published."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from alliance.core import clock, db, jobs, settings, text
from alliance.core.errors import Conflict, Invalid, NotFound
from alliance.core.i18n import gettext as _
from alliance.core.tokens import digest_of, random_secret
from alliance.drafts import places, queries
from alliance.drafts.models import Draft, KeptText
from alliance.policy import Actor, require
from alliance.web import once

FIELDS = ("title", "body", "language", "capacity", "parent_id", "quotes", "revision")
TEXTS = ("title", "body")
MAX_FIELDS = 2 * text.MAX_BODY  # too long to be published is no reason to lose it
MAX_DRAFTS = 300
KEPT_TEXT_DAYS = 2


class StaleDraft(Conflict):
    """The draft was saved elsewhere since this window read it; nothing was overwritten."""

    def __init__(self, draft: Draft) -> None:
        super().__init__(_("A newer draft was saved in another window or on another device. Nothing was overwritten."))
        self.revision = draft.revision
        self.fields = dict(draft.fields)


class Published(Conflict):
    """What was written under this nonce is published: a draft of it would be one of something that is done."""

    def __init__(self) -> None:
        super().__init__(_("This text is already published."))


def checked(fields: Mapping[str, object]) -> dict[str, str]:
    """The fields of a form as a draft keeps them; what is no field of ours is left out.

    Raises:
        Invalid: there is too much of it.
    """
    found = {name: text.storable(str(fields[name])) for name in FIELDS if fields.get(name)}
    if sum(map(len, found.values())) > MAX_FIELDS:
        raise Invalid.field("body", _("A draft may have at most %(most)s characters.", most=MAX_FIELDS))
    return found


def says_something(fields: Mapping[str, object]) -> bool:
    """Whether there is any text in the fields of a form."""
    return any(not text.is_blank(str(fields.get(name) or "")) for name in TEXTS)


def save(actor: Actor, place: str, fields: Mapping[str, object], *, revision: int, nonce: str = "") -> Draft:
    """Keep what a person is writing at a place.

    Args:
        actor: the person.
        place: see places.py.
        fields: of the form; those of FIELDS are kept.
        revision: of the draft this one was made from, 0 for none. The very same text again is no conflict.
        nonce: of the form, "" when there is none.

    Raises:
        StaleDraft: it is another revision by now.
        Published: what has this nonce is published.
        Refused, Invalid, NotFound: nothing is kept.
    """
    require(actor, "draft.write")
    kept = checked(fields)
    places.check(place)
    try:
        return _saved(actor, place, kept, revision, nonce[:100])
    except IntegrityError:
        # Two windows began at the same moment: the other one was first.
        return _saved(actor, place, kept, revision, nonce[:100])


def _saved(actor: Actor, place: str, fields: dict[str, str], revision: int, nonce: str) -> Draft:
    with db.transaction() as session:
        if nonce and once.was_used(actor, nonce):
            raise Published
        now = clock.now()
        draft = queries.find(actor, place, lock=True)
        if draft is None:
            if queries.count(actor) >= MAX_DRAFTS:
                raise Invalid.field("", _("You have %(most)s drafts: discard some of them first.", most=MAX_DRAFTS))
            draft = Draft(person_id=actor.person_id, place=place, revision=revision + 1, nonce=nonce or _nonce(), created_at=now)
            draft.fields, draft.updated_at = fields, now
            session.add(draft)
        elif draft.fields != fields:
            if draft.revision != revision:
                raise StaleDraft(draft)
            draft.revision += 1
            draft.fields, draft.updated_at, draft.nonce = fields, now, nonce or draft.nonce
        session.flush()
        return draft


def _nonce() -> str:
    return secrets.token_urlsafe(16)


def discard(actor: Actor, place: str, nonce: str | None = None) -> bool:
    """Take a draft away (inside the transaction that publishes it: with the nonce, so that a newer one stays).

    Returns:
        Whether there was one.
    """
    mine = (Draft.person_id == actor.person_id) & (Draft.place == place)
    if nonce is not None:
        mine &= Draft.nonce == nonce
    with db.transaction() as session:
        return bool(session.execute(delete(Draft).where(mine)).rowcount)  # type: ignore[attr-defined]


def keep(place: str, fields: Mapping[str, object]) -> str:
    """Keep a text for whoever signs in next with the secret that is returned."""
    kept, secret = checked(fields), random_secret()
    with db.transaction() as session:
        session.add(KeptText(token_hash=digest_of(secret), place=places.check(place), fields=kept, created_at=clock.now()))
    return secret


def claim(actor: Actor, secret: str) -> str:
    """Make a kept text a draft of the actor's; a draft that was there stays below it as `earlier`.

    Returns:
        Its place.

    Raises:
        NotFound: nothing is kept under this secret (any more).
    """
    require(actor, "draft.write")
    with db.transaction() as session:
        kept = queries.kept(secret)
        if kept is None:
            raise NotFound
        place, fields, now = kept.place, dict(kept.fields), clock.now()
        draft = queries.find(actor, place, lock=True)
        if draft is None:
            draft = Draft(person_id=actor.person_id, place=place, revision=0, nonce=_nonce(), created_at=now)
            session.add(draft)
        elif (before := str(draft.fields.get("body", ""))) and before not in str(fields.get("body", "")):
            fields["earlier"] = before
        draft.revision, draft.fields, draft.updated_at = draft.revision + 1, fields, now
        session.delete(kept)
        return place


@jobs.periodic("17 3 * * *")
def clean() -> int:
    """Forget drafts nobody went on with for ALLIANCE_DRAFT_DAYS, and texts nobody came back for; returns how many."""
    now = clock.now()
    with db.transaction() as session:
        old = session.execute(delete(Draft).where(Draft.updated_at < now - timedelta(days=settings.current().draft_days)))
        lost = session.execute(delete(KeptText).where(KeptText.created_at < now - timedelta(days=KEPT_TEXT_DAYS)))
        return int(old.rowcount + lost.rowcount)  # type: ignore[attr-defined]
