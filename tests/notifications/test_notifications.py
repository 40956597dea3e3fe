from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from alliance.accounts import passwords
from alliance.accounts import services as accounts
from alliance.core import db as database
from alliance.core import outbox
from alliance.discussions import services as discussions
from alliance.discussions.models import Discussion, Post
from alliance.groups import queries as groups
from alliance.notifications import handlers, queries, services, telling
from alliance.notifications.models import Notification
from alliance.policy import Actor
from tests.people import PASSWORD, People

Drain = Callable[[], int]


def told() -> list[tuple[int, str, int]]:
    database.release()
    return [(n.person_id, n.kind, n.post_id) for n in database.session().scalars(select(Notification).order_by(Notification.id))]


def open_one(actor: Actor) -> int:
    return discussions.open_discussion(actor, groups.get_space(actor, "c5"), "A discussion with a title", "Text.").id


def say(actor: Actor, discussion_id: int, body: str = "An answer.", parent_id: int | None = None, **more: Any) -> int:
    session = database.session()
    parent = session.get_one(Post, parent_id) if parent_id else None
    return discussions.publish_post(actor, session.get_one(Discussion, discussion_id), body, parent=parent, **more).id


def test_whom_a_post_concerns(people: People, drain: Drain) -> None:
    opener, second, named, third = people.participant(), people.participant(), people.participant(handle="named"), people.participant()
    discussion = open_one(opener)
    drain()
    assert told() == []
    reply = say(second, discussion)
    drain()
    assert told() == [(opener.person_id, "reply", reply)]
    deeper = say(third, discussion, "To both, and @named, and @named again.", reply)
    drain()
    assert sorted(told()[1:]) == sorted(
        [(second.person_id, "reply", deeper), (opener.person_id, "reply", deeper), (named.person_id, "mention", deeper)]
    )
    own = say(opener, discussion, "To myself, @named not `@named`.")
    drain()
    assert told()[4:] == [
        (named.person_id, "mention", own),
        (second.person_id, "watched", own),
        (third.person_id, "watched", own),
    ]


def test_the_same_event_tells_once(people: People, drain: Drain) -> None:
    opener, other = people.participant(), people.participant()
    discussion = open_one(opener)
    say(other, discussion)
    drain()
    handlers.on_events([one for one in outbox.read(0, 100) if type(one.event).__name__ == "PostPublished"])
    assert len(told()) == 1


def test_nobody_is_told_of_imported_posts_nor_when_muted_suspended_or_unclaimed(people: People, drain: Drain) -> None:
    opener, other = people.participant(), people.participant()
    discussion = open_one(opener)
    say(Actor.system(), discussion, "Old words.", author=People.of(other), imported=True)
    drain()
    assert told() == []
    services.mute(opener, discussion, muted=True)
    services.mute(opener, discussion, muted=True)
    say(other, discussion)
    drain()
    assert told() == []
    services.mute(opener, discussion, muted=False)
    with database.transaction():
        People.of(opener).claimed = False
    say(other, discussion)
    drain()
    assert told() == []


@pytest.mark.parametrize(
    ("body", "handles"),
    [
        ("@ana and @Bo-Li, thanks", ["ana", "bo-li"]),
        ("mail a@ana.org", []),
        ("> @ana said\n\nyes", []),
        ("`@ana` and\n\n    @bo\n\n```\n@cy\n```\n@di", ["di"]),
        ("(@ana)", ["ana"]),
        ("@ana@example.org", []),
        ("https://example.org/@ana", []),
        ("@-", []),
    ],
)
def test_mentions(body: str, handles: list[str]) -> None:
    assert telling.mentioned(body) == handles


def test_withdrawn_posts_leave_the_list_and_the_count(people: People, drain: Drain) -> None:
    opener, other = people.participant(), people.participant()
    discussion = open_one(opener)
    reply = say(other, discussion)
    drain()
    assert queries.unread(opener) == queries.unread_count(opener.person_id or 0) == 1
    assert queries.unread(other) == queries.unread(Actor.guest()) == 0
    discussions.withdraw_post(other, database.session().get_one(Post, reply))
    assert queries.unread(opener) == 0
    assert queries.notifications(opener) == ([], None)


def test_one_marks_only_ones_own(people: People, drain: Drain) -> None:
    opener, other = people.participant(), people.participant()
    discussion = open_one(opener)
    for _ in range(3):
        say(other, discussion)
    drain()
    rows, following = queries.notifications(opener, limit=2)
    assert (len(rows), following is not None) == (2, True)
    assert len(queries.notifications(opener, following, limit=2)[0]) == 1
    assert services.mark_read(other) == 0
    assert services.mark_read(other, rows[0].id) == 0
    assert services.mark_read(opener, rows[0].id) == 1
    assert services.mark_read(opener) == 2
    assert queries.unread(opener) == 0


def test_the_pages_and_the_api(client: FlaskClient, people: People, drain: Drain) -> None:
    assert client.get("/notifications").status_code == 303
    assert client.get("/api/v1/notifications").status_code == 401
    person = people.person(email="jane@example.org", password_hash=passwords.make(PASSWORD))
    opener, other = people.actor(person), people.participant(name="<b>Boris</b>")
    discussion = open_one(opener)
    say(other, discussion)
    drain()
    client.post("/sign-in", data={"email": "jane@example.org", "password": PASSWORD})
    page = client.get("/notifications").text
    assert "<bdi>&lt;b&gt;Boris&lt;/b&gt;</bdi>: replied in #2" in page
    assert "Mark all as read" in page
    secret = accounts.create_token(People.of(opener), "write")
    head = {"Authorization": f"Bearer {secret}"}
    (item,) = client.get("/api/v1/notifications", headers=head).get_json()["items"]
    assert (item["kind"], item["discussion_id"], item["read_at"]) == ("reply", discussion, None)
    assert client.post("/notifications/read").status_code == 303
    assert "Mark all as read" not in client.get("/notifications").text
    assert client.post("/api/v1/notifications/read", headers=head).get_json() == {"marked": 0}
    assert client.post(f"/d/{discussion}/mute", data={"next": "/notifications"}).status_code == 303
    assert "A discussion with a title" in client.get("/settings/notifications").text
    assert client.post("/d/999999/mute").status_code == 404
    assert client.get("/notifications?after=nonsense").status_code == 422
