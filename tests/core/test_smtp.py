"""Servers that hang, drop, talk without end or lose what they took: bounded time, and nobody's mail given up for it."""

from __future__ import annotations

import ssl
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from alliance.core import mail, smtp, transports
from alliance.core.settings import Settings
from tests.badly import BadServer, Talk

DRAFT = mail.Draft(
    to="jane@example.org", to_name="Jane", subject="A title", text="Hello\n", html="<p>Hello</p>\n", message_id="a@example.org"
)


def door(server: BadServer, *, timeout: float = 0.5, verdict: float = 0.5, query: str = "") -> transports.SmtpTransport:
    return transports.SmtpTransport(transports.Server.parse(server.url + query), timeout=timeout, verdict=verdict)


def send(transport: transports.SmtpTransport, **changed: str) -> None:
    transport.send(mail.compose(replace(DRAFT, **changed), Settings()))


def steps(until: str, then: Callable[[Talk], None]) -> Callable[[Talk], None]:
    """A server that behaves until a step, and then does something else."""

    def script(talk: Talk) -> None:
        if until != "greeting":
            talk.greet()
            while (heard := talk.hear()[:4].upper()) != until.encode():
                talk.say("354 go on\r\n" if heard == b"DATA" else "250 ok\r\n")
                if heard == b"DATA":
                    talk.hear(b"\r\n.\r\n")
                    break
        then(talk)

    return script


BAD = {
    "hang": lambda talk: talk.hang(),
    "drop": lambda talk: None,
    "trickle": lambda talk: talk.trickle(b"2"),
    "lines without end": lambda talk: talk.trickle(b"250-and\r\n" * 500),
    "a line without end": lambda talk: talk.trickle(b"2" * 5000),
    "garbage": lambda talk: talk.say(b"\x00\xff\x16\x03\x01 nonsense\r\n\r\n\r\n"),
    "no number": lambda talk: talk.say("OK fine\r\n"),
    "half an answer": lambda talk: talk.say("250-be"),
}


@pytest.mark.parametrize("how", BAD)
@pytest.mark.parametrize("until", ["greeting", "MAIL", "RCPT", "DATA", "verdict"])
def test_at_each_step_a_bad_server_is_left_and_the_mail_kept(until: str, how: str) -> None:
    with BadServer(steps(until, BAD[how])) as server, pytest.raises(mail.TemporaryFailure):
        send(door(server))


def test_patience_is_with_a_whole_answer_and_not_with_each_byte() -> None:
    pieces: list[int] = []

    def slowly(talk: Talk) -> None:
        while not talk.server.over.wait(0.05):
            talk.say("2")
            pieces.append(1)

    with BadServer(slowly) as server, pytest.raises(mail.Unreached):
        send(door(server, timeout=0.6))
    assert len(pieces) <= 20  # never as many as a line may have


def test_the_verdict_on_a_whole_mail_is_waited_for_longer_than_any_other_answer() -> None:
    def slow(talk: Talk) -> None:
        talk.greet()
        talk.take(None)
        talk.server.over.wait(5.5)
        talk.say("250 kept\r\n")
        talk.hear()

    with BadServer(slow) as server:
        send(door(server, timeout=5, verdict=60))
        assert len(server.taken) == 1
    assert smtp.VERDICT >= 300


def test_a_server_that_ends_the_connection_after_each_mail_gets_each_once() -> None:
    def one_each(talk: Talk) -> None:
        talk.greet()
        talk.take()

    with BadServer(one_each) as server:
        transport = door(server, timeout=5)
        for number in range(3):
            send(transport, message_id=f"{number}@example.org")
        transport.close()
        assert [f"<{number}@example.org>".encode() in taken for number, taken in enumerate(server.taken)] == [True] * 3
        assert server.connections == 3


def test_a_server_that_says_goodbye_after_so_many_is_called_again_at_once() -> None:
    def two_each(talk: Talk) -> None:
        talk.greet()
        talk.take()
        talk.take()
        talk.take(mail="421 enough for one connection\r\n")

    with BadServer(two_each) as server:
        transport = door(server, timeout=5)
        for _ in range(5):
            send(transport)
        assert len(server.taken) == 5
        assert server.connections == 3


def test_what_was_taken_stays_taken_when_the_goodbye_is_bad() -> None:
    def sulk(talk: Talk) -> None:
        talk.greet()
        talk.take()
        talk.trickle(b"2")

    with BadServer(sulk) as server:
        transport = door(server, timeout=30, verdict=30)
        send(transport)
        transport.close()
        assert len(server.taken) == 1


@pytest.mark.parametrize(
    "answer", ["250 kept\r\n", "250-kept\r\n250 under 17\r\n", "251 kept elsewhere\r\n", "250\r\n", b"250 \xff\xfe\x00\r\n"]
)
def test_every_way_to_say_yes_is_yes(answer: str | bytes) -> None:
    def agree(talk: Talk) -> None:
        talk.greet()
        talk.take(answer)
        talk.hear()

    with BadServer(agree) as server:
        send(door(server, timeout=30, verdict=30))
        assert len(server.taken) == 1


def test_a_connection_lost_after_the_whole_mail_leaves_that_open_and_says_so() -> None:
    def lose(talk: Talk) -> None:
        talk.greet()
        talk.take(None)

    with BadServer(lose) as server:
        with pytest.raises(mail.Unreached, match="which it may have"):
            send(door(server, timeout=30, verdict=30))
        assert (len(server.taken), server.connections) == (1, 1)  # not once more at once: that is for later


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({"mail": "530 sign in first\r\n"}, mail.TemporaryFailure),
        ({"mail": "550 we do not know you\r\n"}, mail.TemporaryFailure),
        ({"mail": "552 too large\r\n"}, mail.PermanentFailure),
        ({"rcpt": "530 sign in first\r\n"}, mail.TemporaryFailure),
        ({"rcpt": "550 nobody here\r\n"}, mail.PermanentFailure),
        ({"rcpt": "452 full\r\n"}, mail.TemporaryFailure),
        ({"rcpt": "421 going down\r\n"}, mail.Unreached),
        ({"verdict": "554 spam\r\n"}, mail.PermanentFailure),
        ({"verdict": "421 going down\r\n"}, mail.Unreached),
    ],
)
def test_what_is_wrong_with_us_gives_up_no_mail(said: dict[str, str], kind: type[Exception]) -> None:
    def answer(talk: Talk) -> None:
        talk.greet()
        talk.take(**said)  # type: ignore[arg-type]
        while talk.hear():
            talk.say("250 ok\r\n")

    with BadServer(answer) as server, pytest.raises(kind) as raised:
        send(door(server, timeout=30, verdict=30))
    assert isinstance(raised.value, mail.PermanentFailure) == (kind is mail.PermanentFailure)


@pytest.mark.parametrize("query", ["?tls=starttls", ""])
def test_a_server_that_forgot_what_it_can_do_gives_up_no_mail(query: str) -> None:
    with BadServer(lambda talk: (talk.greet(), talk.hang())[1]) as server:
        url = server.url.replace("//", "//user:geheim@") + query
        transport = transports.SmtpTransport(transports.Server.parse(url), timeout=0.5)
        with pytest.raises(mail.Unreached, match="cannot be used") as raised:
            send(transport)
        assert "geheim" not in str(raised.value)


def test_encryption_that_never_comes_about_is_left(tmp_path: Path) -> None:
    for query in ("?tls=ssl", "?tls=starttls"):
        for then in (BAD["hang"], BAD["garbage"], BAD["drop"]):

            def script(talk: Talk, query: str = query, then: Callable[[Talk], None] = then) -> None:
                if "starttls" in query:
                    talk.greet("STARTTLS")
                    talk.hear()
                    talk.say("220 go ahead\r\n")
                then(talk)

            with BadServer(script) as server, pytest.raises(mail.Unreached):
                send(door(server, query=query))


def test_what_was_said_before_encryption_counts_for_nothing_after_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
         "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(certificate, key)

    def inject(talk: Talk) -> None:
        talk.greet("STARTTLS")
        talk.hear()
        talk.say("220 go ahead\r\n250 injected\r\n")
        talk.connection = server_side.wrap_socket(talk.connection, server_side=True)
        talk.hear()
        talk.say("250 8BITMIME\r\n")
        talk.take()
        talk.hear()

    with BadServer(inject) as server:
        send(door(server, timeout=10, query="?tls=starttls"))
        assert len(server.taken) == 1
