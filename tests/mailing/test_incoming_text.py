"""Any bytes are a mail that can be read, or are refused as one that cannot."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance.core import settings
from alliance.mailing import addressing, commands, incoming_text
from alliance.mailing.archive import Unreadable

HEADERS = st.sampled_from(
    [
        b"From: a@b.c\n", b"From: =?utf-8?b?4p\xff?= <a@b.c>\n", b"Subject: =?x?q?=\n", b"Subject: a\r\n b\n", b"Content-Type: multipart/mixed; boundary=x\n",
        b"Content-Type: text/html; charset=utf-9\n", b"Content-Type: text/plain; charset=utf-7\n", b"Content-Transfer-Encoding: base64\n", b"Date: never\n",
        b"Content-Transfer-Encoding: quoted-printable\n", b"MIME-Version: 1.0\n", b"Content-Type: ;;;\n", b"Message-ID: <\x00>\n", b"To: @\n", b": \n", b" \n",
    ]
)  # fmt: skip
BODY = st.sampled_from(
    [
        b"--x\n",
        b"--x--\n",
        b"> said\n",
        b"-- \n",
        b"On Monday a@b.c wrote:\n",
        b"<p>a<br>",
        b"=E2=82\n",
        b"4pyT\n",
        b"\xff\xfe",
        b"\n",
        b"text\n",
        b"<!--",
        b"\x00",
    ]
)


@pytest.fixture(autouse=True, scope="module")
def _settings() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as set_to:
        set_to.setattr(settings, "current", lambda: settings.Settings(secret_key="a key of the tests"))
        yield


def read(raw: bytes) -> None:
    with contextlib.suppress(Unreadable):
        reply = incoming_text.read(raw)
        assert isinstance(reply.text, str)
        commands.command_of("", reply.text)


@given(st.binary(max_size=600))
def test_any_bytes(raw: bytes) -> None:
    read(raw)


@given(st.lists(HEADERS, max_size=8).map(b"".join), st.lists(BODY, max_size=20).map(b"".join))
def test_headers_and_parts_in_any_order(head: bytes, body: bytes) -> None:
    read(head + b"\n" + body)


@given(st.text(st.characters(exclude_categories=()), max_size=120))
def test_any_address_is_of_something_or_of_nothing(address: str) -> None:
    assert addressing.target_of(address).kind in {"", "reply", "review", "space", "bounce", "command"}
    addressing.post_of_mail(address)
    addressing.is_ours(address)
