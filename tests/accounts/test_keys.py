"""Passkeys and security keys: only the key itself, asked here and now, opens anything; whatever else is brought is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as made_up
from hypothesis import strategies as st
from sqlalchemy import func, select

from alliance.accounts import challenges, keys, passwords, two_step
from alliance.accounts.challenges import Answer
from alliance.accounts.models import KeyChallenge, Person, RecoveryCode, SecurityEvent, SecurityKey
from alliance.core import clock, settings
from alliance.core.errors import Conflict, Invalid, NotFound, Refused
from alliance.mailing.models import OutgoingMail
from alliance.policy import Actor
from tests.keyring import Key
from tests.people import PASSWORD, People


def member(people: People, **more: Any) -> tuple[Actor, Person]:
    person = people.person(password_hash=passwords.make(PASSWORD), **more)
    return people.actor(person), person


def added(actor: Actor, person: Person, key: Key | None = None, name: str = "Telephone") -> Key:
    key = key or Key()
    keys.add(actor, person, PASSWORD, name, key.made(keys.ask_new(actor, person, PASSWORD)))
    return key


def kinds(db: Any, person: Person) -> list[str]:
    return list(db.session().scalars(select(SecurityEvent.kind).where(SecurityEvent.person_id == person.id).order_by(SecurityEvent.id)))


def number(db: Any, model: Any) -> int:
    return db.session().scalar(select(func.count()).select_from(model))  # type: ignore[no-any-return]


class TestAdding:
    def test_the_first_begins_two_steps_with_recovery_codes_told_once(self, db: Any, people: People, drain: Callable[[], int]) -> None:
        actor, person = member(people)
        key, other = Key(), Key()
        codes = keys.add(actor, person, PASSWORD, " My  key ", key.made(keys.ask_new(actor, person, PASSWORD)))
        assert len(codes) == two_step.RECOVERY_CODES
        assert person.two_step_at is not None
        assert keys.add(actor, person, PASSWORD, "Another", other.made(keys.ask_new(actor, person, PASSWORD))) == []
        assert [(one.name, one.transports, one.last_used_at) for one in keys.of(actor)] == [
            ("My key", ["usb"], None),
            ("Another", ["usb"], None),
        ]
        assert kinds(db, person) == ["key_added", "two_step_on", "key_added"]
        known = person.id
        drain()
        db.release()
        mails = db.session().scalars(select(OutgoingMail.kind).where(OutgoingMail.person_id == known)).all()
        assert sorted(mails) == ["new-key", "new-key", "new-two-step"]

    def test_it_takes_the_password_and_ones_own_account(self, db: Any, people: People) -> None:
        actor, person = member(people)
        with pytest.raises(Invalid):
            keys.ask_new(actor, person, "not the password")
        answer = Key().made(keys.ask_new(actor, person, PASSWORD))
        with pytest.raises(Invalid):
            keys.add(actor, person, "not the password", "Key", answer)
        with pytest.raises(Refused):
            keys.add(people.participant(), person, PASSWORD, "Key", answer)
        for name in ("", " \u200b", "x" * 81):
            with pytest.raises(Invalid):
                keys.add(actor, person, PASSWORD, name, answer)
        assert number(db, SecurityKey) == 0

    @pytest.mark.parametrize(
        "lies",
        [
            {"origin": "http://elsewhere.example"},
            {"origin": "http://localhost:81"},
            {"place": "elsewhere.example"},
            {"challenge": "bWFkZSB1cA"},
        ],
        ids=str,
    )
    def test_what_was_made_elsewhere_is_refused(self, db: Any, people: People, lies: dict[str, str]) -> None:
        actor, person = member(people)
        with pytest.raises(Invalid):
            keys.add(actor, person, PASSWORD, "Key", Key().made(keys.ask_new(actor, person, PASSWORD), **lies))
        assert person.two_step_at is None
        assert number(db, SecurityKey) == 0

    def test_the_question_is_good_once_for_one_person_and_five_minutes(self, db: Any, people: People) -> None:
        actor, person = member(people)
        other, another = member(people)
        asked = keys.ask_new(actor, person, PASSWORD)
        with pytest.raises(Invalid):
            keys.add(other, another, PASSWORD, "Key", Key().made(asked))
        keys.add(actor, person, PASSWORD, "Key", Key().made(asked))
        with pytest.raises(Invalid):
            keys.add(actor, person, PASSWORD, "Key", Key().made(asked))
        asked = keys.ask_new(actor, person, PASSWORD)
        with clock.freeze(clock.now() + challenges.GOOD_FOR + timedelta(seconds=1)):
            with pytest.raises(Invalid):
                keys.add(actor, person, PASSWORD, "Key", Key().made(asked))
            keys.ask_alone()
        assert number(db, KeyChallenge) == 1  # the one of now: others go with their time
        assert number(db, SecurityKey) == 1

    def test_a_key_that_is_somebodys_is_nobody_elses(self, db: Any, people: People) -> None:
        key = added(*member(people))
        actor, person = member(people)
        with pytest.raises(Invalid):
            keys.add(actor, person, PASSWORD, "Mine", key.made(keys.ask_new(actor, person, PASSWORD)))
        assert keys.of(actor) == []
        assert person.two_step_at is None

    def test_what_is_there_is_not_added_again_and_not_without_end(self, db: Any, people: People, monkeypatch: pytest.MonkeyPatch) -> None:
        actor, person = member(people)
        key = added(actor, person)
        options, _challenge = keys.ask_new(actor, person, PASSWORD)
        assert [one["id"] for one in options["excludeCredentials"]] == [challenges.b64(key.id)]
        monkeypatch.setattr(keys, "MOST", 1)
        with pytest.raises(Invalid):
            keys.ask_new(actor, person, PASSWORD)


class TestSigningInAlone:
    def test_a_passkey_tells_who_it_is(self, db: Any, people: People) -> None:
        actor, person = member(people)
        key = added(actor, person)
        added(*member(people))
        assert keys.person_alone(key.signed(keys.ask_alone())) == person
        [held] = keys.of(actor)
        assert held.last_used_at is not None
        assert kinds(db, person)[-1] == "passkey_used"

    def test_one_that_did_not_make_sure_of_its_person_does_not(self, db: Any, people: People) -> None:
        actor, person = member(people)
        key = added(actor, person, Key(verifies=False))
        with pytest.raises(Invalid):
            keys.person_alone(key.signed(keys.ask_alone()))
        keys.check(person, key.signed(keys.ask_step(person)))
        assert kinds(db, person)[-1] == "key_failed"

    @pytest.mark.parametrize(
        "lies",
        [
            {"origin": "http://elsewhere.example"},
            {"origin": "https://localhost"},
            {"place": "elsewhere.example"},
            {"challenge": "bWFkZSB1cA"},
            {"owner": ""},
            {"owner": "c29tZWJvZHkgZWxzZQ"},
        ],
        ids=str,
    )
    def test_what_was_signed_elsewhere_or_for_another_opens_nothing(self, db: Any, people: People, lies: dict[str, str]) -> None:
        actor, person = member(people)
        key = added(actor, person)
        with pytest.raises(Invalid):
            keys.person_alone(key.signed(keys.ask_alone(), **lies))
        assert kinds(db, person)[-1] == "key_failed"

    def test_an_answer_seen_is_no_good_again(self, db: Any, people: People) -> None:
        key = added(*member(people))
        answer = key.signed(keys.ask_alone())
        keys.person_alone(answer)
        with pytest.raises(Invalid):
            keys.person_alone(answer)
        _options, fresh = keys.ask_alone()
        with pytest.raises(Invalid):
            keys.person_alone(Answer(answer.text, fresh))

    def test_a_question_for_something_else_does_not_do(self, db: Any, people: People) -> None:
        actor, person = member(people)
        key = added(actor, person)
        with pytest.raises(Invalid):
            keys.person_alone(key.signed(keys.ask_step(person)))
        with pytest.raises(Invalid):
            keys.check(person, key.signed(keys.ask_alone()))

    def test_the_signature_of_another_key_does_not_do(self, db: Any, people: People) -> None:
        actor, person = member(people)
        key, thief = added(actor, person), Key()
        thief.id, thief.owner, thief.count = key.id, key.owner, 5
        with pytest.raises(Invalid):
            keys.person_alone(thief.signed(keys.ask_alone()))

    def test_a_key_nobody_has_and_an_account_never_confirmed(self, db: Any, people: People) -> None:
        with pytest.raises(Invalid):
            keys.person_alone(Key().signed(keys.ask_alone()))
        actor, person = member(people)
        key = added(actor, person)
        with db.transaction():
            person.confirmed_at = None
        with pytest.raises(Invalid):
            keys.person_alone(key.signed(keys.ask_alone()))


class TestTheSecondStep:
    def test_any_key_of_the_person_and_of_nobody_else(self, db: Any, people: People) -> None:
        actor, person = member(people)
        key, other = added(actor, person), added(*member(people))
        asked = keys.ask_step(person)
        assert [one["id"] for one in asked[0]["allowCredentials"]] == [challenges.b64(key.id)]
        keys.check(person, key.signed(asked))
        with pytest.raises(Invalid):
            keys.check(person, other.signed(keys.ask_step(person)))
        with pytest.raises(Invalid):
            keys.check(person, key.signed(keys.ask_step(people.of(people.participant()))))


class TestCopies:
    def test_a_key_that_counts_back_is_blocked_and_told(self, db: Any, people: People, drain: Callable[[], int]) -> None:
        actor, person = member(people)
        key = added(actor, person)
        keys.person_alone(key.signed(keys.ask_alone()))
        key.count -= 1  # type: ignore[operator]
        with pytest.raises(Invalid):
            keys.person_alone(key.signed(keys.ask_alone()))
        assert kinds(db, person)[-1] == "key_copied"
        key.count += 9  # type: ignore[operator]
        with pytest.raises(Invalid):
            keys.person_alone(key.signed(keys.ask_alone()))
        with pytest.raises(Invalid):
            keys.check(person, key.signed(keys.ask_step(person)))
        db.session().expire_all()
        assert [bool(one.suspect_at) for one in keys.of(actor)] == [True]
        known = person.id
        drain()
        db.release()
        mails = db.session().scalars(select(OutgoingMail.kind).where(OutgoingMail.person_id == known)).all()
        assert sorted(mails) == ["new-key", "new-key", "new-two-step"]

    def test_one_that_counts_nothing_stays_good(self, db: Any, people: People) -> None:
        actor, person = member(people)
        key = added(actor, person, Key(count=None))
        for _time in range(3):
            assert keys.person_alone(key.signed(keys.ask_alone())) == person

    def test_one_that_stopped_counting_is_a_copy(self, db: Any, people: People) -> None:
        actor, person = member(people)
        key = added(actor, person)
        key.count = None
        with pytest.raises(Invalid):
            keys.person_alone(key.signed(keys.ask_alone()))
        assert kinds(db, person)[-1] == "key_copied"


class TestRemoving:
    def test_it_takes_the_password_and_ones_own_key(self, db: Any, people: People) -> None:
        actor, person = member(people)
        key = added(actor, person)
        [held] = keys.of(actor)
        with pytest.raises(Invalid):
            keys.remove(actor, person, "not the password", held.id)
        other, another = member(people)
        with pytest.raises(NotFound):
            keys.remove(other, another, PASSWORD, held.id)
        keys.person_alone(key.signed(keys.ask_alone()))

    def test_with_the_last_one_two_steps_end(self, db: Any, people: People) -> None:
        actor, person = member(people)
        key, other = added(actor, person), added(actor, person)
        first, second = keys.of(actor)
        keys.remove(actor, person, PASSWORD, first.id)
        assert person.two_step_at is not None
        with pytest.raises(Invalid):
            keys.person_alone(key.signed(keys.ask_alone()))
        keys.remove(actor, person, PASSWORD, second.id)
        assert person.two_step_at is None
        assert number(db, RecoveryCode) == 0
        with pytest.raises(Invalid):
            keys.person_alone(other.signed(keys.ask_alone()))
        assert kinds(db, person)[-2:] == ["key_removed", "two_step_off"]

    def test_app_and_keys_stand_for_each_other(self, db: Any, people: People) -> None:
        actor, person = member(people)
        added(actor, person)
        two_step.begin(actor, person, PASSWORD)
        held = two_step.waiting(person)
        assert held is not None
        assert two_step.turn_on(actor, person, two_step.pyotp.TOTP(held.secret).at(clock.now().timestamp())) == []
        [key] = keys.of(actor)
        keys.remove(actor, person, PASSWORD, key.id)
        assert person.two_step_at is not None
        added(actor, person)
        two_step.remove_app(actor, person, PASSWORD)
        assert person.two_step_at is not None
        with pytest.raises(NotFound):
            two_step.remove_app(actor, person, PASSWORD)
        two_step.turn_off(actor, person, PASSWORD)
        assert person.two_step_at is None
        assert keys.of(actor) == []


@pytest.mark.parametrize(
    ("address", "name", "origin"),
    [
        ("https://forum.example.org", "forum.example.org", "https://forum.example.org"),
        ("https://forum.example.org:443/below", "forum.example.org", "https://forum.example.org"),
        ("https://forum.example.org:8443", "forum.example.org", "https://forum.example.org:8443"),
        ("https://Bücher.example", "xn--bcher-kva.example", "https://xn--bcher-kva.example"),
        ("http://localhost:8000", "localhost", "http://localhost:8000"),
        ("http://forum.example.org", "", ""),
        ("http://127.0.0.1:8000", "", ""),
        ("https://[::1]", "", ""),
        ("https://" + "x" * 64, "", ""),
    ],
)
def test_where_keys_are_good_is_told_by_the_settings(
    db: Any, monkeypatch: pytest.MonkeyPatch, address: str, name: str, origin: str
) -> None:
    there = settings.current()
    monkeypatch.setattr(settings, "current", lambda: replace(there, base_url=address))
    found = challenges.place()
    if not name:
        assert found is None
        with pytest.raises(Conflict):
            keys.ask_alone()
    else:
        assert found == challenges.Place(name, origin)


_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)
_FIELDS = ("clientDataJSON", "authenticatorData", "signature", "userHandle")


@pytest.fixture
def held(db: Any, people: People) -> Key:
    """A key that opens an account."""
    return added(*member(people))


@made_up(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(field=st.sampled_from(("id", "rawId", "type", "response", "whole", "text", *_FIELDS)), value=_ANY)
def test_whatever_an_answer_is_it_opens_nothing_and_breaks_nothing(held: Key, field: str, value: Any) -> None:
    asked = keys.ask_alone()
    whole = json.loads(held.signed(asked).text)
    if field in _FIELDS:
        whole["response"][field] = value
    elif field in whole:
        whole[field] = value
    text = str(value) if field == "text" else json.dumps(value if field == "whole" else whole)
    with pytest.raises(Invalid):
        keys.person_alone(Answer(text, asked[1]))


def test_nesting_without_end_is_no_answer(held: Key) -> None:
    asked = keys.ask_alone()
    for text in ("[" * 20_000, '{"id":' * 5_000, ""):
        with pytest.raises(Invalid):
            keys.person_alone(Answer(text, asked[1]))
        asked = keys.ask_alone()
    assert keys.person_alone(held.signed(asked))


@made_up(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(
    field=st.sampled_from(("id", "rawId", "clientDataJSON", "attestationObject", "transports")),
    value=_ANY | st.binary().map(challenges.b64),
)
def test_whatever_a_new_key_says_it_is_added_whole_or_not_at_all(newcomer: tuple[Actor, Person], field: str, value: Any) -> None:
    actor, person = newcomer
    asked = keys.ask_new(actor, person, PASSWORD)
    whole = json.loads(Key().made(asked).text)
    (whole if field in whole else whole["response"])[field] = value
    before = len(keys.of(actor))
    try:
        keys.add(actor, person, PASSWORD, "Key", Answer(json.dumps(whole), asked[1]))
    except Invalid:
        assert len(keys.of(actor)) == before
    else:
        assert field == "transports"
        keys.remove(actor, person, PASSWORD, keys.of(actor)[-1].id)


@pytest.fixture
def newcomer(db: Any, people: People, monkeypatch: pytest.MonkeyPatch) -> tuple[Actor, Person]:
    """Somebody without a key."""
    monkeypatch.setattr(passwords, "ASKED", "1000/hour")
    return member(people)


@pytest.mark.parametrize("called", ["\x00", "\ud800", "a\x00b", "", "a b", "x" * 2_000])
def test_what_no_key_calls_itself_is_no_key(held: Key, called: str) -> None:
    asked = keys.ask_alone()
    whole = json.loads(held.signed(asked).text)
    with pytest.raises(Invalid):
        keys.person_alone(Answer(json.dumps({**whole, "id": called, "rawId": called}), asked[1]))
