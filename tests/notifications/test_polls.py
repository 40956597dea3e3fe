"""Those who voted are told that a poll is closed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from alliance.core import db as database
from alliance.core import outbox
from alliance.events import PollClosed
from alliance.mailing.models import OutgoingMail
from alliance.moderation import services as moderation
from alliance.notifications import polls
from alliance.notifications.models import Notification
from alliance.polls import services
from alliance.polls.services import Asked
from alliance.watching import services as watching
from tests import discussing
from tests.people import People


def told() -> list[tuple[int, str, str]]:
    rows = database.session().scalars(select(Notification).where(Notification.detail == "poll").order_by(Notification.person_id))
    return [(row.person_id, row.kind, row.detail) for row in rows]


def test_voters_and_author_once(people: People, drain: Callable[[], int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polls, "BATCH", 2)
    author, quiet, *voters = [people.participant() for _n in range(7)]
    found = discussing.discussion(author)
    post = discussing.opening(found)
    services.set_poll(author, post, Asked("Yes?", ["Yes", "No"], secret=True))
    for voter in (author, quiet, *voters):
        services.vote(voter, post, [0])
    watching.choose(quiet, found.id, "mute")
    post_id = post.id
    services.close(author, post)
    services.close(author, post)
    drain()
    (closed,) = outbox.read(0, 1000, [PollClosed.__name__])
    polls.tell_of_poll(post_id, closed.id)  # a listener may run twice
    assert told() == [(one.person_id, "watched", "poll") for one in (author, *voters)]
    assert database.session().scalars(select(OutgoingMail)).all() == []


def test_a_hidden_one_tells_nobody(people: People, drain: Callable[[], int]) -> None:
    author = people.participant()
    reply = discussing.reply(author, discussing.discussion(author))
    services.set_poll(author, reply, Asked("Yes?", ["Yes", "No"]))
    services.close(author, reply)
    moderation.hide(people.secretariat(), reply.id, "off_topic")
    drain()
    assert told() == []
