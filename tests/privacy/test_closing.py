"""A closed account: nothing of the person is left anywhere, what they said is, and it happens once and in the time that was said."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from alliance.accounts import handles, passwords, queries, tokens, two_step
from alliance.accounts import services as accounts
from alliance.accounts.models import ApiToken, Person, RetiredHandle, SecurityEvent, SignIn
from alliance.core import clock, db, nameless
from alliance.core.db import Base
from alliance.core.errors import Conflict, Invalid, NotFound, Refused
from alliance.core.i18n import use_locale
from alliance.digests import departing
from alliance.digests.models import Digest
from alliance.discussions import parting, quoting, recounting, services
from alliance.discussions.models import Discussion, Post
from alliance.drafts.models import Draft
from alliance.groups.models import Group, Membership
from alliance.mailing.models import MailChoice, OutgoingMail
from alliance.moderation import log
from alliance.policy import Actor
from alliance.privacy import closing
from alliance.privacy.tables import TABLES
from alliance.stakeholders import services as stakeholders
from tests.discussing import discussion, opening, reply
from tests.grouping import founded, member, seat
from tests.people import PASSWORD, People

NAME, HANDLE, ADDRESS = "Ada Lovelace", "countess", "ada@example.org"
Drain = Callable[[], int]


@pytest.fixture
def ada(people: People) -> Actor:
    """Somebody with a password, who is to go."""
    return people.participant(name=NAME, handle=HANDLE, email=ADDRESS, bio="I wrote Note G.", password_hash=passwords.make(PASSWORD))


def closed(actor: Actor, drain: Drain) -> None:
    """Close an account and have everything done that follows."""
    assert closing.close(int(actor.person_id or 0), at_once=True)
    drain()


def quoted(actor: Actor, found: Discussion, words: str) -> int:
    """An answer that quotes the opening post; its number."""
    quote = quoting.quotation(opening(found))
    with db.transaction():
        post = services.publish_post(actor, found, f"{quote.markdown}{words}", parent=opening(found))
        quoting.keep(actor, post, quote.reference)
    return post.id


def texts() -> Iterator[tuple[str, str, str]]:
    """Every text in the database, with its table and column."""
    for name, table in Base.metadata.tables.items():
        for row in db.session().execute(select(table)).mappings():
            yield from ((name, str(column), str(value)) for column, value in row.items() if isinstance(value, str | bytes | list | dict))


def later(monkeypatch: pytest.MonkeyPatch, more: timedelta) -> None:
    now = clock.now() + more
    monkeypatch.setattr(clock, "now", lambda: now)


def test_the_name_is_nowhere_and_what_was_said_is(people: People, ada: Actor, drain: Drain) -> None:
    other = people.participant()
    found = discussion(ada, body="What I said of looms.")
    first = opening(found)
    services.edit_post(ada, first, "What I said of looms and of engines.", expected_revision=first.revision)
    answer_id, first_id = quoted(other, found, f"So it is, @{HANDLE}."), first.id
    with db.transaction() as session:
        moment = clock.now()
        session.add(Draft(person_id=ada.person_id, place="new:c1", fields={"body": NAME}, nonce="n", created_at=moment, updated_at=moment))
        session.add(MailChoice(person_id=ada.person_id))
        session.add(SignIn(person_id=ada.person_id, key="k", begun_at=moment))
        session.add(OutgoingMail(address=ADDRESS, key="x", kind="reset", created_at=moment))
    tokens.create_token(People.of(ada), "read")
    drain()
    assert f'href="/people/{HANDLE}"' in db.session().get_one(Post, answer_id).html
    closed(ada, drain)
    gone = ("lovelace", ADDRESS, "note g")
    assert [(table, column) for table, column, value in texts() if any(word in value.lower() for word in gone)] == []
    said = {(table, column) for table, column, value in texts() if HANDLE in value}
    assert said == {("posts", "body"), ("posts", "html")}, "others' own words, and nothing else"
    kept = db.session().get_one(Post, answer_id)
    assert "A former participant:\n> What I said" in kept.body
    assert NAME not in kept.body
    assert f"@{HANDLE}" in kept.body
    assert "/people/" not in kept.html
    assert "engines" in db.session().get_one(Post, first_id).html
    assert recounting.check().people == []


def test_every_table_of_ones_own_is_left_as_it_says(people: People, ada: Actor, drain: Drain) -> None:
    discussion(ada)
    tokens.create_token(People.of(ada), "read")
    drain()
    closed(ada, drain)
    for name, one in TABLES.items():
        if one.closing in {"goes", "ends"}:
            table = Base.metadata.tables[name]
            for column in one.own:
                assert db.session().scalar(select(func.count()).where(table.c[column] == ada.person_id)) == 0, name
    assert db.session().scalar(select(func.count()).select_from(Post)) == 1
    row = db.session().get_one(Person, ada.person_id)
    assert (row.email, row.password_hash, row.bio, row.country, row.participant) == (None, None, "", None, nameless.NOBODY)


def test_every_rule_of_closing_can_be_carried_out() -> None:
    for name, one in TABLES.items():
        assert set(one.emptied) <= set(Base.metadata.tables[name].c.keys()), name
        assert bool(one.emptied) == (one.closing == "emptied"), name
        assert one.own or one.closing == "stays", name


def test_pages_and_feeds_and_programs_call_them_a_former_participant(people: People, ada: Actor, drain: Drain, client: FlaskClient) -> None:
    found = discussion(ada, title="Looms")
    reply(people.participant(), found, opening(found), f"As @{HANDLE} says.")
    address, post_id = f"/d/{found.id}/{found.slug}", opening(found).id
    drain()
    pages = [address, f"/feeds/discussion/{found.id}.atom", f"{address}.txt", f"{address}/all", f"/api/v1/posts/{post_id}", "/latest"]
    assert [NAME in client.get(page).text for page in pages] == [True] * 5 + [NAME in client.get("/latest").text]
    closed(ada, drain)
    for page in pages:
        assert client.get(page).status_code == 200, page
        assert "Lovelace" not in client.get(page).text, page
        assert f"/people/{HANDLE}" not in client.get(page).text, page
    assert "A former participant" in client.get(address).text
    assert client.get(f"/api/v1/posts/{post_id}").json["author"]["handle"] == ""
    for gone in (HANDLE, nameless.former(int(ada.person_id or 0))):
        assert client.get(f"/people/{gone}").status_code == 404
    assert client.get("/api/v1/search?q=Lovelace").json["items"] == []
    assert "Lovelace" not in client.get("/people").text


def test_statements_stand_under_the_organization(people: People, ada: Actor, drain: Drain, client: FlaskClient) -> None:
    person = People.of(ada)
    claim = stakeholders.affiliate(person, stakeholders.Claim("Analytical Society", "civil_society", "CH"))
    stakeholders.decide(people.secretariat(), claim.id, verified=True)
    found = discussion(ada, title="Looms", affiliation_id=claim.id)
    personal_id = reply(ada, found, opening(found), "And this I say myself.").id
    found_id, stated_id, address = found.id, opening(found).id, f"/d/{found.id}/{found.slug}"
    handle, slug = nameless.of_organization(claim.organization_id), claim.organization.slug
    closed(ada, drain)
    author = db.session().get_one(Post, stated_id).author
    assert (author.name, author.handle) == ("Analytical Society", handle)
    assert db.session().get_one(Discussion, found_id).author_id == author.id
    assert db.session().get_one(Post, personal_id).author.name == nameless.FORMER
    assert len(recounting.check()) == 0
    assert "Analytical Society" in client.get(address).text
    assert client.get(f"/people/{handle}").status_code == 404
    assert NAME not in client.get(f"/organizations/{slug}").text
    parting.give_statements(int(ada.person_id or 0))
    assert len(recounting.check()) == 0


def test_what_was_killed_half_way_is_done_to_the_end(people: People, ada: Actor, drain: Drain, monkeypatch: pytest.MonkeyPatch) -> None:
    found = discussion(ada)
    answer_id = quoted(people.participant(), found, "Yes.")
    person_id = int(ada.person_id or 0)

    def killed(_person_id: int) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as half_way:
        half_way.setattr(closing, "_empty_tables", killed)
        with pytest.raises(KeyboardInterrupt):
            closing.close(person_id, at_once=True)
    db.release()
    assert db.session().get_one(Person, person_id).name == NAME, "as a whole or not at all"
    assert closing.close(person_id, at_once=True)
    assert not closing.close(person_id, at_once=True), "once"
    with monkeypatch.context() as half_way:
        half_way.setattr(parting, "give_statements", killed)
        with pytest.raises(KeyboardInterrupt):
            closing.clear(person_id)
    db.release()
    drain()
    assert NAME not in db.session().get_one(Post, answer_id).body
    assert db.session().scalars(select(RetiredHandle.handle)).all() == [None]


def test_two_weeks_in_which_it_can_be_kept(ada: Actor, drain: Drain, monkeypatch: pytest.MonkeyPatch) -> None:
    person_id = int(ada.person_id or 0)
    closing.ask(ada, People.of(ada), PASSWORD)
    with pytest.raises(Conflict):
        closing.ask(ada, People.of(ada), PASSWORD)
    drain()
    assert db.session().scalar(select(func.count()).where(OutgoingMail.kind == "new-closing")) == 1
    closing.keep(ada, People.of(ada))
    later(monkeypatch, timedelta(days=15))
    closing.close_due()
    assert db.session().get_one(Person, person_id).name == NAME
    closing.ask(ada, People.of(ada), PASSWORD)
    later(monkeypatch, timedelta(days=13, hours=23))
    closing.close_due()
    assert db.session().get_one(Person, person_id).name == NAME
    later(monkeypatch, timedelta(hours=1))
    closing.close_due()
    assert db.session().get_one(Person, person_id).name == nameless.FORMER


def test_password_and_code_are_asked_for(people: People, ada: Actor) -> None:
    person = People.of(ada)
    with pytest.raises(Invalid) as refused:
        closing.ask(ada, person, "wrong")
    assert list(refused.value.errors) == ["password"]
    with pytest.raises(Refused):
        closing.ask(people.secretariat(), person, PASSWORD)
    two_step.begin(ada, person, PASSWORD)
    held = two_step.waiting(person)
    assert held is not None
    [code, *_more] = two_step.turn_on(ada, person, two_step.pyotp.TOTP(held.secret).now())
    for wrong in ("", "000000", "\x00", "x" * 60):
        with pytest.raises(Invalid) as refused:
            closing.ask(ada, person, PASSWORD, wrong)
        assert list(refused.value.errors) == ["code"]
    assert person.closing_at is None
    closing.ask(ada, person, PASSWORD, code)
    assert person.closing_at is not None


def test_who_is_suspended_may_close_too(people: People) -> None:
    gone = people.suspended(password_hash=passwords.make(PASSWORD))
    closing.ask(gone, People.of(gone), PASSWORD)
    assert People.of(gone).closing_at is not None


def test_the_last_of_the_secretariat_stays(people: People) -> None:
    last = people.secretariat(password_hash=passwords.make(PASSWORD))
    with pytest.raises(Conflict):
        closing.ask(last, People.of(last), PASSWORD)
    people.secretariat()
    closing.ask(last, People.of(last), PASSWORD)


def test_the_handle_is_nobodys_again_and_the_address_can_be_registered(people: People, ada: Actor, drain: Drain) -> None:
    closed(ada, drain)
    with pytest.raises(Invalid):
        handles.checked(HANDLE)
    with pytest.raises(Invalid):
        handles.checked(HANDLE.replace("o", "0"))
    anew = accounts.create(ADDRESS, PASSWORD, accounts.Profile(name=NAME))
    assert anew.id != ada.person_id
    assert anew.handle != HANDLE
    assert accounts.authenticate(ADDRESS, PASSWORD) == anew
    with pytest.raises(NotFound):
        queries.get_person(Actor.system(), HANDLE)


def test_it_is_said_in_the_language_of_the_reader() -> None:
    with use_locale("en"):
        assert nameless.called(nameless.FORMER) == "A former participant"
    assert nameless.is_nameless(nameless.former(5))
    assert nameless.handle_out(nameless.of_organization(5)) == ""


def test_the_log_of_moderators_keeps_its_chain(people: People, ada: Actor, drain: Drain, client: FlaskClient) -> None:
    found_id = discussion(people.participant()).id
    people.moderator(email="moderator@example.org", password_hash=passwords.make(PASSWORD))
    client.post("/sign-in", data={"email": "moderator@example.org", "password": PASSWORD})
    with db.transaction():
        log.write(
            People.actor(People.of(ada)),
            "lock",
            "Enough was said.",
            discussion=db.session().get_one(Discussion, found_id),
            person_id=ada.person_id,
        )
    assert NAME in client.get("/moderation/log").text
    closed(ada, drain)
    page = client.get("/moderation/log").text
    assert "Enough was said." in page
    assert "A former participant" in page
    assert "Lovelace" not in page
    assert log.verify() == (1, None)


def test_memberships_end(people: People, ada: Actor, drain: Drain) -> None:
    with db.transaction() as session:
        space_id = discussion(people.participant()).space_id
        session.add(Membership(space_id=space_id, person_id=ada.person_id, role="moderator", joined_at=clock.now()))
    closed(ada, drain)
    assert db.session().scalar(select(func.count()).select_from(Membership)) == 0


@pytest.fixture
def signed_in(client: FlaskClient, ada: Actor) -> FlaskClient:
    """Ada's browser."""
    enter(client)
    return client


def enter(client: FlaskClient) -> Any:
    return client.post("/sign-in", data={"email": ADDRESS, "password": PASSWORD})


def test_from_the_page_to_the_end_of_it_and_back(app: Flask, signed_in: FlaskClient, ada: Actor) -> None:
    elsewhere = app.test_client()
    enter(elsewhere)
    secret = tokens.create_token(People.of(ada), "read")
    assert "/settings/data/close" in signed_in.get("/settings/data").text
    said = signed_in.get("/settings/data/close").text
    assert "for good" in said
    assert signed_in.post("/settings/data/close", data={"password": PASSWORD}).headers["Location"] == "/"
    for browser in (signed_in, elsewhere):
        assert "/sign-in" in browser.get("/settings/data").headers["Location"]
    assert queries.live_token(secret) is None
    assert enter(signed_in).headers["Location"] == "/settings/data"
    assert "Keep my account" in signed_in.get("/settings/data").text
    assert "Keep my account" in signed_in.get("/settings/data/close").text
    assert signed_in.post("/settings/data/keep").status_code == 303
    assert "Keep my account" not in signed_in.get("/settings/data").text
    kinds = set(db.session().scalars(select(SecurityEvent.kind).where(SecurityEvent.person_id == ada.person_id)))
    assert {"closing_asked", "closing_undone"} <= kinds


@pytest.mark.parametrize("password", [None, "", "wrong", "x" * 5000, "\x00", "ünïcode \U0001f600"])
def test_a_wrong_password_closes_nothing(signed_in: FlaskClient, ada: Actor, password: str | None) -> None:
    answer = signed_in.post("/settings/data/close", data={} if password is None else {"password": password})
    assert answer.status_code == 422
    assert People.of(ada).closing_at is None


def test_the_command(cli: Any, ada: Actor, drain: Drain) -> None:
    assert cli("user", "close", "nobody@example.org").exit_code != 0
    first = cli("user", "close", ADDRESS)
    assert (first.exit_code, "will be closed on" in first.output) == (0, True)
    assert cli("user", "close", ADDRESS).exit_code != 0
    assert cli("user", "close", ADDRESS, "--now").exit_code == 0
    drain()
    db.session().expire_all()
    assert db.session().get_one(Person, ada.person_id).name == nameless.FORMER
    assert db.session().scalar(select(func.count()).select_from(ApiToken)) == 0


def test_a_group_left_without_its_chair_is_shown_to_the_secretariat(people: People, ada: Actor, drain: Drain, client: FlaskClient) -> None:
    group = founded(people)
    seat(group, ada, "chair")
    member(people, group)
    group_id, slug = group.id, group.space.code
    people.person(email="office@example.org", role="secretariat", password_hash=passwords.make(PASSWORD))
    client.post("/sign-in", data={"email": "office@example.org", "password": PASSWORD})
    assert NAME in client.get(f"/groups/{slug}").text
    closed(ada, drain)
    assert db.session().get_one(Group, group_id).members_count == 1
    assert NAME not in client.get(f"/groups/{slug}").text
    shown = client.get("/admin/groups").text
    assert f"/groups/{slug}" in shown
    assert "no chair" in shown


@pytest.mark.parametrize("signed", [False, True])
def test_a_signed_digest_keeps_who_contributed_and_says_so(ada: Actor, drain: Drain, client: FlaskClient, signed: bool) -> None:
    discussion(ada)
    moment = clock.now()
    listed = [{"handle": HANDLE, "name": NAME, "stakeholder_type": "civil_society", "organization": None, "country": "CH", "posts": 1}]
    with db.transaction() as session:
        digest = Digest(
            symbol="ALLIANCE/DIG/2026/1",
            period_start=moment.date(),
            period_end=moment.date(),
            figures={"contributors": listed},
            settings={},
            compiled_at=moment,
            signed_at=moment if signed else None,
        )
        session.add(digest)
        session.flush()
        digest_id = digest.id
    closed(ada, drain)
    kept = db.session().get_one(Digest, digest_id)
    assert [one["name"] for one in kept.figures["contributors"]] == ([NAME] if signed else [])
    assert departing.departed(kept) == int(signed)
