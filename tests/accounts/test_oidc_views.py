"""Signing in with an account elsewhere, against an issuer that others wrote, in a process of its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from alliance.accounts import passwords, queries, services, two_step
from alliance.accounts.models import LinkedIdentity, Person, SecurityEvent
from alliance.core import clock, settings
from alliance.core import db as database
from alliance.mailing.models import OutgoingMail
from tests import services as servers
from tests.issuers import CLIENT, SECRET, Provider, provider
from tests.people import PASSWORD, People

PROFILE = {"name": "Ada", "stakeholder_type": "media", "country": "KE", "languages": ["en"], "interface_language": "en"}


@pytest.fixture(scope="module")
def issuer() -> Iterator[Provider]:
    """An issuer that runs."""
    with provider() as made:
        yield made


@pytest.fixture(autouse=True)
def named(db: Any, issuer: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings name it."""
    name(monkeypatch, issuer.url)


def name(monkeypatch: pytest.MonkeyPatch, url: str, **more: Any) -> None:
    there = settings.current()
    values = {"oidc_issuer": url, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET, "oidc_name": "The Issuer", **more}
    monkeypatch.setattr(settings, "current", lambda: replace(there, **values))


@pytest.fixture
def member(people: People) -> SimpleNamespace:
    """Somebody with a password."""
    person = people.person(email="member@example.org", password_hash=passwords.make(PASSWORD))
    return SimpleNamespace(id=person.id)


def sign_in(client: FlaskClient, email: str = "member@example.org") -> Any:
    return client.post("/sign-in", data={"email": email, "password": PASSWORD})


def opens(client: FlaskClient) -> bool:
    return client.get("/settings/profile").status_code == 200


def back(client: FlaskClient, address: str) -> Any:
    parts = urlsplit(address)
    assert f"{parts.scheme}://{parts.netloc}" == "http://localhost"
    return client.get(f"{parts.path}?{parts.query}")


def elsewhere(client: FlaskClient, issuer: Provider, subject: str, target: str = "/") -> Any:
    return back(client, issuer.come_back(client.get("/sign-in/oidc", query_string={"next": target}).location, subject))


def link(client: FlaskClient, issuer: Provider, subject: str) -> Any:
    page = client.post("/settings/linked/begin", data={"password": PASSWORD}).text
    address = re.search(r'href="(http[^"]*oauth2/authorize[^"]*)"', page).group(1).replace("&amp;", "&")  # type: ignore[union-attr]
    return back(client, issuer.come_back(address, subject))


def kinds(person_id: int) -> list[str]:
    query = select(SecurityEvent.kind).where(SecurityEvent.person_id == person_id).order_by(SecurityEvent.id)
    return list(database.session().scalars(query))


def test_a_newcomer_gets_an_account_with_the_ordinary_questions(client: FlaskClient, issuer: Provider, drain: Callable[[], int]) -> None:
    issuer.knows("new", email="New@Example.org", email_verified=True, name="Ada Lovelace")
    assert "Sign in with The Issuer" in client.get("/sign-in").text
    assert elsewhere(client, issuer, "new", "/latest").location == "/register/oidc"
    page = client.get("/register/oidc").text
    assert "new@example.org" in page
    assert 'value="Ada Lovelace"' in page
    assert not opens(client)
    wrong = client.post("/register/oidc", data={**PROFILE, "name": " "})
    assert wrong.status_code == 422
    done = client.post("/register/oidc", data=PROFILE)
    assert done.location == "/latest"
    assert opens(client)
    person = queries.by_email("new@example.org")
    assert person is not None
    assert (person.password_hash, person.stakeholder_type, person.handle) == (None, "media", "ada")
    assert kinds(person.id) == ["linked", "signed_in"]
    assert client.get("/register/oidc").location == "/sign-in"
    known = person.id
    drain()
    database.release()
    assert list(database.session().scalars(select(OutgoingMail.kind).where(OutgoingMail.person_id == known))) == ["new-link"]
    client.post("/sign-out")
    assert elsewhere(client, issuer, "new", "/people").location == "/people"
    assert opens(client)
    assert "linked_used" in kinds(known)


def test_nobody_is_let_in_to_an_account_by_its_address(client: FlaskClient, issuer: Provider, member: SimpleNamespace) -> None:
    issuer.knows("thief", email="member@example.org", email_verified=True)
    answer = elsewhere(client, issuer, "thief")
    assert answer.location == "/sign-in?next=/settings/linked"
    assert "Your address has an account here already" in client.get(answer.location).text
    assert not opens(client)
    assert client.get("/register/oidc").location == "/sign-in"
    assert database.session().scalars(select(LinkedIdentity)).all() == []


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "new@example.org"},
        {"email": "new@example.org", "email_verified": False},
        {},
        {"email": "no address", "email_verified": True},
    ],
    ids=str,
)
def test_an_address_nobody_vouches_for_makes_no_account(client: FlaskClient, issuer: Provider, claims: dict[str, Any]) -> None:
    issuer.knows("vague", **claims)
    answer = elsewhere(client, issuer, "vague")
    assert answer.location == "/register"
    assert "does not say that an address is yours" in client.get("/register").text
    assert client.post("/register/oidc", data=PROFILE).location == "/sign-in"
    assert queries.by_email("new@example.org") is None


def test_a_registration_that_was_never_confirmed_is_taken_over(client: FlaskClient, issuer: Provider) -> None:
    """Whoever registered with somebody else's address before them gets nothing of it."""
    services.register("new@example.org", "the password of a thief", services.Profile("Thief", stakeholder_type="government"))
    person = queries.by_email("new@example.org")
    assert person is not None
    old = services.confirmation_link(person).partition("/confirm/")[2]
    issuer.knows("owner", email="new@example.org", email_verified=True)
    elsewhere(client, issuer, "owner")
    assert client.post("/register/oidc", data=PROFILE).location == "/"
    person = queries.by_email("new@example.org")
    assert person is not None
    assert (person.name, person.password_hash) == ("Ada", None)
    assert client.post(f"/confirm/{old}", data={"password": "the password of a thief"}).status_code in {404, 422}
    assert client.post("/sign-in", data={"email": "new@example.org", "password": "the password of a thief"}).status_code == 422


def test_one_who_is_signed_in_links_it_with_the_password_and_unlinks_it(
    client: FlaskClient, issuer: Provider, member: SimpleNamespace, drain: Callable[[], int]
) -> None:
    issuer.knows("mine", email="another@example.org", email_verified=True)
    sign_in(client)
    assert client.post("/settings/linked/begin", data={"password": "wrong"}).status_code == 422
    assert link(client, issuer, "mine").location == "/settings/linked"
    page = client.get("/settings/linked").text
    assert "The Issuer is linked" in page
    assert issuer.url in page
    client.post("/sign-out")
    assert elsewhere(client, issuer, "mine").location == "/"
    assert opens(client)
    number = database.session().scalars(select(LinkedIdentity.id)).one()
    for wrong in ({"password": "wrong", "link": number}, {"link": number}):
        assert client.post("/settings/linked/remove", data=wrong).status_code == 422
    assert client.post("/settings/linked/remove", data={"password": PASSWORD, "link": "no"}).status_code == 404
    assert client.post("/settings/linked/remove", data={"password": PASSWORD, "link": number}).location == "/settings/linked"
    client.post("/sign-out")
    assert elsewhere(client, issuer, "mine").location == "/register/oidc"
    assert not opens(client)
    assert [one for one in kinds(member.id) if "linked" in one] == ["linked", "linked_used", "unlinked"]
    drain()
    database.release()
    mails = database.session().scalars(select(OutgoingMail.kind).where(OutgoingMail.person_id == member.id)).all()
    assert list(mails) == ["new-link", "new-link"]


def test_an_account_elsewhere_signs_in_to_one_account_alone(
    app: Flask, client: FlaskClient, issuer: Provider, member: SimpleNamespace, people: People
) -> None:
    issuer.knows("shared")
    sign_in(client)
    link(client, issuer, "shared")
    people.person(email="other@example.org", password_hash=passwords.make(PASSWORD))
    other = app.test_client()
    sign_in(other, "other@example.org")
    link(other, issuer, "shared")
    assert "linked already" in other.get("/settings/linked").text
    number = database.session().scalars(select(LinkedIdentity.id)).one()
    assert other.post("/settings/linked/remove", data={"password": PASSWORD, "link": number}).status_code == 404
    assert elsewhere(app.test_client(), issuer, "shared").location == "/"


def test_what_one_person_began_is_not_linked_to_another(
    client: FlaskClient, issuer: Provider, member: SimpleNamespace, people: People
) -> None:
    issuer.knows("crossed")
    sign_in(client)
    page = client.post("/settings/linked/begin", data={"password": PASSWORD}).text
    address = re.search(r'href="(http[^"]*oauth2/authorize[^"]*)"', page).group(1).replace("&amp;", "&")  # type: ignore[union-attr]
    people.person(email="other@example.org", password_hash=passwords.make(PASSWORD))
    sign_in(client, "other@example.org")
    back(client, issuer.come_back(address, "crossed"))
    assert database.session().scalars(select(LinkedIdentity)).all() == []


def test_the_second_step_is_still_asked_for(client: FlaskClient, issuer: Provider, member: SimpleNamespace, people: People) -> None:
    issuer.knows("careful")
    sign_in(client)
    link(client, issuer, "careful")
    person = database.session().get_one(Person, member.id)
    two_step.begin(people.actor(person), person, PASSWORD)
    held = two_step.waiting(person)
    assert held is not None
    with clock.freeze(clock.now() - timedelta(minutes=5)):
        two_step.turn_on(people.actor(person), person, pyotp.TOTP(held.secret).at(clock.now().timestamp()))
    secret = held.secret
    client.post("/sign-out")
    assert elsewhere(client, issuer, "careful", "/latest").location == "/sign-in/code"
    assert not opens(client)
    assert client.post("/sign-in/code", data={"code": pyotp.TOTP(secret).at(clock.now().timestamp())}).location == "/latest"


class TestTheWayBack:
    def test_a_link_somebody_else_sends_signs_nobody_in(self, app: Flask, client: FlaskClient, issuer: Provider) -> None:
        """Sign-in CSRF: the way back works only in the browser that set out."""
        issuer.knows("mallory", email="mallory@example.org", email_verified=True)
        address = issuer.come_back(app.test_client().get("/sign-in/oidc").location, "mallory")
        answer = back(client, address)
        assert answer.location == "/sign-in?next=/"
        assert "did not begin here" in client.get(answer.location).text
        assert not opens(client)

    def test_it_works_once(self, client: FlaskClient, issuer: Provider) -> None:
        issuer.knows("once", email="once@example.org", email_verified=True)
        address = issuer.come_back(client.get("/sign-in/oidc").location, "once")
        assert back(client, address).location == "/register/oidc"
        assert back(client, address).location == "/sign-in?next=/"

    def test_it_never_leads_elsewhere(self, client: FlaskClient, issuer: Provider, member: SimpleNamespace) -> None:
        issuer.knows("led")
        sign_in(client)
        link(client, issuer, "led")
        assert elsewhere(client, issuer, "led", "//elsewhere.example/").location == "/"

    def test_one_who_said_no_is_where_they_were(self, client: FlaskClient, issuer: Provider) -> None:
        answer = back(client, issuer.turn_down(client.get("/sign-in/oidc?next=/latest").location))
        assert answer.location == "/sign-in?next=/latest"

    @pytest.mark.parametrize("query", ["", "code=x", "state=x", "code=x&state=x", "error=x&state=", "state=%00&code=%ff"])
    def test_what_is_made_up(self, client: FlaskClient, query: str) -> None:
        assert client.get(f"/sign-in/oidc/back?{query}").location == "/sign-in?next=/"


def test_an_issuer_that_is_away_is_told_of_and_takes_nothing_with_it(
    client: FlaskClient, member: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    name(monkeypatch, f"http://127.0.0.1:{servers.free_port()}")
    answer = client.get("/sign-in/oidc?next=/latest")
    assert answer.location == "/sign-in?next=/latest"
    assert "The Issuer did not answer as it should" in client.get(answer.location).text
    assert sign_in(client).status_code == 303
    assert client.post("/settings/linked/begin", data={"password": PASSWORD}).location == "/settings/linked"
    assert opens(client)


def test_without_an_issuer_there_is_nothing_of_it(client: FlaskClient, member: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    name(monkeypatch, "")
    assert "The Issuer" not in client.get("/sign-in").text
    for door in ("/sign-in/oidc", "/sign-in/oidc/back?state=x"):
        assert client.get(door).status_code == 404
    sign_in(client)
    assert "No account elsewhere can be linked here" in client.get("/settings/linked").text
    assert client.post("/settings/linked/begin", data={"password": PASSWORD}).status_code == 404


def test_without_a_password_one_is_told_how_to_get_one(client: FlaskClient, issuer: Provider) -> None:
    issuer.knows("bare", email="bare@example.org", email_verified=True)
    elsewhere(client, issuer, "bare")
    client.post("/register/oidc", data=PROFILE)
    assert "You have no password yet" in client.get("/settings/linked").text
    answer = client.post("/settings/two-step/begin", data={"password": "anything"})
    assert answer.status_code == 422
    assert "You have no password yet" in answer.text
    person = queries.by_email("bare@example.org")
    assert person is not None
    token = services.reset_link(person).partition("/reset-password/")[2]
    assert client.post(f"/reset-password/{token}", data={"password": PASSWORD}).location == "/"
    assert client.post("/settings/two-step/begin", data={"password": PASSWORD}).location == "/settings/two-step/app"


def test_settings_that_cannot_be() -> None:
    base = {"ALLIANCE_OIDC_CLIENT_ID": CLIENT}
    for issuer in ("http://login.example.org", "login.example.org", "https://", "https://x/?a=b", "ftp://x", "https://x/" + "x" * 200):
        with pytest.raises(settings.SettingsError, match="ALLIANCE_OIDC_ISSUER"):
            settings.load({**base, "ALLIANCE_OIDC_ISSUER": issuer})
    with pytest.raises(settings.SettingsError, match="go together"):
        settings.load({"ALLIANCE_OIDC_ISSUER": "https://login.example.org"})
    given = settings.load({**base, "ALLIANCE_OIDC_ISSUER": "https://login.example.org/a/", "ALLIANCE_OIDC_CLIENT_SECRET": "sesame"})
    assert given.oidc_issuer == "https://login.example.org/a/"
    assert "sesame" not in str(given.shown())


def test_unlinking_ends_every_other_session(app: Flask, client: FlaskClient, issuer: Provider, member: SimpleNamespace) -> None:
    issuer.knows("shared", email="another@example.org", email_verified=True)
    sign_in(client)
    link(client, issuer, "shared")
    other = app.test_client()
    elsewhere(other, issuer, "shared")
    assert opens(other)
    number = database.session().scalars(select(LinkedIdentity.id)).one()
    client.post("/settings/linked/remove", data={"password": PASSWORD, "link": number})
    assert opens(client)
    assert not opens(other)


def test_what_somebody_began_in_this_browser_the_next_one_does_not_go_on_with(
    client: FlaskClient, issuer: Provider, member: SimpleNamespace
) -> None:
    issuer.knows("former", email="former@example.org", email_verified=True)
    assert elsewhere(client, issuer, "former").location == "/register/oidc"
    sign_in(client)
    assert client.get("/register/oidc").location == "/sign-in"
    client.post("/sign-out")
    assert elsewhere(client, issuer, "former").location == "/register/oidc"
    client.post("/sign-out")
    assert client.post("/register/oidc", data=PROFILE).location == "/sign-in"


def test_who_takes_an_account_back_by_mail_is_told_what_else_signs_in_to_it(
    client: FlaskClient, issuer: Provider, member: SimpleNamespace
) -> None:
    def taken_back() -> str:
        database.release()
        person = queries.by_id(member.id)
        assert person is not None
        token = services.reset_link(person).partition("/reset-password/")[2]
        assert client.post(f"/reset-password/{token}", data={"password": PASSWORD}).location == "/"
        return client.get("/").text

    assert "go on signing in" not in taken_back()
    issuer.knows("intruder", email="intruder@example.org", email_verified=True)
    assert link(client, issuer, "intruder").location == "/settings/linked"
    assert "go on signing in" in taken_back()
    client.post("/sign-out")
    elsewhere(client, issuer, "intruder")
    assert opens(client), "what is linked is not unlinked unasked: with many it is the only way in"


def test_a_name_without_end_is_cut_before_a_browser_has_to_keep_it(client: FlaskClient, issuer: Provider) -> None:
    issuer.knows("long", email="long@example.org", email_verified=True, name="x" * 10_000)
    assert elsewhere(client, issuer, "long").location == "/register/oidc"
    assert "x" * 120 in client.get("/register/oidc").text
