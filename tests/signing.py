"""Signing in for tests that are about something else: the session as signing in leaves it, without a password."""

from __future__ import annotations

from flask.testing import FlaskClient

from alliance.accounts import sign_ins
from alliance.policy import Actor
from tests.people import People


def signed_in(client: FlaskClient, actor: Actor) -> FlaskClient:
    """The client, from now on the browser of that person."""
    person = People.of(actor)
    key = sign_ins.begin(person)
    identity = f"{person.id}.{person.epoch}.{key}"
    with client.session_transaction() as session:
        session["_user_id"] = identity
        session["_fresh"] = True
    return client
