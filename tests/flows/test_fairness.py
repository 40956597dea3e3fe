"""That nobody decides about themselves, that somebody else can, and that what closed groups decide tells nobody outside of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from alliance.accounts import services as accounts
from alliance.core import clock, db
from alliance.core.errors import NotFound, Refused
from alliance.discussions import services as saying
from alliance.discussions.models import Discussion, Post
from alliance.groups import belonging, inviting
from alliance.groups import queries as groups
from alliance.groups.models import Group
from alliance.mailing.models import IncomingMail
from alliance.moderation import appeals, items, places, queries, record, services
from alliance.moderation import people as judging
from alliance.policy import Actor, visible
from tests import discussing, grouping
from tests.grouping import founded
from tests.people import People
from tests.signing import signed_in


@pytest.fixture
def group(people: People) -> Group:
    """A private one."""
    return founded(people, "Closed circle", visibility="private")


def member(people: People, group: Group, role: str = "member") -> Actor:
    """A member who is not new here: nothing of theirs waits of itself."""
    return grouping.member(people, group, role, posts_count=9)


def said(group: Group, author: Actor, body: str = "What was said.", parent: Post | None = None) -> Post:
    """A post in a discussion of a group."""
    found = parent.discussion if parent is not None else saying.open_discussion(author, group.space, "MARKED title", "MARKED opening")
    return saying.publish_post(author, db.session().get_one(Discussion, found.id), body, parent=parent)


def item_of(post: Post, kind: str = "flag") -> int:
    found = queries.open_item(kind, post.id)
    assert found is not None
    return found.id


def test_nobody_decides_about_what_they_wrote(client: FlaskClient, people: People, group: Group) -> None:
    chair, other = member(people, group, "chair"), member(people, group, "moderator")
    post = said(group, chair)
    post_id = post.id
    services.flag_post(member(people, group), post_id, "disrespectful")
    number = item_of(post)
    for act in (
        lambda: items.decide(chair, number, "keep"),
        lambda: items.claim(chair, number),
        lambda: items.note(chair, number, "It is fine."),
        lambda: services.dismiss(chair, post_id, "It is fine."),
    ):
        with pytest.raises(Refused):
            act()
    assert items.decide_all(chair, [number], "keep", "", "Fine.") == (0, 1)
    assert queries.next_item(chair, queries.Wanted(), 0) is None
    page = signed_in(client, chair).get(f"/moderation/items/{number}").text
    assert ("somebody else decides it" in page, 'name="decision"' in page) == (True, False)
    items.decide(other, number, "hide", "disrespectful")
    with pytest.raises(Refused):
        services.restore(chair, post_id, "It is fine.")
    with pytest.raises(Refused):
        items.undo(chair, number)
    services.restore(other, post_id, "On second thought.")


def test_an_appeal_finds_somebody_else_though_the_group_has_one_moderator(client: FlaskClient, people: People, group: Group) -> None:
    chair, author, secretariat = member(people, group, "chair"), member(people, group), people.secretariat()
    parent = said(group, member(people, group), "MARKED parent")
    post = said(group, author, "The disputed words.", parent)
    post_id, discussion_id = post.id, post.discussion_id
    services.hide(chair, post_id, "A shop.", "spam")
    appeals.appeal(author, post_id, "It is no shop.")
    for outsider in (people.moderator(), people.participant()):
        assert queries.waiting(outsider) == 0
    [one], _next = queries.queue(secretariat)
    number = one.item.id
    with pytest.raises(Refused):
        items.decide(chair, number, "refuse", reason="I was right.")
    page = signed_in(client, secretariat).get(f"/moderation/items/{number}").text
    assert ("The disputed words." in page, "It is no shop." in page, "MARKED parent" in page) == (True, True, False)
    items.decide(secretariat, number, "grant", reason="It is none.")
    assert db.session().get_one(Post, post_id).status == "visible"
    with pytest.raises(NotFound):  # what was said in the circle stays there
        queries.discussion(secretariat, discussion_id)


def test_what_is_flagged_of_those_who_keep_order_in_a_circle_reaches_the_secretariat(people: People, group: Group) -> None:
    chair, plain, secretariat = member(people, group, "chair"), member(people, group), people.secretariat()
    of_chair, of_member = said(group, chair, "By the chair."), said(group, plain, "By a member.")
    for post in (of_chair, of_member):
        services.flag_post(member(people, group), post.id, "disrespectful")
    [one], _next = queries.queue(secretariat)
    assert (one.item.post_id, one.shown is not None) == (of_chair.id, True)
    assert queries.waiting(people.moderator()) == 0
    assert queries.waiting(chair) == 2
    items.decide(secretariat, one.item.id, "hide", "disrespectful")
    assert db.session().get_one(Post, of_chair.id).status == "hidden"


def test_a_member_who_is_suspended_appeals_and_reads_no_more_than_that(client: FlaskClient, people: People, group: Group) -> None:
    chair, author = member(people, group, "chair"), member(people, group)
    post = said(group, author, "The disputed words.")
    slug = group.slug
    number, discussion_id, elsewhere = post.id, post.discussion_id, said(group, author, "Not hidden.").id
    services.hide(chair, number, "A shop.", "spam")
    accounts.suspend(people.secretariat(), People.of(author), suspended=True)
    suspended = people.actor(People.of(author))
    signed_in(client, suspended)
    for where in (f"/p/{number}/waiting", "/moderation/mine", f"/p/{number}/appeal"):
        answer = client.get(where)
        assert (answer.status_code, "MARKED" in answer.text, "Closed circle" in answer.text) == (200, False, False), where
    assert client.get(f"/p/{elsewhere}/waiting").status_code == 404
    assert client.get(f"/p/{number}").status_code == client.get(f"/d/{discussion_id}").status_code == 404
    assert client.post(f"/p/{number}/appeal", data={"text": "It is no shop."}).status_code == 303
    belonging.remove(chair, groups.get_group(chair, slug), author.person_id or 0)
    assert client.get(f"/p/{number}/waiting").status_code == 404


def test_counts_tell_nothing_of_a_closed_circle(people: People, group: Group) -> None:
    chair, author, moderator = member(people, group, "chair"), member(people, group), people.moderator()
    public = discussing.discussion(author, "A public question", "Nothing to hide.")
    flagged = [said(group, author, f"Words {number}.") for number in range(3)]
    for post in flagged:
        services.flag_post(member(people, group), post.id, "spam")
    services.hide(chair, flagged[0].id, "A shop.", "spam")
    person = People.of(author)
    outside = record.of(moderator, person)
    assert (outside.posts, outside.hidden, outside.held, outside.flagged, len(outside.acts)) == (1, 0, 0, {}, 0)
    inside = record.of(chair, person)
    assert (inside.hidden, sum(inside.flagged.values())) == (1, 3)
    assert (record.readable_posts(moderator, person), record.readable_posts(chair, person)) == (1, 5)
    judging.decide(moderator, author.person_id or 0, "remove", judging.Why("spam"))
    [entry] = [one for one in queries.log(Actor.guest())[0] if one.act == "remove"]
    assert entry.detail == "posts:1"
    assert db.session().get_one(Post, flagged[1].id).status == "hidden"
    assert public.id


def test_the_place_in_the_queue_is_that_before_the_same_moderators(people: People, group: Group) -> None:
    for number in range(3):
        services.flag_post(member(people, group), said(group, member(people, group), f"Words {number}.").id, "spam")
    keeper, inside = member(people, group, "moderator"), said(group, member(people, group), "Inside.")
    author = people.participant(posts_count=9)
    post = discussing.reply(author, discussing.discussion(author), body="In the open.")
    for one in (inside, post):
        services.flag_post(member(people, group), one.id, "spam")
    found = [
        places.place_in_queue(items.queries.get_item(who, item_of(one))) for who, one in ((keeper, inside), (people.moderator(), post))
    ]
    assert found == [4, 1]
    with clock.freeze(clock.now() + timedelta(hours=3)):
        items.decide(keeper, item_of(inside), "keep")
    assert queries.numbers(people.moderator()).median_wait is None
    assert (queries.numbers(keeper).median_wait or 0) > 10_000
    assert places.median_wait(places.beside(items.queries.get_item(people.moderator(), item_of(post)))) is None


def test_what_was_left_and_then_edited_is_hidden_by_flags_again(people: People) -> None:
    author = people.participant(posts_count=9)
    post = discussing.reply(author, discussing.discussion(author), body="Quite harmless.")
    number = post.id

    def flagged(times: int) -> str:
        for _one in range(times):
            services.flag_post(people.participant(), number, "spam")
        return db.session().get_one(Post, number).status

    services.flag_post(people.participant(), number, "spam")
    items.decide(people.moderator(), item_of(post), "keep")
    assert flagged(4) == "visible"
    items.decide(people.moderator(), item_of(db.session().get_one(Post, number)), "keep")
    with clock.freeze(clock.now() + timedelta(minutes=5)):
        saying.edit_post(author, db.session().get_one(Post, number), "Buy my watches.", expected_revision=1)
        assert flagged(3) == "hidden"


def test_who_keeps_order_in_a_group_waits_for_nobody_there(people: People, group: Group) -> None:
    links = " ".join(f"https://{number}.example" for number in range(9))
    held = said(group, grouping.member(people, group), links)
    assert held.status == "held"
    assert said(group, grouping.member(people, group, "chair"), links + " too").status == "visible"


def test_the_log_says_in_which_role(client: FlaskClient, people: People) -> None:
    group = founded(people)
    slug, chair, keeper, rapporteur = group.slug, *(member(people, group, role) for role in ("chair", "moderator", "rapporteur"))
    post = said(group, member(people, group))
    services.hide(chair, post.id, "Off the point.")
    services.restore(keeper, post.id, "To the point.")
    services.hide(people.moderator(), post.id, "A shop.")
    assert [one.role for one in queries.log(Actor.guest())[0]] == ["moderator", "group_moderator", "chair"]
    page = client.get("/moderation/log").text
    assert ("Moderator of the working group" in page, ">Chair" in page or "Chair ·" in page) == (True, True)
    assert rapporteur
    assert slug


def test_whoever_is_removed_does_not_come_back_by_an_older_invitation(people: People, group: Group) -> None:
    chair, somebody = member(people, group, "chair"), people.participant(email="somebody@example.net")
    by_mail = inviting.link(inviting.invite(chair, group, "Somebody@example.net")).rpartition("/")[2]
    inviting.accept(somebody, inviting.invite(chair, group, f"@{People.of(somebody).handle}"))
    belonging.remove(chair, group, somebody.person_id or 0)
    with pytest.raises(NotFound):
        inviting.of_link(by_mail)


def test_held_mail_of_a_group_is_decided_by_those_who_keep_order_there(people: People, group: Group) -> None:
    assert held_by(people, group) == [True, True, False, False]


def held_by(people: People, group: Group) -> list[Any]:
    """Who of chair, moderator, member and moderator of the platform sees a mail that is held for the group."""
    sender = member(people, group)
    with db.transaction() as session:
        session.add(
            IncomingMail(key="k", recipient="r", status="held", person_id=sender.person_id, space_id=group.space_id, created_at=clock.now())
        )
    actors = [*(member(people, group, role) for role in ("chair", "moderator", "member")), people.moderator()]
    return [db.session().scalar(select(IncomingMail.id).where(visible(actor, IncomingMail))) is not None for actor in actors]


def test_a_profile_advertises_nothing_once_its_person_is_removed(client: FlaskClient, people: People) -> None:
    moderator, spammer = people.moderator(), people.participant(bio="Buy watches at https://watches.example", posts_count=9)
    handle = People.of(spammer).handle
    pages = (f"/people/{handle}", f"/api/v1/people/{handle}")
    assert all("watches.example" in client.get(page).text for page in pages)
    made = judging.decide(moderator, spammer.person_id or 0, "remove", judging.Why("spam")).id
    assert not any("watches.example" in client.get(page).text for page in pages)
    judging.take_back(moderator, made, "It was somebody else.")
    assert all("watches.example" in client.get(page).text for page in pages)
