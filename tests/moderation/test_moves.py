"""Splitting, merging, moving: the tree, what was read, watches, notifications, counters and old links survive; and back again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from alliance.accounts import passwords
from alliance.core import db
from alliance.core.errors import Conflict, Invalid, NotFound, Refused
from alliance.discussions import queries as reading_posts
from alliance.discussions import recounting
from alliance.discussions.models import Discussion, Post
from alliance.discussions.move_models import Move
from alliance.moderation import moves, queries
from alliance.notifications.models import Notification
from alliance.policy import Actor
from alliance.reading import queries as reading
from alliance.reading import services as marks
from alliance.reading.numbers import Numbers
from alliance.watching import services as watching
from alliance.watching.models import Watch
from tests import discussing
from tests.people import PASSWORD, People

Scene = dict[str, Any]


@pytest.fixture
def scene(db: Any, people: People) -> Scene:
    """1; 2 and its answers 3, 4 (to 3); 5; 6 (to 5)."""
    author, other = people.participant(), people.participant()
    found = discussing.discussion(author)
    two = discussing.reply(other, found, body="Two.")
    three = discussing.reply(author, found, parent=two, body="Three.")
    four = discussing.reply(other, found, parent=three, body="Four.")
    five = discussing.reply(author, found, body="Five.")
    six = discussing.reply(other, found, parent=five, body="Six.")
    return {
        "author": author,
        "other": other,
        "id": found.id,
        "posts": [two.id, three.id, four.id, five.id, six.id],
        "moderator": people.moderator(),
    }


def tree(discussion_id: int) -> list[tuple[int, int | None, int, str]]:
    rows = db.session().scalars(select(Post).where(Post.discussion_id == discussion_id).order_by(Post.path))
    return [(post.number, post.parent_number, post.depth, post.body) for post in rows]


def right() -> bool:
    db.release()
    return not recounting.check()


def test_branches_become_a_discussion_and_come_back(scene: Scene) -> None:
    before = tree(scene["id"])
    done = moves.branches(scene["moderator"], scene["id"], [3, 5], title="Elsewhere", reason="Another question.")
    move_id = done.move.id
    assert tree(done.target.id) == [(1, None, 0, "Three."), (2, 1, 0, "Four."), (3, None, 0, "Five."), (4, 3, 1, "Six.")]
    assert [row[:2] for row in tree(scene["id"])] == [(1, None), (2, None)]
    assert (done.posts, right()) == (4, True)
    [entry] = queries.log(Actor.guest())[0]
    assert (entry.act, entry.reason) == ("split", "Another question.")
    moves.put_back(scene["moderator"], move_id)
    assert (tree(scene["id"]), right()) == (before, True)
    with pytest.raises(NotFound):  # what was split off is no more
        moves.put_back(scene["moderator"], move_id)


def test_a_merge_keeps_the_tree_and_leads_on(scene: Scene, client: FlaskClient, people: People) -> None:
    target = discussing.discussion(people.participant(), title="The larger one")
    target_id, source_id = target.id, scene["id"]
    moves.merge(scene["moderator"], source_id, f"/d/{target_id}/x", "The same question.")
    assert [(number, parent, depth) for number, parent, depth, _body in tree(target_id)] == [
        (1, None, 0), (2, None, 0), (3, None, 0), (4, 3, 1), (5, 4, 2), (6, None, 0), (7, 6, 1),
    ]  # fmt: skip
    assert right()
    db.release()
    move_id, slug = db.session().scalars(select(Move.id)).one(), db.session().get_one(Discussion, target_id).slug
    gone = client.get(f"/d/{source_id}/anything?from=11")
    assert (gone.status_code, gone.location) == (308, f"/d/{target_id}/anything")
    assert client.get(f"/api/v1/discussions/{source_id}").location == f"/api/v1/discussions/{target_id}"
    assert client.get(f"/feeds/discussion/{source_id}.atom").location == f"/feeds/discussion/{target_id}.atom"
    post_id = scene["posts"][0]
    assert client.get(f"/p/{post_id}").location == f"/d/{target_id}/{slug}#p{post_id}"
    moves.put_back(scene["moderator"], move_id)
    assert (len(tree(source_id)), len(tree(target_id)), right()) == (6, 1, True)
    assert client.get(f"/d/{source_id}").status_code == 308  # to its slug
    assert client.get(f"/d/{source_id}").location.startswith(f"/d/{source_id}/")


def test_what_was_read_watched_and_told_goes_along(scene: Scene, people: People, drain: Callable[[], int]) -> None:
    reader = people.participant()
    marks.mark_read(reader, scene["id"], Numbers.of([1, 3, 5]))
    watching.choose(reader, scene["id"], "watch")
    drain()
    told = db.session().scalars(select(Notification.id).where(Notification.post_id == scene["posts"][1])).all()
    done = moves.branches(scene["moderator"], scene["id"], [3, 5], title="Elsewhere", reason="Another question.")
    target_id = done.target.id
    assert told
    assert {db.session().get_one(Notification, one).discussion_id for one in told} == {target_id}
    there, here = reading.state(reader, target_id), reading.state(reader, scene["id"])
    assert there is not None
    assert here is not None
    assert (str(there.read), there.unread, str(here.read), here.unread) == ("1,3", 2, "1", 1)
    assert db.session().scalar(select(Watch.level).where(Watch.person_id == reader.person_id, Watch.discussion_id == target_id)) == "watch"


def test_branches_go_to_a_discussion_that_is_there(scene: Scene, people: People) -> None:
    target = discussing.discussion(people.participant(), title="The other one").id
    done = moves.branches(scene["moderator"], scene["id"], [3], target=str(target), reason="Belongs there.")
    assert [(number, parent, depth) for number, parent, depth, _body in tree(target)] == [(1, None, 0), (2, None, 0), (3, 2, 1)]
    discussing.reply(scene["other"], db.session().get_one(Discussion, target), parent=db.session().get_one(Post, scene["posts"][1]))
    with pytest.raises(Conflict):
        moves.put_back(scene["moderator"], done.move.id)
    assert right()


def test_a_discussion_goes_to_another_space(scene: Scene) -> None:
    discussing.space("c5")
    moves.relocate(scene["moderator"], scene["id"], "c5", "Security.")
    found = reading_posts.get_discussion(Actor.guest(), scene["id"])
    assert (found.space.code, {post.space_id for post in db.session().query(Post)}) == ("c5", {found.space_id})
    assert right()
    with pytest.raises(Invalid):
        moves.relocate(scene["moderator"], scene["id"], "c5", "Again.")


def test_what_cannot_be_done_says_so_and_changes_nothing(scene: Scene, people: People) -> None:
    moderator, source_id, before = scene["moderator"], scene["id"], tree(scene["id"])
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"numbers": [1], "title": "T"}, "posts"),
        ({"numbers": [], "title": "T"}, "posts"),
        ({"numbers": [99], "title": "T"}, "posts"),
        ({"numbers": [2], "title": "T", "target": "1"}, "title"),
        ({"numbers": [2], "target": "none"}, "target"),
        ({"numbers": [2], "target": str(source_id)}, "target"),
    ]
    for given, field in wrong:
        with pytest.raises(Invalid) as caught:
            moves.branches(moderator, source_id, reason="Because.", **given)
        assert list(caught.value.errors) == [field], given
    for actor in (people.participant(), people.suspended()):
        with pytest.raises(Refused):
            moves.branches(actor, source_id, [2], title="T", reason="Because.")
    with pytest.raises(Invalid):
        moves.branches(moderator, source_id, [2], title="T")
    assert tree(source_id) == before


def test_nothing_is_lost_while_others_write(scene: Scene, people: People) -> None:
    writers, source_id, moderator = [people.participant() for _number in range(4)], scene["id"], scene["moderator"]
    gate, written, failed = threading.Barrier(5), [], []

    def write(actor: Actor) -> None:
        gate.wait()
        try:
            for number in range(5):
                found = reading_posts.get_discussion(actor, source_id)
                written.append(discussing.reply(actor, found, body=f"{actor.person_id}-{number}").id)
                db.release()
        except Exception as error:
            failed.append(error)
        finally:
            db.release()

    threads = [threading.Thread(target=write, args=(one,)) for one in writers]
    for thread in threads:
        thread.start()
    gate.wait()
    done = moves.branches(moderator, source_id, [2, 5], title="Elsewhere", reason="Another question.")
    target_id = done.target.id
    for thread in threads:
        thread.join()
    db.release()
    assert failed == []
    rows = db.session().execute(select(Post.id, Post.discussion_id)).all()
    assert sorted(row.id for row in rows) == sorted({*(row.id for row in rows)})
    assert len(rows) == 6 + 20
    assert {row.discussion_id for row in rows if row.id in scene["posts"]} == {target_id}
    assert {row.discussion_id for row in rows if row.id in written} == {source_id}
    assert right()


def test_the_page_splits_and_takes_back(client: FlaskClient, people: People, scene: Scene) -> None:
    from_page = f"/moderation/discussions/{scene['id']}/move"
    assert client.get(from_page).status_code == 303
    people.person(email="mo@example.org", role="moderator", password_hash=passwords.make(PASSWORD))
    client.post("/sign-in", data={"email": "mo@example.org", "password": PASSWORD})
    page = client.get(f"{from_page}?posts=3").text
    assert 'value="3"' in page
    assert client.post(from_page, data={"posts": "3", "what": "branches"}).status_code == 422
    done = client.post(from_page, data={"posts": "3", "title": "Elsewhere", "reason": "Another.", "what": "branches"})
    assert done.status_code == 303
    shown = client.get(done.location).text
    assert ("Three." in shown, "Put them back" in shown) == (True, True)
    assert "2 posts went to:" in client.get(f"/d/{scene['id']}", follow_redirects=True).text
    assert client.post("/moderation/moves/1/undo").status_code == 303
    assert client.post("/moderation/moves/1/undo").status_code == 404
