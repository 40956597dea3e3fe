"""Mail as it is put together and as it leaves, to files and to real SMTP servers."""

from __future__ import annotations

import email
import email.policy
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from email.header import decode_header, make_header
from email.utils import parseaddr
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from alliance.core import mail, transports
from alliance.core.errors import SettingsError
from alliance.core.settings import Settings

DRAFT = mail.Draft(
    to="jane@example.org", to_name="Jane Doe", subject="A title", text="Hello\n", html="<p>Hello</p>\n", message_id="post-1.2@example.org"
)


def parsed(draft: mail.Draft, **settings: Any) -> Any:
    raw = mail.compose(draft, Settings(**settings)).as_bytes()
    assert max(map(len, raw.splitlines())) < 998
    return email.message_from_bytes(raw, policy=email.policy.default)


@pytest.mark.parametrize(
    "evil",
    [
        "x\r\nBcc: evil@example.org",
        "x\nBcc: evil@example.org",
        "x\rBcc: e@example.org\r\n\r\nbody",
        "x\u2028Bcc: e@example.org",
        "x\x0bBcc: y",
        '"><evil@example.org>, <x',
        "=?utf-8?q?x=0d=0aBcc:_evil@example.org?=",
    ],
)
def test_no_name_and_no_title_adds_a_header(evil: str) -> None:
    read = parsed(replace(DRAFT, to_name=evil, subject=evil, language=evil))
    assert "Bcc" not in read
    assert [address.addr_spec for address in read["To"].addresses] == ["jane@example.org"]
    assert sorted(set(read.keys())) == sorted(set(parsed(DRAFT).keys()))
    assert [part.get_content_type() for part in read.iter_parts()] == ["text/plain", "text/html"]


@pytest.mark.parametrize(
    "title",
    [
        "Réseaux d’accès à l’école " * 6,
        "النفاذ إلى الإنترنت في المدارس " * 5,
        "学校宽带" * 40,
        "Связь " * 30,
        "x" * 5000,
        '=?utf-8?q?x?= <y@z.org>, "q"\\',
    ],
)
def test_titles_of_every_script_arrive_whole_or_shortened(title: str) -> None:
    raw = mail.compose(replace(DRAFT, subject=title, to_name=title), Settings()).as_bytes()
    # Read the old way: the new one puts blanks into long names.
    read = email.message_from_bytes(raw)
    assert str(make_header(decode_header(read["Subject"]))) == mail.one_line(title)
    name, spec = parseaddr(read["To"])
    assert str(make_header(decode_header(name))) == mail.one_line(title, 100)
    assert spec == "jane@example.org"


def test_a_list_mail_is_threaded_and_has_one_click_unsubscription() -> None:
    link = "https://example.org/unsubscribe/" + "t" * 200
    read = parsed(
        replace(
            DRAFT,
            in_reply_to="a@example.org",
            references=["r@example.org", "a@example.org"],
            list_id="c5.example.org",
            unsubscribe_url=link,
        )
    )
    assert read["Message-ID"] == "<post-1.2@example.org>"
    assert read["In-Reply-To"] == "<a@example.org>"
    assert read["References"].split() == ["<r@example.org>", "<a@example.org>"]
    assert read["List-Id"] == "<c5.example.org>"
    assert read["List-Unsubscribe"] == f"<{link}>"
    assert read["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert read["Auto-Submitted"] == "auto-generated"


def test_pages_of_every_script_can_be_named_in_headers() -> None:
    read = parsed(replace(DRAFT, archive_url="https://example.org/d/1/من-يدفع>\r\nBcc: x", list_id="école.example.org"))
    assert read["List-Archive"].startswith("<https://example.org/d/1/%D9%85%D9%86-")
    assert read["List-Id"] == "<-cole.example.org>"
    assert "Bcc" not in read


def test_a_mail_about_an_account_has_no_list() -> None:
    assert not any(name.startswith("List-") for name in parsed(DRAFT).keys())  # noqa: SIM118  (a message's `in` is by value)


@pytest.mark.parametrize(
    "bad",
    ["", "jane", "jane@", "@example.org", "a b@example.org", "a@b@example.org>\r\nBcc: x", "a@b,c@d", "a\n@example.org", "a@" + "x" * 300],
)
def test_what_is_no_address_is_refused_for_good(bad: str) -> None:
    with pytest.raises(mail.PermanentFailure):
        mail.compose(replace(DRAFT, to=bad), Settings())


def test_addresses_of_international_domains_are_written_in_ascii() -> None:
    assert parsed(replace(DRAFT, to="jane@exämple.org"))["To"].addresses[0].domain == "xn--exmple-cua.org"


def test_text_that_is_no_text_still_arrives() -> None:
    read = parsed(replace(DRAFT, text="a\ud800b\x00c\nFrom x\n.\n", html="<p>\udfff</p>"))
    assert read.get_body(("plain",)).get_content().split() == ["abc", "From", "x", "."]


def test_a_message_id_is_stable_and_safe() -> None:
    assert mail.message_id("post-1.2", "example.org") == mail.message_id("post-1.2", "example.org") == "post-1.2@example.org"
    assert mail.message_id("a b<c>", "x y") == "a-b-c-@x-y"


def test_files_are_written_whole_and_once(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    with transports.connect(settings) as door:
        door.send(mail.compose(DRAFT, settings))
        door.send(mail.compose(DRAFT, settings))
    (file,) = (tmp_path / "mail").iterdir()
    assert file.name == "post-1.2_example.org.eml"
    assert email.message_from_bytes(file.read_bytes())["Subject"] == "A title"


def test_a_folder_that_cannot_be_written_is_a_temporary_failure(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("in the way")
    with pytest.raises(mail.TemporaryFailure), transports.connect(Settings(data_dir=tmp_path)) as door:
        door.send(mail.compose(DRAFT, Settings()))


class Post:
    """What an SMTP server does with mail: takes it, or answers as told."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, list[str], bytes]] = []
        self.rcpt = self.data = ""

    async def handle_RCPT(self, server: SMTP, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if not self.rcpt:
            envelope.rcpt_tos.append(address)
        return self.rcpt or "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:
        if not self.data:
            self.taken.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
        return self.data or "250 OK"


@pytest.fixture
def post_office() -> Iterator[tuple[Post, Settings]]:
    handler = Post()
    controller = Controller(handler, hostname="127.0.0.1", port=0)
    # port 0: the controller would probe the number it was given, not the one it got.
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        controller.port = free.getsockname()[1]
    controller.start()
    yield handler, Settings(smtp_url=f"smtp://127.0.0.1:{controller.port}")
    controller.stop()


def send(settings: Settings, *drafts: mail.Draft) -> None:
    with transports.connect(settings) as door:
        for draft in drafts:
            door.send(mail.compose(draft, settings))


def test_a_server_takes_mails_over_one_connection(post_office: tuple[Post, Settings]) -> None:
    handler, settings = post_office
    send(settings, DRAFT, replace(DRAFT, text=".\n..\nlines of dots\n", subject="学校"))
    assert [(sender, to) for sender, to, _ in handler.taken] == [("alliance@localhost", ["jane@example.org"])] * 2
    second = email.message_from_bytes(handler.taken[1][2], policy=email.policy.default)
    assert second["Subject"] == "学校"
    assert second.get_body(("plain",)).get_content().replace("\r\n", "\n") == ".\n..\nlines of dots\n"


@pytest.mark.parametrize(
    ("where", "answer", "kind"),
    [
        ("rcpt", "550 no such user", mail.PermanentFailure),
        ("rcpt", "450 mailbox busy", mail.TemporaryFailure),
        ("data", "554 refused", mail.PermanentFailure),
        ("data", "451 try later", mail.TemporaryFailure),
    ],
)
def test_4xx_is_tried_again_and_5xx_is_not(post_office: tuple[Post, Settings], where: str, answer: str, kind: type[Exception]) -> None:
    handler, settings = post_office
    setattr(handler, where, answer)
    with pytest.raises(kind, match=answer):
        send(settings, DRAFT)
    assert handler.taken == []


def test_after_a_refusal_the_next_mail_still_goes(post_office: tuple[Post, Settings]) -> None:
    handler, settings = post_office
    with transports.connect(settings) as door:
        handler.data = "554 refused"
        with pytest.raises(mail.PermanentFailure):
            door.send(mail.compose(DRAFT, settings))
        handler.data = ""
        door.send(mail.compose(DRAFT, settings))
    assert len(handler.taken) == 1


@pytest.fixture
def bad_server() -> Iterator[Callable[[bytes], str]]:
    """A server that says something and hangs up (or, saying nothing, hangs)."""
    listeners: list[socket.socket] = []

    def start(says: bytes) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def answer() -> None:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            if says:
                connection.sendall(says)
                connection.close()
            else:
                threading.Event().wait(3)

        threading.Thread(target=answer, daemon=True).start()
        return f"smtp://user:geheim@127.0.0.1:{listener.getsockname()[1]}"

    yield start
    for listener in listeners:
        listener.close()


@pytest.mark.parametrize("says", [b"", b"220 hello\r\n", b"\x00\xff garbage \r\n\r\n", b"554 go away\r\n", b"220 " + b"x" * 100_000])
def test_servers_that_hang_drop_or_talk_nonsense_are_temporary(bad_server: Callable[[bytes], str], says: bytes) -> None:
    server = transports.Server.parse(bad_server(says))
    with pytest.raises(mail.TemporaryFailure) as raised:
        transports.SmtpTransport(server, timeout=0.5).send(mail.compose(DRAFT, Settings()))
    assert "geheim" not in str(raised.value)


def test_no_server_at_all_is_temporary() -> None:
    with pytest.raises(mail.TemporaryFailure):
        send(Settings(smtp_url="smtp://127.0.0.1:1"), DRAFT)


def test_the_url_says_how_to_connect() -> None:
    parse = transports.Server.parse
    assert parse("smtp://h") == transports.Server("h", 25, "none", "", "")
    assert parse("smtp://a%40b:p%3Aq@h:587") == transports.Server("h", 587, "starttls", "a@b", "p:q")
    assert parse("smtp://h?tls=ssl").port == 465
    for bad in ("http://h", "smtp://", "smtp://h?tls=maybe"):
        with pytest.raises(SettingsError):
            parse(bad)
