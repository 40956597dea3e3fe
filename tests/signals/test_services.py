"""Thanks and positions: one a person and post, exact counters, two signals kept apart."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from sqlalchemy import func, select

from alliance import events
from alliance.core import db as database
from alliance.core import outbox
from alliance.core.errors import Invalid, Refused
from alliance.discussions import queries as discussions
from alliance.discussions.models import Post
from alliance.moderation import services as moderation
from alliance.policy import Actor
from alliance.signals import queries, services
from alliance.signals.models import Signal, SignalCount
from tests import discussing
from tests.people import People


@pytest.fixture
def post(db: Any, people: People) -> Any:
    """A proposal somebody else made."""
    author = people.participant()
    return discussing.reply(author, discussing.discussion(author), body="Let the users pay.")


def counted(post_id: int) -> queries.Counts:
    return queries.counts([post_id]).get(post_id, {})


def told() -> list[Any]:
    return [one.event for one in outbox.read(0, 1000, [events.PostSignalled.__name__])]


def test_both_signals_by_stakeholder_type(post: Any, people: People) -> None:
    state, business = people.participant(stakeholder_type="government"), people.participant(stakeholder_type="private_sector")
    nobody = people.participant(stakeholder_type=None)
    for actor in (state, business, nobody):
        services.thank(actor, post)
    services.take_position(state, post, "object", "Too dear\nfor the poor.")
    services.take_position(business, post, "support")
    assert counted(post.id) == {
        "thanks": {"government": 1, "private_sector": 1, None: 1},
        "support": {"private_sector": 1},
        "object": {"government": 1},
    }
    rows, following = queries.reasons(post.id)
    assert [(r.kind, r.reason, r.stakeholder_type) for r in rows] == [("object", "Too dear\nfor the poor.", "government")]
    assert following is None


def test_one_a_person_and_post_changeable_and_removable(post: Any, people: People) -> None:
    actor = people.participant()
    before = post.version
    services.thank(actor, post)
    services.thank(actor, post)
    services.take_position(actor, post, "support", "Fair.")
    services.take_position(actor, post, "support", "Fair.")
    assert (len(told()), post.version) == (2, before + 2)
    services.take_position(actor, post, "object")
    assert counted(post.id) == {"thanks": {"civil_society": 1}, "object": {"civil_society": 1}}
    services.leave_position(actor, post, "support")  # it is another one by now
    assert "object" in counted(post.id)
    services.leave_position(actor, post)
    services.unthank(actor, post)
    services.unthank(actor, post)
    assert counted(post.id) == {}
    assert database.session().scalar(select(func.count(Signal.id))) == 0


def test_the_stakeholder_type_is_that_of_the_moment(post: Any, people: People) -> None:
    person = people.person(stakeholder_type="media")
    actor = people.actor(person)
    services.take_position(actor, post, "support")
    with database.transaction():
        person.stakeholder_type = "government"
    assert counted(post.id) == {"support": {"media": 1}}
    services.take_position(actor, post, "can_live_with")
    assert counted(post.id) == {"can_live_with": {"government": 1}}


def test_the_author_hears_of_thanks_and_of_nothing_else(post: Any, people: People) -> None:
    actor = people.participant()
    services.thank(actor, post)
    services.take_position(actor, post, "support")
    services.unthank(actor, post)
    assert [event.thanked_by for event in told()] == [actor.person_id, None, None]
    assert {(event.post_id, event.discussion_id, event.space_id) for event in told()} == {(post.id, post.discussion_id, post.space_id)}


def test_nobody_thanks_for_their_own_post_but_may_take_a_position(db: Any, people: People) -> None:
    author = people.participant()
    post = discussing.opening(discussing.discussion(author))
    with pytest.raises(Refused):
        services.thank(author, post)
    services.take_position(author, post, "can_live_with")


@pytest.mark.parametrize("kind", ["guest", "unconfirmed", "suspended", "system"])
def test_who_may_not(post: Any, actors: dict[str, Actor], kind: str) -> None:
    for act in (services.thank, services.unthank, services.leave_position):
        with pytest.raises(Refused):
            act(actors[kind], post)
    with pytest.raises(Refused):
        services.take_position(actors[kind], post, "support")


def test_signals_of_the_suspended_stay(post: Any, people: People) -> None:
    person = people.person()
    services.take_position(people.actor(person), post, "object", "No.")
    with database.transaction():
        person.suspended_at = person.created_at
    with pytest.raises(Refused):
        services.leave_position(people.actor(person), post)
    assert counted(post.id) == {"object": {"civil_society": 1}}


def test_a_lock_keeps_positions_as_they_are(post: Any, people: People) -> None:
    actor = people.participant()
    services.take_position(actor, post, "support")
    moderation.lock(people.moderator(), post.discussion_id, "Decided.")
    services.thank(actor, post)
    with pytest.raises(Refused):
        services.take_position(actor, post, "object")
    with pytest.raises(Refused):
        services.leave_position(actor, post)
    assert set(counted(post.id)) == {"thanks", "support"}


def test_hidden_and_withdrawn_posts_take_none(post: Any, people: People) -> None:
    moderator = people.moderator()
    moderation.hide(moderator, post.id, "Spam.")
    with pytest.raises(Refused):
        services.thank(moderator, post)


@pytest.mark.parametrize("kind", ["", "thanks", "like", "support\x00"])
def test_other_positions_are_none(post: Any, people: People, kind: str) -> None:
    with pytest.raises(Invalid):
        services.take_position(people.participant(), post, kind)


def test_reasons_are_plain_short_and_clean(post: Any, people: People) -> None:
    with pytest.raises(Invalid):
        services.take_position(people.participant(), post, "support", "x" * 501)
    with pytest.raises(Invalid):
        services.take_position(people.participant(), post, "support", "\n" * 10_000)
    actor = people.participant()
    services.take_position(actor, post, "support", " \u202eevil\u202c \x00 \ud800 <b>bold</b> \n\n \u200b \n" + "x" * 400)
    (row,), _next = queries.reasons(post.id)
    assert row.reason == "evil \ufffd <b>bold</b>\n" + "x" * 400 or row.reason == "evil <b>bold</b>\n" + "x" * 400


def test_reasons_by_keyset(post: Any, people: People) -> None:
    for number in range(5):
        services.take_position(people.participant(), post, "support", f"Reason {number}.")
    services.take_position(people.participant(), post, "object")
    first, following = queries.reasons(post.id, limit=3)
    rest, end = queries.reasons(post.id, following, limit=3)
    assert [r.reason for r in [*first, *rest]] == [f"Reason {number}." for number in (4, 3, 2, 1, 0)]
    assert end is None


def test_eight_threads_make_one_row_each_and_exact_counters(post: Any, people: People) -> None:
    same = people.participant(stakeholder_type="media")
    others = [people.participant(stakeholder_type="government") for _number in range(8)]
    post_id = post.id
    database.release()
    problems: list[BaseException] = []

    def click(actor: Actor) -> None:
        try:
            for _time in range(3):
                found = database.session().get_one(Post, post_id)
                services.thank(same, found)
                services.take_position(actor, found, "support")
                services.take_position(actor, found, "object")
                database.release()
        except BaseException as error:
            problems.append(error)

    threads = [threading.Thread(target=click, args=(actor,)) for actor in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert counted(post_id) == {"thanks": {"media": 1}, "object": {"government": 8}}
    assert database.session().scalar(select(func.count(Signal.id))) == 9
    support = select(SignalCount.count).where(SignalCount.post_id == post_id, SignalCount.kind == "support")
    assert database.session().scalar(support) == 0


def test_a_page_asks_only_about_posts_that_were_touched(post: Any, people: People) -> None:
    rows = discussions.post_page(Actor.guest(), post.discussion_id).posts
    assert queries.told([row for row in rows if row.id == post.id]) == []
    services.thank(people.participant(), post)
    rows = discussions.post_page(Actor.guest(), post.discussion_id).posts
    assert post.id in queries.told(rows)
