"""Once: a request repeated under the same key (double click, retry on a bad link) gets the first answer again.

The answer is stored in the same transaction as its effect, so not even `kill -9` between the two can make a second.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from flask import redirect, request
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from alliance.core import clock, db
from alliance.core.errors import Invalid
from alliance.core.i18n import gettext as _
from alliance.policy import Actor
from alliance.web.models import GivenAnswer


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered: status, JSON text, and where the new thing is."""

    status: int
    body: str = ""
    location: str | None = None


def once(actor: Actor, key: str, fingerprint: str, produce: Callable[[], Answer]) -> Answer:
    """Run `produce` in one transaction, unless it was already run under this key; return its (first) answer.

    Args:
        actor: a person.
        key: at most 140 characters, unique per person and request.
        fingerprint: of the request; the same key with another one is a mistake of the client.
        produce: does it; its services join the transaction.

    Raises:
        Invalid: the key was used for another request.
    """
    earlier = _find(actor, key)
    if earlier is None:
        try:
            with db.transaction() as session:
                earlier = _find(actor, key)
                if earlier is None:
                    answer = produce()
                    session.add(_row(actor, key, fingerprint, answer))
                    return answer
        except IntegrityError:
            # Another process did it at the same moment; its commit is there to read now.
            earlier = _find(actor, key)
            if earlier is None:
                raise
    if earlier.fingerprint != fingerprint:
        raise Invalid.field("Idempotency-Key", _("This key was already used for another request; use a new one."))
    return Answer(earlier.status, earlier.body, earlier.location)


def _find(actor: Actor, key: str) -> GivenAnswer | None:
    return db.session().scalar(select(GivenAnswer).where(GivenAnswer.person_id == actor.person_id, GivenAnswer.key == key))


def _row(actor: Actor, key: str, fingerprint: str, answer: Answer) -> GivenAnswer:
    return GivenAnswer(
        person_id=actor.person_id,
        key=key,
        fingerprint=fingerprint,
        status=answer.status,
        location=answer.location,
        body=answer.body,
        created_at=clock.now(),
    )


def fingerprint() -> str:
    """A hash of what the present request asks for."""
    return hashlib.sha256(b"\0".join((request.method.encode(), request.path.encode(), request.get_data(cache=True)))).hexdigest()


def redirect_once(actor: Actor, nonce: str | None, act: Callable[[], str]) -> Response:
    """Answer a form: do it once per nonce and go (303) to the address `act` returned, then and every time again.

    The form's text is no part of what is compared: sent again from the back button with a changed text, the first
    sending stands, and one sees it.
    """
    if not nonce or actor.person_id is None:
        return redirect(act(), 303)
    answer = once(actor, f"form:{nonce[:100]}", request.path[:64], lambda: Answer(303, location=act()))
    return redirect(answer.location or "/", 303)


def was_used(actor: Actor, nonce: str) -> bool:
    """Whether a form with this nonce was taken before."""
    return _find(actor, f"form:{nonce[:100]}") is not None


def forget_before(moment: object) -> int:
    """Forget answers given before a moment (a day's job); returns how many."""
    with db.transaction() as session:
        gone = session.execute(delete(GivenAnswer).where(GivenAnswer.created_at < moment))
    return int(gone.rowcount)  # type: ignore[attr-defined]
