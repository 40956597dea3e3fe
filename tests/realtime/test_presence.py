"""Who is here and who is writing: by choice, counted once, across processes."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from flask import Flask

from alliance.accounts import services as accounts
from alliance.core import db
from alliance.policy import Actor
from alliance.realtime import choices, connections, presence, sockets
from alliance.realtime.choices import Choice
from alliance.realtime.connections import Connection
from alliance.realtime.presence import Board
from tests.people import People
from tests.realtime.test_tail import connect, opened, subscribe


@pytest.fixture
def board(following: Any) -> Board:
    """A new board of this process, asked by hand."""
    sockets._boards[:] = [Board(sockets._tell)]
    return sockets._boards[0]


def signed_in(app: Flask, people: People, name: str, choice: Choice | None = None, scope: str = "write") -> Any:
    person = people.person(name=name)
    if choice:
        choices.choose(people.actor(person), choice)
    return connect(app, token=accounts.create_token(person, scope))


def heard(client: Any, name: str) -> list[dict[str, Any]]:
    return [one["args"][0] for one in client.get_received() if one["name"] == name]


def test_people_are_named_and_guests_counted(app: Flask, board: Board, people: People) -> None:
    found = opened(people.participant())
    amina, guest, hidden = signed_in(app, people, "Amina"), connect(app), signed_in(app, people, "Boris", Choice(presence=False))
    for client in (amina, guest, hidden):
        subscribe(client, found)
    board.tick(1000.0)
    (told,) = heard(guest, "presence")
    assert (told["count"], told["guests"], [one["name"] for one in told["people"]]) == (1, 1, ["Amina"])
    board.tick(1001.0)
    amina.disconnect()
    board.tick(1001.5)
    assert heard(guest, "presence") == [], "not more often than every two seconds"
    board.tick(1003.0)
    assert heard(guest, "presence") == [{"discussion": found, "people": [], "count": 0, "guests": 1}]


def test_who_comes_later_is_told_though_nothing_changed(app: Flask, board: Board, people: People) -> None:
    found = opened(people.participant())
    hidden = Choice(presence=False)
    subscribe(signed_in(app, people, "Amina", hidden), found)
    board.tick(1000.0)
    second = signed_in(app, people, "Boris", hidden)
    subscribe(second, found)
    board.tick(1010.0)
    assert len(heard(second, "presence")) == 1


def test_a_crowd_is_told_seldom_and_names_are_bounded(app: Flask, board: Board, people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "CROWD", 2)
    monkeypatch.setattr(presence, "NAMED", 2)
    found = opened(people.participant())
    readers = [signed_in(app, people, f"Reader {number}") for number in range(4)]
    for reader in readers:
        subscribe(reader, found)
    board.tick(1000.0)
    (told,) = heard(readers[0], "presence")
    assert (told["count"], len(told["people"])) == (4, 2)
    readers[3].disconnect()
    board.tick(1009.0)
    assert heard(readers[0], "presence") == []
    board.tick(1011.0)
    assert heard(readers[0], "presence")[0]["count"] == 3


def test_writing_is_told_by_and_to_those_who_want_it(app: Flask, board: Board, people: People) -> None:
    found = opened(people.participant())
    wanted = Choice(typing=True)
    amina, boris, clara = signed_in(app, people, "Amina", wanted), signed_in(app, people, "Boris", wanted), signed_in(app, people, "Clara")
    for client in (amina, boris, clara):
        subscribe(client, found)
    for _key in range(3):
        assert amina.emit("typing", {"discussion": found}, callback=True) == {"ok": True}
    assert clara.emit("typing", {"discussion": found}, callback=True) == {"ok": True}
    assert [(one["discussion"], one["name"]) for one in heard(boris, "typing")] == [(found, "Amina")]
    assert heard(amina, "typing") == heard(clara, "typing") == []
    assert not boris.emit("typing", {"discussion": found + 1}, callback=True)["ok"]


def test_processes_tell_each_other_through_redis(app: Flask, following: Any, people: People, redis_url: str) -> None:
    told: list[tuple[str, dict[str, Any]]] = []
    here = Board(lambda name, data, _discussion, _whom: told.append((name, data)), redis_url)
    there = Board(lambda *_arguments: None, redis_url)
    try:
        for one in (here, there):
            one._channel and one._channel.follow()
        connections.add(reader := Connection("a", Actor.guest()))
        connections.subscribe(reader, 5, "en")
        end = time.monotonic() + 20
        while here.here(5).guests != 2 and time.monotonic() < end:
            # Both boards are of this process and count the same socket: the other's word makes two.
            there._said.clear()
            there.tick(time.monotonic())
            time.sleep(0.05)
        assert here.here(5).guests == 2
        here.tick(time.monotonic())
        assert told[-1] == ("presence", {"discussion": 5, "people": [], "count": 0, "guests": 2})
        there.stop()
        while here.here(5).guests != 1 and time.monotonic() < end:
            time.sleep(0.05)
        assert here.here(5).guests == 1
    finally:
        here.stop()
        there.stop()


def test_a_process_that_is_not_heard_of_is_forgotten(board: Board) -> None:
    word = {"from": "other", "here": 5, "people": {"7": ["amina", "Amina"]}, "guests": 3}
    board.hear(json.dumps(word).encode())
    assert (board.here(5).guests, board.here(5).people) == (3, {7: ("amina", "Amina")})
    board.tick(time.monotonic() + presence.FORGET_SECONDS + 1)
    assert board.here(5).guests == 0


def test_choices_are_the_person_s_own(people: People) -> None:
    actor = people.participant()
    assert actor.person_id is not None
    assert choices.of(actor.person_id) == Choice(presence=True, typing=False)
    for choice in (Choice(presence=False, typing=True), Choice(presence=True, typing=False)):
        choices.choose(actor, choice)
        db.release()
        assert choices.of(actor.person_id) == choice
