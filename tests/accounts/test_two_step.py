"""Two-step sign-in: codes are good once and for a minute, recovery codes once, and only the one who knows the password changes it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from sqlalchemy import select

from alliance.accounts import passwords, two_step
from alliance.accounts.models import Authenticator, Person, RecoveryCode, SecurityEvent
from alliance.core import clock
from alliance.core.errors import Invalid, NotFound, Refused
from alliance.mailing.models import OutgoingMail
from alliance.policy import Actor
from tests.people import PASSWORD, People


def code_of(db: Any, person: Person, moment: Any = None) -> str:
    held = db.session().scalars(select(Authenticator).where(Authenticator.person_id == person.id)).one()
    return pyotp.TOTP(held.secret).at((moment or clock.now()).timestamp())


def turned_on(db: Any, people: People) -> tuple[Actor, Person, list[str]]:
    person = people.person(password_hash=passwords.make(PASSWORD))
    actor = people.actor(person)
    two_step.begin(actor, person, PASSWORD)
    with clock.freeze(clock.now() - timedelta(minutes=5)):  # long ago, so that the codes of now are still good
        codes = two_step.turn_on(actor, person, code_of(db, person))
    return actor, person, codes


def kinds(db: Any, person: Person) -> list[str]:
    return list(db.session().scalars(select(SecurityEvent.kind).where(SecurityEvent.person_id == person.id).order_by(SecurityEvent.id)))


def test_nothing_is_asked_for_until_the_app_has_shown_that_it_knows_the_secret(db: Any, people: People) -> None:
    person = people.person(password_hash=passwords.make(PASSWORD))
    actor = people.actor(person)
    with pytest.raises(Invalid):
        two_step.begin(actor, person, "not the password")
    two_step.begin(actor, person, PASSWORD)
    with pytest.raises(Invalid):
        two_step.turn_on(actor, person, "000000")
    assert person.two_step_at is None
    codes = two_step.turn_on(actor, person, code_of(db, person))
    assert person.two_step_at is not None
    assert len(set(codes)) == two_step.RECOVERY_CODES
    assert all(re.fullmatch(r"([2-9a-z]{4}-){3}[2-9a-z]{4}", code) for code in codes)
    assert kinds(db, person) == ["two_step_on"]


def test_setting_it_up_again_takes_a_new_secret_and_leaves_what_is_on(db: Any, people: People) -> None:
    actor, person, _codes = turned_on(db, people)
    before = code_of(db, person)
    two_step.begin(actor, person, PASSWORD)
    assert two_step.waiting(person) is None
    two_step.check(person, before)


@pytest.mark.parametrize("seconds", [-30, 0, 30])
def test_a_code_of_half_a_minute_ago_or_to_come_is_good_once(db: Any, people: People, seconds: int) -> None:
    _actor, person, _codes = turned_on(db, people)
    now = clock.now()
    with clock.freeze(now):
        code = code_of(db, person, now + timedelta(seconds=seconds))
        two_step.check(person, f" {code[:3]} {code[3:]} ")
        with pytest.raises(Invalid):
            two_step.check(person, code)
    assert kinds(db, person)[-1] == "wrong_code"


@pytest.mark.parametrize("given", ["", "123", "١٢٣٤٥٦", "x" * 60, "\0", "123456\N{RIGHT-TO-LEFT OVERRIDE}"])
def test_made_up_and_older_codes_are_refused(db: Any, people: People, given: str) -> None:
    _actor, person, _codes = turned_on(db, people)
    with pytest.raises(Invalid):
        two_step.check(person, given)
    with pytest.raises(Invalid):
        two_step.check(person, code_of(db, person, clock.now() - timedelta(minutes=2)))


def test_a_recovery_code_is_good_once_however_it_is_written_and_tells_by_mail(db: Any, people: People, drain: Callable[[], None]) -> None:
    _actor, person, codes = turned_on(db, people)
    two_step.check(person, codes[0].upper())
    with pytest.raises(Invalid):
        two_step.check(person, codes[0])
    two_step.check(person, codes[1].replace("-", " "))
    assert two_step.left(person) == two_step.RECOVERY_CODES - 2
    known = person.id
    drain()
    db.release()
    mails = db.session().scalars(select(OutgoingMail.kind).where(OutgoingMail.person_id == known)).all()
    assert list(mails) == ["new-two-step"] * 3


def test_codes_are_not_kept_as_they_are(db: Any, people: People) -> None:
    _actor, person, codes = turned_on(db, people)
    kept = set(db.session().scalars(select(RecoveryCode.code_hash).where(RecoveryCode.person_id == person.id)))
    assert len(kept) == len(codes)
    assert not kept & {code.replace("-", "") for code in codes}


def test_new_recovery_codes_end_those_from_before(db: Any, people: People) -> None:
    actor, person, codes = turned_on(db, people)
    with pytest.raises(Invalid):
        two_step.renew_codes(actor, person, "not the password")
    new = two_step.renew_codes(actor, person, PASSWORD)
    with pytest.raises(Invalid):
        two_step.check(person, codes[0])
    two_step.check(person, new[0])


def test_turning_off_asks_for_the_password_and_leaves_nothing(db: Any, people: People) -> None:
    actor, person, _codes = turned_on(db, people)
    with pytest.raises(Invalid):
        two_step.turn_off(actor, person, "not the password")
    with pytest.raises(Refused):
        two_step.turn_off(people.participant(), person, PASSWORD)
    two_step.turn_off(actor, person, PASSWORD)
    assert person.two_step_at is None
    assert not db.session().scalars(select(Authenticator)).all()
    assert not db.session().scalars(select(RecoveryCode)).all()
    with pytest.raises(NotFound):
        two_step.renew_codes(actor, person, PASSWORD)


def test_what_a_browser_holds_between_the_steps_ends(db: Any, people: People) -> None:
    _actor, person, _codes = turned_on(db, people)
    token = two_step.pending(person, True)
    assert two_step.person_of_pending(token) == (person, True)
    with db.transaction():
        person.epoch += 1
    for made_up in (token, "", token[:-1], "x.y.z"):
        with pytest.raises(NotFound):
            two_step.person_of_pending(made_up)


def test_the_picture_is_drawn_of_squares_alone(db: Any, people: People) -> None:
    person = people.person(email="a&b<c@example.org", password_hash=passwords.make(PASSWORD))
    two_step.begin(people.actor(person), person, PASSWORD)
    held = two_step.waiting(person)
    assert held is not None
    address = two_step.address_of(person, held)
    assert address.startswith("otpauth://totp/Alliance:a%26b%3Cc%40example.org?secret=")
    picture = two_step.picture_of(address)
    assert picture.startswith("<svg")
    assert not re.search(r"style=|<text|<title|example", picture)
