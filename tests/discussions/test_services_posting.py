"""What a post costs, and what stays exact when many write at once."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select

from alliance.accounts import services as accounts
from alliance.accounts.models import Person
from alliance.core import db as database
from alliance.core import outbox
from alliance.discussions import recounting, services
from alliance.discussions.models import Discussion, DiscussionVoice, PersonContribution, Post
from alliance.groups.models import Space
from alliance.policy import Actor
from alliance.reading.models import ReadMark
from alliance.watching.models import Watch
from alliance.web.models import GivenAnswer
from tests import discussing
from tests.people import People

MOST_STATEMENTS = 26  # SAVEPOINT, BEGIN and the like not among them
WRITERS, EACH = 16, 6


def header(actor: Actor, key: str = "") -> dict[str, str]:
    """What a program sends."""
    token = accounts.create_token(People.of(actor), "write")
    return {"Authorization": f"Bearer {token}"} | ({"Idempotency-Key": key} if key else {})


def test_a_post_takes_few_statements(client: FlaskClient, people: People) -> None:
    amina = people.participant()
    found = discussing.discussion(amina)
    path, headers = f"/api/v1/discussions/{found.id}/posts", header(amina)
    assert client.post(path, json={"body": "The first one makes rows."}, headers=headers).status_code == 201
    said: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        said.append(statement)

    event.listen(database.engine(), "before_cursor_execute", note)
    try:
        assert client.post(path, json={"body": "The second one."}, headers=headers | {"Idempotency-Key": "two"}).status_code == 201
    finally:
        event.remove(database.engine(), "before_cursor_execute", note)
    counted = [one for one in said if one.split()[0] in {"SELECT", "INSERT", "UPDATE", "DELETE"}]
    assert len(counted) <= MOST_STATEMENTS, counted
    written = Counter(" ".join(one.split()[:3]) for one in counted if one.split()[0] in {"INSERT", "UPDATE"})
    assert max(written.values()) == 1, "each table is written once"


def test_the_answer_is_what_is_read_afterwards(client: FlaskClient, people: People) -> None:
    amina = people.participant()
    found = discussing.discussion(amina)
    parent = discussing.opening(found).id
    sent = {"body": "Said *once*, to @nobody.", "parent_id": parent}
    said = client.post(f"/api/v1/discussions/{found.id}/posts", json=sent, headers=header(amina)).get_json()
    read = client.get(f"/api/v1/posts/{said['id']}", headers=header(amina)).get_json()
    assert said["cursor"] <= read["cursor"]
    assert {**said, "cursor": 0} == {**read, "cursor": 0}


def test_sixteen_writers_are_counted_exactly(app: Flask, people: People) -> None:
    everybody = [people.participant(stakeholder_type=("government", "media", "civil_society")[n % 3]) for n in range(WRITERS)]
    found = discussing.discussion(everybody[0])
    discussion_id, space_id = found.id, found.space_id
    headers = [header(one) for one in everybody]
    database.release()
    answered: list[int] = []
    refused: list[str] = []

    def write(number: int) -> None:
        client = app.test_client()
        for step in range(EACH):
            # Every post is sent twice under its key; every third is one that cannot be taken, among those that can.
            bad = step % 3 == 2
            sent = {"body": f"Writer {number} says {step}.", **({"affiliation_id": 999_999} if bad else {})}
            for _twice in range(2):
                key = {"Idempotency-Key": f"{number}-{step}"}
                answer = client.post(f"/api/v1/discussions/{discussion_id}/posts", json=sent, headers=headers[number] | key)
                (answered.append(answer.get_json()["id"]) if answer.status_code == 201 else refused.append(answer.text))

    in_threads(write)
    taken = WRITERS * 4
    assert len(refused) == WRITERS * 2 * 2
    assert Counter(answered) == dict.fromkeys(answered, 2)
    assert len(set(answered)) == taken
    session = database.session()
    held = session.get_one(Discussion, discussion_id)
    assert (held.posts_count, held.next_number) == (taken + 1, taken + 2)
    assert session.get_one(Space, space_id).posts_count == taken + 1
    assert sorted(session.scalars(select(Post.number))) == list(range(1, taken + 2))
    assert session.scalars(select(Person.posts_count).order_by(Person.id)).all() == [5] + [4] * (WRITERS - 1)
    assert sum(session.scalars(select(DiscussionVoice.posts))) == sum(session.scalars(select(PersonContribution.posts))) == taken + 1
    assert len(session.scalars(select(GivenAnswer.id)).all()) == taken
    assert len(session.scalars(select(Watch.id)).all()) == len(session.scalars(select(ReadMark.id)).all()) == WRITERS
    published = [one.event.post_id for one in outbox.read(0, 1000, ["PostPublished"])]
    assert Counter(published) == dict.fromkeys([*set(answered), discussing.opening(held).id], 1)
    assert last_is_right(held)
    assert not recounting.check()


def last_is_right(held: Discussion) -> bool:
    """Whether the last post of a discussion is that."""
    newest = select(Post.id).where(Post.discussion_id == held.id).order_by(Post.created_at.desc(), Post.id.desc())
    return database.session().scalars(newest).first() == held.last_post_id


def in_threads(write: Any) -> None:
    """All at once."""
    threads = [threading.Thread(target=write, args=(number,)) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_an_answer_given_before_stands_whatever_happened_since(client: FlaskClient, people: People) -> None:
    amina = people.participant()
    identity = discussing.discussion(amina).id
    path, headers = f"/api/v1/discussions/{identity}/posts", header(amina, "once")
    first = client.post(path, json={"body": "Said before the lock."}, headers=headers)
    with database.transaction():
        services.hold(database.session(), identity).status = "hidden"
    again = client.post(path, json={"body": "Said before the lock."}, headers=headers)
    assert (again.status_code, again.get_json()) == (201, first.get_json())
    assert client.post(path, json={"body": "Another text."}, headers=headers).status_code == 422


@pytest.mark.parametrize("parent", [True, False])
def test_voices_come_and_go_with_posts(people: People, parent: bool) -> None:
    amina, joao = people.participant(stakeholder_type="government"), people.participant(stakeholder_type="media")
    found = discussing.discussion(amina)
    said = discussing.reply(joao, found, discussing.opening(found) if parent else None)
    with database.transaction():
        assert services.set_status(said, "hidden")
        assert services.set_status(said, "visible")
        assert services.set_status(said, "hidden")
    held = database.session().get_one(Discussion, found.id)
    assert held.voices["types"] == {"government": [1, 1]}
    assert database.session().get_one(Post, discussing.opening(found).id).replies_count == 0
    with database.transaction():
        services.set_status(said, "visible")
    held = database.session().get_one(Discussion, found.id)
    assert held.voices["types"] == {"government": [1, 1], "media": [1, 1]}
    assert database.session().get_one(Post, discussing.opening(found).id).replies_count == int(parent)
