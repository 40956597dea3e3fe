"""What flags weigh, and when they hide a post by themselves."""

from __future__ import annotations

from typing import Any

import pytest

from alliance.discussions.models import Post
from alliance.moderation import items, own, queries, services, weighing
from alliance.stakeholders import services as stakeholders
from tests import discussing
from tests.people import People


def of(people: People, db: Any, *, verified: bool) -> Post:
    author = people.person(posts_count=9)
    if verified:
        made = stakeholders.declare(people.actor(author), author, stakeholders.Claim("ITU", "international_organization"))
        stakeholders.decide(people.secretariat(), made.id, verified=True)
    actor = people.actor(author)
    return discussing.reply(actor, discussing.discussion(actor), body="Disputed.")


@pytest.mark.parametrize(("upheld", "dismissed", "expected"), [(0, 0, 10), (8, 0, 17), (0, 8, 3), (400, 0, 20), (0, 400, 2), (5, 5, 10)])
def test_a_record_weighs(upheld: int, dismissed: int, expected: int) -> None:
    assert weighing.weight(upheld, dismissed) == expected


def test_three_flags_hide_until_somebody_has_looked(people: People, db: Any) -> None:
    post = of(people, db, verified=False)
    for expected in ("visible", "visible", "hidden"):
        services.flag_post(people.participant(), post.id, "spam")
        assert post.status == expected
    moderator = people.moderator()
    items.decide(moderator, queries.queue(moderator)[0][0].item.id, "keep")
    assert post.status == "visible"
    assert [entry.act for entry in queries.log(moderator)[0]] == ["restore", "dismiss", "hide_until_reviewed"]
    for _number in range(4):
        services.flag_post(people.participant(), post.id, "spam")
    assert post.status == "visible", "a moderator has looked: flags alone do not hide it again"


def test_one_side_alone_does_not_hide_a_verified_author(people: People, db: Any) -> None:
    post = of(people, db, verified=True)
    for _number in range(5):
        services.flag_post(people.participant(stakeholder_type="private_sector"), post.id, "off_topic")
    assert post.status == "visible"
    services.flag_post(people.participant(stakeholder_type="government"), post.id, "off_topic")
    assert post.status == "hidden"


def test_the_author_is_told_at_once_which_rule(people: People, db: Any) -> None:
    post = of(people, db, verified=False)
    for reason, note in [("other", "See the charter."), *[("spam", "")] * 3, ("off_topic", "")]:
        services.flag_post(people.participant(), post.id, reason, note)
        if post.status == "hidden":
            break
    [entry] = queries.log(people.moderator())[0]
    assert (entry.act, entry.reason_code) == ("hide_until_reviewed", "spam")


def test_what_flaggers_say_of_their_own_is_no_rule(people: People, db: Any) -> None:
    post = of(people, db, verified=False)
    while post.status == "visible":
        services.flag_post(people.participant(), post.id, "other", "See the charter.")
    [entry] = queries.log(people.moderator())[0]
    assert (entry.act, entry.reason_code) == ("hide_until_reviewed", "")


def test_who_was_wrong_before_hides_little(people: People, db: Any) -> None:
    author, moderator = people.participant(posts_count=9), people.moderator()
    found = discussing.discussion(author)
    crowd = [people.participant() for _number in range(3)]
    for _number in range(4):
        post = discussing.reply(author, found)
        for one in crowd[:2]:
            services.flag_post(one, post.id, "spam")
        services.dismiss(moderator, post.id, "Harmless.")
    last = discussing.reply(author, found)
    for one in crowd:
        services.flag_post(one, last.id, "spam")
    assert last.status == "visible"


def test_whoever_is_to_rephrase_what_flags_hid_has_no_place_in_the_queue(people: People, db: Any) -> None:
    post, post_id = (found := of(people, db, verified=False)), found.id
    author = people.actor(post.author)
    for _number in range(3):
        services.flag_post(people.participant(), post_id, "spam")
    assert own.standing(author, post_id).place == 1
    own.rewrite(author, post_id, "Put otherwise.")
    moderator = people.moderator()
    [asked] = [one.item.id for one in queries.queue(moderator)[0] if one.item.kind == "held_post"]
    items.decide(moderator, asked, "rephrase", reason="Still a shop.")
    standing = own.standing(author, post_id)
    assert (standing.waits, standing.place, standing.last and standing.last.act) == (None, 0, "rephrase")
    own.rewrite(author, post_id, "Put otherwise again.")
    waits = own.standing(author, post_id).waits
    assert waits is not None
    assert waits.kind == "held_post"
