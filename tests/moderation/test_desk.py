"""Posts of new people: looked at, held, limited; each says why, and nobody is kept from being read without knowing."""

from __future__ import annotations

from typing import Any

import pytest

from alliance.core.errors import Conflict, Invalid, NotFound
from alliance.discussions import queries as reading
from alliance.discussions import services as discussions
from alliance.discussions.models import Post
from alliance.groups.models import Space
from alliance.moderation import items, options, own, queries, watched
from alliance.policy import Actor
from tests import discussing
from tests.counting import statements
from tests.people import People

LINKS = "Buy https://a.example https://b.example https://c.example https://d.example https://e.example"


@pytest.fixture
def secretariat(db: Any, people: People) -> Actor:
    return people.secretariat()


def waiting(moderator: Actor) -> list[tuple[str, str]]:
    return [(one.item.kind, one.item.rule) for one in queries.queue(moderator)[0]]


def test_a_first_post_appears_and_is_looked_at(people: People, secretariat: Actor) -> None:
    found = discussing.discussion(people.participant(posts_count=9))
    newcomer = people.participant()
    posts = [discussing.reply(newcomer, found, body=f"Text {number}.") for number in range(2)]
    assert [post.status for post in posts] == ["visible", "visible"]
    assert waiting(secretariat) == [("first_post", "first")]
    items.decide(secretariat, queries.queue(secretariat)[0][0].item.id, "approve")
    assert waiting(secretariat) == []


def test_what_somebody_established_writes_costs_nothing(people: People, secretariat: Actor) -> None:
    author = people.participant(posts_count=9)
    found = discussing.discussion(author)
    options.current()
    watched.in_force()
    with statements() as seen:
        discussing.reply(author, found, body=LINKS)
    assert [one for one in seen if "review_items" in one or "moderation" in one or "hold_rules" in one] == []


def test_a_held_post_is_its_authors_alone_until_it_is_approved(people: People, secretariat: Actor) -> None:
    found = discussing.discussion(people.participant(posts_count=9))
    newcomer = people.participant()
    post = discussing.reply(newcomer, found, body=LINKS)
    assert (post.status, found.posts_count, people.of(newcomer).posts_count) == ("held", 1, 0)
    assert waiting(secretariat) == [("held_post", "links:5")]
    for actor in (Actor.guest(), people.participant(), secretariat):
        with pytest.raises(NotFound):
            reading.get_post(actor, post.id)
        with pytest.raises(NotFound):
            own.standing(actor, post.id)
    standing = own.standing(newcomer, post.id)
    assert (standing.post.body, standing.place, reading.post_out(newcomer, post.id).id) == (LINKS, 1, post.id)
    items.decide(secretariat, queries.queue(secretariat)[0][0].item.id, "approve")
    assert (post.status, found.posts_count, reading.get_post(Actor.guest(), post.id).id) == ("visible", 2, post.id)
    items.undo(secretariat, queries.items_about(post.id)[0].id)
    assert (post.status, found.posts_count) == ("held", 1)


def test_a_refused_post_is_written_anew_and_sent_again(people: People, secretariat: Actor) -> None:
    found = discussing.discussion(people.participant(posts_count=9))
    newcomer = people.participant()
    post = discussing.reply(newcomer, found, body=LINKS)
    items.decide(secretariat, queries.queue(secretariat)[0][0].item.id, "refuse", "spam", "No advertising here.")
    standing = own.standing(newcomer, post.id)
    assert standing.last is not None
    assert (standing.last.act, standing.last.reason_code, standing.last.reason, standing.waits) == (
        "refuse",
        "spam",
        "No advertising here.",
        None,
    )
    own.rewrite(newcomer, post.id, "Without any link.")
    assert waiting(secretariat) == [("held_post", "again")]
    items.decide(secretariat, queries.queue(secretariat)[0][0].item.id, "approve")
    assert (post.status, post.body) == ("visible", "Without any link.")
    assert reading.revisions(Actor.guest(), post) == [], "what was hidden is in no history"
    with pytest.raises(NotFound):
        own.rewrite(newcomer, post.id, "Again.")


def test_an_opening_that_waits_shows_no_title(people: People, secretariat: Actor) -> None:
    newcomer = people.participant()
    made = discussing.discussion(newcomer, title="MARK title", body=LINKS)
    assert (made.status, made.withheld_title, made.posts_count) == ("hidden", "MARK title", 0)
    with pytest.raises(NotFound):
        reading.get_discussion(Actor.guest(), made.id)
    items.decide(secretariat, queries.queue(secretariat)[0][0].item.id, "approve")
    assert (made.status, made.title, made.posts_count) == ("visible", "MARK title", 1)


def test_an_edit_waits_and_the_old_text_stands(people: People, secretariat: Actor) -> None:
    found = discussing.discussion(people.participant(posts_count=9))
    newcomer = people.participant()
    post = discussing.reply(newcomer, found, body="Harmless.")
    discussions.edit_post(newcomer, post, LINKS, expected_revision=1)
    assert (post.body, own.standing(newcomer, post.id).proposed) == ("Harmless.", LINKS)
    [edit] = [one.item for one in queries.queue(secretariat)[0] if one.item.kind == "held_edit"]
    items.decide(secretariat, edit.id, "approve")
    assert (post.body, post.revision) == (LINKS, 2)
    items.undo(secretariat, edit.id)
    assert (post.body, post.revision) == ("Harmless.", 3)
    discussions.edit_post(newcomer, post, "Still harmless.", expected_revision=3)
    with pytest.raises(Conflict):
        items.decide(secretariat, edit.id, "approve")


@pytest.mark.parametrize("body", ["@a1 @a2 @a3 @a4 @a5 @a6 look", LINKS])
def test_whoever_speaks_for_somebody_is_not_new(people: People, secretariat: Actor, db: Any, body: str) -> None:
    found = discussing.discussion(people.participant(posts_count=9))
    assert discussing.reply(people.participant(), found, body=body).status == "held"
    assert discussing.reply(people.participant(posts_count=3), found, body=body).status == "visible"
    assert discussing.reply(people.moderator(), found, body=body).status == "visible"


def test_the_same_text_twice_waits(people: People, secretariat: Actor) -> None:
    found = discussing.discussion(people.participant(posts_count=9))
    posts = [
        discussing.reply(
            people.participant(), found, body="Visit us, our shop has everything anybody may need, and it is open from morning to evening."
        )
        for _number in range(2)
    ]
    assert [post.status for post in posts] == ["visible", "held"]


def test_the_secretariat_sets_how_strict_it_is(people: People, secretariat: Actor, db: Any) -> None:
    found = discussing.discussion(people.participant(posts_count=9))
    options.change(secretariat, {"first_posts": "hold"})
    assert discussing.reply(people.participant(), found, body="One.").status == "held"
    options.change(secretariat, {"first_posts": "off", "new_per_hour": 1})
    newcomer = people.participant()
    assert discussing.reply(newcomer, found, body="Two.").status == "visible"
    with pytest.raises(Invalid):
        discussing.reply(newcomer, found, body="Three.")
    with pytest.raises(Invalid) as wrong:
        options.change(secretariat, {"hide_weight": 0, "first_posts": "never"})
    assert sorted(wrong.value.errors) == ["first_posts", "hide_weight"]


def test_what_the_system_brings_in_never_waits(people: People, secretariat: Actor, db: Any) -> None:
    space = db.session().get_one(Space, discussing.space().id)
    made = discussions.open_discussion(Actor.system(), space, "Imported", LINKS, author=people.person())
    assert (made.status, db.session().query(Post).one().status) == ("visible", "visible")
