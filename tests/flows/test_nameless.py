"""Discussions whose authors are shown by their stakeholder type only: their names at no door, for nobody but themselves.

Somebody with a marked name, handle, organization and country takes part in such a group in every way there is, and every door is walked as
a guest, an outsider, a member, a chair, a moderator and the secretariat. What is about people as such (their own pages) is not asked.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from alliance.accounts import services as accounts
from alliance.accounts.models import Person
from alliance.attachments import services as attachments
from alliance.attachments.naming import reference
from alliance.core import clock, settings
from alliance.core import db as database
from alliance.core.errors import Refused
from alliance.digests.services import compile_digest
from alliance.discussions import attributing, moving, quoting, recounting
from alliance.discussions import services as saying
from alliance.discussions.models import Discussion, Post
from alliance.groups.models import Group, Space
from alliance.mailing import exporting, week
from alliance.mailing import services as mailing
from alliance.moderation import services as moderation
from alliance.notifications.models import Notification
from alliance.policy import Actor
from alliance.signals import services as signals
from alliance.stakeholders import services as stakeholders
from alliance.stakeholders.models import Affiliation
from alliance.watching import services as watching
from tests import discussing
from tests.grouping import founded, member
from tests.people import People
from tests.realtime.test_tail import connect, subscribe
from tests.signing import signed_in

MARK = "zyxwv"  # in the name, the handle and the organization of who is not to be named
WORD = "riverbed"  # what one searches for
LAND = "Tuvalu"
WHO = ("guest", "outsider", "other", "member", "chair", "moderator", "secretariat")


@dataclass
class World:
    """The group, what was said in it, and who asks."""

    group: str
    space: int
    discussion: int
    post: int
    answer: int
    attachment: str
    author: Actor
    actors: dict[str, Actor]


def marked(people: People) -> tuple[Actor, int]:
    """Somebody who is not to be named, and the affiliation in which they speak."""
    author = people.participant(name=f"Ana {MARK.title()}", handle=f"ana-{MARK}", country="TV", bio="")
    with database.transaction() as session:  # not declared: in the secretariat's queue it would stand with its name, rightly
        body = stakeholders.organization(f"{MARK.title()} Ltd", "private_sector", "TV")
        row = Affiliation(
            person_id=author.person_id, organization_id=body.id, status="verified", title="", evidence="", created_at=clock.now()
        )
        session.add(row)
        session.flush()
        return author, row.id


@pytest.fixture
def world(people: People, drain: Callable[[], int]) -> World:
    """Everything that can be said and done without a name."""
    discussing.space()
    author, capacity = marked(people)
    group = founded(people, "Frank words", attribution="type", posting="everyone", lines=["c2"])
    chair, inside, other = member(people, group, "chair"), member(people, group), people.participant()
    watching.choose_space(other, group.slug, "watch")
    group = database.session().get_one(Group, group.id)
    slug, space_id = group.slug, group.space_id
    found = saying.open_discussion(author, group.space, f"A frank question {WORD}", f"What of the {WORD}?", affiliation_id=capacity)
    answer = saying.publish_post(other, found, f"I wonder, {WORD}. This is long enough to be a sentence of a digest.")
    file = attachments.receive(author, "notes.txt", io.BytesIO(f"file {WORD}".encode()))
    attached = reference(file.key, file.name, picture=False, alternative="")
    body = f"We propose that the {WORD} should be measured every year.\n\n{attached}"
    post = saying.publish_post(author, found, body, parent=answer, affiliation_id=capacity)
    saying.edit_post(author, post, f"{body} Again.", expected_revision=1)
    signals.thank(author, answer)
    signals.take_position(author, answer, "object", f"because {WORD}")
    with database.transaction():
        made = quoting.quotation(post)
        quoting.keep(other, saying.publish_post(other, found, f"{made.markdown}I agree.", parent=post), made.reference)
    moderation.flag_post(other, post.id, "other", "look")
    held = saying.publish_post(author, found, f"To be hidden {WORD}", parent=answer)
    moderator = people.moderator()
    moderation.hide(moderator, held.id, "Off topic")
    actors = {
        "guest": Actor.guest(), "outsider": people.participant(), "other": other, "member": inside, "chair": chair, "moderator": moderator,
        "secretariat": people.secretariat(),
    }  # fmt: skip
    number, post_id, answer_id, key = found.id, post.id, answer.id, file.key
    drain()
    mailing.send_due()
    return World(slug, space_id, number, post_id, answer_id, key, author, actors)


@pytest.fixture(params=WHO)
def asking(request: pytest.FixtureRequest, app: Flask, world: World) -> tuple[World, Actor, FlaskClient]:
    """Each of those who may read, with a browser."""
    actor, client = world.actors[request.param], app.test_client()
    return world, actor, signed_in(client, actor) if actor.is_authenticated else client


def doors(app: Flask, world: World) -> Iterator[str]:
    """Whatever can be asked for of the discussion, its posts and its group; and the lists in which they are."""
    known = {"discussion_id": world.discussion, "post_id": world.post, "code": world.group, "slug": world.group, "key": world.attachment}
    known |= {"place": f"d:{world.discussion}", "item_id": 1, "name": "notes.txt", "filename": "x", "kind": "thanks", "digest_id": 1}
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or set()) and rule.arguments and rule.arguments <= set(known) and "/organizations/" not in rule.rule:
            yield app.url_map.bind("localhost").build(rule.endpoint, {name: known[name] for name in rule.arguments})
    for at in (world.post, world.answer):
        yield from (f"/p/{at}/positions", f"/p/{at}", f"/p/{at}/history", f"/api/v1/posts/{at}", f"/api/v1/posts/{at}/positions")
    yield from ASKED


ASKED = (
    "/", "/latest", "/latest?sort=new", "/latest?sort=unanswered", "/groups", "/action-lines/c2", f"/search?q={WORD}", f"/search?q={WORD}&sort=new", f"/search.atom?q={WORD}",
    f"/api/v1/search?q={WORD}", "/notifications", "/api/v1/notifications?limit=100", "/moderation", "/moderation?status=decided", "/moderation/log", "/moderation/log.atom",
    "/api/v1/moderation/log", "/bookmarks", "/api/v1/events?after=0&limit=100", "/sitemap.xml", "/moderation/items/1", "/moderation/items/2", "/complete?q=@&place=d:1",
)  # fmt: skip


def test_no_door_names_who_is_not_to_be_named(app: Flask, asking: tuple[World, Actor, FlaskClient]) -> None:
    world, actor, client = asking
    token = accounts.create_token(People.of(actor), "read") if actor.is_authenticated else None
    heard = 0
    for path in sorted(set(doors(app, world))):
        headers = {"Authorization": f"Bearer {token}"} if token and path.startswith("/api/") else {}
        answer = client.get(path, headers=headers, follow_redirects=True)
        said = answer.get_data().decode("utf-8", "replace")
        if path.startswith("/complete") and "ana-" in said:
            continue  # it may be asked for by its beginning, as everybody's: nobody is told what is theirs
        heard += WORD in said
        for secret in (MARK, MARK.title(), LAND, "country=TV", '"TV"'):
            assert secret not in said.replace(f"{LAND}</option>", ""), f"{path}: {secret}"
        assert MARK not in "".join(f"{name}{value}" for name, value in answer.headers).lower(), path
    assert heard > 10


def test_what_is_shown_instead(app: Flask, world: World) -> None:
    page = app.test_client().get(f"/p/{world.post}", follow_redirects=True).text
    assert all(one in page for one in ("Participant 1", "Participant 2", "Civil society"))
    assert "/people/participant" not in page
    post = app.test_client().get(f"/api/v1/posts/{world.post}").json
    assert post["author"] == {"handle": "", "name": "Participant 1", "organization": None, "stakeholder_type": post["author"]["stakeholder_type"], "verified": False}  # fmt: skip
    assert app.test_client().get("/people/participant.1.1").status_code == 404


@pytest.mark.parametrize("query", [f"author=ana-{MARK}", f"author={MARK}", f"organization={MARK}-ltd", "country=TV", "author=Participant"])
def test_search_finds_nothing_by_name(app: Flask, world: World, query: str) -> None:
    for path in (f"/api/v1/search?q={WORD}&{query}", f"/search?q={WORD}&{query}"):
        found = app.test_client().get(path)
        assert found.status_code in {200, 422}, found.status_code
        assert f"/p/{world.post}" not in found.text
        assert f'"id":{world.post},' not in found.text


def test_the_profile_and_the_directory_count_nothing_of_it(app: Flask, world: World) -> None:
    person = People.of(world.author)
    assert person.posts_count == 0
    for path in (
        f"/people/{person.handle}",
        f"/api/v1/people/{person.handle}/contributions",
        f"/people/{person.handle}?space={world.group}",
    ):
        assert WORD not in app.test_client().get(path, follow_redirects=True).text
    assert "articipant" not in app.test_client().get("/people").text.replace("participants", "")


def test_no_mail_names_them(world: World) -> None:
    mails = [path.read_bytes() for path in (Path(settings.current().data_dir) / "mail").rglob("*.eml")]
    own = (People.of(world.author).email or "").encode()
    assert mails
    assert [mail for mail in mails if MARK.encode() in mail.lower() and own not in mail] == []


def test_no_export_names_them(world: World) -> None:
    space = database.session().get_one(Space, world.space)
    for write in (exporting.as_mbox, exporting.as_lines, exporting.as_pages):
        out = io.BytesIO()
        assert write(space, out)
        assert MARK.encode() not in out.getvalue().lower()
        assert b'"TV"' not in out.getvalue()


def test_no_digest_and_no_week_names_them(app: Flask, world: World) -> None:
    today = clock.now().date()
    made = compile_digest(world.actors["secretariat"], today, today)
    number = made.id
    client = signed_in(app.test_client(), world.actors["secretariat"])
    for end in ("", ".json", ".txt", ".html", "/desk", "/unused"):
        assert MARK not in client.get(f"/digests/{number}{end}", follow_redirects=True).text.lower(), end
    assert "Participant" not in str(database.session().get_one(type(made), number).figures["contributors"])
    assert MARK not in repr(week.material(week.Period(clock.now() - timedelta(days=7), clock.now()))).lower()


def test_no_socket_names_them(app: Flask, following: Any, world: World) -> None:
    reader = connect(app, token=accounts.create_token(People.of(world.actors["outsider"]), "read"))
    writer = connect(app, token=accounts.create_token(People.of(world.author), "write"))
    following.advance()
    assert subscribe(reader, world.discussion)["ok"]
    assert subscribe(writer, world.discussion)["ok"]
    saying.publish_post(world.author, database.session().get_one(Discussion, world.discussion), f"Live {WORD}")
    writer.emit("typing", {"discussion": world.discussion}, callback=True)
    following.advance()
    assert f"Live {WORD}" in repr(reader.queue)
    assert MARK not in repr(reader.queue).lower()


def test_they_themselves_have_all_rights_and_are_told(app: Flask, world: World) -> None:
    client = signed_in(app.test_client(), world.author)
    assert client.get(f"/p/{world.post}/edit").status_code == 200
    kinds = set(database.session().scalars(select(Notification.kind).where(Notification.person_id == world.author.person_id)))
    assert {"reply", "moderation"} <= kinds
    with pytest.raises(Refused):
        signals.thank(world.author, database.session().get_one(Post, world.post))
    saying.withdraw_post(world.author, database.session().get_one(Post, world.post))


def test_the_numbers_are_right(world: World) -> None:
    assert len(recounting.check()) == 0


def test_another_discussion_has_other_numbers(people: People, world: World) -> None:
    space = database.session().get_one(Space, world.space)
    another = saying.open_discussion(world.actors["other"], space, "Another question", "What else?")
    saying.publish_post(world.author, another, "Me again")
    names = [post.author.name for post in posts_of(another.id)]
    assert names == ["Participant 1", "Participant 2"]
    assert not {post.author_id for post in posts_of(another.id)} & {post.author_id for post in posts_of(world.discussion)}


def test_posts_that_move_are_somebody_elses_there(people: People, world: World) -> None:
    space = database.session().get_one(Space, world.space)
    another = saying.open_discussion(world.actors["outsider"], space, "Another question", "What else?")
    before = {post.author_id for post in posts_of(world.discussion)}
    with database.transaction():
        moving.merge(world.discussion, another.id, None)
    assert not {post.author_id for post in posts_of(another.id)} & before
    assert len({post.author_id for post in posts_of(another.id)}) == 3
    assert len(recounting.check()) == 0


def test_names_are_taken_from_what_was_said_only_when_asked_and_never_given_back(
    app: Flask, people: People, drain: Callable[[], int]
) -> None:
    author, capacity = marked(people)
    group = founded(people, "Later", posting="everyone")
    chair, other = member(people, group, "chair"), people.participant()
    found = saying.open_discussion(author, group.space, "A named question", f"Of the {WORD}", affiliation_id=capacity)
    opening = discussing.opening(found)
    saying.edit_post(author, opening, f"Of the {WORD} again", expected_revision=1)
    with database.transaction():
        made = quoting.quotation(opening)
        quoting.keep(other, saying.publish_post(other, found, f"{made.markdown}So do I.", parent=opening), made.reference)
    signals.take_position(author, posts_of(found.id)[-1], "support", "because I do")
    number, first = found.id, opening.id

    def page() -> str:
        client = app.test_client()
        paths = (f"/d/{number}", f"/p/{first}/history", f"/p/{posts_of(number)[-1].id}/positions", f"/feeds/discussion/{number}.atom")
        return "".join(client.get(path, follow_redirects=True).text for path in paths)

    def choose(attribution: str, **more: bool) -> None:
        attributing.choose(chair, database.session().get_one(Discussion, number), attribution, **more)
        drain()

    with pytest.raises(Refused):
        attributing.choose(other, found, "type")
    choose("type")
    assert MARK in page().lower()
    choose("type", earlier=True)
    assert MARK not in page().lower()
    assert "Participant 1" in page()
    assert len(recounting.check()) == 0
    choose("named")
    assert MARK not in page().lower()
    saying.publish_post(author, database.session().get_one(Discussion, number), "With my name")
    assert f"ana-{MARK}" in page()


def posts_of(discussion_id: int) -> list[Post]:
    """The posts of a discussion, in order."""
    return list(database.session().scalars(select(Post).where(Post.discussion_id == discussion_id).order_by(Post.number)))


def test_a_closed_group_lets_others_read_its_summary_only(app: Flask, people: People) -> None:
    group = founded(people, "Round table", attribution="closed", visibility="members")
    chair, inside = member(people, group, "chair"), member(people, group)
    saying.open_discussion(inside, group.space, "Behind doors", f"About the {WORD}")
    path, number = f"/groups/{group.slug}", group.id
    client = signed_in(app.test_client(), chair)
    assert client.post(f"{path}/summary", data={"public_summary": "We **agreed** to measure."}).status_code == 303
    guest = app.test_client().get(path).text
    assert "We <strong>agreed</strong> to measure." in guest
    assert WORD not in guest
    assert "Behind doors" not in guest
    assert app.test_client().get(f"/api/v1{path}").json["public_summary"] == "We **agreed** to measure."
    assert signed_in(app.test_client(), inside).get(f"{path}/summary").status_code == 403
    saved: Group = database.session().scalars(select(Group).where(Group.id == number)).one()
    assert saved.summarised_at is not None


def test_who_stands_for_somebody_is_no_account(people: People, world: World) -> None:
    shown = list(database.session().scalars(select(Person).where(Person.participant.is_not(None))))
    assert len(shown) == 2
    assert all(one.email is None and not one.claimed and one.country is None and one.stakeholder_type is None for one in shown)
    assert database.session().scalar(select(func.count()).select_from(Person).where(Person.handle.like("participant-%"))) == 0
    assert re.fullmatch(r"participant\.\d+\.\d+", shown[0].handle)
