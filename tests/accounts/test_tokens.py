"""API tokens: for how long they work."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from alliance.accounts import passwords, queries, tokens
from alliance.core import clock, outbox
from alliance.core.errors import Invalid
from tests.people import PASSWORD, People


def test_a_token_ends_when_its_time_is_over(client: FlaskClient, people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    person = people.person()
    person_id = person.id
    secret, lasting = (tokens.create_token(person, "read", days=days) for days in (30, None))
    assert [me(client, one) for one in (secret, lasting)] == [200, 200]
    later = clock.now() + timedelta(days=31)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert [me(client, one) for one in (secret, lasting)] == [401, 200]
    ended = outbox.head()
    tokens.end_expired()
    assert [type(one.event).__name__ for one in outbox.read(ended, 5)] == ["TokenRevoked"], "the sockets opened with it hear of it"
    tokens.end_expired()
    assert outbox.head() == ended + 1, "once"
    left = queries.tokens(People.actor(queries.by_id(person_id)))
    assert [token.expires_at for token in left] == [None]


@pytest.mark.parametrize("days", [0, -1, 3651])
def test_a_time_that_is_none_is_refused(people: People, days: int) -> None:
    with pytest.raises(Invalid) as refused:
        tokens.create_token(people.person(), "read", days=days)
    assert list(refused.value.errors) == ["days"]


def me(client: FlaskClient, secret: str) -> int:
    """The status of asking who one is by token."""
    return client.get("/api/v1/me", headers={"Authorization": f"Bearer {secret}"}).status_code


def test_until_when_a_token_works_is_said_in_full(client: FlaskClient, people: People) -> None:
    people.person(email="amina@example.org", password_hash=passwords.make(PASSWORD))
    client.post("/sign-in", data={"email": "amina@example.org", "password": PASSWORD})
    with clock.freeze(datetime(2026, 3, 1, 12, tzinfo=UTC)):
        page = client.post("/settings/tokens", data={"scope": "moderate", "days": "90", "password": PASSWORD}).text
    assert '<time datetime="2026-05-30T12:00+00:00" data-full data-zoned>' in page, "the script makes no “this month” of it"
    assert "Read, write and moderate" in page
