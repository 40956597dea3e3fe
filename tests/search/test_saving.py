"""Saved searches: kept, counted, told of at once and by letter, with the rights of the moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from alliance.core import clock
from alliance.core import db as database
from alliance.core.errors import Invalid, NotFound, Refused
from alliance.core.settings import Settings
from alliance.discussions import services as discussions
from alliance.discussions.models import Discussion
from alliance.groups import belonging
from alliance.groups.models import Group
from alliance.notifications.models import Notification
from alliance.policy import Actor
from alliance.search import saving
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


def test_a_letter_on_mondays_once_a_week(forum: Forum, drain: Drain, settings: Settings) -> None:
    with database.transaction() as session:
        person = People.of(forum.jean)
        session.merge(person).email = "jean@example.org"
    saving.save(forum.jean, {"q": "radio"}, "All about radio", "weekly")
    forum.open("Radio in the hills", "Masts.")
    drain()
    saving.write_weekly()
    saving.write_weekly()
    [letter] = (settings.data_dir / "mail").glob("*.eml")
    text = letter.read_text()
    assert "All about radio" in text
    assert "Radio in the hills #1" in text
    assert "/searches" in text
    with clock.freeze(datetime.now(UTC) + timedelta(days=7, minutes=1)):
        saving.write_weekly()
    assert len(list((settings.data_dir / "mail").glob("*.eml"))) == 1  # nothing new, no letter


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
