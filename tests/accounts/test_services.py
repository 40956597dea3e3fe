"""Accounts: answers that tell nothing, links that work once, hashes that are Argon2."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from alliance import events
from alliance.accounts import passwords, queries, services
from alliance.accounts.models import Person
from alliance.accounts.services import Profile
from alliance.core import clock, outbox
from alliance.core import db as database
from alliance.core.errors import Invalid, NotFound
from tests.people import PASSWORD, People


def published() -> list[Any]:
    """Every event so far."""
    return [one.event for one in outbox.read(0, 100)]


def register(email: str = "amina@example.org", password: str = PASSWORD, **profile: Any) -> Any:
    """Register and return the row."""
    services.register(
        email, password, Profile(**({"name": "Amina Diallo", "country": "SN", "stakeholder_type": "civil_society"} | profile))
    )
    return queries.by_email(email)


def token_of(link: str) -> str:
    """The token at the end of a link."""
    return link.rsplit("/", 1)[1]


def test_registering_and_confirming(db: Any) -> None:
    person = register("Amina@Example.org")
    assert person.email == "amina@example.org"
    assert person.handle == "amina-diallo"
    assert person.password_hash.startswith("$argon2id$")
    assert person.confirmed_at is None
    assert published() == [events.PersonRegistered(person.id), events.ConfirmationRequested(person.id)]
    services.confirm(token_of(services.confirmation_link(person)), PASSWORD)
    assert person.confirmed_at is not None


def test_an_address_that_has_an_account_is_told_by_mail_only(db: Any, people: People) -> None:
    known = people.person(email="amina@example.org", name="The first")
    register(name="The second")
    assert published() == [events.RegistrationRepeated(known.id)]
    assert queries.by_email("amina@example.org").name == "The first"


def test_whoever_registers_a_foreign_address_first_gains_nothing(db: Any) -> None:
    register(password="the attacker chose this", name="Attacker")
    old_link = token_of(services.confirmation_link(queries.by_email("amina@example.org")))
    person = register(name="Amina Diallo")
    with pytest.raises(NotFound):
        services.confirm(old_link, "the attacker chose this")
    with pytest.raises(Invalid):
        services.confirm(token_of(services.confirmation_link(person)), "the attacker chose this")
    assert services.confirm(token_of(services.confirmation_link(person)), PASSWORD).name == "Amina Diallo"


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "WzEsMl0.aaa.bbb", "é"])
def test_a_made_up_link_is_not_found(db: Any, token: str) -> None:
    for ask in (services.person_of_confirmation, services.person_of_reset):
        with pytest.raises(NotFound):
            ask(token)


def test_authenticating(db: Any, people: People) -> None:
    person = people.person(email="a@example.org", password_hash=passwords.make(PASSWORD))
    assert services.authenticate(" A@example.org ", PASSWORD) is person
    assert services.authenticate("a@example.org", "wrong " + PASSWORD) is None
    assert services.authenticate("nobody@example.org", PASSWORD) is None


def test_an_unclaimed_author_cannot_sign_in(db: Any, people: People) -> None:
    people.person(email=None, claimed=False, archive_email="a@example.org", password_hash=None, confirmed_at=None)
    assert services.authenticate("a@example.org", "") is None


def test_an_unconfirmed_address_with_the_right_password_gets_the_link_again(db: Any, people: People) -> None:
    person = people.person(email="a@example.org", password_hash=passwords.make(PASSWORD), confirmed_at=None)
    services.authenticate("a@example.org", "wrong")
    assert published() == []
    services.authenticate("a@example.org", PASSWORD)
    assert published() == [events.ConfirmationRequested(person.id)]


def test_a_reset_link_works_once_and_for_two_hours(db: Any, people: People) -> None:
    person = people.person(email="a@example.org", password_hash=passwords.make(PASSWORD))
    services.request_reset("A@example.org")
    services.request_reset("nobody@example.org")
    assert published() == [events.PasswordResetRequested(person.id)]
    link = token_of(services.reset_link(person))
    services.reset_password(link, "an entirely new password")
    assert services.authenticate("a@example.org", "an entirely new password") is person
    with pytest.raises(NotFound):
        services.reset_password(link, "and another one after it")


def test_a_link_of_one_purpose_is_none_of_another(db: Any, people: People) -> None:
    person = people.person(email="a@example.org", password_hash=passwords.make(PASSWORD))
    with pytest.raises(NotFound):
        services.person_of_confirmation(token_of(services.reset_link(person)))


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaaaaa", "amina diallo", "amina@example.org", "x" * 201])
def test_guessable_passwords_are_refused(db: Any, password: str) -> None:
    with pytest.raises(Invalid) as caught:
        register(password=password)
    assert list(caught.value.errors) == ["password"]
    assert published() == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", " \u202e "),
        ("name", "x" * 121),
        ("country", "XX"),
        ("stakeholder_type", "king"),
        ("languages", ["tlh"]),
        ("bio", "x" * 2001),
    ],
)
def test_a_bad_profile_is_refused_by_field(db: Any, field: str, value: Any) -> None:
    with pytest.raises(Invalid) as caught:
        register(**{field: value})
    assert list(caught.value.errors) == [field]
    assert queries.by_email("amina@example.org") is None


@pytest.mark.parametrize("email", ["", "a", "a@", "@b", "a b@example.org", "a@example.org\nBcc: x@example.org", "a@example..org"])
def test_what_is_no_address_is_refused(db: Any, email: str) -> None:
    with pytest.raises(Invalid) as caught:
        register(email)
    assert list(caught.value.errors) == ["email"]


def test_handles_are_ascii_and_free(db: Any) -> None:
    names = ["José Ángel", "José Ángel", "محمد", "李伟", "a" * 100, "- -"]
    handles = [register(f"p{n}@example.org", name=name).handle for n, name in enumerate(names)]
    assert handles[:3] == ["jose-angel", "jose-angel-2", "participant"]
    assert len(set(handles)) == len(names)
    assert all(handle.isascii() and len(handle) <= 40 for handle in handles)


def test_tokens_are_stored_hashed_and_revocable(db: Any, people: People) -> None:
    person = people.person()
    actor = people.actor(person)
    secret = services.create_token(person, "write", "script")
    token = queries.live_token(secret)
    assert token is not None
    assert secret not in token.token_hash
    with pytest.raises(NotFound):
        services.revoke_token(people.participant(), token.id)
    services.revoke_token(actor, token.id)
    assert queries.live_token(secret) is None


def test_a_tokens_use_is_noted_at_most_hourly(db: Any, people: People) -> None:
    secret = services.create_token(people.person(), "read")
    token = queries.live_token(secret)
    assert token is not None
    services.note_use(token)
    first = token.last_used_at
    services.note_use(token)
    assert token.last_used_at == first
    with clock.freeze(clock.now() + timedelta(hours=2)):
        services.note_use(token)
    assert token.last_used_at != first


def meanwhile(work: Callable[[], Any]) -> threading.Thread:
    """Have somebody else do something: done, or (where it must wait for us) begun."""

    def run() -> None:
        try:
            work()
        except NotFound:
            pass
        finally:
            database.release()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(1)
    return thread


ATTACKERS = "the attacker chose this"


def test_who_confirms_while_another_registers_the_address_does_not_confirm_the_password_of_that_one(
    db: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, fits = token_of(services.confirmation_link(register())), passwords.fits

    def slowly(given: str, stored: str | None) -> bool:
        found = fits(given, stored)
        meanwhile(lambda: register(password=ATTACKERS, name="Attacker")).join()
        return found

    monkeypatch.setattr(passwords, "fits", slowly)
    with pytest.raises(NotFound):
        services.confirm(token, PASSWORD)
    database.release()
    assert queries.by_email("amina@example.org").confirmed_at is None


@pytest.mark.parametrize("how", ["by the link", "with an account elsewhere"])
def test_who_registers_an_address_while_it_is_confirmed_gives_it_no_password(db: Any, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    token, found, others = token_of(services.confirmation_link(register())), queries.by_email, []
    mine = threading.get_ident()

    def adopt() -> None:
        with database.transaction():
            services.adopt("amina@example.org", Profile("Amina Diallo"))

    def between(address: str) -> Any:
        person = found(address)
        if threading.get_ident() == mine and not others:
            others.append(meanwhile(adopt if how == "with an account elsewhere" else lambda: services.confirm(token, PASSWORD)))
        return person

    with monkeypatch.context() as patched:
        patched.setattr(queries, "by_email", between)
        services.register("amina@example.org", ATTACKERS, Profile("Attacker"))
    others[0].join()
    database.release()
    person = queries.by_email("amina@example.org")
    assert not (person.confirmed_at and passwords.fits(ATTACKERS, person.password_hash))


def test_a_password_that_is_changed_while_it_is_looked_at_signs_nobody_in(db: Any, people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    person_id, fits = people.person(email="amina@example.org", password_hash=passwords.make(PASSWORD)).id, passwords.fits

    def change() -> None:
        with database.transaction() as session:
            session.get_one(Person, person_id).password_hash = "another"

    def slowly(given: str, stored: str | None) -> bool:
        found = fits(given, stored)
        meanwhile(change).join()
        return found

    monkeypatch.setattr(passwords, "fits", slowly)
    assert services.authenticate("amina@example.org", PASSWORD) is None
