"""Flags on what its author withdrew wait for nobody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient

from alliance.discussions import services as discussions
from alliance.moderation import queries, services
from alliance.moderation.models import Flag
from alliance.policy import Actor
from tests import discussing
from tests.people import People


def test_withdrawing_closes_open_flags_with_a_line_in_the_log(
    client: FlaskClient, people: People, db: Any, drain: Callable[[], int]
) -> None:
    author, moderator = people.participant(posts_count=9), people.moderator()
    post = discussing.reply(author, discussing.discussion(author))
    flag = services.flag_post(people.participant(), post.id, "spam")
    assert queries.waiting(moderator) == 1
    discussions.withdraw_post(author, post)
    assert (queries.queue(moderator)[0], queries.waiting(moderator)) == ([], 0), "nothing is shown that cannot be acted upon"
    post_id, flag_id = post.id, flag.id
    drain()
    services.close_withdrawn(post_id)
    flag = db.session().get_one(Flag, flag_id)
    assert (flag.status, flag.decided_by_id) == ("closed", None)
    entries, _next = queries.log(Actor.guest())
    assert [(e.act, e.role, e.reason, e.post_id) for e in entries] == [("close", "system", "", post_id)]
    assert "its flags are closed" in client.get("/moderation/log").text


def test_what_still_stands_keeps_its_flags(people: People) -> None:
    author, moderator = people.participant(posts_count=9), people.moderator()
    post = discussing.reply(author, discussing.discussion(author))
    services.flag_post(people.participant(), post.id, "spam")
    services.close_withdrawn(post.id)
    services.close_withdrawn(0)
    assert queries.waiting(moderator) == 1
