"""Passkeys and security keys (WebAuthn): added, removed, and what they prove.

A passkey that has made sure of its person (finger, face, PIN) signs in by itself; any key is the second step after the password. What
a key signs is asked by the server, kept there, good once and for five minutes; where it was asked is the public address of the
settings, never what a request says.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import re
from collections.abc import Callable
from typing import Any

from sqlalchemy import func, select, update

from alliance import events
from alliance.accounts import challenges, history, passwords, queries, sign_ins, two_step
from alliance.accounts.challenges import Answer, b64, unb64
from alliance.accounts.models import Person, SecurityKey
from alliance.core import clock, db, outbox
from alliance.core.errors import Invalid, NotFound
from alliance.core.i18n import gettext as _
from alliance.core.text import clean_line, is_blank
from alliance.policy import Actor, visible

MOST = 20
MAX_NAME = 80
MAX_ANSWER = 20_000
_MAX_PUBLIC_KEY = 2_000
_CALLED = re.compile(r"[A-Za-z0-9_-]{1,1400}")
_TRANSPORTS = {"usb", "nfc", "ble", "smart-card", "internal", "cable", "hybrid"}


def of(actor: Actor) -> list[SecurityKey]:
    """One's own keys, the oldest first."""
    return list(db.session().scalars(select(SecurityKey).where(visible(actor, SecurityKey)).order_by(SecurityKey.id)))


def get(actor: Actor, key_id: int) -> SecurityKey:
    """One of one's own keys.

    Raises:
        NotFound: it is not one's own, or gone.
    """
    found = db.session().scalar(select(SecurityKey).where(SecurityKey.id == key_id, visible(actor, SecurityKey)))
    if found is None:
        raise NotFound
    return found


def has_any(person: Person) -> bool:
    """Whether a person has a key."""
    return db.session().scalar(select(SecurityKey.id).where(SecurityKey.person_id == person.id).limit(1)) is not None


# What a browser is asked to have a key do.


def ask_new(actor: Actor, person: Person, password: str) -> tuple[dict[str, Any], str]:
    """What the browser gives to a new key, and the challenge it is to sign.

    Raises:
        Invalid: at `password`, or there are enough keys.
        Conflict: keys cannot be used here.
    """
    here = challenges.here()
    passwords.confirm(actor, person, password)
    held = of(actor)
    _check_room(len(held))
    kinds = _kinds()
    wanted = kinds.AuthenticatorSelectionCriteria(
        resident_key=kinds.ResidentKeyRequirement.PREFERRED, user_verification=kinds.UserVerificationRequirement.PREFERRED
    )
    challenge = challenges.make(challenges.ADD, person.id)
    who = {"user_id": _owner(person.id), "user_name": person.email or person.handle, "user_display_name": person.name}
    asked = {"authenticator_selection": wanted, "exclude_credentials": _described(held), **who}
    return _options("generate_registration_options", here, challenge, rp_name=two_step.ISSUER, **asked), challenge


def ask_alone() -> tuple[dict[str, Any], str]:
    """What the browser asks any passkey of this place, and the challenge it is to sign.

    Raises:
        Conflict: keys cannot be used here.
    """
    here, challenge = challenges.here(), challenges.make(challenges.ALONE, None)
    return _options(
        "generate_authentication_options", here, challenge, user_verification=_kinds().UserVerificationRequirement.REQUIRED
    ), challenge


def ask_step(person: Person) -> tuple[dict[str, Any], str]:
    """What the browser asks the keys of a person whose password was right, and the challenge they are to sign.

    Raises:
        Conflict: keys cannot be used here.
    """
    here, challenge = challenges.here(), challenges.make(challenges.STEP, person.id)
    theirs = db.session().scalars(select(SecurityKey).where(SecurityKey.person_id == person.id, SecurityKey.suspect_at.is_(None)))
    asked = {"allow_credentials": _described(list(theirs)), "user_verification": _kinds().UserVerificationRequirement.PREFERRED}
    return _options("generate_authentication_options", here, challenge, **asked), challenge


def _options(make: str, here: challenges.Place, challenge: str, **more: Any) -> dict[str, Any]:
    library = importlib.import_module("webauthn")  # 4 MB that most processes never need
    made = getattr(library, make)(
        rp_id=here.name, challenge=unb64(challenge), timeout=int(challenges.GOOD_FOR.total_seconds() * 1000), **more
    )
    told: dict[str, Any] = json.loads(library.options_to_json(made))
    return told


def _kinds() -> Any:
    """What the library calls things."""
    return importlib.import_module("webauthn.helpers.structs")


def _described(held: list[SecurityKey]) -> list[Any]:
    kinds = _kinds()
    ways = kinds.AuthenticatorTransport
    return [
        kinds.PublicKeyCredentialDescriptor(id=unb64(one.credential_id), transports=[ways(way) for way in one.transports] or None)
        for one in held
    ]


def _owner(person_id: int) -> bytes:
    """What a key knows its person by: the same for all of theirs, and nothing that tells who they are."""
    return hashlib.sha256(f"alliance.owner.{person_id}".encode()).digest()


# What a key answered.


def add(actor: Actor, person: Person, password: str, name: str, answer: Answer, sign_in: str = "") -> list[str]:
    """Add a key; the recovery codes, told this once, when two-step sign-in begins with it (and every session but this one ends).

    Raises:
        Invalid: at `password` or `name`; the key did not answer as asked, or is somebody's already.
        Conflict: keys cannot be used here.
    """
    here = challenges.here()
    passwords.confirm(actor, person, password)
    if not answer.text:
        raise Invalid.field("", _("The browser sent no key. Adding one needs JavaScript, and a browser that knows passkeys."))
    called = clean_line(name)
    if is_blank(called) or len(called) > MAX_NAME:
        raise Invalid.field("name", _("A name has 1 to %(most)s characters.", most=MAX_NAME))
    expected = challenges.take(challenges.ADD, answer.challenge, person.id)
    made = _proven(lambda library: _new(library, here, answer.text, expected))
    if made is None or len(made["public_key"]) > _MAX_PUBLIC_KEY:
        raise Invalid.field("", _("The key did not answer as it was asked to. Try again, or take another."))
    with db.transaction() as session:
        session.refresh(person, with_for_update=True)
        _check_room(session.scalar(select(func.count()).where(SecurityKey.person_id == person.id)) or 0)
        row = {"person_id": person.id, "name": called, "created_at": clock.now(), **made}
        if session.scalar(db.insert_missing(SecurityKey).values(row).returning(SecurityKey.id)) is None:
            raise Invalid.field("", _("This key is known already."))
        _tell(person.id, "key_added")
        return two_step.start(person, sign_in)


def _check_room(number: int) -> None:
    if number >= MOST:
        raise Invalid.field("", _("You have %(most)s keys, which is the most: remove one first.", most=MOST))


def _new(library: Any, here: challenges.Place, answer: str, expected: bytes) -> dict[str, Any]:
    given = json.loads(answer)
    made = library.verify_registration_response(
        credential=given, expected_challenge=expected, expected_rp_id=here.name, expected_origin=here.origin
    )
    ways = given["response"].get("transports") or []
    return {
        "credential_id": b64(made.credential_id), "public_key": made.credential_public_key, "sign_count": made.sign_count,
        "transports": sorted(_TRANSPORTS & {way for way in ways if isinstance(way, str)}),
    }  # fmt: skip


def remove(actor: Actor, person: Person, password: str, key_id: int, sign_in: str = "") -> None:
    """Remove a key, and end every session but this one (whoever had the key may have begun it); with the last step two-step sign-in ends.

    Raises:
        Invalid: at `password`.
        NotFound: it is not one's own, or gone.
    """
    passwords.confirm(actor, person, password)
    with db.transaction() as session:
        session.delete(get(actor, key_id))
        session.flush()
        sign_ins.end_but(person.id, sign_in)
        _tell(person.id, "key_removed")
        two_step.stop_without_step(person)


def person_alone(answer: Answer) -> Person:
    """Whom a passkey signs in by itself, both steps at once: it has made sure of its person.

    Raises:
        Invalid: it is not known, did not answer as asked, or is blocked.
        Conflict: keys cannot be used here.
    """
    expected = challenges.take(challenges.ALONE, answer.challenge, None)
    key = _use(answer.text, expected, None)
    person = queries.by_id(key.person_id)
    if person is None or person.confirmed_at is None:
        raise _refused()
    with db.transaction():
        history.note(person.id, "passkey_used")
    return person


def check(person: Person, answer: Answer) -> None:
    """Take the second step with a key of this person.

    Raises:
        Invalid: it is not theirs, did not answer as asked, or is blocked.
        Conflict: keys cannot be used here.
    """
    _use(answer.text, challenges.take(challenges.STEP, answer.challenge, person.id), person)


def _use(answer: str, expected: bytes, person: Person | None) -> SecurityKey:
    """The key that answered: of this person, or (None) by itself, whoever it is of."""
    here = challenges.here()
    given = _proven(lambda _library: json.loads(answer))
    key = _known(given["id"]) if isinstance(given, dict) and isinstance(given.get("id"), str) else None
    if key is None or key.suspect_at is not None or (person is not None and key.person_id != person.id):
        raise _refused()
    count = _proven(lambda library: _counted(library, here, given, expected, key, alone=person is None))
    if count is None:
        with db.transaction():
            history.note(key.person_id, "key_failed")
        raise _refused()
    if not _note_use(key, count):
        raise _refused()
    return key


def _known(credential_id: str) -> SecurityKey | None:
    if not _CALLED.fullmatch(credential_id):  # what no key calls itself, no database need be asked for
        return None
    return db.session().scalar(select(SecurityKey).where(SecurityKey.credential_id == credential_id))


def _counted(library: Any, here: challenges.Place, given: Any, expected: bytes, key: SecurityKey, *, alone: bool) -> int:
    """How often the key says it has answered, when the answer is its own."""
    whose = given["response"].get("userHandle")
    if (alone or whose) and unb64(str(whose)) != _owner(key.person_id):
        raise ValueError("of somebody else")
    seen = library.verify_authentication_response(
        credential=given, expected_challenge=expected, expected_rp_id=here.name, expected_origin=here.origin,
        credential_public_key=key.public_key, credential_current_sign_count=0, require_user_verification=alone,
    )  # fmt: skip
    return int(seen.new_sign_count)


def _note_use(key: SecurityKey, count: int) -> bool:
    """Note that a key was used. False, and it is blocked, when it has counted back: then there are two of it."""
    further = SecurityKey.sign_count < count if count else SecurityKey.sign_count == 0  # many count nothing
    now, this = clock.now(), update(SecurityKey).where(SecurityKey.id == key.id, SecurityKey.suspect_at.is_(None))
    with db.transaction() as session:
        used = session.execute(this.where(further).values(sign_count=count, last_used_at=now))
        if used.rowcount:  # type: ignore[attr-defined]
            return True
        if session.execute(this.values(suspect_at=now)).rowcount:  # type: ignore[attr-defined]
            _tell(key.person_id, "key_copied")
    return False


def _proven(judge: Callable[[Any], Any]) -> Any:
    """What is made of an answer; None when it is not as it must be: it comes from outside, and the library raises whatever it stumbles on."""
    try:
        return judge(importlib.import_module("webauthn"))
    except Exception:
        return None


def _refused() -> Invalid:
    return Invalid.field("", _("This key was not accepted. Try again, or sign in another way."))


def _tell(person_id: int, kind: str) -> None:
    history.note(person_id, kind)
    outbox.publish(events.AccountAltered(person_id, "key"))
