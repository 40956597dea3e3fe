"""What comes back: it is understood, it stops mail after too many, and it never becomes a post."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_string
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from alliance.core import clock, transports
from alliance.core import db as database
from alliance.core.settings import Settings
from alliance.discussions.models import Post
from alliance.mailing import addressing, bounces, choices, drafting, incoming, incoming_text, queries, senders
from alliance.mailing.models import OutgoingMail, Suppressed
from tests.people import People

REPORT = """From: MAILER-DAEMON@mx.example.net
To: {to}
Subject: Undelivered Mail Returned to Sender
Message-ID: <{number}@mx.example.net>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I am sorry.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; {address}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 no such user

--b--
"""


def sent(person_id: int, key: str) -> OutgoingMail:
    now = clock.now()
    with database.transaction() as session:
        row = OutgoingMail(person_id=person_id, key=key, kind="reply", status="sent", created_at=now, sent_at=now)
        session.add(row)
        session.flush()
    return row


def come_back(mail_id: int, number: int, *, status: str = "5.1.1", action: str = "failed") -> str:
    to = addressing.bounce_address(mail_id)
    raw = REPORT.format(to=to, number=number, address="jane@example.org", status=status, action=action).encode()
    return incoming.receive(raw, envelope_from="", recipients=[to])[0].status


def test_two_for_good_stop_mail_and_the_owner_can_start_anew(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    jane = people.participant(email="jane@example.org")
    now = clock.now()
    for day in range(2):
        monkeypatch.setattr(clock, "now", lambda day=day: now + timedelta(days=day))
        row = sent(jane.person_id or 0, f"k{day}")
        assert come_back(row.id, day) == "ignored"
        assert queries.is_suppressed("jane@example.org") is (day == 1)
    database.release()
    assert database.session().scalars(select(OutgoingMail.status)).all() == ["bounced", "bounced"]
    assert drafting.draft_of(sent(jane.person_id or 0, "k9")) is None
    mine = queries.choice(jane.person_id or 0)
    assert mine is not None
    assert mine.stopped_at is not None
    choices.restart(jane)
    assert not queries.is_suppressed("jane@example.org")


def test_an_hour_of_trouble_is_one_and_for_a_while_counts_less(people: People) -> None:
    jane = people.participant(email="jane@example.org")
    for number in range(6):
        come_back(sent(jane.person_id or 0, f"k{number}").id, number, status="4.4.1", action="delayed")
    mine = queries.choice(jane.person_id or 0)
    assert mine is not None
    assert (mine.bounces, mine.stopped_at) == (1, None)


def test_an_address_in_letters_is_known_again_however_it_comes_back(people: People) -> None:
    report = REPORT.format(to="x@example.net", number=1, address="Jane@xn--fa-hia.example", status="5.1.1", action="failed")
    assert [one.address for one in bounces.failures(message_from_string(report))] == ["jane@faß.example"]
    bounces.suppress("jane@xn--fa-hia.example", "gone")
    assert database.session().scalar(select(Suppressed.address)) == "jane@faß.example"


def test_a_forged_bounce_stops_nobody(people: People) -> None:
    people.participant(email="jane@example.org")
    for number in range(5):
        for to in ("alliance@localhost", "b.1.aaaaaaaaaaaaaaaa@localhost", addressing.bounce_address(99)):
            raw = REPORT.format(to=to, number=f"{number}{to}", address="jane@example.org", status="5.1.1", action="failed").encode()
            incoming.receive(raw, envelope_from="", recipients=[to])
    assert database.session().scalars(select(Suppressed)).all() == []


def test_mail_carries_the_address_it_comes_back_to(settings: Settings) -> None:
    assert addressing.target_of(addressing.bounce_address(77).upper()).number == 77
    assert transports.sealing(settings)(b"x") == b"x"


def test_no_bounce_of_the_corpus_becomes_a_post(corpora: Path | None, people: People) -> None:
    """What neither is a report nor says so is from strangers: refused, not posted."""
    folder = corpora / "mail_fixtures" / "flufl_bounce" if corpora is not None else None
    samples: list[bytes] = [file.read_bytes() for file in sorted(folder.glob("*.txt"))] if folder is not None else []
    samples.append(REPORT.format(to="c5@localhost", number=1, address="jane@example.org", status="5.1.1", action="failed").encode())
    found = 0
    for raw in samples:
        outcome = incoming.receive(raw, recipients=["c5@localhost"])[0]
        assert outcome.status in {"ignored", "refused"}
        message: Any = incoming_text.parse(raw)
        found += bool(senders.is_bounce(message, None) and bounces.failures(message))
    assert database.session().scalars(select(Post)).all() == []
    assert found >= len(samples) * 0.75
