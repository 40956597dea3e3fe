"""What a closed discussion could leave elsewhere: in quotations, other summaries, exports and the log; and what keeps it from being opened."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from alliance.core import clock
from alliance.core import db as database
from alliance.core.errors import Conflict
from alliance.curating import summaries
from alliance.discussions import queries, quoting, recounting, retracting
from alliance.discussions import services as saying
from alliance.discussions.models import Discussion, Post
from alliance.groups import founding
from alliance.groups.models import Space
from alliance.mailing import exporting
from alliance.moderation import confiding, lines, moves
from alliance.moderation import people as judging
from alliance.moderation import queries as moderating
from alliance.moderation.people import Why
from alliance.policy import Actor
from alliance.polls import services as polls
from alliance.polls.services import Asked
from alliance.proceedings import consensus, meetings
from alliance.signals import services as signals
from tests import discussing
from tests.counting import statements
from tests.flows.test_private import MARK
from tests.grouping import founded, member, plan
from tests.people import People

Room = tuple[Actor, Actor, int, int]


@pytest.fixture
def room(people: People, db: Any) -> Room:
    """A chair, a member, an open discussion of their group and a closed one (by number), whose opening by the chair is marked."""
    group = founded(people)
    chair, inside = member(people, group, "chair"), member(people, group)
    closed = saying.open_discussion(chair, group.space, "What we could give up", f"Said by us alone: {MARK}.")
    confiding.close(chair, closed.id, "Because.")
    return chair, inside, saying.open_discussion(chair, group.space, "An open one", "Nothing to hide.").id, closed.id


def at(number: int) -> Discussion:
    return database.session().get_one(Discussion, number, populate_existing=True)


def quote(actor: Actor, place: int, quoted: Post) -> int:
    """A post that quotes another; its number."""
    with database.transaction():
        made = quoting.quotation(quoted)
        post = saying.publish_post(actor, at(place), f"{made.markdown}I say so too.")
        quoting.keep(actor, post, made.reference)
        return post.id


def read(post_id: int) -> str:
    post = database.session().get_one(Post, post_id, populate_existing=True)
    return post.html + retracting.cleaner(post_id)(post.body)


def test_what_is_merged_into_a_closed_one_is_quoted_no_more(app: Flask, room: Room, drain: Callable[[], int]) -> None:
    chair, inside, found, closed = room
    said = saying.publish_post(inside, at(found), f"About {MARK}.")
    elsewhere = discussing.discussion(inside, "A public question")
    quoting_it = quote(inside, elsewhere.id, said)
    path = f"/d/{elsewhere.id}/{elsewhere.slug}"
    drain()
    guest = app.test_client()
    for _again in range(2):
        assert MARK in guest.get(path).text
    moves.merge(chair, found, str(closed), "One question.")
    drain()
    assert MARK not in read(quoting_it)
    assert MARK not in guest.get(path).text
    assert guest.get(f"/api/v1/search?q={MARK}").json["items"] == []


def test_what_was_merged_into_a_closed_one_is_put_back_as_it_was(app: Flask, room: Room, drain: Callable[[], int]) -> None:
    chair, inside, found, closed = room
    said = saying.publish_post(inside, at(found), f"About {MARK}.")
    quoting_it = quote(inside, discussing.discussion(inside, "A public question").id, said)
    drain()
    move_id = moves.merge(chair, found, str(closed), "One question.").move.id
    drain()
    assert MARK not in read(quoting_it)
    moves.put_back(chair, move_id)
    drain()
    assert (at(found).confided_at, at(found).status, at(closed).confided_at is not None) == (None, "visible", True)
    assert MARK in app.test_client().get(f"/d/{found}", follow_redirects=True).text
    assert MARK in read(quoting_it)
    assert app.test_client().get(f"/d/{closed}", follow_redirects=True).text.count(MARK) == 0
    assert len(recounting.check()) == 0


def _changes(inside: Actor, mine: Post, _theirs: Post) -> None:
    saying.edit_post(inside, mine, "In confidence.", expected_revision=None)


def _objects_to(inside: Actor, _mine: Post, theirs: Post) -> None:
    signals.take_position(inside, theirs, "object", "In confidence.")


@pytest.mark.parametrize("answer", [_changes, _objects_to])
def test_what_others_did_there_in_confidence_keeps_it_there(room: Room, answer: Callable[..., None]) -> None:
    chair, inside, found, closed = room
    theirs, mine = discussing.opening(at(found)).id, saying.publish_post(inside, at(found), "Words.").id
    done = moves.merge(chair, found, str(closed), "One question.")
    answer(inside, *(database.session().get_one(Post, number) for number in (mine, theirs)))
    with pytest.raises(Conflict, match="stays closed"):
        moves.put_back(chair, done.move.id)
    assert at(found).status == "merged"


def test_what_was_closed_after_a_merge_stays_closed(room: Room) -> None:
    chair, _inside, found, _closed = room
    other = saying.open_discussion(chair, at(found).space, "One more", "Words.").id
    target = saying.open_discussion(chair, at(found).space, "The last", "Words.").id
    done = moves.merge(chair, other, str(target), "One question.")
    confiding.close(chair, target, "Because.")
    with pytest.raises(Conflict, match="stays closed"):
        moves.put_back(chair, done.move.id)
    assert at(other).status == "merged"


def test_a_summary_says_nothing_of_what_went_to_a_closed_one(app: Flask, people: People, room: Room, drain: Callable[[], int]) -> None:
    chair, inside, found, closed = room
    said = saying.publish_post(inside, at(found), "Words.")
    other = saying.open_discussion(inside, at(found).space, "Another", "Words.")
    summaries.write(chair, other.id, f"They spoke of {MARK}. [/p/{said.id}]\nAnd of more. [#1]")
    number, guest, path = said.number, app.test_client(), f"/d/{other.id}/{other.slug}"
    drain()
    for _again in range(2):
        assert MARK in guest.get(path).text
    moves.branches(chair, found, [number], target=str(closed), reason="Because.")
    assert MARK not in guest.get(path).text
    drain()
    assert MARK not in guest.get("/search?q=spoke&kind=summary").text.replace(f"q={MARK}", "")


def test_what_is_opened_again_quotes_no_closed_one(room: Room, drain: Callable[[], int]) -> None:
    chair, _inside, found, closed = room
    confiding.close(chair, found, "Because.")
    number = quote(chair, found, discussing.opening(at(closed)))
    drain()
    assert MARK in read(number)
    confiding.open_again(chair, found, "A mistake.")
    drain()
    assert MARK not in read(number)


def _takes_a_position(chair: Actor, inside: Actor, found: Discussion) -> None:
    signals.take_position(inside, discussing.opening(found), "object", "In confidence.")


def _votes(chair: Actor, inside: Actor, found: Discussion) -> None:
    post = discussing.opening(found)
    polls.set_poll(chair, post, Asked(question="Which?", options=["This", "That"]))
    polls.vote(inside, post, [0])


def _objects(chair: Actor, inside: Actor, found: Discussion) -> None:
    made = consensus.call(chair, found, "We agree.", clock.now() + timedelta(days=1))
    consensus.answer(inside, made.id, "object", "In confidence.")


def _minutes(chair: Actor, inside: Actor, found: Discussion) -> None:
    begin = clock.now() + timedelta(hours=1)
    meetings.record(chair, meetings.hold(chair, found, begin, begin + timedelta(hours=1)), "Who said what.")


@pytest.mark.parametrize("answer", [_takes_a_position, _votes, _objects, _minutes])
def test_it_stays_closed_once_others_answered_in_it(room: Room, answer: Callable[..., None]) -> None:
    chair, inside, _found, closed = room
    answer(chair, inside, queries.get_discussion(chair, closed))
    with pytest.raises(Conflict, match="in confidence"):
        confiding.open_again(chair, closed, "A mistake.")
    assert at(closed).confided_at is not None


def test_it_stays_closed_once_others_changed_what_they_had_said(room: Room) -> None:
    chair, inside, found, _closed = room
    said = saying.publish_post(inside, at(found), "In public.")
    confiding.close(chair, found, "Because.")
    saying.edit_post(inside, said, "In confidence.", expected_revision=None)
    with pytest.raises(Conflict, match="in confidence"):
        confiding.open_again(chair, found, "A mistake.")


def test_no_export_has_it(room: Room) -> None:
    space = at(room[2]).space
    for write in (exporting.as_mbox, exporting.as_lines, exporting.as_pages):
        out = io.BytesIO()
        assert write(space, out) == 1, write
        assert MARK.encode() not in out.getvalue()


def test_those_who_alone_read_a_group_have_it_in_their_export(people: People, db: Any) -> None:
    group = founded(people, visibility="members")
    chair, space_id = member(people, group, "chair"), group.space_id
    confiding.close(chair, saying.open_discussion(chair, group.space, "Ours", f"About {MARK}.").id, "Because.")
    out = io.BytesIO()
    assert exporting.as_lines(database.session().get_one(Space, space_id), out) == 1
    assert MARK.encode() in out.getvalue()


def test_the_log_counts_what_could_be_read_of_who_is_removed(people: People, room: Room) -> None:
    _chair, inside, found, closed = room
    saying.publish_post(inside, at(found), "Buy this.")
    for _again in range(2):
        saying.publish_post(inside, queries.get_discussion(inside, closed), "Buy this, too.")
    judging.decide(people.moderator(), inside.person_id or 0, "remove", Why(code="spam", reason="Spam."))
    entry = next(one for one in moderating.log(Actor.guest())[0] if one.act == "remove")
    assert entry.detail == "posts:1"
    assert {post.status for post in database.session().query(Post).filter(Post.author_id == inside.person_id)} == {"hidden"}


def test_a_group_that_closes_all_counts_once(people: People, db: Any) -> None:
    group = founded(people)
    chair = member(people, group, "chair")
    writers = [member(people, group) for _n in range(3)]
    for number in range(6):
        found = saying.open_discussion(chair, group.space, f"Question {number}", "Words.")
        for writer in writers:
            saying.publish_post(writer, found, "Words.")
    with statements() as seen:
        founding.change(chair, group, plan(attribution="closed", posting="members"))
    assert sum("SET posts" in one or "UPDATE people" in one for one in seen) <= 12, seen
    assert len(recounting.check()) == 0
    space = database.session().get_one(Space, group.space_id, populate_existing=True)
    assert (space.posts_count, space.discussions_count) == (0, 0)


def test_what_comes_to_a_closed_action_line_is_closed(app: Flask, people: People, db: Any) -> None:
    found, code = discussing.discussion(people.participant(), body=f"About {MARK}.").id, discussing.space("c3").code
    lines.choose(people.secretariat(), code, "closed", "They speak in confidence.")
    moves.relocate(people.moderator(), found, code, "It belongs there.")
    assert at(found).confided_at is not None
    assert MARK not in app.test_client().get(f"/d/{found}", follow_redirects=True).text
    assert [one.act for one in moderating.log(Actor.guest())[0]].count("confide") == 1
    assert len(recounting.check()) == 0
