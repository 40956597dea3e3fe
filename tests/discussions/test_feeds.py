"""Atom feeds: what RFC 4287 asks, whole entries, nothing that is not for everybody."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from lxml import etree, html
from sqlalchemy import select, update

from alliance.core import db as database
from alliance.discussions import queries, services
from alliance.discussions.models import Discussion, Post
from alliance.groups.models import Space
from alliance.moderation import services as moderation
from tests import discussing
from tests.counting import statements
from tests.people import People

ATOM = "{http://www.w3.org/2005/Atom}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
BASE = "http://localhost"


def read(client: FlaskClient, path: str) -> Any:
    """A feed, after looking whether it is one: what RFC 4287 says must be there once, is."""
    answer = client.get(path)
    assert answer.status_code == 200, path
    assert answer.content_type == "application/atom+xml; charset=utf-8"
    feed = etree.fromstring(answer.data)
    assert feed.tag == f"{ATOM}feed"
    for element in (feed, *feed.findall(f"{ATOM}entry")):
        for once in ("id", "title", "updated"):
            assert len(element.findall(f"{ATOM}{once}")) == 1, once
        assert element.findtext(f"{ATOM}id").startswith(f"{BASE}/")
        assert datetime.fromisoformat(element.findtext(f"{ATOM}updated")).tzinfo is not None
        assert element.findall(f"{ATOM}link[@rel='alternate']")
    assert all(entry.findtext(f"{ATOM}author/{ATOM}name") for entry in feed.findall(f"{ATOM}entry"))
    assert feed.find(f"{ATOM}link[@rel='self']").get("href") == f"{BASE}{path}"
    assert feed.get(LANG) == "en"
    return feed


def entries(feed: Any) -> list[Any]:
    """Its entries."""
    return list(feed.findall(f"{ATOM}entry"))


@pytest.fixture
def written(people: People) -> dict[str, Any]:
    """A discussion with an answer in another language."""
    amina = people.participant(name="Amina <Diallo> & Co")
    found = discussing.discussion(amina, "Who pays & how <much>?", "See [our page](/about) and ![a map](/x).\n\n> 1 < 2")
    reply = discussing.reply(amina, found, body="Les utilisateurs paient.", language="fr")
    return {"id": found.id, "slug": found.slug, "reply": reply.id, "amina": amina}


def test_a_discussion_is_told_newest_first_with_whole_entries(client: FlaskClient, written: dict[str, Any]) -> None:
    feed = read(client, f"/feeds/discussion/{written['id']}.atom")
    assert feed.findtext(f"{ATOM}title") == "Who pays & how <much>?"
    reply, first = entries(feed)
    assert reply.findtext(f"{ATOM}title") == "Who pays & how <much>? #2"
    assert reply.findtext(f"{ATOM}id") == f"{BASE}/p/{written['reply']}"
    assert reply.find(f"{ATOM}content").get(LANG) == "fr"
    assert reply.findtext(f"{ATOM}content").strip() == "<p>Les utilisateurs paient.</p>"
    assert first.findtext(f"{ATOM}author/{ATOM}name") == "Amina <Diallo> & Co"
    assert first.find(f"{ATOM}content").get("type") == "html"
    assert first.find(f"{ATOM}category").get("term") == "civil_society"


def test_addresses_in_entries_are_whole(client: FlaskClient, written: dict[str, Any]) -> None:
    first = entries(read(client, f"/feeds/discussion/{written['id']}.atom"))[-1]
    inside = html.fromstring(first.findtext(f"{ATOM}content"))
    found = [element.get("href") or element.get("src") for element in inside.xpath("//*[@href or @src]")]
    assert found
    assert all(address.startswith(f"{BASE}/") for address in found)


def test_an_edit_updates_entry_and_feed_and_no_id(client: FlaskClient, written: dict[str, Any]) -> None:
    before = read(client, "/feeds/c2.atom")
    post = database.session().get_one(Post, written["reply"])
    with database.transaction() as session:
        session.execute(update(Post).where(Post.id == written["id"]).values(edited_at=None))
    services.edit_post(written["amina"], post, "Les États paient.", expected_revision=1, language="fr")
    with database.transaction() as session:
        moment = datetime.fromisoformat("2027-01-01T00:00:00+00:00")
        session.execute(update(Post).where(Post.id == written["reply"]).values(edited_at=moment))
    after = read(client, "/feeds/c2.atom")
    assert after.findtext(f"{ATOM}updated") == "2027-01-01T00:00:00+00:00" == entries(after)[0].findtext(f"{ATOM}updated")
    ids = [[entry.findtext(f"{ATOM}id") for entry in entries(feed)] for feed in (before, after)]
    assert ids[0] == ids[1]
    assert "États" in entries(after)[0].findtext(f"{ATOM}content")


def test_who_has_it_already_gets_304(client: FlaskClient, written: dict[str, Any], drain: Callable[[], int]) -> None:
    drain()
    for path in ("/feeds/c2.atom", f"/feeds/discussion/{written['id']}.atom", "/search.atom?q=utilisateurs"):
        first = client.get(path)
        tag = first.headers["ETag"]
        again = client.get(path, headers={"If-None-Match": tag})
        assert (again.status_code, again.data) == (304, b""), path
        assert again.headers["ETag"] == tag
    discussing.reply(written["amina"], database.session().get_one(Discussion, written["id"]), body="Encore.")
    assert client.get("/feeds/c2.atom", headers={"If-None-Match": tag}).status_code == 200


def test_a_feed_asked_for_again_costs_one_plain_query(client: FlaskClient, written: dict[str, Any]) -> None:
    client.get("/feeds/c2.atom")
    database.release()
    with statements() as seen:
        assert client.get("/feeds/c2.atom").status_code == 200
    assert len(seen) <= 1  # the desk before the application asks whether it still holds


def test_what_is_not_for_everybody_is_in_no_feed(client: FlaskClient, people: People, written: dict[str, Any]) -> None:
    moderator = people.moderator(name="The moderator")
    moderation.hide(moderator, written["reply"], "off_topic")
    paths = ("/feeds/c2.atom", f"/feeds/discussion/{written['id']}.atom", "/search.atom?q=utilisateurs")
    for path in paths:
        assert "utilisateurs paient" not in client.get(path).text
    assert "@" not in client.get(paths[0]).text
    with database.transaction() as session:
        for space in session.scalars(select(Space)):
            space.visibility = "members"
    assert [client.get(path).status_code for path in paths] == [404, 404, 200]
    assert "<entry>" not in client.get(paths[2]).text


def test_a_moderator_signed_in_gets_no_hidden_posts_either(client: FlaskClient, people: People, written: dict[str, Any]) -> None:
    moderator = people.moderator()
    moderation.hide(moderator, written["reply"], "off_topic")
    feed = queries.newest_posts(moderator, discussion=database.session().get_one(Discussion, written["id"]))
    assert [row.number for row in feed] == [1]


def test_characters_xml_cannot_hold_are_left_out(client: FlaskClient, written: dict[str, Any]) -> None:
    with database.transaction() as session:
        session.execute(update(Discussion).values(title="Odd \ufffe\x0b title"))
    assert read(client, f"/feeds/discussion/{written['id']}.atom").findtext(f"{ATOM}title") == "Odd  title"


def test_a_space_without_posts_has_a_feed(client: FlaskClient, db: Any) -> None:
    discussing.space("c9")
    assert entries(read(client, "/feeds/c9.atom")) == []


def test_a_search_has_a_feed_that_its_page_names(client: FlaskClient, written: dict[str, Any], drain: Callable[[], int]) -> None:
    drain()
    page = html.fromstring(client.get("/search?q=utilisateurs&language=fr").text)
    [address] = page.xpath("//link[@rel='alternate'][@type='application/atom+xml']/@href")
    assert address == "/search.atom?q=utilisateurs&language=fr"
    feed = read(client, address)
    assert feed.findtext(f"{ATOM}title") == "Search: utilisateurs"
    assert [entry.findtext(f"{ATOM}id") for entry in entries(feed)] == [f"{BASE}/p/{written['reply']}"]
    assert client.get("/search.atom?q=a&space=nowhere").status_code == 422


def test_pages_name_their_feeds(client: FlaskClient, written: dict[str, Any]) -> None:
    for page, feed in (
        (f"/d/{written['id']}/{written['slug']}", f"/feeds/discussion/{written['id']}.atom"),
        ("/action-lines/c2", "/feeds/c2.atom"),
    ):
        tree = html.fromstring(client.get(page).text)
        assert tree.xpath("//head/link[@rel='alternate'][@type='application/atom+xml']/@href") == [feed]
