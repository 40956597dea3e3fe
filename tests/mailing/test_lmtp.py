"""The doors mail servers knock at: LMTP and IMAP, for real."""

from __future__ import annotations

import asyncio
import contextlib
import smtplib
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import func, select

from alliance.core import db as database
from alliance.discussions.models import Post
from alliance.mailing import lmtp, mailbox
from tests.mailing.test_incoming import DOMAIN, Talk, message
from tests.people import People


def count() -> int:
    database.release()
    return database.session().scalar(select(func.count(Post.id))) or 0


@pytest.fixture
def talk(people: People) -> Talk:
    return Talk(people)


@pytest.fixture
def door(db: Any) -> Iterator[int]:
    """The port a listener is at."""
    loop, found, ready = asyncio.new_event_loop(), list[str](), threading.Event()

    def run() -> None:
        asyncio.set_event_loop(loop)
        task = loop.create_task(lmtp.serve("127.0.0.1", 0, lambda where: (found.append(where), ready.set())))
        found_task.append(task)
        with contextlib.suppress(asyncio.CancelledError):
            loop.run_until_complete(task)

    found_task: list[Any] = []
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(20)
    yield int(found[0].rpartition(":")[2])
    loop.call_soon_threadsafe(found_task[0].cancel)
    thread.join(20)


def test_one_answer_for_each_recipient(door: int, talk: Talk) -> None:
    raw = message("jane@example.org", talk.address).decode()
    with socket.create_connection(("127.0.0.1", door), timeout=30) as wire, wire.makefile("rwb") as server:

        def say(line: str) -> str:
            server.write(line.encode() + b"\r\n")
            server.flush()
            while (answer := server.readline().decode())[3:4] == "-":
                pass
            return answer[:3]

        server.readline()
        assert say("LHLO mx.example.org") == "250"
        assert say("MAIL FROM:<jane@example.org>") == "250"
        assert [say(f"RCPT TO:<{one}>") for one in (talk.address, f"nobody.at.all@{DOMAIN}", f"c5@{DOMAIN}")] == ["250", "550", "250"]
        assert say("DATA") == "354"
        assert say(f"{raw}\r\n.") == "250"
        assert server.readline().startswith(b"250")
        assert say("QUIT") == "221"
    assert count() == 3


def test_the_same_mail_again_and_a_connection_lost_in_the_middle(door: int, talk: Talk) -> None:
    with socket.create_connection(("127.0.0.1", door), timeout=30) as rude:
        rude.sendall(f"LHLO x\r\nMAIL FROM:<jane@example.org>\r\nRCPT TO:<{talk.address}>\r\nDATA\r\nFrom: jane@example.org\r\n".encode())
    for _ in range(2):
        with smtplib.LMTP("127.0.0.1", door, timeout=30) as client:
            client.sendmail("jane@example.org", [talk.address], message("jane@example.org", talk.address))
    assert count() == 2


def test_the_database_away_is_try_again(door: int, talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any, **__: Any) -> Any:
        raise OSError("away")

    with monkeypatch.context() as patch:
        patch.setattr(lmtp.incoming, "receive", away)
        with smtplib.LMTP("127.0.0.1", door, timeout=30) as client, pytest.raises(smtplib.SMTPDataError) as error:
            client.sendmail("jane@example.org", [talk.address], message("jane@example.org", talk.address))
    assert error.value.smtp_code == 451
    assert count() == 1


class Imap(threading.Thread):
    """A mailbox with messages in it, as far as a client that polls needs one."""

    def __init__(self, messages: list[bytes]) -> None:
        super().__init__(daemon=True)
        self.messages, self.seen = messages, set[int]()
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]

    def run(self) -> None:
        while True:
            try:
                client, _address = self.server.accept()
            except OSError:
                return
            with client, client.makefile("rwb") as wire:
                self.talk(wire)

    def talk(self, wire: Any) -> None:
        wire.write(b"* OK ready\r\n")
        wire.flush()
        while line := wire.readline():
            tag, _, rest = line.decode().strip().partition(" ")
            for part in self.answer(rest):
                wire.write(part)
            wire.write(f"{tag} OK done\r\n".encode())
            wire.flush()
            if rest.upper().startswith("LOGOUT"):
                return

    def answer(self, said: str) -> list[bytes]:
        words = said.split(" ")
        if said.upper().startswith("CAPABILITY"):
            return [b"* CAPABILITY IMAP4rev1\r\n"]
        if said.upper().startswith("SELECT"):
            return [f"* {len(self.messages)} EXISTS\r\n".encode()]
        if said.upper().startswith("UID SEARCH"):
            return [b"* SEARCH " + b" ".join(str(n).encode() for n in range(1, len(self.messages) + 1) if n not in self.seen) + b"\r\n"]
        if said.upper().startswith("UID FETCH"):
            raw = self.messages[int(words[2]) - 1]
            return [f"* {words[2]} FETCH (UID {words[2]} BODY[]<0> {{{len(raw)}}}\r\n".encode(), raw, b")\r\n"]
        if said.upper().startswith("UID STORE"):
            self.seen.add(int(words[2]))
        return []


def test_a_mailbox_is_looked_into(talk: Talk) -> None:
    server = Imap([message("jane@example.org", talk.address, number="1"), message("jane@example.org", f"c5@{DOMAIN}", number="2")])
    server.start()
    box = mailbox.Box.parse(f"imap://me:secret@127.0.0.1:{server.port}/INBOX")
    assert mailbox.fetch(box) == 2
    assert mailbox.fetch(box) == 0
    assert count() == 3
    with pytest.raises(mailbox.MailboxAway):
        mailbox.fetch(mailbox.Box.parse("imap://me:secret@127.0.0.1:1/INBOX"))
