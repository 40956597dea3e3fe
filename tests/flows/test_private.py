"""A private group full of marked secrets, and everybody who may not know of it at every door.

Every route of the application (new ones come by themselves) is asked for the group's things and for things that do not
exist: the marks are in no byte that comes back, and status and size are the same for both.
"""

from __future__ import annotations

import functools
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from alliance.accounts import services as accounts
from alliance.attachments import services as attachments
from alliance.attachments.naming import reference
from alliance.core import clock, settings
from alliance.core import db as database
from alliance.core.tokens import sign
from alliance.digests import queries as digests
from alliance.digests.services import compile_digest
from alliance.discussions import quoting
from alliance.discussions import services as saying
from alliance.discussions.models import Discussion, Post
from alliance.drafts import services as drafts
from alliance.groups import belonging, founding, inviting
from alliance.groups import queries as groups
from alliance.groups.models import Group, Space
from alliance.library import services as library
from alliance.mailing import services as mailing
from alliance.moderation import services as moderation
from alliance.policy import Actor
from alliance.polls import services as polls
from alliance.polls.services import Asked
from alliance.proceedings import milestones
from alliance.signals import services as signals
from alliance.watching import services as watching
from alliance.web import api
from tests import discussing
from tests.counting import statements
from tests.grouping import founded, member, plan, seat
from tests.people import People
from tests.realtime.test_tail import connect, subscribe
from tests.signing import signed_in

MARK = "zqxsecret"  # stands in every text of the group; nobody outside ever writes it
WORD = "riverbed"  # stands in them too, and is what one searches for
# What ends the sign-in one asks with comes last, or not at all.
ENDING = {"/sign-out", "/settings/sessions/<int:session_id>/end"}
SLUG = "hidden-club-0a1b2c3d4e"
WHO = ("guest", "outsider", "former", "suspended", "unconfirmed", "moderator")


@dataclass
class World:
    """The group, and everybody who may not know of it."""

    discussion: int
    post: int
    slug: str
    attachment: str
    member: Actor
    actors: dict[str, Actor]
    there: dict[str, object] = field(default_factory=dict)
    nowhere: dict[str, object] = field(default_factory=dict)


@pytest.fixture
def world(people: People, drain: Callable[[], int]) -> World:
    """What is to be kept from them. Some were members, and left traces."""
    public = discussing.discussion(people.participant(name="Somebody Public"), "A public question", "Nothing to hide.")
    group = founded(
        people,
        f"Club {MARK}",
        visibility="private",
        summary=f"{MARK} {WORD}",
        terms=f"{MARK} terms",
        charter=f"{MARK} charter {WORD}",
        lines=["c2"],
    )
    with database.transaction() as session:
        session.get_one(Space, group.space_id).code = SLUG
    chair, former, inside = (member(people, group, role) for role in ("chair", "member", "member"))
    suspended = people.participant()
    seat(group, suspended)
    found, post, key = _said(group, inside, former, public, chair)
    _left(former, found, post)
    moderation.flag_post(former, post.id, "other", f"{MARK} flag")
    moderation.lock(_keeper(people, group), found.id, f"{MARK} reason")
    moderation.unlock(_keeper(people, group), found.id, f"{MARK} reason")
    inviting.invite(chair, group, "somebody@example.net")
    discussion_id, post_id = found.id, post.id
    drain()
    belonging.remove(chair, groups.get_group(chair, SLUG), former.person_id or 0)
    accounts.suspend(people.secretariat(), People.of(suspended), suspended=True)
    actors = {
        "guest": Actor.guest(), "outsider": people.participant(), "former": former, "suspended": people.actor(People.of(suspended)),
        "unconfirmed": people.unconfirmed(), "moderator": people.moderator(),
    }  # fmt: skip
    made = World(discussion_id, post_id, SLUG, key, inside, actors)
    made.there, made.nowhere = _values(made, People.of(inside).handle)
    drain()
    mailing.send_due()
    return made


def _keeper(people: People, group: Group) -> Actor:
    return member(people, group, "moderator")


def _said(group: Group, inside: Actor, former: Actor, public: Discussion, chair: Actor) -> tuple[Discussion, Post, str]:
    """Something of everything there is, in the group."""
    handle = People.of(former).handle
    found = saying.open_discussion(inside, group.space, f"The {MARK} title {WORD}", f"Opening {MARK} {WORD} for @{handle}")
    file = attachments.receive(inside, f"{MARK}.txt", io.BytesIO(f"{MARK} file {WORD}".encode()))
    attached = reference(file.key, file.name, picture=False, alternative="")
    post = saying.publish_post(inside, found, f"Answer {MARK} {WORD} @{handle}\n\n{attached}")
    saying.publish_post(former, found, f"Mine {MARK} {WORD}", parent=post)
    polls.set_poll(inside, post, Asked(question=f"{MARK}?", options=[f"{MARK} yes", f"{MARK} no"]))
    signals.thank(former, post)
    signals.take_position(former, post, "support", f"{MARK} because")
    saying.edit_post(inside, post, f"Answer {MARK} {WORD} again @{handle}\n\n{attached}", expected_revision=1)
    shelf = attachments.receive(chair, f"{MARK}-shelf.txt", io.BytesIO(f"{MARK} shelf {WORD}".encode()))
    item = library.add_document(chair, group, shelf.key, f"{MARK} document {WORD}", f"{MARK} of it", f"{MARK} note")
    library.add_version(chair, group, item.id, attachments.receive(chair, f"{MARK}.txt", io.BytesIO(f"{MARK} new {WORD}".encode())).key)
    library.add_link(chair, group, f"{MARK} link {WORD}", f"https://{MARK}.example.org/{WORD}")
    milestones.add(chair, group, milestones.Stone(f"{MARK} milestone {WORD}", clock.now().date()))
    # A member takes it outside: the quotation is taken out, the file is none that others may have.
    made = quoting.quotation(post)
    outside = saying.publish_post(inside, public, f"{made.markdown}I say so too.\n\n{attached.replace(MARK, 'file')}")
    with database.transaction():
        quoting.keep(inside, outside, made.reference)
    return found, post, file.key


def _left(former: Actor, found: Discussion, post: Post) -> None:
    """The traces of somebody who was a member."""
    watching.choose(former, found.id, "watch")
    watching.choose_space(former, SLUG, "watch")
    watching.keep_post(former, post.id, "My note")
    watching.keep_discussion(former, found.id, "My note")
    drafts.save(former, f"s:{SLUG}", {"body": "What I wanted to say"}, revision=0)


def _values(world: World, handle: str) -> tuple[dict[str, object], dict[str, object]]:
    missing = {name: _absent(number, model) for name, number, model in (("d", world.discussion, Discussion), ("p", world.post, Post))}
    there: dict[str, object] = {
        "discussion_id": world.discussion, "post_id": world.post, "code": SLUG, "slug": SLUG, "key": world.attachment, "place": f"d:{world.discussion}", "document_id": 1, "milestone_id": 1,
        "request_id": 1, "invitation_id": 1, "token": sign("unsubscribe", [1, f"discussion:{world.discussion}"]),
    }  # fmt: skip
    absent = "".join("z" if letter.isalpha() else letter for letter in SLUG)
    nowhere = {
        "discussion_id": missing["d"], "post_id": missing["p"], "code": absent, "slug": absent, "key": world.attachment[::-1], "place": f"d:{missing['d']}", "document_id": 9, "milestone_id": 9,
        "request_id": 9, "invitation_id": 9, "token": sign("unsubscribe", [1, f"discussion:{missing['d']}"]),
    }  # fmt: skip
    same = {
        "token_id": 999,
        "handle": handle,
        "name": "file.txt",
        "act": "hide",
        "kind": "thanks",
        "filename": "x",
        "digest_id": 1,
        "affiliation_id": 1,
        "failure_id": 1,
    }
    return same | there, same | nowhere


def _absent(number: int, model: type[Any]) -> int:
    """A number of as many digits that nothing has."""
    newest = database.session().scalar(select(func.max(model.id))) or 0
    found = 10 ** len(str(number)) - 1
    assert found > newest >= number
    return found


@pytest.fixture(params=WHO)
def asking(request: pytest.FixtureRequest, app: Flask, world: World) -> tuple[World, Actor, FlaskClient]:
    """Each of those who may not know, with a browser."""
    actor, client = world.actors[request.param], app.test_client()
    if actor.is_authenticated and actor.confirmed:
        signed_in(client, actor)
    return world, actor, client


def rules(app: Flask) -> Iterator[tuple[Rule, str]]:
    """Every rule with each of its methods; what ends the browser's own session comes last."""
    known = sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule in ENDING, rule.rule))
    return ((rule, method) for rule in known for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))


def address(app: Flask, rule: Rule, values: dict[str, object]) -> str:
    return str(
        app.url_map.bind("localhost").build(rule.endpoint, {name: values.get(name, 1) for name in rule.arguments}, append_unknown=False)
    )


def shaped(text: str, world: World) -> str:
    """An answer without what differs between any two: what was asked for (which it may repeat), tokens, times."""
    for name in ("discussion_id", "post_id", "slug", "key", "place", "token"):
        for values in (world.there, world.nowhere):
            text = re.sub(rf"(?<![\w-]){re.escape(str(values[name]))}(?![\w-])", "@", text)
    text = re.sub(r"/(invitations|requests|documents|milestones)/(?:\d+|@)", r"/\1/@", text)
    text = re.sub(r'<div class="notice notice-\w+"[^>]*>.*?</div>', "", text, flags=re.DOTALL)  # what an earlier act left to be said
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|\+00:00)?", "@", text)
    text = re.sub(r'name="nonce" type="hidden" value="[\w-]+"', "@", text)
    return re.sub(r'[\w.-]{24,}|"cursor":\d+|"revision":\d+', "@", text)


def at_once(ask: Callable[[dict[str, object]], tuple[int, str]], world: World) -> tuple[tuple[int, str], tuple[int, str]]:
    """What is answered about it, and about what does not exist, at the same moment: "6 seconds ago" is no difference."""
    with clock.freeze(clock.now()):
        return ask(world.there), ask(world.nowhere)


def difference(one: tuple[int, str], other: tuple[int, str]) -> str:
    """Where two answers begin to differ."""
    place = next((at for at, (a, b) in enumerate(zip(one[1], other[1], strict=False)) if a != b), min(len(one[1]), len(other[1])))
    return f"{one[0]} {other[0]}: …{one[1][max(0, place - 40) : place + 60]!r} / …{other[1][max(0, place - 40) : place + 60]!r}"


def headers_of(answer: TestResponse) -> str:
    passing = {"X-Request-ID", "Set-Cookie", "Content-Length", "ETag", "Date"}
    return "\n".join(sorted(f"{name}: {value}" for name, value in answer.headers if name not in passing))  # a kept page has another order


def check(answer: TestResponse, world: World, where: str) -> tuple[int, str]:
    """Nothing marked is in what came back; what it was, to be compared."""
    raw = answer.get_data()
    said = raw.decode("utf-8", "replace")
    head = "\n".join(f"{name}: {value}" for name, value in answer.headers)
    assert MARK not in said.lower(), where
    assert MARK not in head.lower(), where
    assert WORD not in said.lower() or WORD in where, where
    return answer.status_code, shaped(headers_of(answer) + said, world)


def body_of(operation: api.Operation | None) -> dict[str, object]:
    """A body an operation takes, as far as its required fields are known here."""
    known: dict[str, object] = {
        "space": SLUG, "title": "A title", "body": "Some words", "reason": "spam", "revision": 1, "level": "watch", "numbers": [1], "number": 1,
        "question": "Who?", "options": ["a", "b"], "choices": [0], "approved": True, "role": "member", "fields": {}, "from": "2026-01-01",
        "to": "2026-12-31", "items": [], "charter": "Text",
    }  # fmt: skip
    if operation is None or operation.body is None:
        return {}
    needed = {one.alias or name for name, one in operation.body.model_fields.items() if one.is_required()} | {"numbers", "reason", "space"}
    names = {one.alias or name for name, one in operation.body.model_fields.items()}
    return {name: value for name, value in known.items() if name in needed & names}


FORM = {
    "title": "A title", "body": "Some words", "reason": "spam", "statement": "Please", "decision": "accept", "act": "remove", "level": "watch",
    "position": "support", "kind": "support", "choice": "0", "role": "member", "whom": "@nobody", "numbers": "1", "text": "Some words",
}  # fmt: skip
OPERATIONS = {(one.method, f"{api.PREFIX}{one.rule}"): one for one in api.operations}


@dataclass
class Visitor:
    """Somebody at the doors, by page and by token."""

    app: Flask
    client: FlaskClient
    world: World
    token: str | None

    def ask(self, rule: Rule, method: str, values: dict[str, object]) -> tuple[int, str]:
        """What one door answers."""
        where = address(self.app, rule, values)
        options: dict[str, Any] = {}
        if rule.rule.startswith("/api/"):
            options["headers"] = {"Authorization": f"Bearer {self.token}"} if self.token else {}
            if method != "GET":
                body = body_of(OPERATIONS.get((method, rule.rule)))
                options["json"] = {name: values["slug"] if name == "space" else value for name, value in body.items()}
        elif method != "GET":
            options["data"] = FORM
        return check(self.client.open(where, method=method, **options), self.world, f"{method} {where}")


def test_no_door_tells_it_from_what_does_not_exist(app: Flask, asking: tuple[World, Actor, FlaskClient]) -> None:
    world, actor, client = asking
    visitor = Visitor(app, client, world, accounts.create_token(People.of(actor), "write") if actor.is_authenticated else None)
    told = []
    for rule, method in rules(app):
        if "/organizations/" in rule.rule or rule.rule in ENDING:
            continue
        there, nowhere = at_once(functools.partial(visitor.ask, rule, method), world)
        if rule.arguments and (there != nowhere):
            told.append((method, rule.rule, difference(there, nowhere)))
    assert not told, "\n".join(map(str, told))


def test_no_door_asks_the_database_more_about_it(app: Flask, asking: tuple[World, Actor, FlaskClient]) -> None:
    """What takes no other statements takes no other time, however the machine is at it: pages, API, feeds, files, and every act."""
    world, actor, client = asking
    visitor = Visitor(app, client, world, accounts.create_token(People.of(actor), "write") if actor.is_authenticated else None)

    def asked(rule: Rule, method: str, values: dict[str, object]) -> list[str]:
        with clock.freeze(clock.now()), statements() as seen:
            visitor.ask(rule, method, values)
        return seen

    told = []
    for rule, method in rules(app):
        if "/organizations/" in rule.rule or rule.rule in ENDING or not rule.arguments:
            continue
        for values in (world.there, world.nowhere):  # what is composed, or kept of one's own (a draft), is by now
            asked(rule, method, values)
        there, nowhere = asked(rule, method, world.there), asked(rule, method, world.nowhere)
        if there != nowhere:
            told.append(f"{method} {rule.rule}: {len(there)} {len(nowhere)}: {[one[:300] for one in there if one not in nowhere][:2]}")
    assert not told, "\n".join(told)


ASKED = (
    f"/search?q={WORD}", f"/search?q={WORD}&sort=new", "/search?q=space:@slug", "/search?q=question&space=@slug", "/search.atom?q=question&space=@slug",
    f"/api/v1/search?q={WORD}", "/api/v1/search?q=question&space=@slug", "/complete?q=%23hidden", "/complete?q=%23club", "/complete?q=@&place=d:@discussion",
    "/news?discussion=@discussion&after=0", "/api/v1/events?after=0&limit=100", "/api/v1/events?after=0&discussion=@discussion",
    "/api/v1/discussions?space=@slug", "/latest?sort=new", "/latest?sort=top", "/latest?sort=week", "/latest?sort=month", "/latest?sort=unanswered",
    "/groups?show=closed", "/groups?show=proposed", "/api/v1/groups?status=proposed", "/action-lines/c2", "/notifications?kind=mention",
    "/api/v1/notifications?limit=100", "/people/@member", "/people/@member?space=@slug", "/api/v1/people/@member", "/api/v1/people/@member/contributions",
    "/sitemap.xml", "/moderation/log", "/moderation", "/bookmarks", "/drafts", "/settings/watching", "/digests/new?space=@slug", "/d/1", "/feeds/c2.atom",
    "/api/v1/discussions/1/posts", "/",
)  # fmt: skip


def test_no_list_no_search_no_feed_has_it(asking: tuple[World, Actor, FlaskClient]) -> None:
    world, actor, client = asking
    token = accounts.create_token(People.of(actor), "read") if actor.is_authenticated else None

    def answer(path: str, values: dict[str, object]) -> tuple[int, str]:
        where = (
            path.replace("@slug", str(values["slug"]))
            .replace("@discussion", str(values["discussion_id"]))
            .replace("@member", str(values["handle"]))
        )
        headers = {"Authorization": f"Bearer {token}"} if token and path.startswith("/api/") else {}
        given = client.get(where, headers=headers, follow_redirects=True)
        assert "@slug" in path or SLUG not in given.text, where
        assert "@discussion" in path or not re.search(rf"/d/{world.discussion}\b", given.text), where
        return check(given, world, where)

    told = []
    for path in ASKED:
        there, nowhere = at_once(functools.partial(answer, path), world)
        if there != nowhere:
            told.append((path, difference(there, nowhere)))
    assert not told, "\n".join(map(str, told))


def test_its_members_do_have_it(app: Flask, world: World) -> None:
    client = signed_in(app.test_client(), world.member)
    for path in (
        f"/d/{world.discussion}",
        f"/groups/{SLUG}",
        f"/groups/{SLUG}/charter",
        f"/search?q={WORD}",
        "/latest",
        "/groups",
        f"/feeds/{SLUG}.atom",
        f"/groups/{SLUG}/documents",
        f"/groups/{SLUG}/documents/1",
        f"/api/v1/groups/{SLUG}/documents",
        f"/groups/{SLUG}/meetings.ics",
    ):
        assert MARK in client.get(path, follow_redirects=True).text.lower(), path
    assert MARK.encode() in client.get(f"/attachments/{world.attachment}/{MARK}.txt").get_data()


def test_no_mail_that_goes_after_somebody_left_has_it(world: World, drain: Callable[[], int]) -> None:
    former = People.of(world.actors["former"])
    handle, address = former.handle, (former.email or "").encode()
    assert address
    mails = Path(settings.current().data_dir) / "mail"
    with database.transaction() as session:
        found = session.get_one(Discussion, world.discussion)
    saying.publish_post(world.member, found, f"Later {MARK} @{handle}")
    drain()
    mailing.send_due()
    texts = [path.read_bytes() for path in mails.rglob("*.eml")] if mails.is_dir() else []
    assert [text for text in texts if MARK.encode() in text and address in text] == []


def test_no_digest_has_it(app: Flask, people: People, world: World) -> None:
    secretariat = people.secretariat()
    today = clock.now().date()
    made = compile_digest(secretariat, today, today)
    number = made.id
    shown = digests.get_digest(Actor.guest(), number)
    assert all(MARK not in point.text for point in shown.points)
    client = app.test_client()
    for end in ("", ".json", ".txt"):
        assert MARK.encode() not in client.get(f"/digests/{number}{end}").get_data()


def test_no_socket_is_told_of_it(app: Flask, following: Any, world: World) -> None:
    listeners = []
    for actor in world.actors.values():
        if actor.suspended or (actor.is_authenticated and not actor.confirmed):
            continue
        token = accounts.create_token(People.of(actor), "read") if actor.is_authenticated else None
        client = connect(app, **({"token": token} if token else {}))
        answers = [client.emit("subscribe", {"discussion": number, "since": 0}, callback=True) for number in (world.discussion, 10**6)]
        assert answers[0] == answers[1] == {"ok": False, "error": "not found"}
        listeners.append(client)
    found = database.session().get_one(Discussion, world.discussion)
    saying.publish_post(world.member, found, f"Live {MARK}")
    following.advance()
    for client in listeners:
        assert MARK not in repr(client.queue).lower()


def test_whoever_is_removed_hears_no_more_at_once(app: Flask, following: Any, people: People, world: World) -> None:
    group = groups.get_group(world.member, SLUG)
    reader = member(people, group)
    client = connect(app, token=accounts.create_token(People.of(reader), "read"))
    following.advance()
    assert subscribe(client, world.discussion)["ok"]
    group = groups.get_group(world.member, SLUG)
    belonging.leave(reader, group)
    following.advance()
    assert "unsubscribed" in [one["name"] for one in client.queue if "name" in one]
    client.queue.clear()
    saying.publish_post(world.member, database.session().get_one(Discussion, world.discussion), f"Live {MARK}")
    following.advance()
    assert MARK not in repr(client.queue).lower()


def test_a_group_that_becomes_private_leaves_nothing_behind(app: Flask, following: Any, people: People, drain: Callable[[], int]) -> None:
    group = founded(people, f"Open {MARK}")
    inside, chair = member(people, group), member(people, group, "chair")
    elsewhere = discussing.discussion(inside, "A public question", "Nothing to hide.")
    found = saying.open_discussion(inside, group.space, f"A {MARK} question", f"What about {MARK}?")
    post = discussing.opening(found)
    with database.transaction():
        made = quoting.quotation(post)
        outside = saying.publish_post(inside, elsewhere, f"{made.markdown}I agree.")
        quoting.keep(inside, outside, made.reference)
    number, other, slug = found.id, elsewhere.id, group.slug
    drain()
    group = groups.get_group(chair, slug)
    today = clock.now().date()
    digest = compile_digest(people.secretariat(), today, today, group.space)
    digest_id = digest.id
    guest, reader = app.test_client(), connect(app)
    following.advance()
    assert subscribe(reader, number)["ok"]
    pages = [
        "/",
        "/latest",
        "/groups",
        f"/groups/{slug}",
        f"/d/{other}",
        f"/d/{number}",
        "/digests",
        f"/digests/{digest_id}",
        f"/search?q={MARK}",
    ]
    for _again in range(2):
        for path in pages:
            guest.get(path, follow_redirects=True)
    assert MARK in guest.get(f"/d/{other}", follow_redirects=True).text
    group = groups.get_group(chair, slug)
    founding.change(chair, group, plan(f"Open {MARK}", visibility="private"))
    drain()
    following.advance()
    assert "unsubscribed" in [one["name"] for one in reader.queue if "name" in one]
    for path in pages:
        text = guest.get(path, follow_redirects=True).text.lower().replace(f"?q={MARK}", "").replace(f'value="{MARK}"', "")
        assert f"open {MARK}" not in text, path
        assert f"a {MARK} question" not in text, path
        assert f"about {MARK}" not in text, path
