"""The pages and the API of moderation."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from alliance.accounts import passwords
from alliance.accounts import services as accounts
from alliance.discussions import services as saying
from alliance.moderation import services
from tests import discussing
from tests.grouping import founded, member
from tests.people import PASSWORD, People
from tests.signing import signed_in


def sign_in(client: FlaskClient, people: People, **columns: Any) -> Any:
    actor = people.participant(email="m@example.org", password_hash=passwords.make(PASSWORD), **columns)
    client.post("/sign-in", data={"email": "m@example.org", "password": PASSWORD})
    return actor


@pytest.fixture
def post_id(db: Any, people: People) -> int:
    author = people.participant(posts_count=9)
    return discussing.reply(author, discussing.discussion(author), body="MARK text.").id


def test_a_participant_flags_a_moderator_decides(client: FlaskClient, people: People, post_id: int) -> None:
    sign_in(client, people)
    assert client.get(f"/p/{post_id}/flag").status_code == 200
    assert client.post(f"/p/{post_id}/flag", data={"reason": "other", "note": ""}).status_code == 422
    assert client.post(f"/p/{post_id}/flag", data={"reason": "spam"}).status_code == 303
    assert client.get("/moderation").status_code == 403
    other = client.application.test_client()
    moderator = people.person(email="mo@example.org", role="moderator", password_hash=passwords.make(PASSWORD))
    other.post("/sign-in", data={"email": moderator.email, "password": PASSWORD})
    queue = other.get("/moderation").text
    assert "MARK text." in queue
    act = f"/moderation/posts/{post_id}/hide?next=/moderation"
    assert other.get(act).status_code == 200
    assert other.post(act, data={"reason": ""}).status_code == 422
    assert other.post(act, data={"reason": "Advertising.", "next": "/moderation"}).location == "/moderation"
    assert "MARK" not in client.get("/moderation/log").text
    assert "Advertising." in client.get("/moderation/log").text
    assert other.post(act, data={"reason": "Advertising."}).status_code == 409


def test_a_guest_is_asked_to_sign_in(client: FlaskClient, post_id: int) -> None:
    assert client.get(f"/p/{post_id}/flag").location.startswith("/sign-in?next=")
    assert client.get("/moderation").status_code == 303
    assert client.get("/moderation/log").status_code == 200


def test_the_api_flags_and_moderates(client: FlaskClient, people: People, post_id: int) -> None:
    def bearer(**columns: Any) -> dict[str, str]:
        return {"Authorization": f"Bearer {accounts.create_token(people.person(**columns), 'moderate')}"}

    participant, moderator = bearer(), bearer(role="moderator")
    assert client.post(f"/api/v1/posts/{post_id}/flags", json={"reason": "spam"}, headers=participant).status_code == 201
    assert client.post(f"/api/v1/posts/{post_id}/flags", json={"reason": "rude"}, headers=participant).status_code == 422
    assert client.get("/api/v1/moderation/queue", headers=participant).status_code == 403
    assert client.get("/api/v1/moderation/queue", headers=moderator).json["items"][0]["post_id"] == post_id
    assert client.post(f"/api/v1/posts/{post_id}/hide", json={"reason": "Ads."}, headers=participant).status_code == 403
    assert client.post(f"/api/v1/posts/{post_id}/hide", json={"reason": "Ads."}, headers=moderator).status_code == 204
    assert client.get(f"/api/v1/posts/{post_id}").status_code == 404
    assert client.get("/api/v1/moderation/log").json["items"][0]["reason"] == "Ads."


def test_who_keeps_order_in_a_group_finds_all_of_it_from_its_pages(app: Flask, people: People, db: Any) -> None:
    group = founded(people, visibility="private")
    chair, inside = member(people, group, "chair"), member(people, group)
    post = discussing.opening(saying.open_discussion(inside, group.space, "The budget", "Between us."))
    post_id, page, move = post.id, f"/d/{post.discussion_id}", f"/moderation/discussions/{post.discussion_id}/move"
    services.flag_post(member(people, group), post_id, "spam")
    acts = [f"/moderation/posts/{post_id}/hide", f"/moderation/posts/{post_id}/edit"]
    queue, slug, members = f"/moderation?space={group.space_id}", group.slug, (inside, member(people, group, "rapporteur"))
    for actor in (chair, member(people, group, "moderator")):
        client = signed_in(app.test_client(), actor)
        read = client.get(page, follow_redirects=True).text
        assert [act in read for act in acts] == [True, True]
        assert queue in client.get(f"/groups/{slug}").text
        assert 'href="/moderation"' in client.get("/").text
        listed = client.get(queue).text
        assert "Between us." in listed
        assert ("Measuring access" in listed, "C5 " in listed) == (True, False)
        assert 'value="space"' not in client.get(move).text
    for actor in members:
        client = signed_in(app.test_client(), actor)
        assert acts[0] not in client.get(page, follow_redirects=True).text
        assert queue not in client.get(f"/groups/{slug}").text
        assert 'href="/moderation"' not in client.get("/").text


def test_what_a_moderator_may_do_with_a_post_is_one_menu(client: FlaskClient, people: People, post_id: int) -> None:
    sign_in(client, people, role="moderator")
    page = client.get(f"/p/{post_id}", follow_redirects=True).text
    menus = re.findall(r'<details class="menu post-moderation" name="menu"><summary>Moderate</summary>(.*?)</details>', page, re.DOTALL)
    assert len(menus) == page.count("<article") == 2
    assert re.findall(r">(Hide|Change|Answer\?|Move|Key)</a>", menus[1]) == ["Hide", "Change", "Answer?", "Move", "Key"]
    assert page.count(f"/moderation/posts/{post_id}/") == menus[1].count(f"/moderation/posts/{post_id}/") == 3
    client.post(f"/moderation/posts/{post_id}/hide", data={"reason": "Advertising."})
    page = client.get(f"/p/{post_id}", follow_redirects=True).text
    assert (page.count("post-moderation"), f'<a href="/moderation/posts/{post_id}/restore">' in page) == (1, True)
    assert "post-moderation" not in client.application.test_client().get(f"/p/{post_id}", follow_redirects=True).text
