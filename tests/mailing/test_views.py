from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from alliance.core import db as database
from alliance.core import tokens
from alliance.discussions import services as discussions
from alliance.discussions.models import Discussion
from alliance.groups import queries as groups
from alliance.mailing.models import Unsubscription
from alliance.watching import queries as watching
from tests.people import People


def lists() -> list[str]:
    database.release()
    return list(database.session().scalars(select(Unsubscription.list_name).order_by(Unsubscription.id)))


@pytest.fixture
def link(people: People) -> str:
    person = people.participant()
    discussion = discussions.open_discussion(person, groups.get_space(person, "c5"), "A title to be read", "Text.")
    return "/unsubscribe/" + tokens.sign("unsubscribe", [person.person_id, f"discussion:{discussion.id}"])


def test_looking_at_the_page_stops_nothing(client: FlaskClient, link: str) -> None:
    answer = client.get(link)
    assert answer.status_code == 200
    assert "A title to be read" in answer.text
    assert client.head(link).status_code == 200
    assert lists() == []


def test_one_click_needs_neither_session_nor_csrf(app: Flask, link: str) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        client = app.test_client()
        for _ in range(2):
            assert client.post(link, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    finally:
        app.config["WTF_CSRF_ENABLED"] = False
    assert len(lists()) == 1
    assert lists()[0].startswith("discussion:")


def test_all_mails_about_posts_can_be_stopped_from_the_page(client: FlaskClient, link: str) -> None:
    assert client.post(link, data={"which": "all"}).status_code == 200
    assert lists() == []
    person_id = database.session().scalars(select(Discussion.author_id)).one()
    # What moderators decide about one's own posts is of another kind.
    assert {kind for kind, channel in watching.wanted(person_id) if channel == "mail"} == {"moderation"}


@pytest.mark.parametrize("token", ["x", "a.b.c", "%00", "x" * 3000])
def test_forged_links_are_not_found(client: FlaskClient, token: str) -> None:
    assert client.get(f"/unsubscribe/{token}").status_code == 404
    assert client.post(f"/unsubscribe/{token}").status_code == 404


def test_links_of_another_kind_or_person_are_not_found(client: FlaskClient, db: Any) -> None:
    for token in (
        tokens.sign("confirm", [1, "replies"]),
        tokens.sign("unsubscribe", [9999, "replies"]),
        tokens.sign("unsubscribe", "x"),
        tokens.sign("unsubscribe", [None, 3]),
    ):
        assert client.post(f"/unsubscribe/{token}").status_code == 404
