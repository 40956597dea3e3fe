"""Once: a request repeated under the same key (double click, retry on a bad link) gets the first answer again.

The answer is stored in the same transaction as its effect, so not even `kill -9` between the two can make a second.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from flask import redirect, request
from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from alliance.core import clock, db, plain
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


class _Given(NamedTuple):
    """An answer given before, and to what."""

    fingerprint: str
    status: int
    body: str
    location: str | None


class _AnsweredBefore(Exception):
    """Meanwhile the request was answered under the same key."""

    def __init__(self, row: _Given) -> None:
        self.row = row


_TABLE: Any = GivenAnswer.__table__
_EARLIER = select(_TABLE.c.fingerprint, _TABLE.c.status, _TABLE.c.body, _TABLE.c.location).where(
    _TABLE.c.person_id == bindparam("person"), _TABLE.c.key == bindparam("name")
)
_NEW = insert(_TABLE)


def once(actor: Actor, key: str, fingerprint: str, produce: Callable[[], Answer]) -> Answer:
    """Run `produce`, unless it was already run under this key; return its (first) answer, stored in the same transaction.

    Args:
        actor: a person.
        key: at most 140 characters, unique per person and request.
        fingerprint: of the request; the same key with another one is a mistake of the client.
        produce: does it; its services join one transaction, which begins with the first of them.

    Raises:
        Invalid: the key was used for another request.
    """
    earlier = _find(actor, key) or _produced(actor, key, fingerprint, produce)
    if isinstance(earlier, Answer):
        return earlier
    if earlier.fingerprint != fingerprint:
        raise Invalid.field("Idempotency-Key", _("This key was already used for another request; use a new one."))
    return Answer(earlier.status, earlier.body, earlier.location)


def _produced(actor: Actor, key: str, fingerprint: str, produce: Callable[[], Answer]) -> Answer | _Given:
    """The answer, or the row of one that was given while this one was on its way."""

    def look() -> None:
        if (found := _find(actor, key)) is not None:
            raise _AnsweredBefore(found)

    try:
        with db.awaited_transaction(look):
            answer = produce()
            with db.transaction():
                plain.run(_NEW, _values(actor, key, fingerprint, answer))
            return answer
    except _AnsweredBefore as before:
        return before.row
    except IntegrityError:
        # Another process did it at the same moment; its commit is there to read now.
        found = _find(actor, key)
        if found is None:
            raise
        return found


def _find(actor: Actor, key: str) -> _Given | None:
    mine = {"person": actor.person_id, "name": key}
    if db.session().info.get("writing"):
        found = plain.run(_EARLIER, mine)
        return _Given(*found[0]) if found else None
    row = db.session().connection().execute(_EARLIER, mine).first()
    return _Given(*row) if row is not None else None


def _values(actor: Actor, key: str, fingerprint: str, answer: Answer) -> dict[str, Any]:
    return {
        "person_id": actor.person_id, "key": key, "fingerprint": fingerprint, "status": answer.status, "location": answer.location,
        "body": answer.body, "created_at": clock.now(),
    }  # fmt: skip


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
