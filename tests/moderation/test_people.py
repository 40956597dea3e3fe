"""Warning, silencing, suspending, removing somebody with all posts: at once, at every door, until it ends, open to appeal, and back again."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from alliance.accounts import passwords, services
from alliance.accounts.models import Person
from alliance.core import clock, db
from alliance.core.errors import Conflict, Invalid, NotFound, Refused
from alliance.discussions import recounting
from alliance.discussions.models import Discussion, Post
from alliance.mailing import drafting
from alliance.mailing.models import OutgoingMail
from alliance.moderation import appeals, items, log, measures, queries
from alliance.moderation import people as judging
from alliance.moderation import services as moderation
from alliance.moderation.measures import Measure
from alliance.moderation.models import Flag, LogEntry, ReviewItem
from alliance.policy import Actor
from tests import discussing
from tests.people import PASSWORD, People

SPAM = judging.Why("spam", "Sells watches.", "Please stop selling watches here.")
WEEK = timedelta(days=7)
Drain = Callable[[], Any]


@pytest.fixture
def author(people: People, db: Any) -> Actor:
    return people.participant(posts_count=9, email="author@example.org", handle="amina", password_hash=passwords.make(PASSWORD))


def now_of(actor: Actor) -> Actor:
    """The same person, as they are by now."""
    db.session().expire_all()
    return People.actor(People.of(actor))


def letter(person: Actor, kind: str = "measure") -> str:
    """The newest mail to a person."""
    query = select(OutgoingMail).where(OutgoingMail.person_id == person.person_id, OutgoingMail.kind == kind)
    row = db.session().scalars(query.order_by(OutgoingMail.id.desc()).limit(1)).one()
    made = drafting.draft_of(row)
    assert made is not None
    return made.text


def sign_in(client: FlaskClient) -> Any:
    return client.post("/sign-in", data={"email": "author@example.org", "password": PASSWORD}, follow_redirects=True)


def test_a_warning_is_read_on_the_page_and_by_mail(client: FlaskClient, people: People, author: Actor, drain: Drain) -> None:
    moderator = people.moderator()
    made = people_decide(moderator, author, "warn").id
    drain()
    assert now_of(author).may_act
    text = letter(author)
    assert ("Sells watches." in text, "Please stop selling" in text, f"/moderation/measures/{made}" in text) == (True, True, True)
    assert f"/moderation/measures/{made}" in sign_in(client).text
    page = client.get(f"/moderation/measures/{made}").text
    assert ("Please stop selling watches here." in page, "Advertising or spam" in page) == (True, True)
    assert "Moderators decided something" not in client.get("/").text
    assert "Please stop" not in client.get("/moderation/log").text
    assert f"/moderation/measures/{made}" in client.get("/moderation/mine").text


def people_decide(moderator: Actor, person: Actor, kind: str, until: timedelta | None = None, why: judging.Why = SPAM) -> Measure:
    end = clock.now() + until if until is not None else None
    return judging.decide(moderator, person.person_id or 0, kind, why, end)


def test_who_is_silenced_reads_but_does_not_write_until_it_ends(people: People, author: Actor) -> None:
    found = discussing.discussion(people.participant())
    made = people_decide(people.moderator(), author, "silence", WEEK)
    silenced = now_of(author)
    with pytest.raises(Refused) as caught:
        discussing.reply(silenced, found)
    assert "read but not write until" in str(caught.value)
    assert ("Sells watches" in str(caught.value), f"/moderation/measures/{made.id}" in str(caught.value)) == (True, True)
    with clock.freeze(clock.now() + WEEK + timedelta(seconds=1)):
        discussing.reply(now_of(author), found, body="Back again.")  # before any job has run
        people_expire()
        assert (made.ended_how, People.of(author).silenced_until) == ("over", None)


def people_expire() -> None:
    judging.expire()
    db.session().expire_all()


def test_the_text_of_a_silenced_person_comes_back(client: FlaskClient, people: People, author: Actor) -> None:
    found = discussing.discussion(people.participant())
    where = f"/d/{found.id}/{found.slug}"
    sign_in(client)
    page = client.get(where).text
    token, nonce = _value(page, "csrf_token"), _value(page, "nonce")
    people_decide(people.moderator(), author, "silence", WEEK)
    answer = client.post(f"{where}/reply", data={"csrf_token": token, "nonce": nonce, "body": "Written for an hour."})
    assert (answer.status_code, "Written for an hour." in answer.text, "but not write until" in answer.text) == (403, True, True)
    assert "but not write until" in client.get(where).text
    for page in (where, "/"):
        assert re.search(r'How to appeal: <a href="(/moderation/measures/\d+)">\1</a>', client.get(page).text), page


def _value(page: str, name: str) -> str:
    return page.partition(f'name="{name}"')[2].partition('value="')[2].partition('"')[0]


def test_programs_are_told_too(client: FlaskClient, people: People, author: Actor) -> None:
    found = discussing.discussion(people.participant())
    secret = services.create_token(People.of(author), "write")
    people_decide(people.moderator(), author, "silence", WEEK)
    headers = {"Authorization": f"Bearer {secret}"}
    answer = client.post(f"/api/v1/discussions/{found.id}/posts", json={"body": "No."}, headers=headers)
    assert (answer.status_code, "but not write until" in answer.json["detail"]) == (403, True)
    assert client.get("/api/v1/me/measures", headers=headers).json["items"][0]["kind"] == "silence"


def test_a_suspension_ends_sessions_and_by_itself_and_says_so(client: FlaskClient, people: People, author: Actor) -> None:
    sign_in(client)
    made = people_decide(people.moderator(), author, "suspend", WEEK).id
    assert client.get("/settings/profile").status_code == 303  # signed out
    page = sign_in(client).text
    assert ("Your account is suspended until" in page, "Sells watches" in page) == (True, True)
    assert client.post(f"/moderation/measures/{made}/appeal", data={"text": "It was a gift."}).status_code == 303
    with clock.freeze(clock.now() + WEEK + timedelta(seconds=1)):
        assert now_of(author).may_act
        assert "suspended until" not in client.get("/").text
        people_expire()
        assert (People.of(author).suspended_at, db.session().get_one(Measure, made).ended_how) == (None, "over")


def test_a_newer_one_takes_the_place_of_the_older(people: People, author: Actor) -> None:
    moderator = people.moderator()
    first, second = (people_decide(moderator, author, "silence", length) for length in (WEEK, timedelta(days=1)))
    assert (first.ended_how, second.runs) == ("replaced", True)
    with clock.freeze(clock.now() + timedelta(days=2)):
        assert now_of(author).may_act


@pytest.mark.parametrize(("kind", "until"), [("warn", None), ("silence", WEEK), ("suspend", WEEK)])
def test_each_is_taken_back(people: People, author: Actor, drain: Drain, kind: str, until: timedelta | None) -> None:
    made = people_decide(people.moderator(), author, kind, until)
    other = people.moderator()
    with pytest.raises(Invalid):
        people_take_back(other, made, "")
    people_take_back(other, made, "Taken for somebody else.")
    assert (now_of(author).may_act, made.ended_how) == (True, "taken_back")
    with pytest.raises(Conflict):
        people_take_back(other, made, "Again.")
    drain()
    assert "holds no more" in letter(author)
    assert [entry.act for entry in queries.log(Actor.guest())[0]] == ["take_back", kind]
    assert log.verify() == (2, None)


def people_take_back(actor: Actor, made: Measure, reason: str) -> Measure:
    return judging.take_back(actor, made.id, reason)


@pytest.mark.parametrize("until", [None, timedelta(hours=-1), timedelta(days=400)])
def test_an_end_is_needed(people: People, author: Actor, until: timedelta | None) -> None:
    with pytest.raises(Invalid):
        people_decide(people.moderator(), author, "silence", until)
    with pytest.raises(Invalid):
        people_decide(people.moderator(), author, "warn", why=type(SPAM)())
    assert (now_of(author).may_act, queries.log(Actor.guest())[0]) == (True, [])


def test_whom_nobody_decides_about(people: People, author: Actor) -> None:
    moderator, other, secretariat = people.moderator(), people.moderator(), people.secretariat()
    for actor, person in (
        (moderator, moderator),
        (moderator, other),
        (moderator, secretariat),
        (secretariat, secretariat),
        (author, moderator),
    ):
        with pytest.raises(Refused):
            people_decide(actor, person, "warn")
    assert people_decide(secretariat, moderator, "warn").runs


@pytest.mark.parametrize(("decision", "may"), [("grant", True), ("refuse", False)])
def test_an_appeal_is_decided_by_somebody_else(people: People, author: Actor, drain: Drain, decision: str, may: bool) -> None:
    first, second = people.moderator(), people.moderator()
    made = people_decide(first, author, "suspend", WEEK)
    with pytest.raises(NotFound):
        appeals.appeal_measure(people.participant(), made.id, "For a friend.")
    asked = appeals.appeal_measure(now_of(author), made.id, "It was a gift.")
    with pytest.raises(Conflict):
        appeals.appeal_measure(now_of(author), made.id, "Once more.")
    [waits] = queries.queue(second)[0]
    assert waits.shown is not None
    assert waits.shown.url == "/moderation/people/amina"
    with pytest.raises(Refused):
        items.decide(first, waits.item.id, decision, reason="I was right.")
    items.decide(second, waits.item.id, decision, reason="Looked at again.")
    assert (now_of(author).may_act, asked.answer, made.runs) == (may, "Looked at again.", not may)
    drain()
    assert "Looked at again." in letter(author)


@pytest.fixture
def wave(people: People, author: Actor) -> dict[str, int]:
    """A spammer's posts: an opening with somebody's answer, a reply, one hidden before, one withdrawn, one that waits, one that is flagged."""
    other = people.participant(posts_count=9)
    own, theirs = discussing.discussion(author, title="WATCHES"), discussing.discussion(other)
    answer = discussing.reply(other, own)
    made = {name: discussing.reply(author, theirs, body=f"Buy {name}.").id for name in ("reply", "hidden", "held", "flagged")}
    moderation.hide(people.moderator(), made["hidden"], "Seen before.")
    with db.transaction() as session:
        moderation.set_status(session.get_one(Post, made["held"]), "held")
        items.ask("held_post", made["held"], post=session.get_one(Post, made["held"]))
    moderation.flag_post(other, made["flagged"], "spam")
    return made | {"opening": discussing.opening(own).id, "answer": answer.id}


def states(wave: dict[str, int]) -> dict[str, str]:
    db.session().expire_all()
    rows = {row[0]: row[1] for row in db.session().execute(select(Post.id, Post.status))}
    return {name: rows[number] for name, number in wave.items()}


BEFORE = {"reply": "visible", "hidden": "hidden", "held": "held", "flagged": "visible", "opening": "visible", "answer": "visible"}
AFTER = dict.fromkeys(BEFORE, "hidden") | {"answer": "visible"}


def test_removing_hides_everything_and_taking_it_back_brings_back_exactly_that(people: People, author: Actor, wave: dict[str, int]) -> None:
    moderator = people.moderator()
    assert (states(wave), queries.waiting(moderator)) == (BEFORE, 2)
    made = people_decide(moderator, author, "remove")
    assert (states(wave), queries.waiting(moderator), now_of(author).suspended) == (AFTER, 0, True)
    assert (recounting.check().discussions, recounting.check().spaces) == ([], [])
    entry = queries.log(Actor.guest())[0][0]
    assert (entry.act, entry.detail, len(queries.log(Actor.guest())[0])) == ("remove", "posts:4", 2)
    with pytest.raises(Conflict):
        people_decide(moderator, author, "remove")
    people_take_back(people.moderator(), made, "They were real watches.")
    assert (states(wave), queries.waiting(moderator), now_of(author).may_act) == (BEFORE, 2, True)
    assert db.session().scalars(select(Flag.status)).all() == ["open"]
    assert (recounting.check().discussions, recounting.check().spaces) == ([], [])
    assert log.verify() == (3, None)


def test_what_was_decided_since_stays_so(people: People, author: Actor, wave: dict[str, int]) -> None:
    moderator = people.moderator()
    made = people_decide(moderator, author, "remove")
    moderation.restore(moderator, wave["reply"], "This one was useful.")
    with clock.freeze(clock.now() + timedelta(hours=25)), pytest.raises(Conflict):
        people_take_back(moderator, made, "Too late.")
    people_take_back(moderator, made, "A mistake.")
    assert states(wave) == BEFORE


def test_a_granted_appeal_brings_posts_back_after_the_day_too(people: People, author: Actor, wave: dict[str, int]) -> None:
    made = people_decide(people.moderator(), author, "remove")
    second = people.moderator()
    with clock.freeze(clock.now() + timedelta(days=5)):
        appeals.appeal_measure(now_of(author), made.id, "They were real watches.")
        items.decide(second, queries.queue(second)[0][0].item.id, "grant", reason="They were.")
    assert (states(wave), now_of(author).may_act) == (BEFORE, True)


def test_nobody_is_told_of_what_a_removed_person_wrote(people: People, author: Actor, drain: Drain) -> None:
    other = people.participant()
    number = discussing.discussion(other).id
    drain()
    discussing.reply(author, db.session().get_one(Discussion, number), body="WATCHES")
    drain()
    people_decide(people.moderator(), author, "remove")
    drain()
    rows = db.session().scalars(select(OutgoingMail).where(OutgoingMail.person_id == other.person_id)).all()
    assert rows
    assert [drafting.draft_of(row) for row in rows] == [None] * len(rows)


def test_pages_lead_there(client: FlaskClient, people: People, author: Actor, wave: dict[str, int]) -> None:
    people.moderator(email="moderator@example.org", password_hash=passwords.make(PASSWORD))
    assert client.get("/moderation/people/amina").status_code == 303
    client.post("/sign-in", data={"email": "moderator@example.org", "password": PASSWORD})
    item = db.session().scalars(select(ReviewItem.id).where(ReviewItem.kind == "flag")).one()
    for page in (f"/moderation/items/{item}", "/people/amina"):
        assert "/moderation/people/amina" in client.get(page).text
    for kind in measures.KINDS:
        assert client.get(f"/moderation/people/amina/{kind}").status_code == 200
        assert client.post(f"/moderation/people/amina/{kind}", data={"days": "7"}).status_code == 422
    assert client.get("/moderation/people/amina/other").status_code == 404
    assert client.post("/moderation/people/amina/remove", data={"code": "spam"}).status_code == 303
    assert (
        client.post("/moderation/people/amina/silence", data={"code": "spam", "days": "", "until": "2001-01-01T10:00"}).status_code == 422
    )
    made = db.session().scalars(select(Measure.id)).one()
    assert f"/moderation/measures/{made}/take-back" in client.get("/moderation/people/amina").text
    assert client.post(f"/moderation/measures/{made}/take-back", data={"reason": "A mistake."}).status_code == 303
    assert states(wave) == BEFORE


def test_the_record_is_for_moderators(client: FlaskClient, people: People, author: Actor) -> None:
    people.participant(email="other@example.org", password_hash=passwords.make(PASSWORD))
    made = people_decide(people.moderator(), author, "silence", WEEK).id
    client.post("/sign-in", data={"email": "other@example.org", "password": PASSWORD})
    assert client.get("/moderation/people/amina").status_code == 403
    assert client.get(f"/moderation/measures/{made}").status_code == 404
    assert "/moderation/people/" not in client.get("/people/amina").text
    name = db.session().scalars(select(Person.name).where(Person.handle == "amina")).one()
    assert name not in client.get("/moderation/log").text


def test_programs_decide_and_appeal(client: FlaskClient, people: People, author: Actor) -> None:
    def token(actor: Actor) -> dict[str, str]:
        return {"Authorization": f"Bearer {services.create_token(People.of(actor), 'moderate')}"}

    first, own = token(people.moderator()), token(author)
    until = (clock.now() + WEEK).isoformat()
    assert client.post("/api/v1/people/amina/measures", json={"kind": "silence", "reason": "Spam."}, headers=first).status_code == 422
    answer = client.post("/api/v1/people/amina/measures", json={"kind": "silence", "reason": "Spam.", "until": until}, headers=first)
    assert (answer.status_code, answer.json["kind"]) == (201, "silence")
    number = answer.json["id"]
    assert client.get("/api/v1/people/amina/measures", headers=own).status_code == 403
    assert [one["id"] for one in client.get("/api/v1/people/amina/measures", headers=first).json["items"]] == [number]
    appealed = client.post(f"/api/v1/moderation/measures/{number}/appeal", json={"text": "No spam."}, headers=own)
    assert (appealed.status_code, appealed.json["status"]) == (201, "open")
    undone = client.post(f"/api/v1/moderation/measures/{number}/undo", json={"reason": "A mistake."}, headers=first)
    assert (undone.status_code, undone.json["ended_how"]) == (200, "taken_back")
    assert db.session().scalars(select(LogEntry.detail).order_by(LogEntry.id)).first() == f"until:{until[:16]}Z"


def test_removing_reaches_what_was_written_without_a_name(people: People, author: Actor) -> None:
    other, moderator = people.participant(posts_count=9), people.moderator()
    found = discussing.discussion(other)
    with db.transaction():
        found.attribution = "type"
    post, flagged = (discussing.reply(author, found, body=f"WATCHES {number}") for number in range(2))
    assert post.author_id != author.person_id
    moderation.flag_post(other, flagged.id, "spam")
    wave = {"post": post.id, "flagged": flagged.id}
    made = people_decide(moderator, author, "remove")
    assert (states(wave), queries.waiting(moderator)) == (dict.fromkeys(wave, "hidden"), 0)
    assert queries.log(Actor.guest())[0][0].detail == "posts:2"
    assert (recounting.check().discussions, recounting.check().spaces) == ([], [])
    people_take_back(people.moderator(), made, "They were real watches.")
    assert (states(wave), queries.waiting(moderator)) == (dict.fromkeys(wave, "visible"), 1)
