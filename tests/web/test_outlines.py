"""Pages of people signed in: made once for all of the same rights, with what is one's own put in, and never another's."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from flask import Flask
from flask.testing import FlaskClient

from alliance.accounts import passwords
from alliance.accounts.models import Person
from alliance.core import clock, i18n, outbox
from alliance.core import db as database
from alliance.discussions import services
from alliance.discussions.models import Discussion, Post
from alliance.drafts import services as drafts
from alliance.groups.models import Membership, Space
from alliance.moderation import services as moderation
from alliance.policy import Actor
from alliance.reading import services as reading
from alliance.reading.numbers import Numbers
from alliance.signals import services as signals
from alliance.watching import services as watching
from alliance.web import outlines, owned
from tests import discussing
from tests.counting import statements
from tests.people import PASSWORD, People

LISTS = ("/", "/latest", "/action-lines/c2")
ROLES: dict[str, dict[str, Any]] = {
    "participant": {},
    "moderator": {"role": "moderator"},
    "secretariat": {"role": "secretariat"},
    "suspended": {"suspended_at": clock.now()},
}
_CHANGING = re.compile(r'value="[^"]*" name="csrf_token"|name="(csrf_token|nonce)"( type="hidden")? value="[^"]*"|[0-9]+ seconds? ago')


class Known(NamedTuple):
    """What the tests know of a discussion."""

    id: int
    slug: str
    title: str
    space_id: int
    author_id: int


@pytest.fixture
def found(people: People) -> Known:
    """A discussion of five posts."""
    author = people.participant(name="Ann Author")
    made = discussing.discussion(author, body="The opening words.")
    second = discussing.reply(author, made, body="The second words.")
    discussing.reply(author, made, second, body="Words below.")
    discussing.reply(people.participant(name="Bob Other"), made, body="The fourth words.")
    discussing.reply(people.participant(name="Cy Third"), made, body="The last words.")
    return Known(made.id, made.slug, made.title, made.space_id, made.author_id)


def now(found: Known) -> Discussion:
    """The discussion as it is."""
    return database.session().get_one(Discussion, found.id)


def path_of(found: Known) -> str:
    return f"/d/{found.id}/{found.slug}"


def post_of(found: Known, number: int) -> Post:
    return database.session().query(Post).filter_by(discussion_id=found.id, number=number).one()


def enter(app: Flask, people: People, **columns: Any) -> tuple[FlaskClient, Actor]:
    """Somebody signed in, and who that is."""
    person = people.person(password_hash=passwords.make(PASSWORD), **columns)
    client = app.test_client()
    client.post("/sign-in", data={"email": person.email, "password": PASSWORD})
    return client, people.actor(database.session().get_one(Person, person.id))


def steady(page: str) -> str:
    """A page without what is new each time."""
    return _CHANGING.sub("", page)


def whole(client: FlaskClient, path: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The page as it is when nothing is shared."""
    with monkeypatch.context() as patch:
        patch.setattr(outlines, "page", lambda _source, _thing, make: make())
        return client.get(path).text


def pieces() -> str:
    """Everything that is kept."""
    return "".join(piece for outline, _weight in outlines.shelf._things.values() for piece in outline.pieces)


STATES: dict[str, Callable[[Actor, Known], None]] = {}


def state(function: Callable[[Actor, Known], None]) -> Callable[[Actor, Known], None]:
    """Something of one's own."""
    STATES[function.__name__] = function
    return function


@state
def nothing(_reader: Actor, _found: Known) -> None:
    """As one comes."""


@state
def read_some(reader: Actor, found: Known) -> None:
    reading.mark_read(reader, found.id, Numbers.parse("1-2,4"))


@state
def read_all(reader: Actor, found: Known) -> None:
    reading.mark_read(reader, found.id)


@state
def signalled(reader: Actor, found: Known) -> None:
    signals.thank(reader, post_of(found, 2))
    signals.take_position(reader, post_of(found, 4), "object", "Not so.")


@state
def kept_and_watched(reader: Actor, found: Known) -> None:
    watching.keep_post(reader, post_of(found, 3).id)
    watching.keep_discussion(reader, found.id)
    watching.choose(reader, found.id, "watch")
    watching.choose_space(reader, "c2", "track")


@state
def drafting(reader: Actor, found: Known) -> None:
    drafts.save(reader, f"d:{found.id}", {"body": "What I was writing."}, revision=0)


@state
def spoken(reader: Actor, found: Known) -> None:
    discussing.reply(reader, now(found), body="My own words.")


@pytest.mark.parametrize(("name", "role"), [(name, role) for name in STATES for role in ("participant", "moderator")])
def test_a_page_is_the_same_as_one_made_whole(
    app: Flask, people: People, found: Known, monkeypatch: pytest.MonkeyPatch, name: str, role: str
) -> None:
    reader, me = enter(app, people, name="Rita <Reader>", **ROLES[role])
    other, _who = enter(app, people, name="Otto Other", **ROLES[role])
    STATES[name](me, found)
    outbox.drain_all()
    for path in (path_of(found), f"{path_of(found)}?order=time", *LISTS):
        other.get(path)  # whoever is first makes the outline
        assert len(outlines.shelf) > 0, path
        given = reader.get(path).text
        assert "Rita &lt;Reader&gt;" in given
        assert "\x02" not in given
        assert "\x03" not in given
        assert steady(given) == steady(whole(reader, path, monkeypatch)), path


def test_what_is_ones_own_reaches_nobody_else(app: Flask, people: People, found: Known, drain: Callable[[], int]) -> None:
    reader, me = enter(app, people, name="Rita Reader", handle="rita")
    other, _who = enter(app, people, name="Otto Other", handle="otto")
    for act in (read_some, signalled, kept_and_watched, drafting):
        act(me, found)
    discussing.reply(people.participant(), now(found), body="Hear this, @rita.")
    drain()
    token = re.compile(r'name="csrf_token" value="([^"]+)"')
    # Asked before the discussion is opened: who opens it has read what they were told of it.
    assert "data-unread>" in reader.get("/latest").text
    assert "data-unread>" not in other.get("/latest").text
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        for path in (path_of(found), *LISTS):
            mine = [reader.get(path).text for _time in range(2)][1]
            theirs = other.get(path).text
            for secret in ("Rita Reader", '/people/rita">My page', "What I was writing.", *set(token.findall(mine))):
                assert secret in mine or path != path_of(found), secret
                assert secret not in theirs.replace("@rita", ""), secret
                assert secret not in pieces().replace("@rita", ""), secret
            assert "Otto Other" not in mine
        theirs = other.get(path_of(found)).text
        assert 'aria-pressed="true"' not in re.sub(r'name="level"[^>]*', "", theirs)
        assert "What I was writing." in reader.get(path_of(found)).text
    finally:
        app.config["WTF_CSRF_ENABLED"] = False


def test_a_form_of_an_outline_is_taken_once_and_only_with_ones_own_token(app: Flask, people: People, found: Known) -> None:
    reader, other = (enter(app, people)[0] for _one in range(2))
    for client in (reader, other):
        client.get(path_of(found))
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        page, theirs = reader.get(path_of(found)).text, other.get(path_of(found)).text
        fields = [dict(re.findall(r'name="(csrf_token|nonce)"[^>]*?value="([^"]+)"', one)) for one in (page, theirs)]
        assert reader.post(f"{path_of(found)}/reply", data={"body": "Not mine.", **fields[1]}).status_code == 400
        sent = [reader.post(f"{path_of(found)}/reply", data={"body": "Mine.", **fields[0]}).headers["Location"] for _time in range(2)]
        assert sent[0] == sent[1]
        again = dict(re.findall(r'name="(csrf_token|nonce)"[^>]*?value="([^"]+)"', reader.get(path_of(found)).text))
        assert again["nonce"] != fields[0]["nonce"]  # two windows write two posts
    finally:
        app.config["WTF_CSRF_ENABLED"] = False


def test_rights_are_those_of_this_moment(app: Flask, people: People, found: Known) -> None:
    reader, me = enter(app, people)
    moderator, _who = enter(app, people, role="moderator")

    def sees(client: FlaskClient, words: str) -> bool:
        return words in client.get(path_of(found)).text

    assert sees(moderator, "/lock")
    assert not sees(reader, "/lock")
    for role, expected in (("moderator", True), ("participant", False)):
        with database.transaction() as session:
            session.get_one(Person, me.person_id).role = role
        assert sees(reader, "/lock") is expected
    assert sees(reader, "/reply#reply")
    with database.transaction() as session:
        session.get_one(Person, me.person_id).suspended_at = clock.now()
    assert not sees(reader, "/reply#reply")
    assert sees(reader, "Your account cannot write at the moment.")
    reader.post("/sign-out")
    assert sees(reader, "Sign in to reply")
    assert not sees(reader, "/sign-out")
    with database.transaction() as session:
        person = session.query(Person).filter_by(role="moderator").one()
        person.epoch += 1  # every session of theirs has ended
    assert not sees(moderator, "/lock")


CHANGES: dict[str, tuple[Callable[[People, Known], Any], str, str]] = {
    "edited": (
        lambda people, found: services.edit_post(
            people.actor(database.session().get_one(Person, found.author_id)), post_of(found, 2), "Other words.", expected_revision=1
        ),
        "The second words.",
        "Other words.",
    ),
    "withdrawn": (
        lambda people, found: services.withdraw_post(people.actor(database.session().get_one(Person, found.author_id)), post_of(found, 2)),
        "The second words.",
        "The author has withdrawn this post.",
    ),
    "hidden": (
        lambda people, found: moderation.hide(people.moderator(), post_of(found, 2).id, "Not here."),
        "The second words.",
        "A moderator has hidden this post.",
    ),
    "locked": (lambda people, found: moderation.lock(people.moderator(), found.id, "It is late."), "/reply#reply", "It is late."),
}


@pytest.mark.parametrize("role", ["participant", "moderator"])
@pytest.mark.parametrize("name", CHANGES)
def test_what_changes_is_seen_at_once(
    app: Flask, people: People, found: Known, monkeypatch: pytest.MonkeyPatch, name: str, role: str
) -> None:
    act, gone, there = CHANGES[name]
    reader, _who = enter(app, people, **ROLES[role])
    assert gone in reader.get(path_of(found)).text
    act(people, found)
    given = reader.get(path_of(found)).text
    assert gone not in given
    assert there in given
    assert steady(given) == steady(whole(reader, path_of(found), monkeypatch))


def test_what_members_alone_see_is_in_no_outline(app: Flask, people: People, found: Known) -> None:
    member, me = enter(app, people)
    stranger, _who = enter(app, people)
    for client in (member, stranger):
        assert "The last words." in client.get(path_of(found)).text
    with database.transaction() as session:
        session.get_one(Space, found.space_id).visibility = "private"
        session.add(Membership(space_id=found.space_id, person_id=me.person_id, role="member", joined_at=clock.now()))
    outlines.shelf.clear()
    assert "The last words." in member.get(path_of(found)).text
    for path in ("/", "/latest"):
        assert found.title in member.get(path).text, path
    assert found.title in member.get("/action-lines/c2").text
    assert "The last words." not in pieces()
    assert found.title not in pieces()
    assert stranger.get(path_of(found)).status_code == 404
    assert stranger.get("/action-lines/c2").status_code == 404
    for path in ("/", "/latest"):
        assert found.title not in stranger.get(path).text, path
    assert "The last words." in member.get(path_of(found)).text


def test_each_language_theme_and_order_has_its_own(app: Flask, people: People, found: Known) -> None:
    reader, me = enter(app, people)
    for language in i18n.LANGUAGES:
        reader.set_cookie("lang", language)
        for _time in range(2):
            assert f'<html lang="{language}"' in reader.get(path_of(found)).text
    reader.set_cookie("theme", "dark")
    assert 'data-theme="dark"' in reader.get(path_of(found)).text
    reading.choose_order(me, "time")
    assert 'data-order="time"' in reader.get(path_of(found)).text
    reading.choose_order(me, "tree")
    assert 'data-order="tree"' in reader.get(path_of(found)).text


def test_messages_are_shown_once_and_to_the_one(app: Flask, people: People, found: Known) -> None:
    reader, other = (enter(app, people)[0] for _one in range(2))
    reader.get(path_of(found))
    reader.post(f"/p/{post_of(found, 2).id}/thanks", data={"thanks": "1"})
    assert "Noted." in reader.get(path_of(found)).text
    assert "Noted." not in reader.get(path_of(found)).text
    assert "Noted." not in other.get(path_of(found)).text
    assert "Noted." not in pieces()


def test_few_questions_however_many_posts(app: Flask, people: People, found: Known) -> None:
    reader, me = enter(app, people)
    kept_and_watched(me, found)
    counted: dict[str, list[int]] = {}
    for _more in range(2):
        for path in (path_of(found), *LISTS):
            reader.get(path)
            owned.shelf.clear()
            with statements() as seen:
                assert reader.get(path).status_code == 200
            counted.setdefault(path, []).append(len(seen))
        for _post in range(5):
            discussing.reply(people.participant(), now(found))
    assert counted[path_of(found)] == [
        9,
        9,
    ]  # who, whether a member, unread news, marks of reading, signals, bookmarks, draft, capacities, level
    assert counted["/latest"] == [4, 4]
    assert counted["/action-lines/c2"][0] == counted["/action-lines/c2"][1] <= 6
    assert max(counted["/"]) <= 12  # what moderators decided about the reader, what waits for them, and the topics of what is shown, too


def test_a_wrong_address_is_led_or_refused_and_not_kept(app: Flask, people: People, found: Known) -> None:
    reader, _who = enter(app, people)
    outlines.shelf.clear()
    for _time in range(2):
        assert reader.get(f"/d/{found.id}/elsewhere").status_code == 308
        assert reader.get("/d/99999").status_code == 404
        assert reader.get("/action-lines/c99").status_code == 404
        begun = reader.get(f"{path_of(found)}?reply_to={post_of(found, 4).id}&quote=1").text
        assert "Reply to #4" in begun
    assert len(outlines.shelf) == 0
