"""Levels of watching, bookmarks and preferences: who may, what follows, what stays one's own."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from alliance.core import db as database
from alliance.core.errors import Invalid, NotFound, Refused
from alliance.discussions.models import Discussion, Post
from alliance.groups.models import Space
from alliance.moderation import services as moderation
from alliance.policy import Actor, visible
from alliance.policy.post import readers
from alliance.watching import queries, services
from alliance.watching.models import BY_DEFAULT, Bookmark, Watch
from tests import discussing
from tests.people import People


def level_of(actor: Actor, discussion_id: int) -> queries.Level:
    database.release()
    return queries.level(actor, database.session().get_one(Discussion, discussion_id))


def make_private(code: str = "c2") -> None:
    with database.transaction() as session:
        session.scalars(select(Space).where(Space.code == code)).one().visibility = "members"


def test_who_writes_watches_unless_they_chose_otherwise(people: People) -> None:
    opener, writer, muter, chooser = (people.participant() for _ in range(4))
    discussion = discussing.discussion(opener).id
    services.choose_space(muter, "c2", "mute")
    services.choose(chooser, discussion, "track")
    for actor in (writer, writer, muter, chooser):
        discussing.reply(actor, database.session().get_one(Discussion, discussion))
    found = {actor: level_of(actor, discussion) for actor in (opener, writer, muter, chooser)}
    assert [(one.own, one.automatic, one.effective) for one in found.values()] == [
        ("watch", True, "watch"),
        ("watch", True, "watch"),
        (None, False, "mute"),
        ("track", False, "track"),
    ]
    services.choose(writer, discussion, "normal")
    discussing.reply(writer, database.session().get_one(Discussion, discussion))
    assert (level_of(writer, discussion).own, level_of(writer, discussion).automatic) == ("normal", False)


def test_imported_posts_make_nobody_watch(people: People) -> None:
    author = people.participant()
    discussing.discussion(Actor.system(), author=people.of(author), imported=True)
    assert database.session().scalar(select(func.count(Watch.id))) == 0


def test_the_discussion_counts_before_the_space_and_default_takes_the_choice_away(people: People) -> None:
    discussion = discussing.discussion(people.participant()).id
    actor = people.participant()
    assert level_of(actor, discussion).effective == "normal"
    services.choose_space(actor, "c2", "watch")
    assert level_of(actor, discussion).effective == "watch"
    services.choose(actor, discussion, "mute")
    assert level_of(actor, discussion).effective == "mute"
    services.choose(actor, discussion, None)
    assert level_of(actor, discussion).effective == "watch"
    services.choose_space(actor, "c2", None)
    assert level_of(actor, discussion).effective == "normal"
    assert queries.levels([actor.person_id or 0], database.session().get_one(Discussion, discussion)) == {actor.person_id: "normal"}


def test_only_people_choose_and_only_of_what_they_see(actors: dict[str, Actor]) -> None:
    made = discussing.discussion(actors["participant"])
    discussion, post = made.id, discussing.opening(made).id
    for act in (
        lambda actor: services.choose(actor, discussion, "watch"),
        lambda actor: services.choose_space(actor, "c2", "watch"),
        lambda actor: services.keep_post(actor, post),
        lambda actor: services.keep_discussion(actor, discussion),
        lambda actor: services.choose_news(actor, set()),
    ):
        for name in ("guest", "system"):
            with pytest.raises(Refused):
                act(actors[name])
        act(actors["suspended"])  # what one is told is one's own, also while one may not write
    with pytest.raises(Invalid):
        services.choose(actors["other"], discussion, "loud")
    make_private()
    for hidden in (
        lambda: services.choose(actors["other"], discussion, "watch"),
        lambda: services.choose_space(actors["other"], "c2", "watch"),
        lambda: services.keep_post(actors["other"], post),
        lambda: services.keep_discussion(actors["other"], discussion),
    ):
        with pytest.raises(NotFound):
            hidden()


def test_bookmarks_are_ones_own_with_a_note_and_what_became_invisible_is_not_listed(people: People) -> None:
    author, reader, other = people.participant(), people.participant(), people.participant()
    made = discussing.discussion(author)
    discussion, post = made.id, discussing.reply(author, made).id
    services.keep_post(reader, post, "  to \n answer ")
    services.keep_post(reader, post)
    services.keep_discussion(reader, discussion)
    rows, _next = queries.bookmarks(reader)
    assert [(row.post_id, row.discussion_id, row.note) for row in rows] == [(None, discussion, ""), (post, discussion, "to answer")]
    assert queries.bookmarks(other) == ([], None)
    assert queries.bookmarked(reader, [post]) == {post}
    with pytest.raises(NotFound):
        services.change_bookmark(other, rows[0].id, None)
    with pytest.raises(Invalid):
        services.keep_post(reader, post, "x" * 501)
    first, following = queries.bookmarks(reader, limit=1)
    assert [row.id for row in first + queries.bookmarks(reader, following, limit=1)[0]] == [row.id for row in rows]
    moderation.hide(people.moderator(), post, "Spam.")
    assert [row.post_id for row in queries.bookmarks(reader)[0]] == [None]
    services.drop(reader, post_id=post)
    make_private()
    assert queries.bookmarks(reader)[0] == []
    assert database.session().scalar(select(func.count(Bookmark.id))) == 1


def test_preferences_keep_only_what_is_not_so_by_default(people: People) -> None:
    actor = people.participant()
    person_id = actor.person_id or 0
    assert queries.wanted(person_id) == BY_DEFAULT
    services.choose_news(actor, {("reply", "page"), ("watched", "mail"), ("thanks", "mail"), ("nonsense", "page")})
    assert queries.wanted(person_id) == {("reply", "page"), ("watched", "mail")}
    services.set_mail(person_id, wanted=False)
    assert queries.wanted(person_id) == {("reply", "page")}
    services.choose_news(actor, BY_DEFAULT)
    assert queries.wanted(person_id) == BY_DEFAULT


def test_readers_is_visible_asked_the_other_way_round(actors: dict[str, Actor], people: People) -> None:
    from alliance.accounts.models import Person  # noqa: PLC0415

    made = discussing.discussion(actors["participant"])
    reply = discussing.reply(actors["participant"], made).id
    opening = discussing.opening(made).id

    def agree(post_id: int) -> bool:
        database.release()
        found = database.session().scalars(select(Person.id).join(Post, Post.id == post_id).where(readers(Post, Person)))
        ordinary = [actor for name, actor in actors.items() if actor.person_id and name not in {"moderator", "secretariat"}]
        sees = {a.person_id for a in ordinary if database.session().scalar(select(Post.id).where(Post.id == post_id, visible(a, Post)))}
        return set(found) & {a.person_id for a in ordinary} == sees

    assert agree(reply)
    moderation.hide(actors["moderator"], reply, "Spam.")
    assert agree(reply)
    assert agree(opening)
    make_private()
    assert agree(opening)


def test_settings_list_what_one_may_still_read_by_cursor(people: People) -> None:
    actor = people.participant()
    made: list[Any] = [discussing.discussion(actor, f"Discussion number {n}").id for n in range(3)]
    first, following = queries.watched(actor, limit=2)
    rest, end = queries.watched(actor, following, limit=2)
    assert [row.discussion_id for row in [*first, *rest]] == made[::-1]
    assert end is None
    make_private()
    assert queries.watched(actor) == ([], None)
