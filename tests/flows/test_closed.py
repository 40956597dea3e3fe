"""A closed discussion full of marked secrets in a space that everybody reads: its title and its public summary are told, nothing else.

Every route of the application is asked for its posts, and for posts that do not exist: status and bytes are the same. No byte of any
answer holds a mark.
"""

from __future__ import annotations

import functools
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from alliance.accounts import services as accounts
from alliance.attachments import services as attachments
from alliance.attachments.naming import reference
from alliance.core import clock, settings
from alliance.core import db as database
from alliance.core.errors import Conflict, Invalid, NotFound, Refused
from alliance.core.tokens import sign
from alliance.curating import summaries
from alliance.digests.services import compile_digest
from alliance.discussions import knowing, queries, quoting, recounting
from alliance.discussions import services as saying
from alliance.discussions.models import Discussion
from alliance.groups import belonging, founding
from alliance.groups import queries as groups
from alliance.groups.models import Group, Space
from alliance.mailing import services as mailing
from alliance.moderation import confiding, moves
from alliance.moderation import queries as moderating
from alliance.moderation import services as moderation
from alliance.policy import Actor
from alliance.polls import services as polls
from alliance.polls.services import Asked
from alliance.search import finding
from alliance.signals import services as signals
from alliance.watching import services as watching
from tests import discussing
from tests.flows import test_private as walk
from tests.flows.test_private import MARK, WORD, Visitor, World
from tests.grouping import founded, member, plan, seat
from tests.people import People
from tests.realtime.test_tail import connect, subscribe
from tests.signing import signed_in

TITLE = "What we could give up"
SAID = "All agree that the fund has to be measured."
WHO = walk.WHO


@pytest.fixture
def world(people: People, drain: Callable[[], int]) -> World:
    """A closed discussion in a public group, in which everything was said before it was closed, and more after."""
    public = discussing.discussion(people.participant(name="Somebody Public"), "A public question", "Nothing to hide.")
    group = founded(people, "Open club", posting="everyone", joining="invitation", lines=["c2"])
    chair, inside, former = member(people, group, "chair"), member(people, group, name="Ana Inside"), member(people, group)
    outsider, suspended = people.participant(), people.participant()
    seat(group, suspended)
    handle = People.of(former).handle
    found = saying.open_discussion(inside, group.space, TITLE, f"Opening {MARK} {WORD} for @{handle}")
    file = attachments.receive(inside, f"{MARK}.txt", io.BytesIO(f"{MARK} file {WORD}".encode()))
    attached = reference(file.key, file.name, picture=False, alternative="")
    post = saying.publish_post(inside, found, f"Answer {MARK} {WORD} @{handle}\n\n{attached}")
    saying.publish_post(outsider, found, f"Mine {MARK} {WORD}", parent=post)
    polls.set_poll(inside, post, Asked(question=f"{MARK}?", options=[f"{MARK} yes", f"{MARK} no"]))
    signals.thank(former, post)
    signals.take_position(outsider, post, "support", f"{MARK} because")
    for one in (outsider, former):
        watching.choose(one, found.id, "watch")
        watching.keep_post(one, post.id, "My note")
    made = quoting.quotation(post)
    outside = saying.publish_post(inside, public, f"{made.markdown}I say so too.\n\n{attached.replace(MARK, 'file')}")
    with database.transaction():
        quoting.keep(inside, outside, made.reference)
    discussion_id, post_id, key, slug = found.id, post.id, file.key, group.slug
    drain()
    guest = Actor.guest()
    assert len(finding.find(guest, finding.ask(guest, WORD, {})[0]).results) >= 3
    moderation.flag_post(former, post_id, "other", f"{MARK} flag")
    confiding.close(chair, discussion_id, "They speak in confidence.")
    saying.publish_post(inside, database.session().get_one(Discussion, discussion_id), f"Later {MARK} {WORD} @{handle}")
    gone = saying.publish_post(inside, database.session().get_one(Discussion, discussion_id), f"Gone {MARK}")
    moderation.hide(chair, gone.id, f"{MARK} reason")
    summaries.write(chair, discussion_id, f"{SAID} [#1, #2]")
    drain()
    belonging.remove(chair, groups.get_group(chair, slug), former.person_id or 0)
    accounts.suspend(people.secretariat(), People.of(suspended), suspended=True)
    actors = {
        "guest": guest, "outsider": outsider, "former": former, "suspended": people.actor(People.of(suspended)),
        "unconfirmed": people.unconfirmed(), "moderator": people.moderator(),
    }  # fmt: skip
    world = World(discussion_id, post_id, slug, key, inside, actors)
    world.there, world.nowhere = _values(world)
    drain()
    mailing.send_due()
    return world


def _values(world: World) -> tuple[dict[str, object], dict[str, object]]:
    """The discussion is known; its posts, its files and whatever lies in it are not."""
    missing = 10**6  # whoever walks may write: there are more posts than one by then
    same: dict[str, object] = {
        "discussion_id": world.discussion, "code": world.slug, "slug": world.slug, "document_id": 1, "milestone_id": 1, "request_id": 1,
        "invitation_id": 1, "token": sign("unsubscribe", [1, f"discussion:{world.discussion}"]), "place": f"d:{world.discussion}",
        "token_id": 999, "handle": "nobody-at-all", "name": "file.txt", "act": "hide", "kind": "thanks", "filename": "x", "digest_id": 1,
        "affiliation_id": 1, "failure_id": 1, "item_id": 1, "entry_id": 1, "move_id": 1,
    }  # fmt: skip
    return same | {"post_id": world.post, "key": world.attachment}, same | {"post_id": missing, "key": world.attachment[::-1]}


@pytest.fixture(params=WHO)
def asking(request: pytest.FixtureRequest, app: Flask, world: World) -> tuple[World, Actor, FlaskClient]:
    """Each of those to whom it is closed, with a browser."""
    actor, client = world.actors[request.param], app.test_client()
    if actor.is_authenticated and actor.confirmed:
        signed_in(client, actor)
    return world, actor, client


def test_no_door_tells_its_posts_from_what_does_not_exist(app: Flask, asking: tuple[World, Actor, FlaskClient]) -> None:
    world, actor, client = asking
    visitor = Visitor(app, client, world, accounts.create_token(People.of(actor), "write") if actor.is_authenticated else None)
    told = []
    for rule, method in walk.rules(app):
        if "/organizations/" in rule.rule or rule.rule in walk.ENDING:
            continue
        there, nowhere = walk.at_once(functools.partial(visitor.ask, rule, method), world)
        if {"post_id", "key"} & set(rule.arguments) and there != nowhere:
            told.append((method, rule.rule, walk.difference(there, nowhere)))
    assert not told, "\n".join(map(str, told))


def visitors(app: Flask, world: World) -> Iterator[tuple[Actor, FlaskClient]]:
    """All of them, each with a browser."""
    for actor in world.actors.values():
        client = app.test_client()
        if actor.is_authenticated and actor.confirmed:
            signed_in(client, actor)
        yield actor, client


def read(client: FlaskClient, world: World, path: str) -> str:
    answer = client.get(path, follow_redirects=True)
    walk.check(answer, world, path)
    return answer.text


def test_its_title_and_its_public_summary_are_told(app: Flask, world: World) -> None:
    for actor, client in visitors(app, world):
        number, slug = world.discussion, world.slug
        page = read(client, world, f"/d/{number}")
        assert TITLE in page
        assert SAID in page
        assert f"/p/{world.post}" not in page
        assert "#p" not in page
        for path in (
            f"/feeds/discussion/{number}.atom",
            f"/feeds/{slug}.atom",
            f"/api/v1/discussions/{number}/summary",
            f"/d/{number}/summary",
        ):
            text = read(client, world, path)
            assert SAID in text, path
            assert f"/p/{world.post}" not in text, path
        assert TITLE in read(client, world, f"/groups/{slug}")
        told = client.get(f"/api/v1/discussions/{number}").json
        assert (told["attribution"], told["posts_count"], told["author"], told["title"]) == ("closed", 0, "", TITLE)
        assert told["last_post_at"] == told["created_at"]
        assert client.get(f"/api/v1/discussions/{number}/summary").json["sentences"] == [{"text": SAID, "posts": []}]
        [row] = client.get(f"/api/v1/spaces/{slug}/closed").json["items"]
        assert (row["title"], row["summarized_at"] is not None) == (TITLE, True)
        assert client.get(f"/api/v1/spaces/{slug}/discussions").json["items"] == []
        space = client.get(f"/api/v1/spaces/{slug}").json
        assert (space["posts_count"], space["discussions_count"]) == (0, 0)
        for path in (
            f"/d/{number}/{knowing.get_known(actor, number).slug}/all",
            f"/api/v1/discussions/{number}/posts",
            f"/api/v1/discussions/{number}/balance",
            f"/p/{world.post}",
            f"/attachments/{world.attachment}/x.txt",
        ):
            assert client.get(path).status_code == 404, path
        assert client.get(f"/api/v1/events?discussion={number}").json["items"] == []


def test_search_finds_the_summary_and_nothing_else(app: Flask, world: World) -> None:
    for _actor, client in visitors(app, world):
        assert client.get("/api/v1/search?q=measured").json["items"] == []
        text = client.get("/search?q=measured&kind=summary").text
        assert f'href="/d/{world.discussion}"' in text
        assert client.get("/search?q=fund").text.count('class="search-title"') == 1
        for asked in (WORD, MARK, f"{WORD[:-2]}*", "riverbde", f"{WORD} space:{world.slug}"):
            for path in ("/api/v1/search?q=", "/search?q=", "/search.atom?q="):
                answer = client.get(path + asked)
                assert f"/p/{world.post}" not in answer.text
                assert "Answer" not in answer.text
                assert MARK not in answer.text.lower().replace(asked.lower(), "") or MARK in asked
            assert client.get(f"/api/v1/search?q={asked}").json["items"] == []


def test_no_list_no_feed_has_it(app: Flask, world: World) -> None:
    for _actor, client in visitors(app, world):
        handle = People.of(world.member).handle
        for path in walk.ASKED:
            where = path.replace("@slug", world.slug).replace("@discussion", str(world.discussion)).replace("@member", handle)
            answer = client.get(where, follow_redirects=True)
            walk.check(answer, world, where)
            assert f"/p/{world.post}" not in answer.text or "the quoted post was taken away" in answer.text.lower(), where
        told = client.get(f"/api/v1/people/{handle}/contributions").json
        assert world.slug not in {one["space"] for one in told["items"]}
    assert People.of(world.member).posts_count == 1


def test_no_mail_that_goes_later_has_it(world: World, drain: Callable[[], int]) -> None:
    saying.publish_post(world.member, database.session().get_one(Discussion, world.discussion), f"Afterwards {MARK}")
    drain()
    mailing.send_due()
    addresses = [(People.of(world.actors[who]).email or "").encode() for who in ("former", "outsider")]
    mails = [path.read_bytes() for path in (Path(settings.current().data_dir) / "mail").rglob("*.eml")]
    assert [text for text in mails if b"Afterwards" in text and any(address in text for address in addresses)] == []


def test_no_digest_has_it(app: Flask, people: People, world: World) -> None:
    today = clock.now().date()
    number = compile_digest(people.secretariat(), today, today).id
    client = app.test_client()
    for end in ("", ".json", ".txt"):
        assert MARK.encode() not in client.get(f"/digests/{number}{end}").get_data()


def test_live_rooms_end_and_kept_pages_go_at_once(app: Flask, following: Any, people: People, drain: Callable[[], int]) -> None:
    group = founded(people, "Open club", posting="everyone")
    chair, inside = member(people, group, "chair"), member(people, group)
    found = saying.open_discussion(inside, group.space, TITLE, f"What about {MARK}?")
    elsewhere = discussing.discussion(inside, "A public question", "Nothing to hide.")
    with database.transaction():
        made = quoting.quotation(discussing.opening(found))
        quoting.keep(inside, saying.publish_post(inside, elsewhere, f"{made.markdown}I agree."), made.reference)
    number, other, slug = found.id, elsewhere.id, group.slug
    drain()
    guest, reader = app.test_client(), connect(app)
    stays = connect(app, token=accounts.create_token(People.of(inside), "read"))
    following.advance()
    assert subscribe(reader, number)["ok"]
    assert subscribe(stays, number)["ok"]
    pages = ["/", "/latest", f"/groups/{slug}", f"/d/{number}", f"/d/{other}", f"/search?q={MARK}", f"/feeds/{slug}.atom"]
    for _again in range(2):
        for path in pages:
            guest.get(path, follow_redirects=True)
    assert MARK in guest.get(f"/d/{other}", follow_redirects=True).text
    confiding.close(chair, number, "Because.")
    following.advance()
    assert "unsubscribed" in [one["name"] for one in reader.queue if "name" in one]
    for path in pages[:4]:
        assert MARK not in guest.get(path, follow_redirects=True).text, path
    assert found_in(guest) <= {other}  # where it was quoted, until that is rendered anew
    drain()
    for path in pages:
        assert f"about {MARK}" not in guest.get(path, follow_redirects=True).text.lower().replace("<mark>", ""), path
    reader.queue.clear()
    saying.publish_post(inside, database.session().get_one(Discussion, number), f"Live {MARK}")
    following.advance()
    assert MARK not in repr(reader.queue)
    assert MARK in repr(stays.queue)
    assert subscribe(reader, number) == subscribe(reader, 10**6) == {"ok": False, "error": "not found"}


def found_in(client: FlaskClient) -> set[int]:
    return {one["discussion_id"] for one in client.get(f"/api/v1/search?q={MARK}").json["items"]}


def test_those_who_speak_for_an_organization_read_what_is_closed_in_an_action_line(app: Flask, people: People, db: Any) -> None:
    verified = people.verified()
    found = discussing.discussion(people.participant(), TITLE, f"About {MARK}")
    confiding.close(people.moderator(), found.id, "Because.")
    path = f"/d/{found.id}"
    for actor, reads in ((verified, True), (people.moderator(), True), (people.secretariat(), True), (people.participant(), False)):
        client = signed_in(app.test_client(), actor)
        for _again in range(2):  # what is kept of a page is of nobody else
            text = client.get(path, follow_redirects=True).text
            assert (f"About {MARK}" in text) == reads
            assert "public summary" in text
            assert TITLE in text
            assert TITLE in client.get("/action-lines/c2").text
    guest = app.test_client()
    assert TITLE in guest.get("/action-lines/c2").text
    assert TITLE not in guest.get("/latest").text
    assert MARK not in guest.get(path, follow_redirects=True).text


def test_members_read_it(app: Flask, people: People, world: World) -> None:
    for actor in (world.member, people.secretariat()):
        client = signed_in(app.test_client(), actor)
        page = client.get(f"/d/{world.discussion}", follow_redirects=True).text
        assert f"Answer {MARK}" in page
        assert f'href="/p/{world.post}"' in page
        assert "Closed discussion:" in page
        assert client.get(f"/api/v1/discussions/{world.discussion}").json["attribution"] == "closed"
        assert [one["id"] for one in client.get(f"/api/v1/spaces/{world.slug}/discussions").json["items"]] == [world.discussion]
        assert len(client.get(f"/api/v1/search?q={WORD}").json["items"]) >= 3
    assert len(recounting.check()) == 0


def test_it_stays_closed_once_others_have_written_in_it(people: People, db: Any) -> None:
    group = founded(people)
    chair, inside = member(people, group, "chair"), member(people, group)
    found = saying.open_discussion(inside, group.space, TITLE, "Said in public.")
    with pytest.raises(Refused):
        confiding.close(member(people, group, "moderator"), found.id, "Because.")
    with pytest.raises(Invalid):
        confiding.close(chair, found.id, " ")
    confiding.close(chair, found.id, "Because.")
    with pytest.raises(Conflict):
        confiding.close(chair, found.id, "Because.")
    confiding.open_again(chair, found.id, "A mistake.")
    assert queries.get_discussion(Actor.guest(), found.id).posts_count == 1
    confiding.close(chair, found.id, "Because.")
    saying.publish_post(inside, found, "Said in confidence.")
    with pytest.raises(Conflict, match="in confidence"):
        confiding.open_again(chair, found.id, "Because.")
    with pytest.raises(NotFound):
        queries.get_discussion(Actor.guest(), found.id)
    entries, _rest = moderating.log(Actor.guest())
    assert [one.act for one in entries] == ["confide", "unconfide", "confide"]
    assert len(recounting.check()) == 0


def test_posts_leave_it_for_closed_ones_only(people: People, db: Any) -> None:
    group = founded(people)
    chair, inside = member(people, group, "chair"), member(people, group)
    found, other = (saying.open_discussion(inside, group.space, title, "Words.") for title in (TITLE, "An open one"))
    saying.publish_post(inside, found, "Said here.")
    confiding.close(chair, found.id, "Because.")
    with pytest.raises(Invalid, match="stays closed"):
        moves.merge(chair, found.id, str(other.id), "Because.")
    with pytest.raises(Invalid, match="stays closed"):
        moves.branches(chair, found.id, [2], target=str(other.id), reason="Because.")
    split = moves.branches(chair, found.id, [2], title="A part of it", reason="Because.").target
    assert split.confided_at is not None
    with pytest.raises(NotFound):
        queries.get_discussion(Actor.guest(), split.id)
    merged = moves.merge(chair, other.id, str(found.id), "Because.")
    assert merged.target.posts_count == 2
    assert knowing.get_known(Actor.guest(), other.id).id == found.id
    assert len(recounting.check()) == 0
    space = database.session().get_one(Space, group.space_id)
    assert (space.posts_count, space.discussions_count) == (0, 0)


def test_a_closed_discussion_stays_in_its_action_line(people: People, db: Any) -> None:
    moderator, verified = people.moderator(), people.participant()
    found = discussing.discussion(people.participant())
    discussing.space("c3")
    confiding.close(moderator, found.id, "Because.")
    with pytest.raises(Invalid, match="stays in its space"):
        moves.relocate(moderator, found.id, "c3", "Because.")
    assert queries.get_discussion(moderator, found.id).id == found.id
    with pytest.raises(NotFound):
        queries.get_discussion(verified, found.id)


def test_a_group_closes_all_its_discussions(people: People, db: Any) -> None:
    group = founded(people)
    chair, inside = member(people, group, "chair"), member(people, group)
    found = saying.open_discussion(inside, group.space, TITLE, "Said in public.")
    with pytest.raises(Invalid):
        founding.change(chair, group, plan(attribution="closed", posting="everyone"))
    founding.change(chair, group, plan(attribution="closed", posting="members"))
    with pytest.raises(NotFound):
        queries.get_discussion(Actor.guest(), found.id)
    later = saying.open_discussion(inside, database.session().get_one(Group, group.id).space, "Another", "In confidence.")
    with pytest.raises(Conflict, match="settings"):
        confiding.open_again(chair, later.id, "Because.")
    assert [one.act for one in moderating.log(Actor.guest())[0]] == ["confide"]
    assert len(recounting.check()) == 0
    founding.change(chair, group, plan(attribution="named", posting="members"))
    for one in (found, later):
        with pytest.raises(NotFound):
            queries.get_discussion(Actor.guest(), one.id)
    founding.change(chair, group, plan(attribution="named", posting="members", visibility="members"))
    assert database.session().get_one(Space, group.space_id).discussions_count == 2
    assert len(recounting.check()) == 0
