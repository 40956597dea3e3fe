"""Polls: votes counted exactly by stakeholder type, told only when they may be, closed once."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from alliance import events
from alliance.core import clock, outbox
from alliance.core import db as database
from alliance.core.errors import Conflict, Invalid, Refused
from alliance.discussions import queries as discussions
from alliance.moderation import services as moderation
from alliance.policy import Actor
from alliance.polls import queries, services
from alliance.polls.models import Poll, PollCount, PollVote
from alliance.polls.services import Asked
from tests import discussing
from tests.people import People


@pytest.fixture
def author(people: People) -> Actor:
    return people.participant()


@pytest.fixture
def post(author: Actor) -> Any:
    return discussing.opening(discussing.discussion(author))


def asked(**more: Any) -> Asked:
    return Asked(**{"question": "Who pays?", "options": ["Users", "States", "Both"], **more})


def results(post: Any) -> queries.Results | None:
    poll = queries.find(post.id)
    assert poll is not None
    return queries.results([poll]).get(poll.id)


def told(kind: type) -> list[Any]:
    return [one.event for one in outbox.read(0, 1000, [kind.__name__])]


def test_single_by_stakeholder_type_changeable(post: Any, author: Actor, people: People) -> None:
    services.set_poll(author, post, asked())
    state, media = people.participant(stakeholder_type="government"), people.participant(stakeholder_type="media")
    services.vote(state, post, [1])
    services.vote(media, post, [0])
    services.vote(media, post, [0])
    found = results(post)
    assert found is not None
    assert found.voters == {"government": 1, "media": 1}
    assert found.votes == ({"government": 0, "media": 1}, {"government": 1, "media": 0}, {"government": 0, "media": 0})
    assert len(told(events.PollChanged)) == 3  # made, and two votes
    services.vote(media, post, [2])
    services.withdraw_vote(state, post)
    services.withdraw_vote(state, post)
    found = results(post)
    assert found is not None
    assert (found.voters, found.votes[2]) == ({"media": 1}, {"media": 1})


def test_ranked_by_borda(post: Any, author: Actor, people: People) -> None:
    services.set_poll(author, post, asked(kind="ranked"))
    first, second = people.participant(stakeholder_type="media"), people.participant(stakeholder_type="media")
    services.vote(first, post, [2, 0, 1])
    services.vote(second, post, [0])
    found = results(post)
    assert found is not None
    assert [one["media"] for one in found.points] == [1 + 2, 0, 2]
    assert [one["media"] for one in found.votes] == [1, 0, 1]


def test_multiple_keeps_no_order(post: Any, author: Actor, people: People) -> None:
    services.set_poll(author, post, asked(kind="multiple"))
    voter = people.participant()
    services.vote(voter, post, [2, 0])
    services.vote(voter, post, [0, 2])
    assert len(told(events.PollChanged)) == 2
    assert database.session().scalar(select(func.count(PollVote.id))) == 1


def test_a_secret_poll_tells_nobody_until_it_is_closed(post: Any, author: Actor, people: People) -> None:
    services.set_poll(author, post, asked(secret=True))
    before = post.version
    services.vote(people.participant(), post, [1])
    assert results(post) is None
    database.session().refresh(post)
    assert (post.version, len(told(events.PollChanged))) == (before, 1)
    services.close(author, post)
    found = results(post)
    assert found is not None
    assert found.voters == {"civil_society": 1}


def test_closed_on_time_once(post: Any, author: Actor, people: People) -> None:
    services.set_poll(author, post, asked(closes_at=clock.now() + timedelta(hours=1)))
    services.close_due()
    assert told(events.PollClosed) == []
    with clock.freeze(clock.now() + timedelta(hours=1, seconds=1)):
        with pytest.raises(Conflict):
            services.vote(people.participant(), post, [1])  # due, though the job has not come by yet
        services.close_due()
        services.close_due()
        services.close(author, post)
    assert len(told(events.PollClosed)) == 1


def test_hidden_posts_have_no_poll_but_it_ends_on_time(post: Any, author: Actor, people: People) -> None:
    reply = discussing.reply(author, post.discussion)
    services.set_poll(author, reply, asked(closes_at=clock.now() + timedelta(hours=1)))
    moderation.hide(people.secretariat(), reply.id, "off_topic")
    with pytest.raises(Refused):
        services.vote(people.participant(), reply, [1])
    with clock.freeze(clock.now() + timedelta(hours=2)):
        services.close_due()
    assert len(told(events.PollClosed)) == 1


def test_who_may(post: Any, author: Actor, actors: dict[str, Actor], people: People) -> None:
    with pytest.raises(Refused):
        services.set_poll(people.secretariat(), post, asked())
    services.set_poll(author, post, asked())
    for kind in ("guest", "unconfirmed", "suspended", "system"):
        with pytest.raises(Refused):
            services.vote(actors[kind], post, [0])
    with pytest.raises(Refused):
        services.close(people.secretariat(), post)


def test_changed_only_while_nobody_has_voted(post: Any, author: Actor, people: People) -> None:
    services.set_poll(author, post, asked())
    services.set_poll(author, post, asked(question="Really?"))
    voter = people.participant()
    services.vote(voter, post, [0])
    for act in (lambda: services.set_poll(author, post, asked()), lambda: services.remove_poll(author, post)):
        with pytest.raises(Conflict):
            act()
    services.withdraw_vote(voter, post)
    services.remove_poll(author, post)
    assert database.session().scalar(select(func.count(Poll.id))) == 0
    assert database.session().scalar(select(func.count(PollCount.id))) == 0


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"question": " \x00 "}, "question"),
        ({"question": "x" * 301}, "question"),
        ({"options": ["one"]}, "options"),
        ({"options": ["a", " ", "\u200b"]}, "options"),
        ({"options": [str(n) for n in range(21)]}, "options"),
        ({"options": ["Yes", "yes "]}, "options"),
        ({"options": ["a", "b" * 201]}, "options"),
        ({"kind": "guess"}, "kind"),
        ({"closes_at": clock.now() - timedelta(minutes=1)}, "closes_at"),
        ({"closes_at": clock.now() + timedelta(days=400)}, "closes_at"),
    ],
)
def test_what_cannot_be_asked(post: Any, author: Actor, more: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as wrong:
        services.set_poll(author, post, asked(**more))
    assert list(wrong.value.errors) == [field]


def test_awkward_characters_are_kept_or_dropped(post: Any, author: Actor) -> None:
    services.set_poll(author, post, asked(question="a\x00b\ud800c", options=["<b>", "\u202eabc"]))
    poll = queries.find(post.id)
    assert poll is not None
    assert "\x00" not in poll.question
    assert poll.options[0] == "<b>"


@pytest.mark.parametrize("choices", [[], [0, 1], [3], [-1], [10**30], [0, 0]])
def test_what_is_no_vote(post: Any, author: Actor, choices: list[int]) -> None:
    services.set_poll(author, post, asked())
    with pytest.raises(Invalid):
        services.vote(author, post, choices)


def test_clicks_at_once_are_one_vote(post: Any, author: Actor, people: People) -> None:
    services.set_poll(author, post, asked())
    voters, post_id = [people.participant() for _n in range(4)], post.id
    failed: list[Exception] = []

    def click(voter: Actor) -> None:
        try:
            services.vote(voter, discussions.get_post(voter, post_id), [1])
        except Exception as error:
            failed.append(error)
        finally:
            database.release()

    database.release()
    threads = [threading.Thread(target=click, args=(voter,)) for voter in voters for _n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    poll = queries.find(post_id)
    assert (failed, poll is not None) == ([], True)
    assert queries.results([poll])[poll.id].voters == {"civil_society": 4}  # type: ignore[union-attr]
