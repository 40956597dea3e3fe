"""The e-mail about everything: once a week and person, in their language and on their day, with what they may see."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from alliance.core import clock
from alliance.core import db as database
from alliance.core.settings import Settings
from alliance.discussions import services as discussions
from alliance.discussions.models import Discussion, Post
from alliance.groups import queries as groups
from alliance.mailing import choices, previews, queries, services, week, weekly
from alliance.mailing.models import OutgoingMail
from alliance.policy import Actor
from alliance.watching import services as watching
from tests.people import People

SENTENCE = "Public funds must pay for the fibre that reaches the last village."


def mails(settings: Settings) -> dict[str, Any]:
    """The mails of this week, by address."""
    folder = settings.data_dir / "mail"
    found = [email.message_from_bytes(file.read_bytes(), policy=email.policy.default) for file in sorted(folder.glob("weekly-*.eml"))]
    return {mail["To"].addresses[0].addr_spec: mail for mail in found}


def text(mail: Any) -> str:
    return str(mail.get_body(("plain",)).get_content()).replace("\r\n", "\n")


def html(mail: Any) -> str:
    return str(mail.get_body(("html",)).get_content())


def talk(by: Actor, title: str = "Who pays?", *answers: Actor) -> Discussion:
    space = groups.get_space(by, "c5")
    made = discussions.open_discussion(by, space, title, SENTENCE, language="en")
    for one in answers:
        discussions.publish_post(one, database.session().get_one(Discussion, made.id), f"Answer. {SENTENCE}", language="en")
    return made


def run(settings: Settings) -> dict[str, Any]:
    week.forget()
    weekly.note_all(clock.now(), everybody=True)
    services.send_due()
    return mails(settings)


def test_everybody_gets_it_once_in_their_language(people: People, settings: Settings) -> None:
    amina = people.participant(name="Amina", stakeholder_type="government")
    readers = {language: people.participant(interface_language=language) for language in ("en", "fr", "ar")}
    talk(amina, "Who pays for the last mile?", people.participant(stakeholder_type="private_sector"))
    made = run(settings)
    again = run(settings)
    assert set(made) == set(again)
    assert database.session().scalar(select(func.count(OutgoingMail.id)).where(OutgoingMail.kind == "weekly")) == 5
    for language, reader in readers.items():
        mail = made[People.of(reader).email or ""]
        assert mail["Content-Language"] == language
        assert "Who pays for the last mile?" in text(mail)
        assert SENTENCE in text(mail)
        assert f'dir="{"rtl" if language == "ar" else "ltr"}"' in html(mail)
        assert len(html(mail).encode()) < 30_000
        assert "<img" not in html(mail)
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert mail["Feedback-ID"].startswith("weekly:")


def test_nothing_is_sent_when_there_is_nothing_to_say(people: People, settings: Settings) -> None:
    people.participant()
    assert run(settings) == {}
    assert database.session().scalars(select(OutgoingMail.status)).all() == ["dropped"]


def test_what_was_hidden_meanwhile_is_not_in_it(people: People, settings: Settings) -> None:
    amina, reader = people.participant(), people.participant()
    talk(amina)
    weekly.note_all(clock.now(), everybody=True)
    week.forget()
    week.material(week.Period(clock.now() - timedelta(days=7), clock.now()))
    with database.transaction() as session:
        session.execute(update(Post).values(status="hidden"))
    services.send_due()
    assert People.of(reader).email not in mails(settings)


def test_what_is_said_among_members_reaches_no_other(people: People, settings: Settings) -> None:
    amina, reader = people.participant(), people.participant()
    talk(amina, "A private matter")
    with database.transaction() as session:
        space = groups.get_space(amina, "c5")
        space.visibility = "private"
        session.flush()
    assert "A private matter" not in "".join(text(mail) for mail in run(settings).values())
    assert People.of(reader).email not in mails(settings)


def test_what_is_watched_comes_first_and_what_is_muted_not_at_all(people: People, settings: Settings) -> None:
    amina, reader = people.participant(), people.participant()
    for title in ("Watched matter", "Muted matter", "Other matter"):
        made = talk(amina, title)
        level = {"Watched matter": "watch", "Muted matter": "mute"}.get(title)
        if level:
            watching.choose(reader, made.id, level)
    said = text(run(settings)[People.of(reader).email or ""])
    assert said.index("In what you watch") < said.index("Watched matter") < said.index("Elsewhere") < said.index("Other matter")
    assert "Muted matter" not in said


def test_answers_to_ones_own_posts_are_told(people: People, settings: Settings) -> None:
    amina, boris = people.participant(), people.participant(name="Boris Petrov")
    made = talk(amina)
    first = database.session().scalars(select(Post)).one()
    discussions.publish_post(boris, made, "No.", parent=first)
    assert "Boris Petrov replied to you" in text(run(settings)[People.of(amina).email or ""])


@pytest.mark.parametrize(
    ("moment", "rhythm", "weekday", "zone", "key"),
    [
        (datetime(2026, 11, 23, 7, tzinfo=UTC), "weekly", 0, "UTC", "weekly-2026-W48"),
        (datetime(2026, 11, 23, 5, tzinfo=UTC), "weekly", 0, "UTC", ""),
        (datetime(2026, 11, 22, 22, tzinfo=UTC), "weekly", 0, "Asia/Tokyo", "weekly-2026-W48"),
        (datetime(2026, 11, 24, 7, tzinfo=UTC), "weekly", 0, "UTC", ""),
        (datetime(2026, 11, 24, 7, tzinfo=UTC), "daily", 0, "UTC", "daily-2026-11-24"),
        (datetime(2026, 11, 23, 7, tzinfo=UTC), "never", 0, "UTC", ""),
        (datetime(2027, 1, 1, 7, tzinfo=UTC), "weekly", 4, "No/Such", "weekly-2026-W53"),
    ],
)
def test_each_has_their_day_where_they_are(moment: datetime, rhythm: str, weekday: int, zone: str, key: str) -> None:
    assert weekly.due_key(moment, rhythm, weekday, zone) == key


def test_who_wants_none_gets_none(people: People, settings: Settings) -> None:
    amina, reader = people.participant(), people.participant()
    talk(amina)
    choices.choose(reader, "never", 0, "UTC")
    assert People.of(reader).email not in run(settings)


def test_one_click_stops_it(people: People, settings: Settings, client: Any) -> None:
    amina, reader = people.participant(), people.participant()
    talk(amina)
    stop = run(settings)[People.of(reader).email or ""]["List-Unsubscribe"].strip("<>")
    path = stop[stop.index("/unsubscribe/") :]
    assert client.get(path).status_code == 200
    assert queries.choice(reader.person_id or 0) is None
    assert client.post(path, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    database.release()
    mine = queries.choice(reader.person_id or 0)
    assert mine is not None
    assert mine.rhythm == "never"


def test_the_secretariat_looks_at_it_and_sends_a_test(people: People, settings: Settings) -> None:
    office = people.secretariat(email="office@example.org")
    talk(people.participant())
    week.forget()
    made = previews.of(office, "ar")
    assert made is not None
    assert made.language == "ar"
    assert previews.send_test(office, "fr")
    assert len(list((settings.data_dir / "mail").glob("test-*.eml"))) == 1


def test_the_command(people: People, cli: Callable[..., Any]) -> None:
    people.participant()
    talk(people.participant())
    week.forget()
    dry = cli("mail", "weekly", "--dry-run")
    assert "1 would get the weekly e-mail, 1 have nothing to be told" in dry.output  # who opened it has read it
    week.forget()
    assert "sent 1" in cli("mail", "weekly").output
    assert "sent 0" in cli("mail", "weekly").output
