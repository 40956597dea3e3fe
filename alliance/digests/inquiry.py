"""For thirty days after the signature a contributor may contest how they were represented; the rapporteur answers in public."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from alliance.core import clock, db
from alliance.core.errors import Conflict, Invalid, NotFound
from alliance.core.i18n import gettext as _
from alliance.digests.models import Digest, DigestObjection
from alliance.digests.states import held
from alliance.policy import Actor, require

DAYS = 30
LONGEST = 4000


def is_open(digest: Digest) -> bool:
    """Whether one may still contest it."""
    return (
        digest.signed_at is not None
        and digest.status in {"signed", "transmitted"}
        and clock.now() - digest.signed_at <= timedelta(days=DAYS)
    )


def objections(digest: Digest) -> list[DigestObjection]:
    """What was contested, and the answers."""
    return list(db.session().scalars(select(DigestObjection).where(DigestObjection.digest_id == digest.id).order_by(DigestObjection.id)))


def contest(actor: Actor, digest: Digest, text: str) -> DigestObjection:
    """Contest how one was represented.

    Raises:
        Refused: the actor contributed nothing that the digest covers.
        Conflict: it is not signed, or the thirty days are over.
        Invalid: nothing is said, or too much.
    """
    require(actor, "digest.contest", digest)
    if not is_open(digest):
        raise Conflict(_("A digest may be contested for thirty days after it was signed."))
    with db.transaction() as session:
        made = DigestObjection(digest_id=digest.id, person_id=actor.person_id, text=_text(text, "text"), created_at=clock.now())
        session.add(made)
        session.flush()
    return made


def answer(actor: Actor, digest: Digest, objection_id: int, text: str, correction: str = "") -> DigestObjection:
    """Answer in public; a correction becomes a corrigendum with its own number.

    Raises:
        Refused: the actor is no rapporteur.
        NotFound: no such objection.
        Conflict: it is answered already.
        Invalid: nothing is said, or too much.
    """
    require(actor, "digest.edit", digest)
    with db.transaction() as session:
        held(digest)
        row = session.get(DigestObjection, objection_id, populate_existing=True)
        if row is None or row.digest_id != digest.id:
            raise NotFound
        if row.answered_at is not None:
            raise Conflict(_("This was answered already."))
        row.answer, row.answered_at, row.answered_by_id = _text(text, "answer"), clock.now(), actor.person_id
        if correction.strip():
            last = session.scalar(select(func.max(DigestObjection.corrigendum)).where(DigestObjection.digest_id == digest.id)) or 0
            row.correction, row.corrigendum = _text(correction, "correction"), last + 1
    return row


def _text(text: str, field: str) -> str:
    if not text.strip():
        raise Invalid.field(field, _("Write something."))
    if len(text) > LONGEST:
        raise Invalid.field(field, _("At most %(most)s characters.", most=LONGEST))
    return text.strip()
