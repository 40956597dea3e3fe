"""The pages of discussions, as a browser without JavaScript uses them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import etree
from sqlalchemy import event, func, select

from alliance.accounts import passwords
from alliance.core import db as database
from alliance.discussions import services
from alliance.discussions.models import Discussion, Post
from alliance.moderation import services as moderation
from tests import discussing
from tests.attacks import SAMPLES
from tests.people import PASSWORD, People


@pytest.fixture
def writer(client: FlaskClient, people: People) -> Any:
    """Somebody signed in."""
    actor = people.participant(email="w@example.org", password_hash=passwords.make(PASSWORD))
    client.post("/sign-in", data={"email": "w@example.org", "password": PASSWORD})
    return actor


def path_of(found: Discussion) -> str:
    return f"/d/{found.id}/{found.slug}"


def posts() -> int:
    return database.session().scalar(select(func.count(Post.id))) or 0


def test_opening_a_discussion(client: FlaskClient, writer: Any) -> None:
    discussing.space()
    answer = client.post("/action-lines/c2/new", data={"title": "Spectrum for schools", "body": "Is it **unused**?", "nonce": "n1"})
    assert answer.status_code == 303
    page = client.get(answer.location).text
    assert "Spectrum for schools" in page
    assert "<strong>unused</strong>" in page


def test_sending_twice_makes_one_post(client: FlaskClient, writer: Any) -> None:
    found = discussing.discussion(writer)
    path = path_of(found)
    answers = [client.post(f"{path}/reply", data={"body": "Only once, please.", "nonce": "same"}) for _time in range(3)]
    assert {a.status_code for a in answers} == {303}
    assert len({a.location for a in answers}) == 1
    assert posts() == 2
    client.post(f"{path}/reply", data={"body": "Something else.", "nonce": "another"})
    assert posts() == 3


def test_a_rejected_reply_comes_back_filled_in(client: FlaskClient, writer: Any) -> None:
    found = discussing.discussion(writer)
    long = "x" * 100_001
    answer = client.post(f"{path_of(found)}/reply", data={"body": long, "nonce": "n"})
    assert answer.status_code == 422
    assert long in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert posts() == 1


def test_preview_writes_nothing(client: FlaskClient, writer: Any) -> None:
    found = discussing.discussion(writer)
    answer = client.post(f"{path_of(found)}/reply", data={"body": "Some *words*.", "preview": "1", "nonce": "n"})
    assert answer.status_code == 200
    assert "<em>words</em>" in answer.text
    assert "Some *words*." in answer.text
    assert posts() == 1


def test_replying_to_a_post_with_a_quotation(client: FlaskClient, writer: Any) -> None:
    found = discussing.discussion(writer)
    path = path_of(found)
    post_id = discussing.reply(writer, found, body="Ten per cent.").id
    page = client.get(f"/p/{post_id}/quote", follow_redirects=True).text
    assert "&gt; Ten per cent." in page
    assert f'name="parent_id" type="hidden" value="{post_id}"' in page
    answer = client.post(f"{path}/reply", data={"body": "> Ten per cent.\n\nEleven.", "parent_id": str(post_id), "nonce": "n"})
    page = client.get(answer.location, follow_redirects=True).text
    assert "in reply to #2" in page


def test_a_locked_discussion_keeps_the_text_one_has_written(client: FlaskClient, writer: Any, people: People) -> None:
    found = discussing.discussion(writer)
    path = path_of(found)
    moderation.lock(people.moderator(), found.id, "Decided.")
    answer = client.post(f"{path}/reply", data={"body": "A long text.", "nonce": "n"})
    assert answer.status_code == 403
    assert posts() == 1


def test_edit_history_and_a_stale_edit(client: FlaskClient, writer: Any) -> None:
    post = discussing.opening(discussing.discussion(writer, body="First words."))
    post_id = post.id
    assert 'value="1"' in client.get(f"/p/{post_id}/edit").text
    assert client.post(f"/p/{post_id}/edit", data={"body": "Second words.", "revision": "1"}).status_code == 303
    stale = client.post(f"/p/{post_id}/edit", data={"body": "Third words.", "revision": "1"})
    assert stale.status_code == 409
    assert "Second words." in stale.text
    assert "Third words." in stale.text
    history = client.get(f"/p/{post_id}/history").text
    assert "First words." in history
    assert "</span>Second<" in history


def test_withdrawing_asks_first(client: FlaskClient, writer: Any) -> None:
    found = discussing.discussion(writer)
    post_id = discussing.reply(writer, found, body="Regretted.").id
    assert client.get(f"/p/{post_id}/withdraw").status_code == 200
    assert client.post(f"/p/{post_id}/withdraw").status_code == 303
    assert client.get(f"/p/{post_id}").status_code == 404


def test_the_slug_is_only_a_reminder(client: FlaskClient, people: People) -> None:
    found = discussing.discussion(people.participant())
    path = path_of(found)
    for wrong in (f"/d/{found.id}", f"/d/{found.id}/something-else"):
        answer = client.get(f"{wrong}?lang=fr")
        assert answer.status_code == 308
        assert answer.location == f"{path}?lang=fr"


def test_a_permalink_lands_on_the_right_page(client: FlaskClient, people: People) -> None:
    actor = people.participant(posts_count=9)
    found = discussing.discussion(actor)
    with database.transaction():
        ids = [discussing.reply(actor, found).id for _number in range(70)]
    for post_id in (ids[0], ids[35], ids[69]):
        answer = client.get(f"/p/{post_id}")
        assert answer.status_code == 303
        assert answer.location.endswith(f"#p{post_id}")
        assert f'id="p{post_id}"' in client.get(answer.location).text


@pytest.mark.parametrize("start", ["%00", "zzzz", "x" * 5000, "../..", "1'; --"])
def test_made_up_places_are_no_error(client: FlaskClient, people: People, start: str) -> None:
    found = discussing.discussion(people.participant())
    assert client.get(f"{path_of(found)}?from={start}&reply_to={start}").status_code == 200


def test_attacks_stay_text_on_every_page(client: FlaskClient, writer: Any, people: People) -> None:
    found = discussing.discussion(writer)
    for source in SAMPLES:
        discussing.discussion(writer, title=source[:150], body=source)
        discussing.reply(writer, found, body=source)
    for path in ("/", "/latest", "/action-lines/c2", path_of(found), "/feeds/c2.atom", f"/people/{people.of(writer).handle}"):
        page = client.get(path).text
        assert "<script>alert" not in page, path
        assert "onerror=alert" not in page.replace("&#34;", '"').replace("&lt;svg/onload", "") or "&lt;" in page, path
        scripts = re.findall(r"<script[^>]*>", page)
        assert all(" src=" in script for script in scripts), path
        assert not re.search(r"<[a-z]+[^>]*\son[a-z]+=", page.replace("&#34;", "")), path


def test_feeds_are_well_formed_and_escaped(client: FlaskClient, people: People) -> None:
    actor = people.participant(name="A & <B>")
    found = discussing.discussion(actor, title="Fees & <tariffs>", body="a < b & **c**")
    for path in ("/feeds/c2.atom", f"/feeds/discussion/{found.id}.atom"):
        answer = client.get(path)
        assert answer.content_type.startswith("application/atom+xml")
        root = etree.fromstring(answer.data)
        space = {"a": "http://www.w3.org/2005/Atom"}
        assert root.findtext("a:entry/a:author/a:name", namespaces=space) == "A & <B>"
        assert "<strong>c</strong>" in (root.findtext("a:entry/a:content", namespaces=space) or "")


@pytest.mark.parametrize("path", ["/", "/latest", "/action-lines/c2", "/feeds/c2.atom", "DISCUSSION"])
def test_queries_do_not_grow_with_what_is_shown(app: Flask, people: People, path: str) -> None:
    actors = [people.participant() for _number in range(6)]
    found = discussing.discussion(actors[0])
    path, found_id = path_of(found) if path == "DISCUSSION" else path, found.id
    few = _queries(app, path)
    with database.transaction() as session:
        for number in range(24):
            discussing.reply(actors[number % 6], session.get_one(Discussion, found_id))
            discussing.discussion(actors[number % 6], title=f"Discussion {number}")
    assert _queries(app, path) == few
    more = path.startswith(("/action-lines/", "/d/"))  # there it is asked, too, what is closed; what was cut off mails
    assert few <= (9 if more else 8)


def _queries(app: Flask, path: str) -> int:
    """How many statements a guest's page takes."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement.startswith("SELECT"):
            statements.append(statement)

    database.replaced()  # nothing is kept: the page is made
    event.listen(database.engine(), "before_cursor_execute", note)
    try:
        assert app.test_client().get(path).status_code == 200
    finally:
        event.remove(database.engine(), "before_cursor_execute", note)
    return len(statements)


def test_a_hidden_or_withdrawn_post_is_nowhere(client: FlaskClient, writer: Any, people: People) -> None:
    found = discussing.discussion(writer)
    withdrawn = discussing.reply(writer, found, body="MARK-withdrawn")
    hidden = discussing.reply(writer, found, body="MARK-hidden")
    discussing.reply(writer, found, withdrawn)
    discussing.reply(writer, found, hidden)
    services.withdraw_post(writer, withdrawn)
    moderation.hide(people.moderator(), hidden.id, "Not here.")
    ids = (withdrawn.id, hidden.id)
    handle, path = people.of(writer).handle, path_of(found)
    guest = client.application.test_client()
    paths = ["/", path, "/feeds/c2.atom", f"/people/{handle}", f"/api/v1/discussions/{found.id}/posts", "/moderation/log"]
    paths += [f"/p/{i}{end}" for i in ids for end in ("/history", "/edit", "/flag")] + [
        f"/api/v1/posts/{i}{end}" for i in ids for end in ("", "/revisions")
    ]
    for one in paths:
        assert "MARK-" not in guest.get(one, follow_redirects=True).text, one
