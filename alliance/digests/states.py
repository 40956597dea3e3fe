"""From draft to document: submitted, returned with comments, signed by a second person, transmitted; withdrawn, corrected.

What was signed is never changed in place: it is withdrawn, or superseded by a corrected edition of its own.
"""

from __future__ import annotations

from sqlalchemy import select

from alliance.core import clock, db
from alliance.core.errors import Conflict, Invalid, NotFound
from alliance.core.i18n import gettext as _
from alliance.digests import checking, sealing, sending, versions
from alliance.digests.models import OPEN, Citation, Digest, KeyPoint
from alliance.policy import Actor, can, require

MAX_NOTE = 4000
# Which act is open in which state, and which rule decides about it.
ACTS = {
    "submit": (OPEN, "digest.edit"),
    "return": (("review",), "digest.return"),
    "sign": (("review",), "digest.sign"),
    "transmit": (("signed",), "digest.transmit"),
    "withdraw": (("signed", "transmitted"), "digest.transmit"),
    "correct": (("signed", "transmitted", "withdrawn"), "digest.edit"),
}


def possible(actor: Actor, digest: Digest) -> list[str]:
    """What this actor may do to a digest now."""
    return [act for act, (states, rule) in ACTS.items() if digest.status in states and can(actor, rule, digest)]


def held(digest: Digest) -> Digest:
    """The digest as it is now, held until the end of the transaction, so that nobody changes it meanwhile."""
    query = select(Digest).where(Digest.id == digest.id).with_for_update().execution_options(populate_existing=True)
    found = db.session().scalar(query)
    if found is None:
        raise NotFound
    return found


def _ready(actor: Actor, digest: Digest, act: str) -> Digest:
    states, rule = ACTS[act]
    require(actor, rule, digest)
    now = held(digest)
    if now.status not in states:
        raise Conflict(_("That cannot be done now: the digest is %(state)s. Somebody may have acted meanwhile.", state=label(now.status)))
    require(actor, rule, now)
    return now


def label(status: str) -> str:
    """The name of a state."""
    names = {
        "compiling": _("being compiled"), "draft": _("a draft"), "review": _("in review"), "returned": _("returned with comments"),
        "signed": _("signed"), "transmitted": _("transmitted"), "withdrawn": _("withdrawn"), "superseded": _("superseded by a corrected edition"),
    }  # fmt: skip
    return names.get(status, status)


def submit(actor: Actor, digest: Digest, note: str = "") -> Digest:
    """Hand a draft over for review and signature.

    Raises:
        Refused: the actor is no rapporteur.
        Conflict: it is no draft (any more).
    """
    with db.transaction():
        now = _ready(actor, digest, "submit")
        now.status = "review"
        versions.record(now, "submitted", actor, _note(note))
    return now


def send_back(actor: Actor, digest: Digest, note: str) -> Digest:
    """Return it to its rapporteur, saying why.

    Raises:
        Refused: the actor is no rapporteur.
        Conflict: it is not in review.
        Invalid: nothing is said.
    """
    with db.transaction():
        now = _ready(actor, digest, "return")
        if not note.strip():
            raise Invalid.field("note", _("Say what is to be changed."))
        now.status = "returned"
        versions.record(now, "returned", actor, _note(note))
    return now


def sign(actor: Actor, digest: Digest, note: str = "") -> Digest:
    """Sign it: from here on it is never changed.

    Raises:
        Refused: the actor is no rapporteur, or the only one who worked on it.
        Conflict: it is not in review.
        Invalid: a sentence has no source, or rests on a post that may no longer be read.
    """
    with db.transaction():
        now = _ready(actor, digest, "sign")
        checking.refuse_unfit(now)
        now.status, now.signed_at, now.signed_by_id = "signed", clock.now(), actor.person_id
        sealing.seal(now)
        versions.record(now, "signed", actor, _note(note))
        if now.corrects is not None and now.corrects.status in {"signed", "transmitted"}:
            former = held(now.corrects)
            former.status = "superseded"
            versions.record(former, "superseded", actor, now.symbol)
    return now


def transmit(actor: Actor, digest: Digest, note: str = "") -> Digest:
    """Send a signed digest on its way.

    Raises:
        Refused: the actor is not of the secretariat.
        Conflict: it is not signed, or was transmitted already.
    """
    with db.transaction():
        now = _ready(actor, digest, "transmit")
        now.status, now.transmitted_at = "transmitted", clock.now()
        versions.record(now, "transmitted", actor, _note(note))
        sending.distribute(now)
    sending.send_soon.enqueue()
    return now


def withdraw(actor: Actor, digest: Digest, note: str) -> Digest:
    """Withdraw what was signed, saying why; it stays readable, marked as withdrawn.

    Raises:
        Refused: the actor is not of the secretariat.
        Conflict: it was not signed, or is withdrawn already.
        Invalid: no reason is given.
    """
    with db.transaction():
        now = _ready(actor, digest, "withdraw")
        if not note.strip():
            raise Invalid.field("note", _("Say why it is withdrawn: readers are told."))
        now.status = "withdrawn"
        versions.record(now, "withdrawn", actor, _note(note))
    return now


def correct(actor: Actor, digest: Digest) -> Digest:
    """A corrected edition of what was signed: a draft of its own that supersedes it when it is signed.

    Raises:
        Refused: the actor is no rapporteur.
        Conflict: the digest was not signed, or a corrected edition is in the making.
    """
    with db.transaction() as session:
        now = _ready(actor, digest, "correct")
        begun = session.scalar(select(Digest.symbol).where(Digest.corrects_id == now.id))
        if begun is not None:
            raise Conflict(_("A corrected edition exists already: %(symbol)s.", symbol=begun))
        made = _edition(now)
        made.compiled_at, made.compiled_by_id = clock.now(), actor.person_id
        session.add(made)
        versions.record(made, "compiled", actor, _("Corrected edition of %(symbol)s.", symbol=now.symbol))
    return made


def _edition(digest: Digest) -> Digest:
    first = digest.symbol.split("/Rev.", maxsplit=1)[0]
    kept = ("space_id", "period_start", "period_end", "begins_at", "ends_at", "audience", "language", "figures", "settings")
    return Digest(
        **{name: getattr(digest, name) for name in kept},
        symbol=f"{first}/Rev.{digest.edition}",
        edition=digest.edition + 1,
        corrects_id=digest.id,
        status="draft",
        version=1,
        gathered=[copy_of(point) for point in digest.gathered],
    )


def copy_of(point: KeyPoint) -> KeyPoint:
    """The same key point for another digest, with what it cites."""
    kept = ("position", "section", "space_id", "text", "language", "sentences", "support", "reasons", "used")
    return KeyPoint(**{name: getattr(point, name) for name in kept}, version=1, citations=[_cited(one) for one in point.citations])


def _cited(one: Citation) -> Citation:
    return Citation(
        **{column.key: getattr(one, column.key) for column in Citation.__table__.columns if column.key not in {"id", "point_id"}}
    )


def _note(note: str) -> str:
    if len(note) > MAX_NOTE:
        raise Invalid.field("note", _("At most %(most)s characters.", most=MAX_NOTE))
    return note.strip()
