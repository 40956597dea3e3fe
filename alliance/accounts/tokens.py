"""API tokens: made, ended, and noted when used (the services of this room pass them on)."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, update

from alliance import events
from alliance.accounts import history, queries
from alliance.accounts.models import ApiToken, Person
from alliance.core import clock, db, jobs, outbox
from alliance.core.errors import Invalid, NotFound
from alliance.core.i18n import gettext as _
from alliance.core.text import clean_line
from alliance.core.tokens import digest_of, random_secret
from alliance.policy import Actor
from alliance.policy.actor import SCOPES

TOKEN_USE_NOTED = timedelta(hours=1)
MAX_DAYS = 3650


def create_token(person: Person, scope: str, name: str = "", days: int | None = None) -> str:
    """A new API token of a person; its secret is returned here and never again.

    Args:
        person: whose.
        scope: what it may do at most.
        name: what it is for.
        days: it works for so long; None: until it is ended.

    Raises:
        Invalid: at `scope` or `days`.
    """
    if scope not in SCOPES:
        raise Invalid.field("scope", _("A scope is one of %(scopes)s.", scopes=", ".join(SCOPES)))
    if days is not None and not 0 < days <= MAX_DAYS:
        raise Invalid.field("days", _("A token works for 1 to %(most)s days, or until it is ended.", most=MAX_DAYS))
    secret, now = f"alliance_{random_secret()}", clock.now()
    with db.transaction() as session:
        row = ApiToken(person_id=person.id, token_hash=digest_of(secret), scope=scope, name=clean_line(name)[:80], created_at=now)
        row.expires_at = now + timedelta(days=days) if days is not None else None
        session.add(row)
        history.note(person.id, "token_made")
        outbox.publish(events.AccountAltered(person.id, "token"))
    return secret


def revoke_token(actor: Actor, token_id: int) -> None:
    """End one of one's own tokens.

    Raises:
        NotFound: it is not one's own.
    """
    with db.transaction():
        token = next((t for t in queries.tokens(actor) if t.id == token_id), None)
        if token is None:
            raise NotFound
        token.revoked_at = clock.now()
        history.note(token.person_id, "token_revoked")
        outbox.publish(events.TokenRevoked(token.person_id))


def end_tokens(person: Person) -> None:
    """Inside a transaction: end every API token of a person."""
    live = update(ApiToken).where(ApiToken.person_id == person.id, ApiToken.revoked_at.is_(None))
    db.session().execute(live.values(revoked_at=clock.now()))
    outbox.publish(events.TokenRevoked(person.id))


@jobs.periodic("*/5 * * * *")
def end_expired() -> None:
    """Note that the time of tokens is over, so that the sockets opened with them end as well (requests are refused at once)."""
    over = (ApiToken.revoked_at.is_(None)) & (ApiToken.expires_at <= clock.now())
    if db.session().scalar(select(ApiToken.id).where(over).limit(1)) is None:
        return
    with db.transaction() as session:
        ended = update(ApiToken).where(over).values(revoked_at=ApiToken.expires_at).returning(ApiToken.person_id)
        for person_id in sorted(set(session.scalars(ended))):
            history.note(person_id, "token_expired")
            outbox.publish(events.TokenRevoked(person_id))


def note_use(token: ApiToken) -> None:
    """Note that a token was used, at most once an hour (reading must not write every time)."""
    if token.last_used_at is None or clock.now() - token.last_used_at > TOKEN_USE_NOTED:
        with db.transaction():
            token.last_used_at = clock.now()
