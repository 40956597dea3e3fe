"""The pages of the queue, of the log and of the author: without script, with nothing given away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from alliance.accounts import passwords
from alliance.moderation import queries, services
from tests import discussing
from tests.moderation.test_desk import LINKS
from tests.people import PASSWORD, People


@pytest.fixture
def browser_of(app: Flask, people: People) -> Callable[..., FlaskClient]:
    hashed = passwords.make(PASSWORD)

    def signed_in(**columns: Any) -> FlaskClient:
        person = people.person(password_hash=hashed, **columns)
        client = app.test_client()
        client.post("/sign-in", data={"email": person.email, "password": PASSWORD})
        return client

    return signed_in


@pytest.fixture
def post_id(db: Any, people: People) -> int:
    author = people.participant(posts_count=9)
    return discussing.reply(author, discussing.discussion(author), body="MARK text.").id


def test_from_the_queue_to_the_decision_and_back(browser_of: Callable[..., FlaskClient], people: People, post_id: int) -> None:
    services.flag_post(people.participant(name="Flora Flagger"), post_id, "spam", "Sells things.")
    first, second = browser_of(role="moderator"), browser_of(role="moderator", name="Second Moderator")
    item = queries.open_item("flag", post_id)
    assert item is not None
    page, address = first.get("/moderation").text, f"/moderation/items/{item.id}"
    assert ("MARK text." in page, "Sells things." in page, "Flora Flagger" in page, address in page) == (True,) * 4
    assert first.post(f"{address}/claim").status_code == 303
    assert "is deciding this" in second.get(address).text
    late = second.post(address, data={"decision": "keep"})
    assert (late.status_code, late.location) == (303, address)
    assert first.post(f"{address}/note", data={"note": "Seen."}).status_code == 303
    assert first.post(address, data={"decision": "hide"}).status_code == 422
    assert first.post(address, data={"decision": "hide", "code": "spam", "reason": "A shop."}).status_code == 303
    seen = second.get(address).text
    assert ("A shop." in seen, "Seen." in seen) == (True, True)
    assert second.post(address, data={"decision": "hide", "code": "spam"}).location == address
    assert "Take it back" in first.get("/moderation?status=decided").text
    assert first.post(f"{address}/undo").status_code == 303
    assert "MARK text." in first.get("/moderation?kind=flag&language=x&space=y").text
    assert first.post("/moderation/bulk", data={"item": [str(item.id), "x"], "decision": "keep"}).status_code == 422
    assert first.post("/moderation/bulk", data={"item": str(item.id), "decision": "keep", "reason": "Fine."}).status_code == 303
    assert "Nothing waits for you" in first.get("/moderation").text


def test_the_author_reads_why_and_sends_it_again(
    browser_of: Callable[..., FlaskClient], people: People, drain: Callable[[], int], db: Any
) -> None:
    found = discussing.discussion(people.participant(posts_count=9))
    address = f"/d/{found.id}/{found.slug}/reply"
    author = browser_of()
    said = author.post(address, data={"body": LINKS})
    assert said.location.endswith("/waiting")
    page = author.get(said.location).text
    assert ("5 links" in page, "Place in the queue" in page, "https://a.example" in page) == (True, True, True)
    assert browser_of().get(said.location).status_code == 404
    moderator = browser_of(role="moderator", name="Mona Moderator")
    item = next(one.item for one in queries.queue(people.moderator())[0] if one.item.kind == "held_post")
    moderator.post(f"/moderation/items/{item.id}", data={"decision": "refuse", "code": "spam", "reason": "No shop here."})
    drain()
    page = author.get(said.location).text
    assert ("No shop here." in page, "Advertising or spam" in page, "Mona" in page) == (True, True, False)
    assert "is not published" in author.get("/notifications").text
    assert author.post(said.location, data={"body": " "}).status_code == 422
    assert author.post(said.location, data={"body": "No link."}).status_code == 303
    assert said.location in author.get("/moderation/mine").text
    assert author.get(said.location.removesuffix("/waiting")).location == said.location


def test_the_log_names_roles_and_moderators_read_names(browser_of: Callable[..., FlaskClient], people: People, post_id: int) -> None:
    services.hide(people.moderator(name="Mona Moderator"), post_id, "A shop.", "spam")
    for client, named in ((browser_of(), False), (browser_of(role="moderator"), True)):
        page = client.get("/moderation/log").text
        assert ("Mona Moderator" in page, "A shop." in page, "MARK" in page) == (named, True, False)
    feed = browser_of().get("/moderation/log.atom")
    assert (feed.status_code, "Mona" in feed.text, "A shop." in feed.text) == (200, False, True)
    assert "A shop." not in browser_of().get("/moderation/log?act=lock&from=2020-01-01&to=x&space=1").text
    assert browser_of().get("/moderation/log?to=9999-12-31&from=0001-01-01").status_code == 200


def test_a_moderator_edits_and_the_old_text_is_withheld(browser_of: Callable[..., FlaskClient], post_id: int) -> None:
    moderator = browser_of(role="moderator")
    address = f"/moderation/posts/{post_id}/edit"
    assert "MARK text." in moderator.get(address).text
    assert moderator.post(address, data={"body": "Better.", "withhold": "y"}).status_code == 422
    assert moderator.post(address, data={"body": "Better.", "withhold": "y", "code": "personal_data"}).status_code == 303
    assert "MARK" not in browser_of().get(f"/p/{post_id}/history").text
    assert browser_of().get(address).status_code == 403


def test_the_secretariat_words_the_reasons(browser_of: Callable[..., FlaskClient]) -> None:
    secretariat = browser_of(role="secretariat")
    form = {"code": "too_long", "en": "Too long for anybody", "fr": "Trop long", "active": "y"}
    assert secretariat.post("/admin/moderation/reasons/new", data={**form, "code": "Too long"}).status_code == 422
    assert secretariat.post("/admin/moderation/reasons/new", data=form).status_code == 303
    assert "Trop long" in secretariat.get("/admin/moderation?lang=fr").text
    assert secretariat.post("/admin/moderation", data={"hide_weight": "x"}).status_code == 422
    assert browser_of(role="moderator").get("/admin/moderation").status_code == 403
