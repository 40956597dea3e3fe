"""Flags, acts, and a log that says all but the hidden text."""

from __future__ import annotations

from typing import Any

import pytest

from alliance import events
from alliance.core import outbox
from alliance.core.errors import Conflict, Invalid, NotFound, Refused
from alliance.moderation import queries, services
from alliance.policy import Actor
from tests import discussing
from tests.people import People


@pytest.fixture
def post(db: Any, people: People) -> Any:
    """A reply somebody may want hidden."""
    author = people.participant(posts_count=9)
    return discussing.reply(author, discussing.discussion(author), body="MARK of the hidden.")


def test_flagging_hiding_restoring(post: Any, people: People) -> None:
    flagger, moderator = people.participant(), people.moderator()
    flag = services.flag_post(flagger, post.id, "spam", "Sells things.")
    assert [item.post.id for item in queries.queue(moderator)[0]] == [post.id]
    services.hide(moderator, post.id, "Advertising.")
    assert (post.status, flag.status, flag.decided_by_id, post.discussion.posts_count) == ("hidden", "upheld", moderator.person_id, 1)
    assert queries.queue(moderator)[0] == []
    services.restore(moderator, post.id, "Seen wrongly.")
    assert (post.status, post.discussion.posts_count) == ("visible", 2)
    entries, _next = queries.log(Actor.guest())
    assert [(e.act, e.reason) for e in entries] == [("restore", "Seen wrongly."), ("hide", "Advertising.")]
    told = [type(one.event) for one in outbox.read(0, 100)][3:]
    assert told == [events.PostFlagged, events.FlagsDecided, events.PostHidden, events.PostRestored]


def test_one_flag_a_person_and_post(post: Any, people: People) -> None:
    flagger = people.participant()
    first = services.flag_post(flagger, post.id, "spam")
    again = services.flag_post(flagger, post.id, "unlawful", "Look.")
    assert (again.id, again.reason) == (first.id, "unlawful")
    services.dismiss(people.moderator(), post.id, "Harmless.")
    with pytest.raises(Conflict):
        services.flag_post(flagger, post.id, "spam")


def test_two_moderators_make_one_decision(post: Any, people: People) -> None:
    services.flag_post(people.participant(), post.id, "spam")
    services.dismiss(people.moderator(), post.id, "Harmless.")
    with pytest.raises(Conflict):
        services.dismiss(people.moderator(), post.id, "Harmless.")
    assert len(queries.log(Actor.guest())[0]) == 1


def test_locking(post: Any, people: People) -> None:
    moderator, author = people.moderator(), people.participant()
    services.lock(moderator, post.discussion_id, "Decided elsewhere.")
    with pytest.raises(Refused):
        discussing.reply(author, post.discussion)
    with pytest.raises(Conflict):
        services.lock(moderator, post.discussion_id, "Again.")
    services.unlock(moderator, post.discussion_id, "Open again.")
    discussing.reply(author, post.discussion)


@pytest.mark.parametrize("kind", ["guest", "participant", "suspended", "unconfirmed"])
def test_others_do_not_moderate(post: Any, actors: dict[str, Actor], kind: str) -> None:
    for act, thing in ((services.hide, post.id), (services.dismiss, post.id), (services.lock, post.discussion_id)):
        with pytest.raises(Refused):
            act(actors[kind], thing, "Because.")
    assert queries.queue(actors[kind])[0] == []
    assert queries.log(Actor.guest())[0] == []


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501])
def test_every_act_has_a_reason(post: Any, people: People, reason: str) -> None:
    moderator = people.moderator()
    for act, thing in ((services.hide, post.id), (services.lock, post.discussion_id)):
        with pytest.raises(Invalid):
            act(moderator, thing, reason)
    assert (post.status, post.discussion.locked_at) == ("visible", None)


def test_bad_flags_are_refused(post: Any, people: People) -> None:
    flagger = people.participant()
    for reason, note, field in (("rude", "", "reason"), ("other", " ", "note"), ("spam", "x" * 1001, "note")):
        with pytest.raises(Invalid) as caught:
            services.flag_post(flagger, post.id, reason, note)
        assert list(caught.value.errors) == [field]
    with pytest.raises(NotFound):
        services.flag_post(flagger, 10**9, "spam")
    with pytest.raises(Refused):
        services.flag_post(people.actor(post.author), post.id, "spam")


def test_the_queue_goes_on_by_cursor_oldest_first(db: Any, people: People) -> None:
    author, flagger, moderator = people.participant(posts_count=9), people.participant(), people.moderator()
    found = discussing.discussion(author)
    ids = [discussing.reply(author, found).id for _number in range(5)]
    for post_id in ids:
        services.flag_post(flagger, post_id, "spam")
    first, cursor = queries.queue(moderator, None, 3)
    rest, end = queries.queue(moderator, cursor, 3)
    assert [item.post.id for item in first + rest] == ids
    assert end is None
    assert queries.waiting(moderator) == 5
