"""Saying something: what is written, counted, told; what is refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from alliance import events
from alliance.core import clock, outbox
from alliance.core.errors import Invalid, Refused
from alliance.discussions import queries, services
from alliance.discussions.models import Discussion, Post, PostRevision
from alliance.policy import Actor
from alliance.stakeholders import services as stakeholders
from tests import discussing
from tests.attacks import all_of_them
from tests.people import People
from tests.threads import in_threads


def kinds() -> list[str]:
    """The events so far."""
    return [type(one.event).__name__ for one in outbox.read(0, 100)]


def numbers(actor: Actor, found: Discussion) -> list[int]:
    """The numbers of the posts as they are read."""
    return [row.number for row in queries.post_page(actor, found.id).posts]


def test_opening_writes_all_the_next_page_shows(db: Any, people: People) -> None:
    actor = people.participant(stakeholder_type="media", country="KE")
    found = discussing.discussion(actor)
    post = discussing.opening(found)
    assert (found.posts_count, found.last_post_id, found.slug, found.language) == (1, post.id, "who-pays-for-the-last-mile", "en")
    assert (found.space.posts_count, found.space.discussions_count, people.of(actor).posts_count) == (1, 1, 1)
    assert (post.number, post.path, post.depth, post.stakeholder_type, post.country) == (1, "11", 0, "media", "KE")
    assert kinds() == ["DiscussionOpened", "PostPublished"]


def test_the_tree_reads_in_order_whatever_the_order_of_arrival(db: Any, people: People) -> None:
    actor = people.participant()
    found = discussing.discussion(actor)
    first = discussing.reply(actor, found)
    second = discussing.reply(actor, found)
    below_first = discussing.reply(actor, found, first)
    discussing.reply(actor, found, second)
    discussing.reply(actor, found, below_first)
    assert numbers(actor, found) == [1, 2, 4, 6, 3, 5]


def test_many_siblings_stay_in_order(db: Any, people: People) -> None:
    actor = people.participant(posts_count=9)
    found = discussing.discussion(actor)
    with db.transaction():
        for _number in range(45):
            discussing.reply(actor, found)
    page = queries.post_page(actor, found.id, limit=100)
    assert [row.number for row in page.posts] == list(range(1, 47))


def test_any_depth(db: Any, people: People) -> None:
    actor = people.participant(posts_count=9)
    found = discussing.discussion(actor)
    last = None
    with db.transaction():
        for _number in range(230):
            last = discussing.reply(actor, found, last)
    page = queries.post_page(actor, found.id, limit=300)
    assert [row.number for row in page.posts] == list(range(1, 232))
    assert page.posts[-1].depth == 229
    assert max(len(row.path) for row in page.posts) < 2000


def test_paging_forth_and_back_shows_every_post_once(db: Any, people: People) -> None:
    actor = people.participant(posts_count=9)
    found = discussing.discussion(actor)
    posts: list[Post] = []
    with db.transaction():
        for number in range(50):
            posts.append(discussing.reply(actor, found, posts[number // 3] if number % 2 else None))
    whole = [row.number for row in queries.post_page(actor, found.id, limit=100).posts]
    seen: list[int] = []
    start, backwards = None, []
    while True:
        page = queries.post_page(actor, found.id, start, 20)
        seen += [row.number for row in page.posts]
        backwards.append((start, page.earlier))
        if page.later is None:
            break
        start = page.later
    assert seen == whole
    assert backwards[0][1] is None
    assert queries.post_page(actor, found.id, backwards[2][1], 20).posts[0].number == whole[20]


def test_a_permalink_leads_to_a_page_that_shows_the_post(db: Any, people: People) -> None:
    actor = people.participant(posts_count=9)
    found = discussing.discussion(actor)
    with db.transaction():
        posts = [discussing.reply(actor, found) for _number in range(80)]
    for post in posts[::9]:
        start = queries.start_of(actor, post)
        assert post.number in [row.number for row in queries.post_page(actor, found.id, start).posts]


def test_a_post_keeps_the_capacity_it_was_made_in(db: Any, people: People) -> None:
    person = people.person(stakeholder_type="civil_society")
    actor = people.actor(person)
    affiliation = stakeholders.affiliate(person, stakeholders.Claim("Ministry of Roads", "government", "KE"))
    found = discussing.discussion(actor)
    official = discussing.reply(actor, found, affiliation_id=affiliation.id)
    personal = discussing.reply(actor, found)
    stakeholders.end(actor, person, affiliation.id)
    assert (official.organization.name, official.stakeholder_type) == ("Ministry of Roads", "government")
    assert (personal.organization_id, personal.stakeholder_type) == (None, "civil_society")
    with pytest.raises(Invalid):
        discussing.reply(actor, found, affiliation_id=affiliation.id)


def test_nobody_speaks_for_the_affiliation_of_another(db: Any, people: People) -> None:
    affiliation = stakeholders.affiliate(people.person(), stakeholders.Claim("Ministry of Roads"))
    actor = people.participant()
    with pytest.raises(Invalid) as caught:
        discussing.discussion(actor, affiliation_id=affiliation.id)
    assert "affiliation_id" in caught.value.errors


def test_editing_keeps_what_was_said(db: Any, people: People) -> None:
    actor = people.participant()
    post = discussing.opening(discussing.discussion(actor, body="First words."))
    with clock.freeze(clock.now() + timedelta(minutes=6)):
        services.edit_post(actor, post, "Second words.", expected_revision=1)
    assert (post.body, post.revision, post.html.strip()) == ("Second words.", 2, "<p>Second words.</p>")
    assert post.edited_at is not None
    (old,) = db.session().scalars(select(PostRevision)).all()
    assert (old.number, old.body, old.editor_id) == (1, "First words.", actor.person_id)


def test_a_stale_edit_overwrites_nothing_and_shows_both_texts(db: Any, people: People) -> None:
    actor = people.participant()
    post = discussing.opening(discussing.discussion(actor))
    services.edit_post(actor, post, "From the telephone.", expected_revision=1)
    with pytest.raises(services.StaleEdit) as caught:
        services.edit_post(actor, post, "From the desk.", expected_revision=1)
    assert (caught.value.revision, caught.value.body, post.body) == (2, "From the telephone.", "From the telephone.")


def test_saving_the_same_text_is_no_edit(db: Any, people: People) -> None:
    actor = people.participant()
    post = discussing.opening(discussing.discussion(actor, body="The same text as ever before."))
    services.edit_post(actor, post, post.body, expected_revision=1)
    assert (post.revision, post.edited_at) == (1, None)


def test_withdrawing_leaves_a_place_only_while_it_is_answered(db: Any, people: People) -> None:
    actor = people.participant()
    found = discussing.discussion(actor)
    answered, alone = discussing.reply(actor, found), discussing.reply(actor, found)
    answer = discussing.reply(actor, found, answered)
    services.withdraw_post(actor, answered)
    services.withdraw_post(actor, alone)
    assert numbers(actor, found) == [1, 2, 4]
    assert found.posts_count == 2
    services.withdraw_post(actor, answer)
    assert numbers(actor, found) == [1]
    assert people.of(actor).posts_count == 1


def test_withdrawing_all_closes_the_discussion(db: Any, people: People) -> None:
    actor = people.participant()
    found = discussing.discussion(actor)
    services.withdraw_post(actor, discussing.opening(found))
    assert not queries.still_open(Actor.guest(), found.id)
    assert found.space.discussions_count == 0


@pytest.mark.parametrize("kind", ["guest", "unconfirmed", "suspended"])
def test_who_may_not_write_writes_nothing(db: Any, people: People, actors: dict[str, Actor], kind: str) -> None:
    found = discussing.discussion(actors["participant"])
    before = outbox.head()
    with pytest.raises(Refused):
        discussing.discussion(actors[kind])
    with pytest.raises(Refused):
        discussing.reply(actors[kind], found)
    assert outbox.head() == before


def test_only_the_author_edits_and_withdraws(db: Any, actors: dict[str, Actor]) -> None:
    post = discussing.opening(discussing.discussion(actors["participant"]))
    for kind in ("guest", "other", "moderator", "secretariat"):
        with pytest.raises(Refused):
            services.edit_post(actors[kind], post, "Put into another's mouth.", expected_revision=1)
        with pytest.raises(Refused):
            services.withdraw_post(actors[kind], post)


def test_nobody_else_speaks_at_another_time_or_for_another(db: Any, people: People) -> None:
    with pytest.raises(ValueError, match="only the system"):
        discussing.discussion(people.participant(), author=people.person())


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("title", {"title": "\u200b \u202e"}),
        ("title", {"title": "x" * 201}),
        ("body", {"body": " \n\t\u200b"}),
        ("body", {"body": "x" * 100_001}),
        ("body", {"body": "a\x00b"}),
        ("body", {"body": "a\ud800b"}),
        ("language", {"language": "tlh"}),
    ],
)
def test_bad_input_is_refused_by_field(db: Any, people: People, field: str, values: dict[str, str]) -> None:
    with pytest.raises(Invalid) as caught:
        discussing.discussion(people.participant(), **values)
    assert list(caught.value.errors) == [field]
    assert outbox.head() == 0


def test_a_parent_from_another_discussion_is_refused(db: Any, people: People) -> None:
    actor = people.participant()
    one, other = discussing.discussion(actor), discussing.discussion(actor)
    with pytest.raises(Invalid) as caught:
        discussing.reply(actor, one, discussing.opening(other))
    assert list(caught.value.errors) == ["parent_id"]


def test_text_round_trips_byte_for_byte(db: Any, people: People, corpora: Any) -> None:
    actor = people.participant()
    found = discussing.discussion(actor)
    kept = {}
    with db.transaction():
        for source in list(all_of_them(corpora))[:400]:
            body = source[:100_000]
            if body.strip() and "\x00" not in body and not any("\ud800" <= c <= "\udfff" for c in body):
                try:
                    kept[discussing.reply(actor, found, body=body).id] = body
                except Invalid:
                    continue  # invisible characters only
    db.session().expire_all()
    assert len(kept) >= 15
    for post_id, body in kept.items():
        assert db.session().get_one(Post, post_id).body == body


def test_eight_threads_lose_nothing(db: Any, people: People) -> None:
    """The trap of DESIGN.md: load, check, save under contention."""
    actor = people.participant()
    found_id = discussing.discussion(actor).id
    db.release()

    def write() -> None:
        for _number in range(10):
            discussing.reply(actor, db.session().get_one(Discussion, found_id))
            db.release()

    assert in_threads(8, write) == []
    found = db.session().get_one(Discussion, found_id)
    assert (found.posts_count, found.next_number) == (81, 82)
    told = [one.event.post_id for one in outbox.read(0, 1000, [events.PostPublished.__name__])]
    assert len(told) == len(set(told)) == 81
