"""Passwords: Argon2id, and what is asked of a new one (length, not composition)."""

from __future__ import annotations

import importlib

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from alliance.accounts.models import Person
from alliance.core.errors import Invalid
from alliance.core.i18n import gettext as _
from alliance.policy import Actor, require
from alliance.web import limits

MIN_LENGTH = 10
MAX_LENGTH = 200
MIN_SCORE = 2  # of zxcvbn, 0 to 4: more than a million guesses, none of them among the common passwords
ASKED = "30/hour"  # how often somebody signed in is asked for theirs, at all doors together
_JUDGED = 72  # characters; more make it no weaker
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)  # OWASP's second recommended setting
_NOBODY = _hasher.hash("the password of nobody")


def make(password: str) -> str:
    """The hash to keep of a password."""
    return _hasher.hash(password)


def fits(password: str, stored: str | None) -> bool:
    """Whether this is the password; takes as long when there is none, so that time tells nothing."""
    try:
        return _hasher.verify(stored or _NOBODY, password) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


def confirm(actor: Actor, person: Person, given: str, field: str = "password") -> None:
    """What only the one who knows the password may do, though signed in: turn two-step sign-in on or off, make tokens.

    Whoever has a session and not the password may guess it no faster by going through many doors.

    Raises:
        Refused: it is somebody else's account.
        Invalid: at `field`.
        TooMany: it was asked for too often.
    """
    require(actor, "account.change", person)
    if person.password_hash is None:
        raise Invalid.field(
            field, _("You have no password yet: have a link to choose one sent to you, under “I have forgotten my password”.")
        )
    limits.check("present-password", str(person.id), ASKED)
    if not fits(given, person.password_hash):
        raise Invalid.field(field, _("This is not your present password."))


def outdated(stored: str) -> bool:
    """Whether the hash was made with weaker parameters than today's."""
    return _hasher.check_needs_rehash(stored)


def check_new(password: str, email: str, name: str) -> None:
    """Refuse what is guessed first.

    Raises:
        Invalid: at `password`.
    """
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        message = _(
            "A password has %(least)s to %(most)s characters; several words are easiest to remember.", least=MIN_LENGTH, most=MAX_LENGTH
        )
        raise Invalid.field("password", message)
    plain = password.casefold()
    if plain in {email.casefold(), name.casefold()} or len(set(plain)) < 5 or _score(password, email, name) < MIN_SCORE:
        raise Invalid.field("password", _("This password is too easy to guess; take several words that only you would put together."))


def _score(password: str, email: str, name: str) -> int:
    """How hard a password is to guess, for one who knows the commonest ones and whom it belongs to."""
    zxcvbn = importlib.import_module("zxcvbn").zxcvbn  # its word lists take 14 MB, which most processes never need
    known = [email, *email.split("@"), name, *name.split(), "alliance"]
    return int(zxcvbn(password[:_JUDGED], user_inputs=[word for word in known if word])["score"])
