"""Who makes a request: the cookie of a signed-in person (Flask-Login), or a bearer token."""

from __future__ import annotations

from typing import Any

from flask import Flask, g, request
from flask import session as browser
from flask_login import LoginManager, current_user, login_user, logout_user

from alliance.accounts import queries, services, sign_ins, two_step
from alliance.accounts.models import ApiToken, Person
from alliance.core import ids, settings
from alliance.core.errors import NotFound
from alliance.policy import Actor
from alliance.web import actors
from alliance.web.actors import Face

manager = LoginManager()
PENDING = "second-step"  # in the browser's own session: the first step of signing in is done
CHALLENGE = "challenge"  # there, too: what its keys were asked last
AWAY, NEW = "oidc", "oidc-new"  # there, too: on the way to an issuer, and back without an account here


class SignedIn:
    """What Flask-Login keeps: whose it is, the epoch that ends every session when it moves on, and the sign-in that ends alone."""

    is_authenticated = is_active = True
    is_anonymous = False

    def __init__(self, face: Face, key: str) -> None:
        self.face, self.key = face, key

    @property
    def person(self) -> Person | None:
        """The person, read whole."""
        return queries.by_id(self.face.id)

    def get_id(self) -> str:
        """What the cookie says."""
        return f"{self.face.id}.{self.face.epoch}.{self.key}"


@manager.user_loader  # type: ignore[untyped-decorator]
def _load(identity: str) -> SignedIn | None:
    person_id, epoch, key = (*identity.split(".", 2), "", "")[:3]
    number = ids.given(person_id)
    face = queries.signed_in(number, key) if number is not None else None
    if face is None or str(face.epoch) != epoch or not face.confirmed:
        return None
    sign_ins.note_use(key)
    return SignedIn(face, key)


def actor_of(person: Person | Face, via: str, scope: str | None = None) -> Actor:
    """The actor a person is."""
    face = person if isinstance(person, Face) else queries.face_of(person)
    role = "participant" if via != "cli" and lacks_second_step(face) else face.role  # whoever runs the machine may do all anyhow
    return Actor("person", face.id, role, face.confirmed, face.suspended, scope, via, face.silenced)


def actor_of_token(secret: str, via: str = "api") -> Actor | None:
    """The actor behind an API token, None when it is not a live one."""
    token = live_token(secret)
    return actor_of(token.person, via, token.scope) if token is not None else None


def live_token(secret: str) -> ApiToken | None:
    """The API token with this secret, whose use is noted; None when it is not a live one."""
    token = queries.live_token(secret)
    if token is not None:
        services.note_use(token)
    return token


@actors.install
def load() -> tuple[Actor, Any]:
    """Who makes the present request. A wrong token is a guest whose writing is refused with 401."""
    header = request.headers.get("Authorization", "")
    if request.path.startswith("/api/") and header[:7].lower() == "bearer ":
        token = live_token(header[7:].strip())
        g.bad_token = token is None
        return (actor_of(token.person, "api", token.scope), queries.face_of(token.person)) if token else (Actor.guest("api"), None)
    if not request.path.startswith(("/static/", "/healthz", "/readyz", "/metrics")) and current_user.is_authenticated:
        return actor_of(current_user.face, "api" if request.path.startswith("/api/") else "page"), current_user.face
    return Actor.guest(), None


def me() -> Person:
    """The person signed in, read whole (on pages for people signed in)."""
    person = queries.by_id(actors.current_actor().person_id)
    if person is None:
        raise NotFound
    return person


def standing() -> dict[str, str]:
    """In which role the person acts: not in one that waits for the second step."""
    return {"role": actors.current_actor().role}


def key() -> str:
    """Which of their sign-ins the present request uses ("" for a guest)."""
    return str(current_user.key) if current_user.is_authenticated else ""


def sign_in(person: Person, remember: bool) -> None:
    """Begin a session; what somebody else began in this browser is not gone on with."""
    _forget_begun()
    key = sign_ins.begin(person)
    face = queries.face_of(person)
    login_user(SignedIn(face, key), remember=remember)
    g.actor, g.me = actor_of(face, "page"), face


def let_in(person: Person, remember: bool, target: str = "/") -> str:
    """After the right password: sign in, or ask for the second step first. Where the browser goes now."""
    target = _first(person, target)
    if person.two_step_at is not None:
        browser[PENDING] = {"token": two_step.pending(person, remember), "next": target}
        return "/sign-in/code"
    sign_in(person, remember)
    if lacks_second_step(queries.face_of(person)):
        return "/settings/two-step"
    return target


def let_in_with_key(person: Person, remember: bool, target: str = "/") -> str:
    """After a passkey, which is both steps: sign in. Where the browser goes now."""
    sign_in(person, remember)
    return _first(person, target)


def _first(person: Person, target: str) -> str:
    """Where somebody goes: one whose account is to be closed, to where it can be kept."""
    return "/settings/data" if person.closing_at is not None else target


def lacks_second_step(face: Face) -> bool:
    """Whether the rights of a role wait until the person signs in with two steps (`ALLIANCE_TWO_STEP_REQUIRED`)."""
    return settings.current().two_step_required and face.role != "participant" and not face.two_step


def sign_out() -> None:
    """End the session: its cookies (copies of them too), and what was opened with it elsewhere (sockets)."""
    if current_user.is_authenticated:
        sign_ins.end(current_user.face.id, current_user.key)
    logout_user()
    _forget_begun()


def _forget_begun() -> None:
    for begun in (PENDING, CHALLENGE, AWAY, NEW):
        browser.pop(begun, None)


def install(app: Flask) -> None:
    """Have Flask-Login keep the sessions of an app."""
    manager.session_protection = None
    manager.init_app(app)
