"""Deciding about people: warn, silence, suspend, remove somebody who spams; each with its reason in the public log, and taken back again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from alliance import events
from alliance.accounts import standing
from alliance.accounts.models import Person
from alliance.core import clock, db, jobs, outbox
from alliance.core.errors import Conflict, Invalid, NotFound
from alliance.core.i18n import gettext as _
from alliance.moderation import acts, log, measures, reasons, removing
from alliance.moderation.measures import Measure
from alliance.policy import Actor, require

LONGEST = timedelta(days=366)
MAX_WORDS = 2000


@dataclass(frozen=True, slots=True)
class Why:
    """Why something is decided: a reason of the list, one for the public log, words for the person alone."""

    code: str = ""
    reason: str = ""
    words: str = ""


def decide(actor: Actor, person_id: int, kind: str, why: Why, until: datetime | None = None) -> Measure:
    """Decide something about a person.

    Args:
        actor: a moderator.
        person_id: about whom.
        kind: one of measures.KINDS.
        why: rule, reason, words.
        until: when it ends by itself (silence and suspension).

    Raises:
        Refused, Invalid, Conflict: nothing is changed.
    """
    if kind not in measures.KINDS:
        raise Invalid.field("kind", _("Choose what to do."))
    with db.transaction():
        person = _held(person_id)
        require(actor, "person.moderate", person)
        line = log.checked(why.reason, needed=not reasons.checked(why.code))
        words, end = _words(why.words), _end(until) if kind in measures.TIMED else None
        if measures.running(person.id, ("remove",)):
            raise Conflict(_("This person is removed already. Take that back first."))
        data = removing.hide_all(actor, person.id, why.code, line) if kind == "remove" else {}
        detail = acts.until(end) if end is not None else f"posts:{data['public']}" if kind == "remove" else ""
        entry = log.write(actor, kind, line, code=why.code, person_id=person.id, detail=detail)
        _replace(person.id, kind)
        made = Measure(
            person_id=person.id, kind=kind, entry_id=entry.id, moderator_id=actor.person_id, reason_code=why.code, reason=line, words=words,
            until=end, data=data, created_at=entry.created_at,
        )  # fmt: skip
        _STARTS[kind](person, end)
        return _told(made, "taken")


def _held(person_id: int) -> Person:
    """The person, nobody else deciding about them until the transaction ends."""
    person = db.session().get(Person, person_id, with_for_update=True, populate_existing=True)
    if person is None:
        raise NotFound
    return person


def _words(words: str) -> str:
    if len(words) > MAX_WORDS:
        raise Invalid.field("words", _("At most %(most)s characters.", most=MAX_WORDS))
    return words.strip()


def _end(until: datetime | None) -> datetime:
    now = clock.now()
    if until is None or not now < until <= now + LONGEST:
        raise Invalid.field("until", _("Give a moment in the future, at most a year from now."))
    return until


def _replace(person_id: int, kind: str) -> None:
    """A newer silence takes the place of one that runs; so does a suspension."""
    kinds = {"silence": ("silence",), "suspend": ("suspend",), "remove": ("suspend",)}.get(kind, ())
    for one in measures.running(person_id, kinds):
        one.ended_at, one.ended_how = clock.now(), "replaced"


def _told(one: Measure, how: str) -> Measure:
    session = db.session()
    session.add(one)
    session.flush()
    outbox.publish(events.PersonJudged(one.id, one.person_id, how))
    return one


_STARTS: dict[str, Callable[[Person, datetime | None], None]] = {
    "warn": lambda _person, _until: None,
    "silence": standing.silence,
    "suspend": standing.suspend,
    "remove": standing.suspend,
}


def may_take_back(one: Measure) -> bool:
    """Whether a decision can still be taken back: a removal, which brings posts back, for 24 hours; others as long as they hold."""
    return one.runs and (one.kind != "remove" or clock.now() - one.created_at <= measures.UNDO)


def take_back(actor: Actor, measure_id: int, reason: str, code: str = "") -> Measure:
    """Take back what was decided about a person; of a removal, exactly the posts it hid come back.

    Raises:
        NotFound, Refused, Invalid, Conflict: nothing is changed.
    """
    with db.transaction():
        one = measures.get(actor, measure_id)
        require(actor, "person.moderate", _held(one.person_id))
        db.session().refresh(one)
        line = log.checked(reason, needed=not reasons.checked(code))
        if not may_take_back(one):
            raise Conflict(_("This has ended, or cannot be taken back any more."))
        end(one, "taken_back")
        log.write(actor, "take_back", line, code=code, person_id=one.person_id)
        return one


def end(one: Measure, how: str) -> None:
    """Inside a transaction: a decision about a person holds no more, and the person is told."""
    person = _held(one.person_id)
    if one.kind == "silence":
        standing.silence(person, None)
    elif one.kind in {"suspend", "remove"}:
        standing.restore(person)
    if one.kind == "remove":
        removing.bring_back(person.id, one.data)
    one.ended_at, one.ended_how = clock.now(), how
    _told(one, "ended")


def resume(actor: Actor, one: Measure) -> None:
    """Inside a transaction: a granted appeal waits again, so the decision holds as before, as long as it would have; the person is told.

    Raises:
        Conflict: something else was decided about the person since.
    """
    if one.ended_how == "granted":
        person = _held(one.person_id)
        kinds = ("suspend", "remove") if one.kind in {"suspend", "remove"} else (one.kind,)
        if one.kind != "warn" and measures.running(person.id, kinds):
            raise Conflict(_("Something else was decided about this person since: it stays, and so does the answer to the appeal."))
        over = one.until is not None and one.until <= clock.now()
        one.ended_at, one.ended_how = (one.until, "over") if over else (None, "")
        if not over:
            _STARTS[one.kind](person, one.until)
        if one.kind == "remove":
            one.data = removing.hide_all(actor, person.id, one.reason_code, one.reason)
    _told(one, "reopened")


def note_seen(actor: Actor, one: Measure) -> None:
    """The person has opened the page that says it."""
    if one.seen_at is None and actor.person_id == one.person_id:
        with db.transaction():
            one.seen_at = clock.now()


@jobs.periodic("* * * * *")
def expire() -> None:
    """Take off what has ended by itself (it is without effect from the moment itself)."""
    now = clock.now()
    due = select(Measure.id).where(Measure.ended_at.is_(None), Measure.until <= now).order_by(Measure.until).limit(200)
    for measure_id in db.session().scalars(due).all():
        with db.transaction() as session:
            one = session.get_one(Measure, measure_id)
            standing.expire(_held(one.person_id))
            one.ended_at, one.ended_how = one.until, "over"
