"""Mail to moderators about what waits: once, to whom may know, with links and an address that decide, for them alone."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import timedelta
from email.utils import parseaddr
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from alliance.accounts import passwords
from alliance.accounts.models import Person
from alliance.core import clock, reviews
from alliance.core import db as database
from alliance.core.settings import Settings
from alliance.discussions.models import Post
from alliance.groups.models import Membership, Space
from alliance.mailing import addressing, incoming, review_letters, review_replies, services
from alliance.mailing.models import OutgoingMail
from alliance.moderation import by_mail, items, queries
from alliance.moderation import services as moderation
from alliance.moderation.models import ReviewItem
from alliance.policy import Actor
from alliance.watching import services as watching
from tests import discussing
from tests.mailing.test_incoming import answers, border, message, records, text_of
from tests.people import PASSWORD, People

__all__ = ["border"]  # a fixture


@pytest.fixture
def moderator(people: People) -> Actor:
    return people.moderator(name="Mona Moderator", email="mona@example.org")


@pytest.fixture
def post_id(people: People, moderator: Actor) -> int:
    author = people.participant(posts_count=9)
    return discussing.reply(author, discussing.discussion(author, title="MARK title"), body="MARK text.").id


def flag(people: People, post_id: int, note: str = "Sells things.") -> int:
    moderation.flag_post(people.participant(), post_id, "spam", note)
    item = queries.open_item("flag", post_id)
    assert item is not None
    return item.id


def mails(person: Actor) -> list[str]:
    """Note and send what is due; the texts of the mails to somebody about the queue, oldest first."""
    review_letters.note_all(clock.now())
    services.send_due()
    return sent(person)


def sent(person: Actor) -> list[str]:
    database.release()
    query = select(OutgoingMail.key).where(OutgoingMail.person_id == person.person_id, OutgoingMail.status == "sent")
    return list(database.session().scalars(query.where(OutgoingMail.kind == "review").order_by(OutgoingMail.id)))


def letter(actor: Actor) -> Any:
    """The newest mail about the queue to somebody, written anew."""
    row = database.session().scalars(
        select(OutgoingMail).where(OutgoingMail.person_id == actor.person_id, OutgoingMail.kind == "review").order_by(OutgoingMail.id.desc())
    ).first()  # fmt: skip
    assert row is not None
    made = review_letters.draft(database.session().get_one(Person, actor.person_id), row.key)
    assert made is not None
    return made


def links(made: Any) -> dict[str, str]:
    return dict(re.findall(r"(?m)^(.+):\nhttps?://[^/\s]+(/moderation/\S+)$", made.text))


def age(moderator: Actor, hours: int) -> None:
    """Let time pass since somebody was told."""
    with database.transaction() as session:
        mine = update(OutgoingMail).where(OutgoingMail.person_id == moderator.person_id)
        session.execute(mine.values(created_at=clock.now() - timedelta(hours=hours)))


def test_one_mail_about_what_began_to_wait(people: People, moderator: Actor, post_id: int, settings: Settings) -> None:
    assert mails(moderator) == []
    first = flag(people, post_id)
    assert mails(moderator) == [f"review-0-{first}"]
    made = letter(moderator)
    assert made.subject == "Flagged posts: MARK title #2"
    assert ("> MARK text." in made.text, "Sells things." in made.text, "MARK text." in made.html) == (True, True, True)
    assert list(links(made)) == ["Leave it", "Hide it", "See it in the review queue"]
    assert addressing.target_of(made.reply_to).number == first
    assert len(mails(moderator)) == 1, "asked again, told once"


def test_a_wave_is_one_mail_and_the_next_comes_an_hour_later(people: People, moderator: Actor, post_id: int, settings: Settings) -> None:
    author, found = people.participant(posts_count=9), database.session().get_one(Post, post_id).discussion
    posts = [discussing.reply(author, found, body=f"Wave {number}.").id for number in range(12)]
    first = flag(people, post_id)
    assert len(mails(moderator)) == 1
    for one in posts:
        last = flag(people, one)
    assert len(mails(moderator)) == 1
    age(moderator, 2)
    assert mails(moderator) == [f"review-0-{first}", f"review-{first}-{last}"]
    made = letter(moderator)
    assert (made.subject, made.text.count("Wave "), "2 more wait" in made.text) == ("12 entries wait in the review queue", 10, True)
    assert addressing.target_of(made.reply_to).number == 0


def test_who_wants_none_or_may_not_know_gets_none(people: People, moderator: Actor, post_id: int, settings: Settings) -> None:
    unwilling, member = people.moderator(), people.participant()
    watching.set_news(unwilling.person_id or 0, {("review", "mail"): False})
    item_id = flag(people, post_id)
    mails(moderator)
    assert (sent(unwilling), sent(member)) == ([], [])
    with database.transaction() as session:
        session.execute(update(Person).where(Person.id == moderator.person_id).values(role="participant"))
    person = database.session().get_one(Person, moderator.person_id)
    assert review_letters.draft(person, f"review-0-{item_id}") is None, "asked again when it is sent"
    services.unsubscribe(people.secretariat().person_id or 0, "review")


def test_what_waits_in_a_private_group_is_told_to_its_moderators_alone(
    app: Flask, people: People, moderator: Actor, post_id: int, settings: Settings
) -> None:
    chair, author = people.participant(), people.participant(posts_count=9)
    with database.transaction() as session:
        post = session.get_one(Post, post_id)
        group = Space(code="wg-secret", kind="working_group", titles={"en": "SECRET"}, descriptions={"en": ""}, sources={}, facilitators=[])
        group.visibility = "private"
        session.add(group)
        session.flush()
        session.add_all(
            Membership(space_id=group.id, person_id=one.person_id, role=role, joined_at=clock.now())
            for one, role in ((chair, "chair"), (author, "member"))
        )
        session.execute(update(Post).where(Post.id == post.id).values(space_id=group.id))
        post.discussion.space_id = group.id
        item = items.ask("flag", post.id, post=post)
        item.space_id = group.id
    mails(chair)
    assert (len(sent(chair)), sent(moderator), sent(author)) == (1, [], [])
    link = links(letter(chair))["Hide it"]
    with database.transaction() as session:
        session.execute(update(Membership).where(Membership.person_id == chair.person_id).values(role="member"))
    client = app.test_client()
    gone = client.get(link)
    assert (gone.status_code, "MARK" in gone.text, client.post(link, data={"code": "spam"}).status_code) == (404, False, 404)


def test_a_link_shows_the_item_and_decides_with_one_button(
    app: Flask, people: People, moderator: Actor, post_id: int, settings: Settings
) -> None:
    item_id = flag(people, post_id)
    mails(moderator)
    found, client = links(letter(moderator)), app.test_client()
    page = client.get(found["Hide it"])
    assert ("MARK text." in page.text, page.headers["Cache-Control"], page.text.count("button-danger")) == (True, "no-store", 1)
    assert status(post_id) == "visible", "looking changes nothing"
    assert client.post(found["Hide it"]).status_code == 422, "a reason is needed"
    assert client.post(found["Hide it"], data={"reason": "A shop."}).status_code == 303
    assert status(post_id) == "hidden"
    after = client.get(found["Leave it"])
    assert (
        "Decided already: Hide it (a moderator" in after.text,
        "A shop." in after.text,
        "<button" in after.text.split("<main")[1].split("</main")[0],
    ) == (True, True, False)
    late = client.post(found["Leave it"], follow_redirects=True)
    assert (late.status_code, "already decided" in late.text, status(post_id)) == (200, True, "hidden")
    entry = database.session().get_one(ReviewItem, item_id)
    assert (entry.decision, entry.decided_by_id) == ("hide", moderator.person_id)


def status(post_id: int) -> str:
    database.release()
    return database.session().get_one(Post, post_id).status


def test_a_link_is_for_one_person_and_two_weeks(
    app: Flask, people: People, moderator: Actor, post_id: int, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    flag(people, post_id)
    mails(moderator)
    link, client = links(letter(moderator))["Leave it"], app.test_client()
    assert client.get(link + "x").status_code == client.get("/moderation/by-mail/x").status_code == 404
    colleague = app.test_client()
    hashed = passwords.make(PASSWORD)
    colleague.post("/sign-in", data={"email": people.person(role="moderator", password_hash=hashed).email, "password": PASSWORD})
    assert (colleague.get(link).status_code, colleague.post(link).status_code) == (404, 404)
    monkeypatch.setattr("alliance.moderation.by_mail.GOOD_FOR", timedelta(seconds=-1))
    over = client.get(link)
    assert (over.status_code, "MARK" in over.text, client.post(link).status_code) == (410, False, 410)
    monkeypatch.undo()
    with database.transaction() as session:
        session.execute(update(Person).where(Person.id == moderator.person_id).values(epoch=Person.epoch + 1))
    assert (client.get(link).status_code, client.post(link).status_code) == (404, 404), "a new password ends it"
    with database.transaction() as session:
        session.execute(update(Person).where(Person.id == moderator.person_id).values(epoch=Person.epoch - 1, suspended_at=clock.now()))
    assert client.post(link).status_code in {403, 404}
    with database.transaction() as session:
        session.execute(update(Person).where(Person.id == moderator.person_id).values(suspended_at=None, role="participant"))
    assert (client.get(link).status_code, client.post(link).status_code) == (404, 404)


def reply(address: str, text: str, number: str, sender: str = "mona@example.org") -> str:
    """Answer by mail; what was answered."""
    [outcome] = incoming.receive(message(sender, address, text, number=number), recipients=[address])
    return f"{outcome.status}: {outcome.sentence}"


def test_an_answer_decides(people: People, moderator: Actor, post_id: int, settings: Settings) -> None:
    item_id = flag(people, post_id)
    mails(moderator)
    address = parseaddr(letter(moderator).reply_to)[1]
    assert "Write one of these" in reply(address, "What is this about?", "1")
    assert "a reason is needed" in reply(address, "hide", "2")
    assert status(post_id) == "visible"
    assert "Decided: Hide it." in reply(address, "Hide: it sells things\r\n\r\n> MARK text.", "3")
    assert status(post_id) == "hidden"
    entry = database.session().get_one(ReviewItem, item_id)
    assert (entry.decision, entry.reason, entry.decided_by_id) == ("hide", "it sells things", moderator.person_id)
    assert "Decided already: Hide it (a moderator" in reply(address, "approve", "4")
    assert [row.status for row in records()] == ["done"] * 4
    assert "Decided already" in text_of(answers(settings)[-1])
    assert answers(settings)[-1]["Subject"] == "Re: The last mile"  # as theirs began


def test_an_answer_to_a_mail_about_several_names_one(people: People, moderator: Actor, post_id: int, settings: Settings) -> None:
    item_id = flag(people, post_id)
    address = addressing.review_address(moderator.person_id or 0, 0)
    assert "several entries" in reply(address, "approve", "1")
    assert "no such entry" in reply(address, f"approve {item_id + 1}", "2")
    assert "Decided: Leave it." in reply(address, f"Approve #{item_id}", "3")


@pytest.mark.parametrize("sender", ["stranger@example.net"])
def test_an_answer_from_elsewhere_or_by_somebody_who_may_no_more_decides_nothing(
    people: People, moderator: Actor, post_id: int, settings: Settings, sender: str
) -> None:
    item_id = flag(people, post_id)
    address = addressing.review_address(moderator.person_id or 0, item_id)
    assert reply(address, "hide: spam", "1", sender).startswith("refused")
    forged = address.replace("q.", "q.1", 1)
    assert reply(forged, "hide: spam", "2").startswith("refused")
    with database.transaction() as session:
        session.execute(update(Person).where(Person.id == moderator.person_id).values(role="participant"))
    assert "no such entry" in reply(address, "hide: spam", "3")
    assert status(post_id) == "visible"


def test_what_could_only_be_refused_by_mail_is_decided_on_its_page() -> None:
    assert [one for one in reviews.kinds().values() if by_mail.adverse(one) and not by_mail.favourable(one)] == []
    assert by_mail.adverse(reviews.kind("appeal")) == ""


def test_where_a_border_server_tells_who_wrote_it_has_to_have_said_so(
    people: People, moderator: Actor, post_id: int, settings: Settings, border: Callable[..., None]
) -> None:
    item_id = flag(people, post_id)
    address = addressing.review_address(moderator.person_id or 0, item_id)
    border(mail_border="mx.example.org")
    assert reply(address, "hide: spam", "1").startswith("refused")
    assert status(post_id) == "visible"


@pytest.mark.parametrize("line", ["approve" + " " * 990 + "!", "approve" + " #" * 400, '"' * 500 + "x" * 490 + "!", "a " * 500 + "!"])
def test_no_line_takes_long_to_read(people: People, moderator: Actor, post_id: int, settings: Settings, line: str) -> None:
    began = time.process_time()
    assert "Write one of these" in review_replies.obey(moderator, line, addressing.review_address(moderator.person_id or 0, 1))
    assert time.process_time() - began < 1  # it was ten seconds


def test_the_words_are_those_of_the_six_languages() -> None:
    assert {"approve"} <= review_replies.words("approve")
    assert {"hide"} <= review_replies.words("hide")
    assert not review_replies.words("approve") & review_replies.words("hide")
