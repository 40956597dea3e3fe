"""Consensus calls: a text put to the members, their answers, and a result that stays as it is."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from alliance import events
from alliance.accounts.models import Person
from alliance.core import clock, db, jobs, outbox, text
from alliance.core.errors import Conflict, Invalid
from alliance.core.i18n import gettext as _
from alliance.discussions import counters, linking
from alliance.discussions.checks import check_body, spoken_language
from alliance.discussions.models import Discussion
from alliance.policy import Actor, require
from alliance.proceedings import queries
from alliance.proceedings.models import ANSWERS, ConsensusAnswer, ConsensusCall

MAX_TEXT = 20_000
MAX_REASON = 2000
SHORTEST, LONGEST = timedelta(hours=1), timedelta(days=90)


def call(actor: Actor, discussion: Discussion, body: str, closes_at: datetime) -> ConsensusCall:
    """Put a text to the members of a group, until a moment.

    Raises:
        Refused, Invalid: nothing is written.
    """
    check_body(body)
    if len(body) > MAX_TEXT:
        raise Invalid.field("body", _("At most %(most)s characters.", most=MAX_TEXT))
    if not SHORTEST <= closes_at - clock.now() <= LONGEST:
        raise Invalid.field("closes_at", _("A consensus call lasts from one hour to ninety days."))
    with db.transaction() as session:
        held = counters.hold(session, discussion.id)
        require(actor, "consensus.call", held)
        made = ConsensusCall(
            discussion_id=held.id, space_id=held.space_id, text=body, html=linking.rendered(body).html, language=spoken_language(None, body),
            called_by_id=actor.person_id, created_at=clock.now(), closes_at=closes_at, result={},
        )  # fmt: skip
        session.add(made)
        session.flush()
        counters.renew(held)
    return made


def answer(actor: Actor, call_id: int, given: str, reason: str = "") -> None:
    """Answer a call; the answer can be changed until it ends. An objection needs a reason.

    Raises:
        Refused, Invalid, NotFound: nothing is changed.
        Conflict: the call has ended.
    """
    words = text.storable(reason.strip())
    if given not in ANSWERS:
        raise Invalid.field("answer", _("Choose an answer."))
    if given == "object" and text.is_blank(words):
        raise Invalid.field("reason", _("Say why you object: the reason is kept with the text."))
    if len(words) > MAX_REASON:
        raise Invalid.field("reason", _("At most %(most)s characters.", most=MAX_REASON))
    with db.transaction() as session:
        found = queries.get_call(actor, call_id, fresh=True)
        counters.hold(session, found.discussion_id)
        if not found.is_open:
            raise Conflict(_("This call has ended; its result stays as it is."))
        require(actor, "consensus.answer", found)
        mine = queries.own_answer(call_id, actor.person_id) or ConsensusAnswer(call_id=call_id, person_id=actor.person_id)
        mine.answer, mine.reason, mine.answered_at = given, words if given == "object" else "", clock.now()
        mine.stakeholder_type = session.get_one(Person, actor.person_id).stakeholder_type
        session.add(mine)


def take_away(person_id: int) -> list[dict[str, Any]]:
    """Inside a transaction: no answer of a person to a call that is open counts any more; what has to be known to give them back."""
    session = db.session()
    mine = select(ConsensusAnswer).join(ConsensusCall, ConsensusCall.id == ConsensusAnswer.call_id)
    mine = mine.where(ConsensusAnswer.person_id == person_id, ConsensusCall.closed_at.is_(None))
    known = []
    for given in session.scalars(mine.order_by(ConsensusCall.discussion_id, ConsensusAnswer.id)).all():
        held = counters.hold_where_it_is(session, given.call.discussion_id)
        known.append(
            {
                "call_id": given.call_id,
                "answer": given.answer,
                "reason": given.reason,
                "type": given.stakeholder_type,
                "at": given.answered_at.isoformat(),
            }
        )
        session.delete(given)
        counters.renew(held)
    session.flush()
    return known


def give_back(person_id: int, known: Iterable[dict[str, Any]]) -> None:
    """Inside a transaction: the answers `take_away` took count again where the call is still open; a result stays as it was written."""
    session = db.session()
    for one in known:
        found = session.get(ConsensusCall, one["call_id"])
        if found is None or not found.is_open or queries.own_answer(found.id, person_id) is not None:
            continue
        counters.renew(counters.hold_where_it_is(session, found.discussion_id))
        given = ConsensusAnswer(
            call_id=found.id, person_id=person_id, answer=one["answer"], reason=one["reason"], stakeholder_type=one["type"]
        )
        given.answered_at = datetime.fromisoformat(one["at"])
        session.add(given)


@jobs.periodic("* * * * *")
def close_due() -> None:
    """Write the result of calls that have ended, each once."""
    for call_id in queries.due(clock.now()):
        with db.transaction() as session:
            found = session.get_one(ConsensusCall, call_id, populate_existing=True)
            held = counters.hold_where_it_is(session, found.discussion_id)
            if found.closed_at is None:
                found.result, found.closed_at = queries.count(found), clock.now()
                counters.renew(held)
                outbox.publish(events.ConsensusClosed(found.id, found.discussion_id, found.space_id))
