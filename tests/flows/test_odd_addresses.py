"""Addresses with every oddity of RFC 5321 and 6532, at each door people give addresses at: a clear answer, and never a header more."""

from __future__ import annotations

import email
import email.policy
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from alliance.accounts.models import Person
from alliance.core import addresses
from alliance.core import db as database
from alliance.core.errors import Invalid
from alliance.core.settings import Settings
from alliance.groups import inviting
from alliance.groups.models import Group
from alliance.mailing import incoming, services
from alliance.mailing.models import IncomingMail, OutgoingMail
from alliance.policy import Actor
from tests.grouping import founded
from tests.people import PASSWORD, People

SAMPLES = [
    "jane@example.com", "JANE.doe+x@Example.COM", "o'brien@example.com", "a!#$%&'*+-/=?^_`{|}~@example.com", '"quoted local"@example.com', '"a\\"b"@example.com',
    "a@[127.0.0.1]", "a@[IPv6:::1]", "(comment)jane@example.com", "jane@example.com(comment)", "Jane <jane@example.com>", "a..b@example.com", ".a@example.com", "a.@example.com",
    "a@example..com", "a@-example.com", "a@example", "@example.com", "a@", "a@b@example.com", "a" * 64 + "@example.com", "a" * 65 + "@example.com", "a@" + "b" * 64 + ".com",
    "a@" + "b." * 150 + "com", "a\r\nBcc: evil@example.com@example.com", "a@example.com\r\nBcc: evil@example.com", "a%0d%0aBcc:evil@example.com", "a\x00b@example.com",
    "a@example.com,evil@example.com", "a@example.com evil@example.com", "=?utf-8?q?a=0d=0aBcc:_evil?=@example.com", "用户@例え.jp", "коля@пример.рф", "x@faß.de", "x@xn--fa-hia.de",
    "δοκιμή@παράδειγμα.ελ", "مستخدم@مثال.مصر", "İ@example.com", "x＠example.com", "x@ex\u200bample.com", "\u202ex@example.com", "a\u0308@example.com", "x@пример。рф", "a@xn--0.com", "💌@example.com",
    "a\u2028b@example.com", "<script>@example.com", "a@example.com;DROP", "postmaster@example.com", "|/bin/sh@example.com", "-oQ/tmp@example.com", " jane2@example.com ", "\tjane3@example.com\n",
]  # fmt: skip


def odd(corpora: Path | None) -> list[str]:
    """The samples, and the addresses of isemail, in which control characters are written as pictures of them."""
    found = [*SAMPLES]
    if corpora is not None:
        for one in ET.parse(corpora / "strings/isemail/tests.xml").getroot().iter("address"):
            found.append("".join(chr(ord(c) - 0x2400) if 0x2400 <= ord(c) <= 0x2420 else c for c in one.text or ""))
        assert len(found) > 200
    return list(dict.fromkeys(found))


def sent(settings: Settings) -> Iterator[Any]:
    """Every mail that left."""
    services.send_due()
    folder = settings.data_dir / "mail"
    for file in sorted(folder.iterdir()) if folder.is_dir() else []:
        yield email.message_from_bytes(file.read_bytes(), policy=email.policy.default)


def check_headers(settings: Settings, expected: set[str]) -> None:
    """Each mail went to one address that was given, and has no header nobody meant."""
    seen = set()
    for mail in sent(settings):
        assert "Bcc" not in mail
        assert "evil@example.com" not in str(mail["To"])
        assert len(mail["To"].addresses) == 1
        assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
        seen.add(mail["To"].addresses[0].addr_spec)
    assert len(seen) >= len(expected)


def test_at_registration(client: FlaskClient, settings: Settings, corpora: Path | None, drain: Callable[[], int]) -> None:
    form = {"name": "Amina", "password": PASSWORD, "interface_language": "en"}
    times = Counter[str]()
    for number, address in enumerate(odd(corpora)):
        here = {"REMOTE_ADDR": f"10.0.0.{number}"}  # each from elsewhere, or the limits would answer
        answer = client.post("/register", data={**form, "email": address}, environ_overrides=here)
        times[addresses.kept(address)] += 1
        if times[addresses.kept(address)] > 5 and answer.status_code == 429:
            continue  # the same address, written otherwise once too often
        assert answer.status_code in {303, 422}, address
        if answer.status_code == 422:
            assert 'class="error-summary"' in answer.text, address
        for path in ("/sign-in", "/forgotten-password"):
            answer = client.post(path, data={"email": address, "password": PASSWORD}, environ_overrides=here)
            assert answer.status_code in {303, 422}, address
    database.release()
    kept = set(database.session().scalars(select(Person.email)))
    assert {"jane@example.com", "用户@例え.jp", "x@faß.de", "jane2@example.com", "ä@example.com"} <= kept
    assert all(re.fullmatch(r"[^\s<>,;:\x00-\x1f]+@[^\s<>,;:\x00-\x1f]+", str(one)) for one in kept)
    drain()
    check_headers(settings, {str(one) for one in kept})
    assert set(database.session().scalars(select(OutgoingMail.status))) == {"sent"}  # what was taken can be sent to


def invited(actor: Actor, group: Group, address: str) -> tuple[set[str], dict[str, list[str]]]:
    """To whom an invitation went, or why to nobody."""
    try:
        return {str(inviting.invite(actor, group, address).email)}, {}
    except Invalid as error:
        return set(), error.errors


def test_at_an_invitation(people: People, settings: Settings, corpora: Path | None, drain: Callable[[], int]) -> None:
    chair = people.secretariat()
    group = founded(people)
    taken = set()
    for address in odd(corpora):
        made, errors = invited(chair, group, address)
        assert made or "whom" in errors, address
        taken |= made
    assert {"jane@example.com", "коля@пример.рф"} <= taken
    drain()
    check_headers(settings, taken)


def test_of_senders_of_mail(people: People, settings: Settings, corpora: Path | None) -> None:
    samples = odd(corpora)
    for number, address in enumerate(samples):
        raw = (
            f"From: {address}\r\nTo: c5@localhost\r\nSubject: A question\r\nMessage-ID: <odd{number}@example.org>\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n\r\nWho pays for the last mile?\r\n"
        ).encode("utf-8", "surrogateescape")
        for envelope in (address, None):
            (outcome,) = incoming.receive(raw, envelope_from=envelope, recipients=["c5@localhost"])
            assert outcome.status in {"refused", "ignored"}, address
    database.release()
    assert len(list(database.session().scalars(select(IncomingMail.id)))) == len(samples)
    check_headers(settings, set())


@pytest.mark.parametrize(
    ("registered", "written"),
    [
        ("jane@exämple.org", "jane@xn--exmple-cua.org"),
        ("jane@faß.de", "jane@xn--fa-hia.de"),
        ("jane@example.org", "Jane@EXAMPLE.org"),
        ("ä@example.org", "a\u0308@example.org"),
    ],
)
def test_the_same_address_written_otherwise_is_the_same_person(people: People, registered: str, written: str) -> None:
    people.participant(email=registered)
    raw = f"From: Jane <{written}>\r\nTo: c5@localhost\r\nSubject: A question\r\nMessage-ID: <1@example.org>\r\n\r\nWho pays?\r\n".encode()
    (outcome,) = incoming.receive(raw, recipients=["c5@localhost"])
    assert outcome.status == "posted"
