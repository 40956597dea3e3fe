"""Slow mode, pinning, the answer, closing on a date; and moving by programs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from alliance.accounts import passwords, services
from alliance.core import clock, db
from alliance.core.errors import Conflict, Invalid, NotFound, Refused
from alliance.discussions import attributing, listing
from alliance.discussions import services as saying
from alliance.discussions.models import Discussion
from alliance.discussions.pacing import TooSoon
from alliance.groups.models import Space
from alliance.moderation import log, queries, steering
from alliance.policy import Actor
from tests import discussing
from tests.people import PASSWORD, People

HOUR = timedelta(hours=1)


@pytest.fixture
def opener(people: People, db: Any) -> Actor:
    return people.participant(posts_count=9, email="opener@example.org", password_hash=passwords.make(PASSWORD))


@pytest.fixture
def found(opener: Actor) -> Discussion:
    return discussing.discussion(opener)


def test_one_post_a_person_in_slow_mode(people: People, found: Discussion) -> None:
    moderator, one, other = people.moderator(), people.participant(), people.participant()
    steering.slow(moderator, found.id, 30, "Heated.")
    discussing.reply(one, found, body="First.")
    with pytest.raises(TooSoon) as caught:
        discussing.reply(one, found, body="Second.")
    assert 0 < caught.value.retry_after <= 1800
    assert "30 minutes" in str(caught.value)
    discussing.reply(other, found, body="Somebody else.")
    for body in ("A moderator.", "Is free."):
        discussing.reply(moderator, found, body=body)
    with clock.freeze(clock.now() + timedelta(minutes=31)):
        discussing.reply(one, found, body="Third.")
    steering.slow(moderator, found.id, 0, "Calm again.")
    discussing.reply(one, found, body="Fourth.")
    acts = [(entry.act, entry.detail) for entry in queries.log(Actor.guest())[0]]
    assert acts == [("unslow", ""), ("slow", "minutes:30")]
    assert log.verify() == (2, None)


def test_without_names_slow_mode_and_the_answer_ask_who_wrote(people: People, opener: Actor, found: Discussion) -> None:
    moderator, one = people.moderator(), people.participant(posts_count=9)
    attributing.choose(moderator, found, "type", earlier=True)
    steering.slow(moderator, found.id, 30, "Heated.")
    mine = discussing.reply(one, found, body="First.")
    with pytest.raises(TooSoon):
        discussing.reply(one, found, body="Second.")
    assert steering.answer(opener, mine.id).answer_id == mine.id
    with pytest.raises(Refused):
        steering.answer(one, mine.id)
    assert [entry.act for entry in queries.log(Actor.guest())[0]] == ["slow"]


def test_what_came_too_soon_comes_back(client: FlaskClient, people: People, opener: Actor, found: Discussion) -> None:
    where, number = f"/d/{found.id}/{found.slug}", found.id
    secret = services.create_token(People.of(opener), "write")
    steering.slow(people.moderator(), number, 30, "Heated.")
    client.post("/sign-in", data={"email": "opener@example.org", "password": PASSWORD})
    assert "one post a person" in client.get(where).text
    answer = client.post(f"{where}/reply", data={"body": "Written at leisure.", "nonce": "n" * 20})
    assert (answer.status_code, "Written at leisure." in answer.text, "You may post again from" in answer.text) == (429, True, True)
    assert int(answer.headers["Retry-After"]) > 0
    tried = client.post(f"/api/v1/discussions/{number}/posts", json={"body": "No."}, headers={"Authorization": f"Bearer {secret}"})
    assert (tried.status_code, "You may post again from" in tried.json["detail"], "Retry-After" in tried.headers) == (429, True, True)


def test_it_closes_by_itself_at_the_moment(people: People, opener: Actor, found: Discussion) -> None:
    moderator, one = people.moderator(), people.participant()
    mine = discussing.reply(one, found)
    moment = clock.now() + HOUR
    steering.close_on(moderator, found.id, moment, "The call ends.")
    discussing.reply(one, found, body="In time.")
    with clock.freeze(moment):
        with pytest.raises(Refused):  # before any job has run
            discussing.reply(one, found, body="Too late.")
        with pytest.raises(Refused):
            saying.edit_post(one, mine, "Changed.", expected_revision=1)
        assert found.locked_at is None
        steering.come_due()
        db.session().refresh(found)
        assert found.locked_at == moment
        steering.come_due()
    acts = [(entry.act, entry.role) for entry in queries.log(Actor.guest())[0]]
    assert acts == [("lock", "system"), ("close_on", "moderator")]


def test_a_date_is_taken_back(people: People, found: Discussion) -> None:
    moderator = people.moderator()
    steering.close_on(moderator, found.id, clock.now() + HOUR, "The call ends.")
    steering.close_on(moderator, found.id, None, "It goes on.")
    with clock.freeze(clock.now() + 2 * HOUR):
        discussing.reply(people.participant(), found)
    for wrong in (clock.now() - HOUR, clock.now() + timedelta(days=4000)):
        with pytest.raises(Invalid):
            steering.close_on(moderator, found.id, wrong, "Wrong.")


def listed(space: Space, *, apart: bool) -> list[int]:
    """Every discussion of a space, page by page."""
    ids: list[int] = []
    after = None
    while True:
        rows, after = listing.discussions(Actor.guest(), space, listing.Wanted(apart=apart), after, limit=2)
        ids += [row.id for row in rows]
        if after is None:
            return ids


def test_what_is_pinned_stands_above_and_once(people: People, opener: Actor, found: Discussion) -> None:
    others = [discussing.discussion(opener, title=f"Question {n}").id for n in range(4)]
    moderator, space = people.moderator(), discussing.space()
    steering.pin(moderator, found.id, clock.now() + HOUR, "Read this first.")
    assert [row.id for row in listing.pinned(Actor.guest(), space)] == [found.id]
    assert (sorted(listed(space, apart=True)), sorted(listed(space, apart=False))) == (others, sorted([found.id, *others]))
    with clock.freeze(clock.now() + 2 * HOUR):
        steering.come_due()
    assert (listing.pinned(Actor.guest(), space), sorted(listed(space, apart=True))) == ([], sorted([found.id, *others]))
    steering.pin(moderator, found.id, None, "Read this first.")
    steering.unpin(moderator, found.id, "Has been read.")
    with pytest.raises(Conflict):
        steering.unpin(moderator, found.id, "Again.")


def test_the_page_of_the_space_shows_it_once(client: FlaskClient, people: People, found: Discussion) -> None:
    where = f"/d/{found.id}/{found.slug}"
    steering.pin(people.moderator(), found.id, None, "Read this first.")
    page = client.get("/action-lines/c2").text
    assert (page.count(f'href="{where}"'), "Pinned" in page) == (1, True)


def test_the_answer_is_marked_by_the_opener_or_a_moderator(client: FlaskClient, people: People, opener: Actor, found: Discussion) -> None:
    reply, other = discussing.reply(people.participant(), found, body="The universal service fund."), people.participant()
    number, where, post_id = found.id, f"/d/{found.id}/{found.slug}", reply.id
    for actor in (other, Actor.guest()):
        with pytest.raises(Refused):
            steering.answer(actor, post_id)
    with pytest.raises(Conflict):
        steering.answer(opener, discussing.opening(found).id)
    assert f"{where.rsplit('/', 1)[0]}/answer" not in client.get(where).text
    client.post("/sign-in", data={"email": "opener@example.org", "password": PASSWORD})
    assert f"/d/{number}/answer" in client.get(where).text
    assert client.post(f"/d/{number}/answer", data={"number": "77"}).status_code == 422
    assert client.post(f"/d/{number}/answer", data={"number": "2"}).status_code == 303
    page = client.get(where).text
    assert ("Answer:" in page, f'href="/p/{post_id}">#2' in page, "answered" in client.get("/latest").text) == (True, True, True)
    assert queries.log(Actor.guest())[0] == []  # one's own discussion
    steering.unanswer(people.moderator(), number)
    assert [entry.act for entry in queries.log(Actor.guest())[0]] == ["unanswer"]
    assert "Answer:" not in client.get(where).text


def test_others_do_not_steer(people: People, opener: Actor, found: Discussion) -> None:
    for act in (
        lambda: steering.slow(opener, found.id, 5, "No."),
        lambda: steering.pin(opener, found.id, None, "No."),
        lambda: steering.close_on(opener, found.id, clock.now() + HOUR, "No."),
    ):
        with pytest.raises(Refused):
            act()
    with pytest.raises(NotFound):
        steering.pin(people.moderator(), 10**6, None, "No.")
    with pytest.raises(Invalid):
        steering.slow(people.moderator(), found.id, 10**6, "No.")


def test_pages(client: FlaskClient, people: People, found: Discussion) -> None:
    number, where = found.id, f"/d/{found.id}/{found.slug}"
    people.moderator(email="moderator@example.org", password_hash=passwords.make(PASSWORD))
    client.post("/sign-in", data={"email": "moderator@example.org", "password": PASSWORD})
    page = f"/moderation/discussions/{number}/steer"
    assert page in client.get(where).text
    moment = (clock.now() + HOUR).strftime("%Y-%m-%dT%H:%M")
    assert client.post(page, data={"what": "close", "until": moment}).status_code == 422  # a reason lacks
    assert client.post(page, data={"what": "close", "code": "fine"}).status_code == 422  # a date lacks
    for data in ({"what": "close", "until": moment}, {"what": "slow", "minutes": "10"}, {"what": "pin"}):
        assert client.post(page, data={"code": "fine", **data}).status_code == 303
    assert client.post(page, data={"code": "fine", "what": "slow", "minutes": "10"}).status_code == 422  # it is so already
    shown = client.get(where).text
    assert ("closes on" in shown, "10 minutes" in shown) == (True, True)
    assert client.post(page, data={"code": "fine", "what": "open"}).status_code == 303
    assert client.post(page, data={"code": "fine", "what": "unpin"}).status_code == 303


def test_programs_steer_and_move(client: FlaskClient, people: People, opener: Actor, found: Discussion) -> None:
    def post(address: str, body: Any = None) -> Any:
        return client.post(f"/api/v1{address}", json=body, headers=headers)

    headers = {"Authorization": f"Bearer {services.create_token(People.of(people.moderator()), 'moderate')}"}
    reply = discussing.reply(people.participant(), found).id
    number, other = found.id, discussing.discussion(opener, title="Another").id
    until = (clock.now() + HOUR).isoformat()
    assert post(f"/discussions/{number}/slow", {"minutes": 5, "reason": "Heated."}).status_code == 204
    assert post(f"/discussions/{number}/pin", {"reason": "First."}).status_code == 204
    assert post(f"/discussions/{number}/close-on", {"reason": "Ends.", "until": until}).status_code == 204
    assert client.put(f"/api/v1/posts/{reply}/answer", headers=headers).status_code == 204
    told = client.get(f"/api/v1/discussions/{number}").json
    assert (told["slow_minutes"], told["pinned"], told["answer_id"], told["closes_at"] is None) == (5, True, reply, False)
    assert client.delete(f"/api/v1/discussions/{number}/answer", headers=headers).status_code == 204
    assert post(f"/discussions/{number}/unpin", {"reason": "Read."}).status_code == 204
    split = post(f"/discussions/{number}/split", {"posts": [2], "title": "Off", "reason": "Another matter."})
    assert (split.status_code, split.json["kind"], split.json["posts"]) == (200, "split", 1)
    assert post(f"/moderation/moves/{split.json['id']}/undo").json["discussion_id"] == number
    merged = post(f"/discussions/{other}/merge", {"target": number, "reason": "The same."})
    assert (merged.status_code, merged.json["discussion_id"]) == (200, number)
    refused = post(f"/discussions/{number}/split", {"posts": [99], "title": "Off", "reason": "No."})
    assert (refused.status_code, refused.content_type) == (422, "application/problem+json")
    assert post(f"/discussions/{number}/relocate", {"space": "nowhere", "reason": "No."}).status_code == 422
    here, there = discussing.space().id, discussing.space("c5").id
    assert post(f"/discussions/{number}/move-back").status_code == 409  # it has not moved
    assert post(f"/discussions/{number}/relocate", {"space": "c5", "reason": "Security."}).status_code == 204
    assert space_of(number) == there
    assert client.post(f"/api/v1/discussions/{number}/move-back").status_code == 401
    assert (post(f"/discussions/{number}/move-back").status_code, space_of(number)) == (204, here)
    assert post(f"/discussions/{number}/move-back").status_code == 409  # nor once more


def space_of(number: int) -> int:
    db.release()
    return db.session().get_one(Discussion, number).space_id
