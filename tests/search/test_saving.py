"""Saved searches: kept, counted, told of at once and by letter, with the rights of the moment."""

from __future__ import annotations

import email
import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email import policy
from email.message import EmailMessage
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from alliance.attachments import services as attachments
from alliance.core import clock, mail, tokens
from alliance.core import db as database
from alliance.core.errors import Invalid, NotFound, Refused
from alliance.core.settings import Settings
from alliance.discussions import holding
from alliance.discussions import services as discussions
from alliance.discussions.counters import set_status
from alliance.discussions.models import Discussion, Post
from alliance.groups import belonging
from alliance.groups.models import Group
from alliance.mailing import services as mailing
from alliance.notifications.models import Notification
from alliance.policy import Actor
from alliance.search import saved_letters, saving
from tests.grouping import founded, member
from tests.people import People
from tests.search.conftest import Forum
from tests.signing import signed_in

Drain = Callable[[], int]


def told(actor: Actor) -> list[int]:
    query = select(Notification.post_id).where(Notification.person_id == actor.person_id, Notification.kind == "search")
    return list(database.session().scalars(query.order_by(Notification.post_id)))


def test_a_search_is_kept_once_changed_and_removed(forum: Forum) -> None:
    one = saving.save(forum.jean, {"q": " radio  masts ", "space": "c2", "sort": "new"}, "", "page")
    assert (one.address, one.name) == ("q=radio+masts&space=c2", "radio masts")
    again = saving.save(forum.jean, {"space": "c2", "q": "radio masts"}, "Masts", "weekly")
    assert (again.id, [kept.search.name for kept in saving.kept(forum.jean)]) == (one.id, ["Masts"])
    assert saving.kept(forum.amina) == []
    for act in (
        lambda: saving.change(forum.amina, one.id, "page"),
        lambda: saving.remove(forum.amina, one.id),
        lambda: saving.open_(forum.amina, one.id),
    ):
        with pytest.raises(NotFound):
            act()
    with pytest.raises(Invalid):
        saving.save(forum.jean, {"sort": "new"}, "", "page")
    with pytest.raises(Invalid) as long:
        saving.save(forum.jean, {"q": "宽带 " * 200}, "", "page")
    assert "too long" in str(long.value.errors)
    with pytest.raises(Invalid):
        saving.save(forum.jean, {"q": "x"}, "", "daily")
    with pytest.raises(Refused):
        saving.save(Actor.guest(), {"q": "x"}, "", "page")
    saving.remove(forum.jean, one.id)
    assert saving.kept(forum.jean) == []


def test_what_is_new_is_counted_until_it_is_seen(forum: Forum, drain: Drain) -> None:
    forum.open("Before", "radio")
    drain()
    with clock.freeze(clock.now() + timedelta(seconds=2)):
        saved = saving.save(forum.jean, {"q": "radio"}, "", "page").id
        assert [kept.new for kept in saving.kept(forum.jean)] == [0]
        forum.open("Behind", "radio")
        drain()
        assert [kept.new for kept in saving.kept(forum.jean)] == [1]
    with clock.freeze(clock.now() + timedelta(seconds=9)):
        assert saving.open_(forum.jean, saved) == "q=radio"
        assert [kept.new for kept in saving.kept(forum.jean)] == [0]


def test_those_who_want_to_know_at_once_are_told_once_of_others_posts(forum: Forum, people: People, drain: Drain) -> None:
    reader = people.participant()
    saving.save(reader, {"q": "zeppelins"}, "", "at_once")
    saving.save(reader, {"q": "zeppelins masts"}, "", "at_once")
    first = forum.open("Zeppelins", "They carry antennas.")
    forum.open("Other", "Nothing.")
    forum.open("My own", "zeppelins", actor=reader)
    drain()
    saving.tell_at_once()
    drain()
    saving.tell_at_once()
    drain()
    assert told(reader) == [first]


def test_a_post_somebody_had_to_look_at_first_is_told_of_too(forum: Forum, people: People, drain: Drain) -> None:
    reader = people.participant()
    saving.save(reader, {"q": "zeppelins"}, "", "at_once")
    saving.save(people.participant(), {"q": "submarines"}, "", "at_once")
    first = forum.open("Masts", "On hills.")
    waited = forum.reply(first, "Zeppelins instead.")
    with database.transaction() as session:
        set_status(session.get_one(Post, waited), "held")
    meanwhile = forum.reply(first, "Zeppelins or balloons.")
    drain()
    saving.tell_at_once()
    drain()
    assert told(reader) == [meanwhile]
    with clock.freeze(clock.now() + timedelta(hours=3)):
        with database.transaction() as session:
            holding.publish_held(session.get_one(Post, waited))
            read = {first: session.get_one(Post, first).created_at, waited: clock.now()}
        drain()
        assert saving.late(read) == [waited]
        saving.tell_of_late([waited])
        saving.tell_of_late([waited])
        drain()
    assert told(reader) == [waited, meanwhile]


def test_documents_that_are_new_are_counted_too(forum: Forum, drain: Drain) -> None:
    saving.save(forum.jean, {"q": "zeppelins", "kind": "document"}, "", "page")
    with clock.freeze(clock.now() + timedelta(seconds=5)):
        file = attachments.receive(forum.amina, "zeppelins.txt", io.BytesIO(b"They carry antennas."))
        forum.open("With a file", f"See [the report](/attachments/{file.key}/{file.name}).")
        drain()
        assert [kept.new for kept in saving.kept(forum.jean)] == [1]


def test_nobody_is_told_of_what_they_may_not_read(forum: Forum, people: People, drain: Drain) -> None:
    group = founded(people, visibility="private")
    inside, chair = member(people, group), member(people, group, "chair")
    saving.save(forum.jean, {"q": "zeppelins"}, "", "at_once")
    saving.save(inside, {"q": "zeppelins"}, "", "at_once")
    opened = discussions.open_discussion(chair, group.space, "Zeppelins", "zeppelins")
    number, group_id, opened_id = opened.last_post_id, group.id, opened.id
    drain()
    saving.tell_at_once()
    drain()
    assert (told(forum.jean), told(inside)) == ([], [number])
    belonging.leave(inside, database.session().get_one(Group, group_id))
    discussions.publish_post(chair, database.session().get_one(Discussion, opened_id), "zeppelins again")
    drain()
    saving.tell_at_once()
    drain()
    assert told(inside) == [number]


def letters(settings: Settings) -> list[EmailMessage]:
    """The letters that were written, in their order."""
    files = sorted((settings.data_dir / "mail").glob("*.eml"), key=lambda file: file.stat().st_mtime_ns)
    return [email.message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]  # type: ignore[misc]


def text_of(letter: EmailMessage) -> str:
    part = letter.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def with_address(actor: Actor, address: str) -> None:
    with database.transaction() as session:
        session.merge(People.of(actor)).email = address


def test_a_letter_on_mondays_once_a_week(forum: Forum, drain: Drain, settings: Settings) -> None:
    with_address(forum.jean, "jean@example.org")
    saving.save(forum.jean, {"q": "radio"}, "All about radio", "weekly")
    forum.open("Radio in the hills", "Masts.")
    drain()
    saved_letters.write_weekly()
    saved_letters.write_weekly()
    [letter] = letters(settings)
    text = text_of(letter)
    assert "All about radio" in text
    assert "Radio in the hills #1" in text
    assert "/searches" in text
    with clock.freeze(datetime.now(UTC) + timedelta(days=7, minutes=1)):
        saved_letters.write_weekly()
    assert len(letters(settings)) == 1  # nothing new, no letter


def test_a_letter_tells_all_since_the_one_before_however_long_ago(forum: Forum, drain: Drain, settings: Settings) -> None:
    with_address(forum.jean, "jean@example.org")
    saving.save(forum.jean, {"q": "radio"}, "All about radio", "weekly")
    forum.open("Radio in the hills", "Masts.")
    drain()
    saved_letters.write_weekly()
    forum.open("Radio by the sea", "Masts.")
    drain()
    with clock.freeze(datetime.now(UTC) + timedelta(days=24)):  # two Mondays nobody wrote
        saved_letters.write_weekly()
    assert "Radio by the sea #1" in text_of(letters(settings)[1])
    assert "Radio in the hills" not in text_of(letters(settings)[1])


def test_a_letter_that_could_not_be_sent_is_written_again(
    forum: Forum, drain: Drain, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_address(forum.jean, "jean@example.org")
    saving.save(forum.jean, {"q": "radio"}, "", "weekly")
    forum.open("Radio in the hills", "Masts.")
    drain()

    def refuse(*_given: object) -> None:
        raise mail.TemporaryFailure("busy")

    with monkeypatch.context() as broken:
        broken.setattr(mail, "compose", refuse)
        saved_letters.write_weekly()
    assert letters(settings) == []
    saved_letters.write_weekly()
    assert "Radio in the hills #1" in text_of(letters(settings)[0])


def test_letters_are_stopped_by_one_click(app: Flask, forum: Forum, drain: Drain, settings: Settings) -> None:
    with_address(forum.jean, "jean@example.org")
    saving.save(forum.jean, {"q": "radio"}, "", "weekly")
    saving.save(forum.jean, {"q": "masts"}, "", "at_once")
    forum.open("Radio in the hills", "Waves.")
    drain()
    saved_letters.write_weekly()
    [letter] = [one for one in letters(settings) if one["List-Unsubscribe"]]
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = urlsplit(str(letter["List-Unsubscribe"]).strip("<>")).path
    assert link in text_of(letter)
    monkey = app.config.get("WTF_CSRF_ENABLED")
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        client = app.test_client()
        assert "<form" in client.get(link).text
        assert [one.search.alert for one in saving.kept(forum.jean)] == ["at_once", "weekly"]
        assert client.post(link, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    finally:
        app.config["WTF_CSRF_ENABLED"] = monkey
    assert [one.search.alert for one in saving.kept(forum.jean)] == ["at_once", "page"]
    for forged in ("x", tokens.sign("unsubscribe", [1, "weekly"]), tokens.sign("searches", 999_999), tokens.sign("searches", "x")):
        assert client.post(f"/searches/stop/{forged}").status_code == 404


def test_who_wants_to_know_at_once_gets_an_e_mail_until_they_stop_it(
    client: FlaskClient, forum: Forum, drain: Drain, settings: Settings
) -> None:
    with_address(forum.jean, "jean@example.org")
    saving.save(forum.jean, {"q": "zeppelins"}, "", "at_once")
    forum.open("Zeppelins over the hills", "They carry antennas.")
    drain()
    saving.tell_at_once()
    drain()
    mailing.send_due()
    [letter] = letters(settings)
    assert "which answers a search you saved" in text_of(letter)
    assert "They carry antennas." in text_of(letter)
    link = urlsplit(str(letter["List-Unsubscribe"]).strip("<>")).path
    assert "saved searches" in client.get(link).text
    assert client.post(link, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    second = forum.open("More zeppelins", "They carry letters.")
    drain()
    saving.tell_at_once()
    drain()
    mailing.send_due()
    assert len(letters(settings)) == 1
    assert second in told(forum.jean)  # on the pages still


def test_an_e_mail_is_written_with_the_rights_of_the_moment_it_is_sent(
    forum: Forum, people: People, drain: Drain, settings: Settings
) -> None:
    group = founded(people, visibility="private")
    inside, chair = member(people, group), member(people, group, "chair")
    with_address(inside, "inside@example.org")
    saving.save(inside, {"q": "zeppelins"}, "", "at_once")
    group_id = group.id
    discussions.open_discussion(chair, group.space, "Zeppelins", "zeppelins")
    drain()
    saving.tell_at_once()
    drain()
    belonging.leave(inside, database.session().get_one(Group, group_id))
    mailing.send_due()
    assert [one for one in letters(settings) if one["To"] and "inside@example.org" in one["To"] and "Zeppelins" in one["Subject"]] == []


def test_the_page(client: FlaskClient, forum: Forum, drain: Drain) -> None:
    assert client.get("/searches").status_code == 303
    forum.open("Radio", "radio")
    drain()
    assert "Save this search" not in client.get("/search?q=radio").text
    signed_in(client, forum.jean)
    assert "Save this search" in client.get("/search?q=radio&space=c2").text
    assert client.post("/searches", data={"address": "q=radio&space=c2", "name": "Waves", "alert": "weekly"}).status_code == 303
    page = client.get("/searches").text
    assert "Waves" in page
    assert "/search.atom?q=radio&amp;space=c2" in page
    [number] = [one.search.id for one in saving.kept(forum.jean)]
    assert client.get(f"/searches/{number}").location == "/search?q=radio&space=c2&sort=new"
    assert client.post(f"/searches/{number}", data={"alert": "never"}).status_code == 422
    assert client.post("/searches", data={"address": ""}).status_code == 422
    assert client.post("/searches", data={"address": "q=\ud800".encode("utf-8", "surrogatepass")}).status_code in {303, 400, 422}
    assert client.post(f"/searches/{number}", data={"remove": "1"}).status_code == 303
    assert client.get(f"/searches/{number}").status_code == 404
