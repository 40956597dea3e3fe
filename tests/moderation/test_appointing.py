"""Who moderates and who is of the secretariat: said by the secretariat with its password and a reason, told, and in the public log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from alliance.accounts import passwords
from alliance.accounts.models import Person, SecurityEvent, SignIn
from alliance.core import db as database
from alliance.core import i18n
from alliance.core.errors import Conflict, Invalid, NotFound, Refused
from alliance.mailing.models import OutgoingMail
from alliance.moderation import acts, appointing, log
from alliance.moderation import queries as moderating
from alliance.policy import Actor
from tests.people import PASSWORD, People
from tests.signing import signed_in

WHY = "Moderates in Russian from now on."


def role_of(person_id: int | None) -> str:
    database.release()
    return database.session().get_one(Person, person_id).role


def with_password(person: Person) -> Person:
    with database.transaction() as session:
        session.get_one(Person, person.id).password_hash = passwords.make(PASSWORD)
    return person


def test_what_follows(people: People, drain: Callable[[], int], client: Any) -> None:
    chosen = people.participant(name="Nadia Chosen")
    signed_in(client, chosen)
    appointing.appoint(people.secretariat(), chosen.person_id or 0, "moderator", WHY)
    assert role_of(chosen.person_id) == "moderator"
    session = database.session()
    assert session.scalar(select(SignIn.id).where(SignIn.person_id == chosen.person_id)) is None
    assert (
        session.scalar(select(SecurityEvent.kind).where(SecurityEvent.person_id == chosen.person_id).order_by(SecurityEvent.id.desc()))
        == "role_changed"
    )
    entry = moderating.log(Actor.guest())[0][0]
    assert (entry.act, entry.reason, entry.person_id) == ("appoint", WHY, chosen.person_id)
    with i18n.use_locale("en"):
        assert acts.detail(entry.detail) == "Moderator"
    assert log.verify() == (1, None)
    drain()
    mail = database.session().scalars(select(OutgoingMail).where(OutgoingMail.person_id == chosen.person_id)).one()
    assert mail.kind == "new-role"
    page = client.get("/moderation/log").text
    assert WHY in page
    assert "Nadia" not in page


@pytest.mark.parametrize("kind", ["participant", "moderator", "suspended"])
def test_the_secretariat_alone(people: People, actors: dict[str, Any], kind: str) -> None:
    chosen = people.participant()
    with pytest.raises(Refused):
        appointing.appoint(actors[kind], chosen.person_id or 0, "moderator", WHY)
    assert role_of(chosen.person_id) == "participant"


def test_never_oneself_and_nobody_who_is_not_here(people: People) -> None:
    one = people.secretariat()
    people.secretariat()
    with pytest.raises(Refused):
        appointing.appoint(one, one.person_id or 0, "participant", WHY)
    with pytest.raises(NotFound):
        appointing.appoint(one, 999_999, "moderator", WHY)


def test_what_cannot_be(people: People) -> None:
    one = people.secretariat()
    chosen = people.participant()
    for role, reason in (("emperor", WHY), ("moderator", "  "), ("moderator", "x" * 501)):
        with pytest.raises(Invalid):
            appointing.appoint(one, chosen.person_id or 0, role, reason)
    for unfit in (people.person(confirmed_at=None), people.person(claimed=False, email=None), people.of(people.suspended())):
        with pytest.raises(Conflict):
            appointing.appoint(one, unfit.id, "moderator", WHY)
    with pytest.raises(Conflict):
        appointing.appoint(one, chosen.person_id or 0, "participant", WHY)
    assert moderating.log(Actor.guest())[0] == []


def test_somebody_is_left_in_the_secretariat(people: People) -> None:
    one, other, machine = people.secretariat(), people.secretariat(), Actor.system("cli")
    appointing.appoint(machine, one.person_id or 0, "participant", WHY)
    with pytest.raises(Refused):  # whose page still said so
        appointing.appoint(one, other.person_id or 0, "participant", WHY)
    with pytest.raises(Conflict):
        appointing.appoint(machine, other.person_id or 0, "participant", WHY)
    assert role_of(other.person_id) == "secretariat"


def test_the_pages(app: Flask, people: People) -> None:
    secretary = people.secretariat(name="Sol Secretary", handle="sol")
    with_password(people.of(secretary))
    chosen_id = people.person(name="Nadia Chosen", handle="nadia", email="nadia@example.org").id
    people.person(name="Omar Other")
    client = signed_in(app.test_client(), secretary)
    assert "/admin/people" in client.get("/admin").text
    page = client.get("/admin/people").text
    assert "Sol Secretary" in page
    assert "Nadia Chosen" not in page
    for asked in ("nad", "chosen", "@nadia", "NADIA@example.org"):
        page = client.get("/admin/people", query_string={"q": asked}).text
        assert ("Nadia Chosen" in page, "Omar Other" in page) == (True, False), asked
        assert "nadia@example.org" not in page or asked == "NADIA@example.org"
    assert "Nobody was found." in client.get("/admin/people?q=zzz").text
    assert client.get("/admin/people?after=rubbish").status_code == 422
    wrong = client.post("/admin/people/nadia", data={"role": "moderator", "reason": WHY, "password": "not this one"})
    assert wrong.status_code == 422
    assert WHY in wrong.text
    assert role_of(chosen_id) == "participant"
    done = client.post("/admin/people/nadia", data={"role": "moderator", "reason": WHY, "password": PASSWORD}, follow_redirects=True)
    assert "Nadia Chosen" in done.text
    again = client.post("/admin/people/nadia", data={"role": "moderator", "reason": WHY, "password": PASSWORD})
    assert (again.status_code, "This is their role already." in again.text) == (422, True)
    mine = client.get("/admin/people/sol").text
    assert "Nobody changes their own role" in mine
    moderator = signed_in(app.test_client(), people.moderator())
    assert {moderator.get(path).status_code for path in ("/admin/people", "/admin/people/nadia")} == {403}
    assert client.get("/admin/people/nobody-here").status_code == 404


def test_pages_of_the_list(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(appointing, "PAGE", 2)
    actor = people.secretariat(name="Zoe")
    for name in ("Ann", "Ben", "Cem"):
        people.moderator(name=name)
    found, following = appointing.people(actor, "", "", None)
    rest, end = appointing.people(actor, "", "", following)
    assert ([one.name for one in (*found, *rest)], end) == (["Ann", "Ben", "Cem", "Zoe"], None)
    assert [one.name for one in appointing.people(actor, "", "secretariat", None)[0]] == ["Zoe"]


def test_the_command(people: People, cli: Callable[..., Any]) -> None:
    people.person(email="nadia@example.org", handle="nadia")
    done = cli("user", "role", "nadia@example.org", "moderator", "--reason", WHY)
    assert (done.exit_code, done.output.strip()) == (0, "nadia is moderator now")
    for words in (("nobody@example.org", "moderator"), ("nadia@example.org", "moderator")):
        no = cli("user", "role", *words, "--reason", WHY)
        assert no.exit_code != 0
        assert len(no.output.strip().splitlines()) == 1
