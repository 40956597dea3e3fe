"""Two-step sign-in: after the password a code of an authenticator app (TOTP, RFC 6238) or a key (`keys.py`), or a recovery code when they are lost."""

from __future__ import annotations

import importlib
import secrets

import pyotp
from markupsafe import Markup
from sqlalchemy import delete, func, select, update

from alliance import events
from alliance.accounts import history, passwords, queries, sign_ins
from alliance.accounts.models import Authenticator, Person, RecoveryCode, SecurityKey
from alliance.core import clock, db, outbox
from alliance.core.errors import Invalid, NotFound
from alliance.core.i18n import gettext as _
from alliance.core.tokens import digest_of, opened, sign
from alliance.policy import Actor, require

ISSUER = "Alliance"
STEP_SECONDS = 30
RECOVERY_CODES = 10
# Letters and digits that are not read for one another; 16 of them are 79 bits, so that a plain digest keeps them.
_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
_CODE_LENGTH = 16
PENDING_SECONDS = 600


def begin(actor: Actor, person: Person, password: str) -> None:
    """Make the secret an app is to be given; nothing is asked for until a code of it was entered.

    Raises:
        Invalid: at `password`.
    """
    passwords.confirm(actor, person, password)
    with db.transaction() as session:
        session.execute(delete(Authenticator).where(Authenticator.person_id == person.id, Authenticator.confirmed_at.is_(None)))
        if not has_app(person):
            session.add(Authenticator(person_id=person.id, secret=pyotp.random_base32(), created_at=clock.now()))


def waiting(person: Person) -> Authenticator | None:
    """The secret whose first code has not been entered yet."""
    query = select(Authenticator).where(Authenticator.person_id == person.id, Authenticator.confirmed_at.is_(None))
    return db.session().scalar(query)


def has_app(person: Person) -> bool:
    """Whether an app is set up."""
    query = select(Authenticator.id).where(Authenticator.person_id == person.id, Authenticator.confirmed_at.is_not(None))
    return db.session().scalar(query) is not None


def address_of(person: Person, held: Authenticator) -> str:
    """The otpauth: address an app takes the secret from."""
    return pyotp.TOTP(held.secret, interval=STEP_SECONDS).provisioning_uri(name=person.email or person.handle, issuer_name=ISSUER)


def picture_of(address: str) -> Markup:
    """A QR code as SVG, dark on light whatever the theme (cameras want it so)."""
    segno = importlib.import_module("segno")  # 9 MB that most processes never need
    drawn = segno.make(address, micro=False).svg_inline(scale=4, border=4, light="#fff", svgclass="qr", lineclass=None)
    return Markup(drawn)  # noqa: S704 - drawn by the library, of squares alone


def turn_on(actor: Actor, person: Person, code: str, key: str = "") -> list[str]:
    """Ask for codes from now on, once the app has shown that it knows the secret; what `start` tells.

    Raises:
        Invalid: at `code`.
    """
    require(actor, "account.change", person)
    with db.transaction():
        held = waiting(person)
        if held is None or not _take_step(held, code):
            raise Invalid.field(
                "code", _("This code is not right. Codes change every half minute; see that the clock of your device is right.")
            )
        held.confirmed_at = clock.now()
        if codes := start(person, key):
            return codes
        _tell(person, "app_added")
        return []


def start(person: Person, key: str) -> list[str]:
    """Inside a transaction: two steps from now on. The recovery codes, told this once; none when it was on before.

    Every session ends but the one of this `key`: whoever else was signed in did so by the password alone.
    """
    if person.two_step_at is not None:
        return []
    person.two_step_at = clock.now()
    _tell(person, "two_step_on")
    sign_ins.end_but(person.id, key)
    return _new_codes(person)


def remove_app(actor: Actor, person: Person, password: str) -> None:
    """Forget the app; when there is no key either, two-step sign-in is off.

    Raises:
        Invalid: at `password`.
    """
    passwords.confirm(actor, person, password)
    with db.transaction() as session:
        if not has_app(person):
            raise NotFound
        session.execute(delete(Authenticator).where(Authenticator.person_id == person.id))
        _tell(person, "app_removed")
        stop_without_step(person)


def stop_without_step(person: Person) -> None:
    """Inside a transaction: with the last app and the last key two-step sign-in goes."""
    key = select(SecurityKey.id).where(SecurityKey.person_id == person.id).limit(1)
    if person.two_step_at is not None and not has_app(person) and db.session().scalar(key) is None:
        forget(person)


def renew_codes(actor: Actor, person: Person, password: str) -> list[str]:
    """New recovery codes; those from before no longer work.

    Raises:
        Invalid: at `password`.
    """
    passwords.confirm(actor, person, password)
    with db.transaction():
        if person.two_step_at is None:
            raise NotFound
        _tell(person, "codes_made")
        return _new_codes(person)


def turn_off(actor: Actor, person: Person, password: str, key: str = "") -> None:
    """Ask for the password alone again; app, keys and recovery codes are forgotten, and every session but the one of this `key` ends.

    Raises:
        Invalid: at `password`.
    """
    passwords.confirm(actor, person, password)
    with db.transaction():
        forget(person)
        sign_ins.end_but(person.id, key)  # a passkey may have begun them by itself


def forget(person: Person) -> None:
    """Inside a transaction: no second step any more (the person's own act, or the command line's for one who lost it all)."""
    person.two_step_at = None
    for model in (Authenticator, RecoveryCode, SecurityKey):
        db.session().execute(delete(model).where(model.person_id == person.id))
    _tell(person, "two_step_off")


def left(person: Person) -> int:
    """How many recovery codes are left."""
    query = select(func.count()).where(RecoveryCode.person_id == person.id, RecoveryCode.used_at.is_(None))
    return db.session().scalar(query) or 0


def pending(person: Person, remember: bool) -> str:
    """What a browser holds between the two steps: good for ten minutes, and until the password changes."""
    return sign("two-step", [person.id, person.epoch, remember])


def person_of_pending(token: str) -> tuple[Person, bool]:
    """Whose first step this was, and whether the device is to remember them.

    Raises:
        NotFound: none such, or too long ago.
    """
    person_id, epoch, remember = opened("two-step", token, PENDING_SECONDS, 3)
    person = queries.of_epoch(person_id, epoch)
    if person is None:
        raise NotFound
    return person, bool(remember)


def check(person: Person, code: str) -> None:
    """Take the second step with a code of the app, or a recovery code. Each is good once.

    Raises:
        Invalid: at `code`.
    """
    with db.transaction() as session:
        query = select(Authenticator).where(Authenticator.person_id == person.id, Authenticator.confirmed_at.is_not(None))
        held = session.scalar(query)
        good = (held is not None and _take_step(held, code)) or _take_recovery_code(person, code)
        if not good:
            history.note(person.id, "wrong_code")
    if not good:
        raise Invalid.field("code", _("This code is not right, or was used already. Wait for the next one, or take a recovery code."))


def _take_step(held: Authenticator, code: str) -> bool:
    """Whether a code is that of now or of the half minute before or after; only once, also when two come together."""
    given = "".join(code.split())
    totp, now = pyotp.TOTP(held.secret, interval=STEP_SECONDS), int(clock.now().timestamp()) // STEP_SECONDS
    for step in (now - 1, now, now + 1):
        if pyotp.utils.strings_equal(given, totp.generate_otp(step)):
            query = update(Authenticator).where(Authenticator.id == held.id, Authenticator.last_step < step)
            return bool(db.session().execute(query.values(last_step=step)).rowcount)  # type: ignore[attr-defined]
    return False


def _take_recovery_code(person: Person, code: str) -> bool:
    given = digest_of("".join(code.lower().replace("-", "").split()))
    query = update(RecoveryCode).where(RecoveryCode.person_id == person.id, RecoveryCode.code_hash == given, RecoveryCode.used_at.is_(None))
    used = bool(db.session().execute(query.values(used_at=clock.now())).rowcount)  # type: ignore[attr-defined]
    if used:
        _tell(person, "recovery_used")
    return used


def _new_codes(person: Person) -> list[str]:
    session = db.session()
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person.id))
    codes = ["".join(secrets.choice(_LETTERS) for _letter in range(_CODE_LENGTH)) for _number in range(RECOVERY_CODES)]
    session.add_all(RecoveryCode(person_id=person.id, code_hash=digest_of(code)) for code in codes)
    return [_in_groups(code) for code in codes]


def _in_groups(code: str) -> str:
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def _tell(person: Person, kind: str) -> None:
    history.note(person.id, kind)
    outbox.publish(events.AccountAltered(person.id, "two-step"))
