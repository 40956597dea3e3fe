"""Mail that comes in: it becomes a post, waits, or is refused; nothing comes twice, nothing a program wrote is posted."""

from __future__ import annotations

import base64
import email
import email.policy
import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import func, select, update

from alliance.accounts.models import Person
from alliance.core import clock
from alliance.core import db as database
from alliance.core import settings as settings_module
from alliance.core.settings import Settings
from alliance.discussions import services as discussions
from alliance.discussions.models import Discussion, Post
from alliance.groups import queries as groups
from alliance.mailing import addressing, choices, incoming, incoming_text, queries, senders, services
from alliance.mailing.models import IncomingMail, MailChoice, OutgoingMail
from alliance.watching import queries as watching
from tests.people import People

DOMAIN = "localhost"


def message(
    sender: str, to: str, text: str = "I agree with this.", *, subject: str = "Re: The last mile", number: str = "1", headers: str = ""
) -> bytes:
    lines = [
        f"From: {sender}",
        f"To: {to}",
        f"Subject: {subject}",
        f"Message-ID: <m{number}@example.org>",
        "Content-Type: text/plain; charset=utf-8",
    ]
    return "\r\n".join([*lines, *(headers.splitlines()), "", text]).encode("utf-8", "surrogateescape")


def posts() -> list[Post]:
    database.release()
    return list(database.session().scalars(select(Post).order_by(Post.id)))


def records() -> list[IncomingMail]:
    database.release()
    return list(database.session().scalars(select(IncomingMail).order_by(IncomingMail.id)))


def answers(settings: Settings) -> list[Any]:
    services.send_due()
    folder = settings.data_dir / "mail"
    files = sorted(folder.glob("answer-*.eml")) if folder.is_dir() else []
    return [email.message_from_bytes(file.read_bytes(), policy=email.policy.default) for file in files]


def text_of(mail: Any) -> str:
    return str(mail.get_body(("plain",)).get_content()).replace("\r\n", "\n")


class Talk:
    """A discussion, somebody who answers in it by mail, and the address they have for that."""

    def __init__(self, people: People) -> None:
        self.opener = people.participant(name="Amina Diallo")
        self.jane = people.participant(name="Jane Doe", email="jane@example.org", interface_language="fr")
        space = groups.get_space(self.opener, "c5")
        self.discussion = discussions.open_discussion(self.opener, space, "Who pays for the last mile?", "I ask.", language="en").id
        self.first = posts()[0].id
        self.address = addressing.reply_address(self.jane.person_id or 0, self.discussion)


@pytest.fixture
def talk(people: People) -> Talk:
    return Talk(people)


@pytest.fixture
def border(settings: Settings) -> Iterator[Callable[..., None]]:
    before = settings_module.current()
    yield lambda **changes: settings_module.use(replace(before, **changes))
    settings_module.use(before)


def test_an_answer_by_mail_is_a_post(talk: Talk, settings: Settings) -> None:
    quoted = "I agree.\n\nOn Mon, Apr 2, 2012 at 6:26 PM, Amina <a@example.org> wrote:\n\n> I ask.\n"
    mail_id = f"post-{talk.first}.{talk.jane.person_id}@{DOMAIN}"
    made = incoming.receive(message("Jane <jane@example.org>", talk.address.upper(), quoted, headers=f"In-Reply-To: <{mail_id}>"))
    assert [one.status for one in made] == ["posted"]
    post = posts()[-1]
    assert (post.body, post.author_id, post.discussion_id, post.parent_id) == ("I agree.", talk.jane.person_id, talk.discussion, talk.first)
    assert "I ask." in records()[0].cut
    assert answers(settings) == []


def test_the_same_mail_twice_is_one_post(talk: Talk) -> None:
    raw = message("jane@example.org", talk.address)
    first, second = incoming.receive(raw)[0], incoming.receive(raw)[0]
    assert (second.id, second.post_id, second.repeated) == (first.id, first.post_id, True)
    assert len(posts()) == 2


def test_a_mail_to_a_space_opens_a_discussion(talk: Talk) -> None:
    made = incoming.receive(message("jane@example.org", f"C5@{DOMAIN}", "Fibre for all.", subject="Re: [c5] =?utf-8?q?R=C3=A9seaux?="))
    assert made[0].status == "posted"
    opened = database.session().scalars(select(Discussion).order_by(Discussion.id.desc())).first()
    assert opened is not None
    assert opened.title == "[c5] Réseaux"
    assert opened.author_id == talk.jane.person_id


def test_recipients_of_the_envelope_count_not_those_of_the_headers(talk: Talk) -> None:
    made = incoming.receive(message("jane@example.org", f"c1@{DOMAIN}"), recipients=[talk.address])
    assert made[0].post_id == posts()[-1].id
    assert posts()[-1].discussion_id == talk.discussion


def test_files_come_along_and_those_refused_are_told(talk: Talk, settings: Settings) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (40, 30), "blue").save(picture, "PNG")
    raw = (
        f"From: jane@example.org\nTo: {talk.address}\nSubject: x\nMessage-ID: <f@example.org>\nMIME-Version: 1.0\n"
        'Content-Type: multipart/mixed; boundary="b"\n\n--b\nContent-Type: text/plain\n\nSee the map.\n'
        '--b\nContent-Type: image/png; name="../map.png"\nContent-Transfer-Encoding: base64\n\n'
        + base64.encodebytes(picture.getvalue()).decode()
        + "\n"
        '--b\nContent-Type: application/x-msdownload; name="virus.exe"\nContent-Transfer-Encoding: base64\n\nTVqQAAMAAAAEAAAA\n--b--\n'
    ).encode()
    assert incoming.receive(raw)[0].status == "posted"
    assert "See the map.\n\n![" in posts()[-1].body
    assert "map.png" in posts()[-1].body
    told = answers(settings)
    assert len(told) == 1
    assert "virus.exe" in text_of(told[0])
    assert told[0]["Auto-Submitted"] == "auto-replied"


@pytest.mark.parametrize(
    ("change", "reason", "words"),
    [
        (lambda talk: database.session().execute(update(Discussion).values(locked_at=clock.now())), "may-not", "locked"),
        (lambda talk: database.session().execute(update(Discussion).values(status="hidden")), "not-found", "no such discussion"),
        (lambda talk: database.session().execute(update(Person).where(Person.id == talk.jane.person_id).values(suspended_at=clock.now())), "may-not", "good standing"),
    ],
)  # fmt: skip
def test_what_may_not_be_said_is_refused_with_the_reason_and_the_text(
    talk: Talk, settings: Settings, change: Callable[[Talk], Any], reason: str, words: str
) -> None:
    with database.transaction() as session:
        session.execute(update(Person).values(interface_language="en"))
        change(talk)
    made = incoming.receive(message("jane@example.org", talk.address))
    assert (made[0].status, made[0].reason) == ("refused", reason)
    assert len(posts()) == 1
    told = text_of(answers(settings)[0])
    assert words in told
    assert "I agree with this." in told
    assert "Who pays" not in told


def test_an_address_is_good_for_ninety_days_and_can_be_withdrawn(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=89))
    assert incoming.receive(message("jane@example.org", talk.address, number="1"))[0].status == "posted"
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=91))
    assert incoming.receive(message("jane@example.org", talk.address, number="2"))[0].reason == "over"
    fresh = addressing.reply_address(talk.jane.person_id or 0, talk.discussion)
    choices.revoke_addresses(talk.jane)
    assert incoming.receive(message("jane@example.org", fresh, number="3"))[0].reason == "revoked"
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=92))
    newer = addressing.reply_address(talk.jane.person_id or 0, talk.discussion)
    assert incoming.receive(message("jane@example.org", newer, number="4"))[0].status == "posted"


def test_a_forged_address_is_none(talk: Talk) -> None:
    local, _, host = talk.address.partition("@")
    parts = local.split(".")
    parts[2] = "zz"
    assert incoming.receive(message("jane@example.org", f"{'.'.join(parts)}@{host}"))[0].reason == "address"
    assert addressing.target_of(f"r.1.2.3.{'a' * 16}@{host}").kind == ""
    assert addressing.target_of("c5@elsewhere.example").kind == ""


def test_mail_from_another_address_is_held_and_the_account_told(talk: Talk, settings: Settings) -> None:
    made = incoming.receive(message("Mallory <mallory@example.net>", talk.address))
    assert (made[0].status, made[0].reason) == ("held", "other-address")
    assert len(posts()) == 1
    assert answers(settings)[0]["To"].addresses[0].addr_spec == "jane@example.org"


def test_mail_from_another_address_is_refused_when_so_set(talk: Talk, border: Callable[..., None]) -> None:
    border(mail_mismatch="refuse")
    assert incoming.receive(message("mallory@example.net", talk.address))[0].status == "refused"


@pytest.mark.parametrize(
    ("results", "status"),
    [
        ("mx.example.org; dmarc=pass header.from=example.org", "posted"),
        ("mx.example.org; dkim=pass header.d=example.org; spf=none", "posted"),
        ("mx.example.org; dmarc=fail header.from=example.org", "held"),
        ("mx.example.org; spf=fail smtp.mailfrom=jane@example.org; dkim=none", "held"),
        ("mx.example.org; dkim=pass header.d=evil.example; spf=none", "held"),
        ("evil.example; dmarc=pass header.from=example.org", "held"),
        ("evil.example; dmarc=pass\nAuthentication-Results: mx.example.org; dmarc=fail", "held"),
        ("", "held"),
    ],
)
def test_the_border_server_is_believed_and_no_other(
    talk: Talk, border: Callable[..., None], settings: Settings, results: str, status: str
) -> None:
    border(mail_border="mx.example.org")
    headers = f"Authentication-Results: {results}" if results else ""
    assert incoming.receive(message("jane@example.org", f"c5@{DOMAIN}", headers=headers))[0].status == status
    told = answers(settings)
    assert len(told) == (0 if status == "posted" or "=fail" in results else 1)


def test_a_domain_in_letters_of_its_script_is_the_one_a_signature_names_and_no_other() -> None:
    signed = "Authentication-Results: mx.example.org; dkim=pass header.d=xn--e1afmkfd.xn--p1ai"
    for domain, proof in (("пример.рф", "pass"), ("XN--E1AFMKFD.XN--P1AI", "pass"), ("примёр.рф", "none")):
        found = senders.sender_of(incoming_text.parse(message(f"x@{domain}", "c5", headers=signed)), "mx.example.org")
        assert found.proof == proof
    # A sigma in capitals is one that ends no word: the other domain is somebody else's.
    assert senders.sender_of(incoming_text.parse(message("x@ΟΔΟΣ-1.gr", "c5")), "").address == "x@οδοσ-1.gr"


@pytest.mark.parametrize(
    "headers",
    [
        "Auto-Submitted: auto-replied",
        "Precedence: bulk",
        "X-Autoreply: yes",
        "List-Id: <news.example.net>",
        "X-Alliance-Loop: localhost",
        "X-Spam-Flag: YES",
        "Return-Path: <>",
        "Content-Type: multipart/report; report-type=delivery-status; boundary=x",
        "X-Failed-Recipients: bob@example.org",
    ],
)
def test_what_a_program_wrote_is_never_posted_nor_answered(talk: Talk, settings: Settings, headers: str) -> None:
    raw = message("jane@example.org", talk.address, headers=headers)
    assert (
        incoming.receive(raw.replace(b"Content-Type: text/plain; charset=utf-8\r\n", b"") if "Content-Type" in headers else raw)[0].status
        == "ignored"
    )
    assert len(posts()) == 1
    assert answers(settings) == []


@pytest.mark.parametrize(
    "subject",
    [
        "Out of Office: Re: x",
        "Réponse automatique : x",
        "Automatische Antwort: x",
        "自动回复: x",
        "Автоматический ответ: x",
        "رد تلقائي: x",
    ],
)
def test_people_who_are_away_say_nothing(talk: Talk, subject: str) -> None:
    assert incoming.receive(message("jane@example.org", talk.address, subject=subject))[0].status == "ignored"


def test_strangers_are_told_how_and_not_too_often(talk: Talk, settings: Settings) -> None:
    for number in range(6):
        assert incoming.receive(message("bob@example.net", f"c5@{DOMAIN}", number=str(number)))[0].reason == "stranger"
    told = answers(settings)
    assert len(told) == 2
    assert "Register" in text_of(told[0])
    assert told[0]["In-Reply-To"] == "<m0@example.org>"


def test_a_mail_with_nothing_of_ones_own_is_refused(talk: Talk) -> None:
    assert incoming.receive(message("jane@example.org", talk.address, "> I ask.\n> You answer.\n"))[0].reason == "empty"
    assert incoming.receive(message("jane@example.org", talk.address, "\n \n", subject="", number="2"))[0].reason == "empty"


@pytest.mark.parametrize("word", ["help", "HELP", "aide"])
def test_help_is_answered_in_the_language_of_the_person(talk: Talk, settings: Settings, word: str) -> None:
    assert incoming.receive(message("jane@example.org", f"alliance@{DOMAIN}", "", subject=word))[0].status == "done"
    told = answers(settings)
    assert told[0]["Content-Language"] == "fr"
    assert "digest off" in text_of(told[0])


def test_commands_do_what_they_say(talk: Talk, settings: Settings) -> None:
    jane = talk.jane.person_id or 0
    assert incoming.receive(message("jane@example.org", f"c5@{DOMAIN}", "subscribe\n\n-- \nJane", number="1"))[0].status == "done"
    assert watching.space_level(talk.jane, groups.get_space(talk.jane, "c5").id) == "watch"
    assert ("watched", "mail") in watching.wanted(jane)
    assert incoming.receive(message("jane@example.org", f"c5@{DOMAIN}", "", subject="Unsubscribe", number="2"))[0].status == "done"
    assert watching.space_level(talk.jane, groups.get_space(talk.jane, "c5").id) is None
    assert incoming.receive(message("jane@example.org", talk.address, "unsubscribe", number="3"))[0].status == "done"
    assert watching.levels([jane], database.session().get_one(Discussion, talk.discussion))[jane] == "mute"
    assert incoming.receive(message("jane@example.org", f"alliance@{DOMAIN}", "digest off", number="4"))[0].status == "done"
    assert database.session().scalars(select(MailChoice.rhythm)).one() == "never"
    assert len(posts()) == 1
    assert len(answers(settings)) == 4


def test_commands_from_elsewhere_are_not_obeyed(talk: Talk) -> None:
    assert incoming.receive(message("mallory@example.net", talk.address, "unsubscribe"))[0].status == "refused"


def test_a_word_in_a_sentence_is_no_command(talk: Talk) -> None:
    assert (
        incoming.receive(message("jane@example.org", talk.address, "Help us to understand.\n\nPlease.", subject="help"))[0].status
        == "posted"
    )


@pytest.mark.parametrize(
    "raw",
    [
        b"From: jane@example.org\r\nX-Long: " + b"a" * 20_000_000 + b"\r\n\r\nhi",
        b"From: jane@example.org\r\n" + b"X-Many: a\r\n" * 200_000 + b"\r\nhi",
        b"From: jane@example.org\r\n"
        + b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n) for n in range(1000))
        + b"\r\nhi",
    ],
)
def test_what_cannot_be_taken_apart_is_refused_and_told(talk: Talk, settings: Settings, raw: bytes) -> None:
    made = incoming.receive(raw, envelope_from="jane@example.org", recipients=[talk.address])
    assert (made[0].status, made[0].reason) == ("refused", "unreadable")
    assert len(answers(settings)) == 1
    assert incoming.receive(raw, envelope_from="jane@example.org", recipients=[talk.address])[0].repeated


def test_ten_thousand_parts_are_bounded(talk: Talk) -> None:
    head = f'From: jane@example.org\nTo: {talk.address}\nMessage-ID: <p@example.org>\nContent-Type: multipart/mixed; boundary="b"\n\n'
    raw = (head + "".join(f"--b\nContent-Type: text/plain\n\nline {n}\n" for n in range(10_000)) + "--b--").encode()
    assert incoming.receive(raw)[0].status == "posted"
    assert len(posts()[-1].body) < 50_000


def test_names_and_subjects_add_no_headers(talk: Talk, settings: Settings) -> None:
    evil = "=?utf-8?q?x=0D=0ABcc:_victim@example.org?="
    incoming.receive(message(f"{evil} <bob@example.net>", f"c5@{DOMAIN}", subject=evil))
    told = answers(settings)[0]
    assert told["Bcc"] is None
    assert "Bcc: victim" in told["Subject"]


def test_two_senders_are_nobody(talk: Talk) -> None:
    made = incoming.receive(message("jane@example.org", f"c5@{DOMAIN}", headers="From: mallory@example.net"))
    assert made[0].status == "refused"


def test_no_address_of_an_answer_reaches_another_person(talk: Talk, people: People) -> None:
    other = people.participant(email="other@example.org")
    assert incoming.receive(message("other@example.org", talk.address))[0].status == "held"
    assert other.person_id != talk.jane.person_id
    assert len(posts()) == 1


def test_pages_show_what_became_of_mails(talk: Talk, client: Any, people: People) -> None:
    incoming.receive(message("jane@example.org", talk.address, "> only a quote", subject="My words"))
    assert database.session().scalar(select(func.count(OutgoingMail.id))) == 1
    assert [one.subject for one in queries.own_incoming(talk.jane)] == ["My words"]
    assert queries.own_incoming(people.participant()) == []


def test_the_pipe(talk: Talk, cli: Callable[..., Any]) -> None:
    made = cli("mail", "receive", "--recipient", f"c5@{DOMAIN}", stdin=message("jane@example.org", "list@example.org"))
    assert made.exit_code == 0
    assert "posted post " in made.output
    assert len(posts()) == 2
    assert cli("mail", "receive", stdin=b"").exit_code == 1


def test_the_pipe_says_try_again_when_the_database_is_away(cli: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setenv("ALLIANCE_DATABASE_URL", f"sqlite:///{tmp_path}/no/such/folder/alliance.db")
    assert cli("mail", "receive", stdin=message("jane@example.org", "c5@localhost")).exit_code == 75


def test_trim_prints_what_would_be_posted(cli: Callable[..., Any]) -> None:
    made = cli("mail", "trim", stdin=message("a@example.org", "b@example.org", "Yes.\n\n-- \nJane\n"))
    assert (made.exit_code, made.output) == (0, "Yes.\n")
