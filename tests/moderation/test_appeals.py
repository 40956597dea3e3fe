"""Appeals: within twenty days, also while suspended, decided by somebody else, answered with a reason."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from alliance.accounts import passwords
from alliance.core import clock
from alliance.core.errors import Conflict, Invalid, NotFound, Refused
from alliance.discussions.models import Post
from alliance.moderation import appeals, items, queries, services
from alliance.policy import Actor
from tests import discussing
from tests.people import PASSWORD, People
from tests.signing import signed_in


@pytest.fixture
def author(people: People, db: Any) -> Actor:
    return people.participant(posts_count=9, email="author@example.org", password_hash=passwords.make(PASSWORD))


@pytest.fixture
def post(author: Actor) -> Post:
    return discussing.reply(author, discussing.discussion(author), body="Disputed.")


def waits(moderator: Actor) -> int:
    return next(one.item.id for one in queries.queue(moderator)[0] if one.item.kind == "appeal")


@pytest.mark.parametrize(("decision", "status"), [("grant", "visible"), ("refuse", "hidden")])
def test_somebody_else_decides_with_a_reason(people: People, author: Actor, post: Post, decision: str, status: str) -> None:
    first, second = people.moderator(), people.moderator()
    services.hide(first, post.id, "A shop.", "spam")
    made = appeals.appeal(author, post.id, "It is no shop.")
    with pytest.raises(Conflict):
        appeals.appeal(author, post.id, "Once more.")
    item = waits(second)
    with pytest.raises(Refused):
        items.decide(first, item, decision, reason="I was right.")
    with pytest.raises(Invalid):
        items.decide(second, item, decision)
    items.decide(second, item, decision, reason="Looked at again.")
    assert (post.status, made.answer, queries.waiting(second)) == (status, "Looked at again.", 0)


def test_also_while_suspended_and_nobody_else(people: People, author: Actor, post: Post) -> None:
    services.hide(people.moderator(), post.id, "A shop.")
    for other in (people.participant(), Actor.guest(), people.moderator()):
        with pytest.raises(NotFound):
            appeals.appeal(other, post.id, "For a friend.")
    suspended = Actor("person", author.person_id, confirmed=True, suspended=True)
    for words in (" ", "x" * 2001):
        with pytest.raises(Invalid):
            appeals.appeal(suspended, post.id, words)
    assert appeals.appeal(suspended, post.id, "It is no shop.").status == "open"


def test_after_twenty_days_it_is_too_late(people: People, author: Actor, post: Post) -> None:
    services.hide(people.moderator(), post.id, "A shop.")
    with clock.freeze(clock.now() + timedelta(days=21)), pytest.raises(NotFound):
        appeals.appeal(author, post.id, "It is no shop.")


def test_the_page_leads_there_and_tells_the_outcome(client: FlaskClient, people: People, author: Actor, post: Post) -> None:
    post_id, second = post.id, people.moderator()
    services.hide(people.moderator(), post_id, "A shop.")
    client.post("/sign-in", data={"email": "author@example.org", "password": PASSWORD})
    assert f"/p/{post_id}/appeal" in client.get(f"/p/{post_id}/waiting").text
    assert "A shop." in client.get(f"/p/{post_id}/appeal").text
    assert client.post(f"/p/{post_id}/appeal", data={"text": ""}).status_code == 422
    assert client.post(f"/p/{post_id}/appeal", data={"text": "It is no shop."}).status_code == 303
    assert "Your appeal waits." in client.get(f"/p/{post_id}/waiting").text
    items.decide(second, waits(second), "refuse", reason="It is one.")
    page = client.get(f"/p/{post_id}/waiting").text
    assert ("It is one." in page, "was refused" in page) == (True, True)


def test_who_decided_first_is_told_instead_of_asked(app: Flask, people: People, author: Actor, post: Post) -> None:
    first, post_id = people.moderator(), post.id
    services.hide(first, post_id, "A shop.")
    appeals.appeal(author, post_id, "It is no shop.")
    item, said = waits(first), "An appeal is decided by somebody else than who decided first."
    for actor, asked in ((first, False), (people.moderator(), True)):
        page = signed_in(app.test_client(), actor).get(f"/moderation/items/{item}").text
        assert (said in page, 'value="grant"' in page) == (not asked, asked)
