"""Who makes a request: the cookie of a signed-in person (Flask-Login), or a bearer token."""

from __future__ import annotations

from typing import Any

from flask import Flask, g, request
from flask_login import LoginManager, current_user, login_user, logout_user

from alliance.accounts import queries, services, sign_ins
from alliance.accounts.models import Person
from alliance.policy import Actor
from alliance.web import actors

manager = LoginManager()


class SignedIn:
    """What Flask-Login keeps: the person, the epoch that ends every session when it moves on, and the sign-in that ends alone."""

    is_authenticated = is_active = True
    is_anonymous = False

    def __init__(self, person: Person, key: str) -> None:
        self.person, self.key = person, key

    def get_id(self) -> str:
        """What the cookie says."""
        return f"{self.person.id}.{self.person.epoch}.{self.key}"


@manager.user_loader  # type: ignore[untyped-decorator]
def _load(identity: str) -> SignedIn | None:
    person_id, epoch, key = (*identity.split(".", 2), "", "")[:3]
    person = queries.signed_in(int(person_id), key) if person_id.isdigit() else None
    if person is None or str(person.epoch) != epoch or person.confirmed_at is None:
        return None
    return SignedIn(person, key)


def actor_of(person: Person, via: str, scope: str | None = None) -> Actor:
    """The actor a person is."""
    return Actor(
        "person",
        person.id,
        role=person.role,
        confirmed=person.confirmed_at is not None,
        suspended=person.suspended_at is not None,
        scope=scope,
        via=via,
    )


def actor_of_token(secret: str, via: str = "api") -> Actor | None:
    """The actor behind an API token, None when it is not a live one."""
    return _of_token(secret, via)[0]


def _of_token(secret: str, via: str) -> tuple[Actor | None, Person | None]:
    token = queries.live_token(secret)
    if token is None:
        return None, None
    services.note_use(token)
    return actor_of(token.person, via, token.scope), token.person


@actors.install
def load() -> tuple[Actor, Any]:
    """Who makes the present request. A wrong token is a guest whose writing is refused with 401."""
    header = request.headers.get("Authorization", "")
    if request.path.startswith("/api/") and header[:7].lower() == "bearer ":
        actor, person = _of_token(header[7:].strip(), "api")
        g.bad_token = actor is None
        return actor or Actor.guest("api"), person
    if not request.path.startswith(("/static/", "/healthz", "/readyz")) and current_user.is_authenticated:
        return actor_of(current_user.person, "api" if request.path.startswith("/api/") else "page"), current_user.person
    return Actor.guest(), None


def sign_in(person: Person, remember: bool) -> None:
    """Begin a session."""
    login_user(SignedIn(person, sign_ins.begin(person)), remember=remember)
    g.actor, g.me = actor_of(person, "page"), person


def sign_out() -> None:
    """End the session: its cookies (copies of them too), and what was opened with it elsewhere (sockets)."""
    if current_user.is_authenticated:
        sign_ins.end(current_user.person, current_user.key)
    logout_user()


def install(app: Flask) -> None:
    """Have Flask-Login keep the sessions of an app."""
    manager.session_protection = None
    manager.init_app(app)
