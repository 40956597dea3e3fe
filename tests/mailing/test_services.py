"""Mail out, from what happened to the server that takes it."""

from __future__ import annotations

import email
import email.policy
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import select

from alliance.accounts import services as accounts
from alliance.accounts.services import Profile
from alliance.core import clock, i18n, locks, outbox, smtp, transports
from alliance.core import db as database
from alliance.core import settings as settings_module
from alliance.core.settings import Settings
from alliance.discussions import services as discussions
from alliance.discussions.models import Post
from alliance.groups import queries as groups
from alliance.mailing import handlers, services
from alliance.mailing.models import OutgoingMail
from tests.badly import BadServer, Script
from tests.badly import Talk as BadTalk
from tests.people import People

Drain = Callable[[], int]


def mails(settings: Settings) -> list[Any]:
    folder = settings.data_dir / "mail"
    files = sorted(folder.iterdir()) if folder.is_dir() else []
    return [email.message_from_bytes(file.read_bytes(), policy=email.policy.default) for file in files]


def text(message: Any) -> str:
    return str(message.get_body(("plain",)).get_content()).replace("\r\n", "\n")


def html(message: Any) -> str:
    return str(message.get_body(("html",)).get_content())


def statuses() -> list[str]:
    database.release()
    return list(database.session().scalars(select(OutgoingMail.status).order_by(OutgoingMail.id)))


class Talk:
    """A discussion opened by one person and answered by another."""

    def __init__(self, people: People, **opener: Any) -> None:
        self.opener = people.participant(name="Amina Diallo", **opener)
        self.other = people.participant(name="Boris Petrov")
        space = groups.get_space(self.opener, "c5")
        discussion = discussions.open_discussion(self.opener, space, "Who pays for the last mile?", "I **ask**.", language="en")
        first = database.session().scalars(select(Post)).one()
        reply = discussions.publish_post(self.other, discussion, "Public funds, [see](https://example.org/).", parent=first, language="en")
        self.discussion, self.first, self.reply = discussion.id, first.id, reply.id


@pytest.fixture
def talk(people: People, drain: Drain) -> Talk:
    made = Talk(people)
    drain()
    return made


def test_a_confirmation_is_mailed_in_the_language_of_the_person(db: Any, settings: Settings, drain: Drain, client: Any) -> None:
    for language in i18n.LANGUAGES:
        accounts.register(f"{language}@example.org", "correct horse battery", Profile(name="Jane", interface_language=language))
    drain()
    assert services.send_due() == 6
    assert services.send_due() == 0
    for message in mails(settings):
        language = message["Content-Language"]
        assert message["To"].addresses[0].addr_spec == f"{language}@example.org"
        assert f'lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}"' in html(message)
        (link,) = re.findall(rf"^{settings.base_url}/confirm/\S+$", text(message), re.MULTILINE)
        assert link in html(message)
        assert client.get(link.removeprefix(settings.base_url)).status_code == 200
        assert "List-Unsubscribe" not in message
        assert len(message.as_bytes()) < 30_000


def test_reset_and_repeated_registration(people: People, settings: Settings, drain: Drain, client: Any) -> None:
    people.participant(email="jane@example.org")
    accounts.request_reset("jane@example.org")
    accounts.register("jane@example.org", "correct horse battery", Profile(name="Jane"))
    drain()
    assert services.send_due() == 2
    reset, repeated = sorted(mails(settings), key=lambda message: str(message["Subject"]))
    link = re.search(rf"{settings.base_url}(/reset-password/\S+)", text(reset))
    assert link
    assert client.get(link[1]).status_code == 200
    assert f"{settings.base_url}/sign-in" in text(repeated)


def test_a_reply_is_mailed_threaded_with_text_and_light_html(talk: Talk, settings: Settings) -> None:
    assert services.send_due() == 1
    (message,) = mails(settings)
    opener = talk.opener.person_id
    assert message["Subject"] == "Re: Who pays for the last mile?"
    assert message["Message-ID"] == f"<post-{talk.reply}.{opener}@localhost>"
    assert message["In-Reply-To"] == f"<post-{talk.first}.{opener}@localhost>"
    assert message["References"].split() == [f"<discussion-{talk.discussion}.{opener}@localhost>", message["In-Reply-To"]]
    assert message["List-Id"] == "<c5.localhost>"
    assert "Boris Petrov replied to you" in text(message)
    assert "> Public funds, [see](https://example.org/)." in text(message)
    assert f"{settings.base_url}/p/{talk.reply}" in text(message)
    assert "<img" not in html(message)
    assert "prefers-color-scheme: dark" in html(message)
    assert "@example.org" not in text(message)
    assert len(message.as_bytes()) < 30_000


def test_the_same_event_is_mailed_once(talk: Talk, settings: Settings) -> None:
    events = [one for one in outbox.read(0, 100) if type(one.event).__name__ == "PersonNotified"]
    assert len(events) == 1
    handlers.on_events(events)
    handlers.on_events(events)
    assert services.send_due() == 1
    assert statuses() == ["sent"]


@pytest.mark.parametrize("what", ["suspended", "unconfirmed", "withdrawn", "unsubscribed", "muted mail", "no address"])
def test_rights_are_checked_when_a_mail_is_sent(talk: Talk, settings: Settings, what: str) -> None:
    person_id = talk.opener.person_id
    assert person_id is not None
    with database.transaction():
        person = People.of(talk.opener)
        if what == "suspended":
            person.suspended_at = clock.now()
        elif what == "unconfirmed":
            person.confirmed_at = None
        elif what == "no address":
            person.email = None
    if what == "withdrawn":
        discussions.withdraw_post(talk.other, database.session().get_one(Post, talk.reply))
    elif what == "unsubscribed":
        services.unsubscribe(person_id, services.ALL)
    elif what == "muted mail":
        services.unsubscribe(person_id, f"discussion:{talk.discussion}")
    assert services.send_due() == 0
    assert statuses() == ["dropped"]
    assert mails(settings) == []


class Office:
    """A real SMTP server that answers as told."""

    def __init__(self) -> None:
        self.answer = "250 OK"
        self.taken: list[Any] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.answer.startswith("250"):
            self.taken.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return self.answer


@pytest.fixture
def office(settings: Settings) -> Iterator[Office]:
    made = Office()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(made, hostname="127.0.0.1", port=port)
    controller.start()
    settings_module.use(replace(settings, smtp_url=f"smtp://127.0.0.1:{port}"))
    yield made
    settings_module.use(settings)
    controller.stop()


def test_temporary_failures_are_tried_again_with_growing_patience(talk: Talk, office: Office) -> None:
    office.answer = "451 later"
    began = clock.now()
    assert services.send_due() == 0
    assert services.send_due() == 0  # not due yet
    row = database.session().scalars(select(OutgoingMail)).one()
    assert (row.status, row.attempts, row.error) == ("waiting", 1, "the mail server answered 451 later")
    with clock.freeze(began + timedelta(minutes=2)):
        services.send_due()
    database.release()
    row = database.session().scalars(select(OutgoingMail)).one()
    assert row.attempts == 2
    office.answer = "250 OK"
    with clock.freeze(began + timedelta(minutes=10)):
        assert services.send_due() == 1
    assert [message["Subject"] for message in office.taken] == ["Re: Who pays for the last mile?"]
    assert statuses() == ["sent"]


@pytest.fixture
def badly(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Script], BadServer]]:
    """Mail goes to a server that speaks as a test wants; nobody is patient."""
    wait_for_answers(monkeypatch, 0.3)
    with ExitStack() as servers:

        def use(script: Script) -> BadServer:
            server = servers.enter_context(BadServer(script))
            settings_module.use(replace(settings, smtp_url=server.url))
            return server

        yield use
    settings_module.use(settings)


def one_each(talking: BadTalk) -> None:
    """A server that ends the connection after each mail."""
    talking.greet()
    talking.take()


def wait_for_answers(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Have patience with every answer of a server for so long."""
    monkeypatch.setattr(transports, "TIMEOUT", seconds)
    monkeypatch.setattr(smtp, "VERDICT", seconds)


def in_all(drain: Drain, number: int) -> None:
    """So many mails wait."""
    for one in range(number):
        accounts.register(f"p{one}@example.org", "correct horse battery", Profile(name="Jane"))
    drain()


def ids(server: BadServer) -> list[str]:
    return [str(email.message_from_bytes(one)["Message-ID"]) for one in server.taken]


def rows() -> list[OutgoingMail]:
    database.release()
    return list(database.session().scalars(select(OutgoingMail).order_by(OutgoingMail.id)))


def test_a_server_that_takes_a_mail_and_hangs_up_gets_all_of_them_once(
    db: Any, drain: Drain, badly: Callable[[Script], BadServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    wait_for_answers(monkeypatch, 30)
    in_all(drain, 8)
    server = badly(one_each)
    assert services.send_due() == 8
    assert statuses() == ["sent"] * 8
    assert len(set(ids(server))) == len(server.taken) == server.connections == 8


BAD: dict[str, Script] = {
    "hangs": lambda talking: talking.hang(),
    "drops": lambda talking: None,
    "says garbage": lambda talking: talking.say(b"\x00\xff nonsense\r\n"),
    "says garbage for an answer": lambda talking: (talking.greet(), talking.take(mail="perhaps\r\n"))[1],
    "does not come to an end": lambda talking: talking.trickle(b"220-and\r\n" * 500),
    "wants a password": lambda talking: (talking.greet(), talking.take(mail="530 sign in\r\n"))[1],
}


@pytest.mark.parametrize("how", BAD)
def test_with_a_bad_server_every_mail_waits_with_the_reason_and_goes_out_once_later(
    how: str, db: Any, drain: Drain, badly: Callable[[Script], BadServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    in_all(drain, 5)
    server = badly(BAD[how])
    assert services.send_due() == 0
    assert server.connections <= 2 * 5
    assert statuses() == ["waiting"] * 5
    tried = [row for row in rows() if row.attempts]
    assert tried
    assert all("the mail server" in row.error and row.next_at for row in tried)
    wait_for_answers(monkeypatch, 30)
    better = badly(one_each)
    with clock.freeze(clock.now() + timedelta(minutes=3)):
        assert services.send_due() == 5
        assert services.send_due() == 0
    assert statuses() == ["sent"] * 5
    assert len(set(ids(better))) == len(better.taken) == 5


def test_a_mail_whose_verdict_was_lost_waits_with_that_said_and_goes_again_under_its_id(
    db: Any, drain: Drain, badly: Callable[[Script], BadServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    wait_for_answers(monkeypatch, 30)
    in_all(drain, 1)

    def lose(talking: BadTalk) -> None:
        talking.greet()
        talking.take(None if talking.number == 1 else "250 kept\r\n")

    server = badly(lose)
    assert services.send_due() == 0
    (row,) = rows()
    assert (row.status, row.attempts) == ("waiting", 1)
    assert "which it may have" in row.error
    with clock.freeze(clock.now() + timedelta(minutes=3)):
        assert services.send_due() == 1
    assert statuses() == ["sent"]
    first, second = ids(server)
    assert first == second


def test_addresses_that_are_told_to_wait_do_not_hold_up_the_others(
    db: Any, drain: Drain, badly: Callable[[Script], BadServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    wait_for_answers(monkeypatch, 30)
    in_all(drain, 8)

    def greylist(talking: BadTalk) -> None:
        talking.greet()
        for number in range(8):
            talking.take(rcpt="250 ok\r\n" if number == 7 else "450 greylisted\r\n")
        talking.hear()

    server = badly(greylist)
    assert services.send_due() == 1
    assert sorted(statuses()) == ["sent", *["waiting"] * 7]
    assert len(server.taken) == 1


def test_after_three_days_a_mail_is_given_up(talk: Talk, office: Office) -> None:
    office.answer = "451 later"
    with clock.freeze(clock.now() + timedelta(days=4)):
        services.send_due()
    assert statuses() == ["failed"]


def test_a_permanent_failure_is_recorded_and_not_repeated(talk: Talk, office: Office) -> None:
    office.answer = "554 no"
    services.send_due()
    assert statuses() == ["failed"]
    office.answer = "250 OK"
    with clock.freeze(clock.now() + timedelta(days=1)):
        assert services.send_due() == 0


def test_a_mail_that_cannot_be_written_holds_up_no_other(talk: Talk, settings: Settings) -> None:
    with database.transaction() as session:
        session.add(
            OutgoingMail(
                person_id=talk.other.person_id,
                key="event-0",
                kind="nonsense",
                status="waiting",
                next_at=clock.now() - timedelta(days=1),
                created_at=clock.now(),
            )
        )
        People.of(talk.other).confirmed_at = clock.now()
    assert services.send_due() == 1
    assert sorted(statuses()) == ["sent", "waiting"]


def test_killed_after_the_server_took_it_a_mail_goes_out_again_under_the_same_id(
    talk: Talk, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(*_: object) -> str:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(services, "_note_outcome", die)
        with pytest.raises(Killed):
            services.send_due()
    database.release()
    assert services.send_due() == 1
    assert services.send_due() == 0
    assert len(office.taken) == 2
    assert len({message["Message-ID"] for message in office.taken}) == 1


def test_only_one_process_sends(talk: Talk, settings: Settings) -> None:
    with locks.exclusive("mailing"):
        assert services.send_due() == 0
    assert services.send_due() == 1


def test_nobody_is_mailed_to_a_bad_address(talk: Talk) -> None:
    with database.transaction():
        People.of(talk.opener).email = "not an address"
    services.send_due()
    assert statuses() == ["failed"]
