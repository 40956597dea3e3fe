"""Every odd message becomes text or a reason; nothing raises, nothing takes long."""

from __future__ import annotations

import contextlib
import io
import os
import re
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance.mailing import archive, bodies, charsets, hypertext, mbox
from alliance.mailing.masking import hide_addresses
from alliance.mailing.threading_ import arrange
from tests.mailing import samples


def read(data: bytes) -> list[archive.Entry]:
    return list(archive.entries(io.BytesIO(data)))


def text_of(data: bytes) -> str:
    (entry,) = read(data)
    return archive.load(io.BytesIO(data), entry).body


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Jane Doe <Jane@Example.org>", ("Jane Doe", "jane@example.org")),
        ("jane at example.org (Jane Doe)", ("Jane Doe", "jane@example.org")),
        ("jane@example.org (Jane Doe)", ("Jane Doe", "jane@example.org")),
        ('"Doe, Jane" <jane@example.org>', ("Doe, Jane", "jane@example.org")),
        ("Doe, Jane <jane@example.org>", ("Doe, Jane", "jane@example.org")),
        ("jane.doe@example.org", ("jane.doe", "jane.doe@example.org")),
        ('"jane@example.org" <jane@example.org>', ("jane", "jane@example.org")),
        ("<jane@example.org>", ("jane", "jane@example.org")),
        ("Jane Doe", ("Jane Doe", "")),
        ("", ("", "")),
        ("@@@ <>", ("", "")),
    ],
)
def test_authors_have_a_name_that_is_no_address(value: str, expected: tuple[str, str]) -> None:
    assert archive.author(value) == expected


LIST = "List-Id: <fibre.example.org>\nList-Post: <mailto:Fibre@example.org>\n"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (f"{LIST}From: Jane Doe <jane@example.net>", ("Jane Doe", "jane@example.net")),
        (f"{LIST}From: Jane Doe via Fibre <fibre@example.org>\nReply-To: Jane <Jane@example.net>", ("Jane Doe", "jane@example.net")),
        (
            f"{LIST}From: \"'Jane Doe' via Fibre\" <fibre@example.org>\nX-Original-From: Jane Doe <jane@example.net>\nReply-To: fibre@example.org",
            ("Jane Doe", "jane@example.net"),
        ),
        (f"{LIST}From: Jane Doe via Fibre <fibre@example.org>\nReply-To: fibre@example.org", ("Jane Doe", "")),
        ("List-Id: <fibre.example.org>\nFrom: Jane Doe via Fibre <fibre-bounces@example.org>", ("Jane Doe", "")),
        (f"{LIST}From: Fibre <fibre@example.org>", ("Fibre", "")),
        ("From: Rome via Milan <rome@example.net>", ("Rome via Milan", "rome@example.net")),
    ],
)
def test_the_address_of_a_list_is_nobodys(headers: str, expected: tuple[str, str]) -> None:
    (entry,) = read(samples.message(f"{headers}\nSubject: Poles"))
    assert (entry.name, entry.address) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Thu, 22 Aug 2002 12:36:23 +0200", datetime(2002, 8, 22, 10, 36, 23, tzinfo=UTC)),
        ("Tue, 30 Nov 1999 23:56:33 -3000 (CST)", datetime(1999, 11, 30, 23, 56, 33, tzinfo=UTC)),
        ("Thu Nov  1 11:19:12 2001", datetime(2001, 11, 1, 11, 19, 12, tzinfo=UTC)),
        ("tomorrow", None),
        ("Thu, 22 Aug 2999 12:36:23 +0200", None),
        ("", None),
    ],
)
def test_dates(value: str, expected: datetime | None) -> None:
    assert archive.moment_of(value) == expected


def test_a_message_without_a_date_has_that_of_its_journey() -> None:
    (entry,) = read(samples.message("From: a@b.c\nSubject: x"))
    assert entry.at == datetime(2002, 8, 22, 12, 36, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("subject", "bare", "answered"),
    [
        ("Re: x", "x", True),
        ("[list] Re: x", "x", True),
        ("RE[2]: Fwd: AW: x", "x", True),
        ("'Re: Draft EVS-8a'", "Draft EVS-8a", True),
        ("Ответ: x", "x", True),
        ("回复：x", "x", True),
        ("رد: x", "x", True),
        ("[list] x", "[list] x", False),
        ("Report: x", "Report: x", False),
        ("", "", False),
    ],
)
def test_subjects(subject: str, bare: str, answered: bool) -> None:
    assert archive.bare_subject(subject) == (bare, answered)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("=?koi8-r?B?8sXL?=", "Рек"),
        ("=?utf-8?q?a?= =?utf-8?q?b?= c", "ab c"),
        ("=?utf-8?b?w6k=?==?utf-8?b?w6k=?=", "éé"),
        ("=?utf-8?b?w?= =?utf-8?b?6k=?=", None),
        ("=?nonsense?q?caf=C3=A9?=", "café"),
        ("=?iso-8859-1?q?caf=E9?=\n folded", "café folded"),
        ("caf\udce9", "café"),
        ("a\x00b\x1bc", "abc"),
    ],
)
def test_headers_are_decoded_as_far_as_possible(raw: str, expected: str | None) -> None:
    shown = charsets.header(raw)
    assert expected is None or shown == expected
    shown.encode()


@pytest.mark.parametrize(
    "label",
    [
        "utf-8",
        "us-ascii",
        "x-unknown",
        "",
        "hex",
        "rot13",
        "utf-8''“",
        "gb2312",
        "ks_c_5601-1987",
        "unknown-8bit",
        "utf-7",
        "\x00",
        "a" * 500,
    ],
)
@pytest.mark.parametrize("data", [b"caf\xc3\xa9", b"caf\xe9 cr\xe8me", b"\xff\xfe\x00", b"", "школа".encode("koi8-r")])
def test_any_bytes_under_any_label_become_text(label: str, data: bytes) -> None:
    charsets.decode(data, label).encode()


def test_mislabelled_text_is_read_as_what_it_is() -> None:
    assert charsets.decode("école".encode(), "us-ascii") == "école"
    assert charsets.decode("école".encode("cp1252"), "utf-8") == "école"
    assert charsets.decode("学校".encode("gbk"), "gb2312") == "学校"


def test_html_only_mail_becomes_text() -> None:
    html = "<html><head><style>p{}</style><title>no</title></head><body><p>Dear all,<br>see <a href='https://example.org/a'>the page</a>.</p><ul><li>one</li><li>two</li></ul><blockquote>said <b>before</b></blockquote><script>alert(1)</script><pre>a\n  b</pre></body>"
    text = hypertext.to_text(html)
    assert text == "Dear all,\nsee the page <https://example.org/a>.\n\n- one\n- two\n\n> said before\n\na\n  b"


def test_of_two_versions_the_plain_one_is_taken_unless_it_says_nothing() -> None:
    def both(plain: str) -> bytes:
        return samples.message(
            'From: a@b.c\nContent-Type: multipart/alternative; boundary="x"',
            f"--x\nContent-Type: text/html\n\n<p>Rich</p>\n--x\nContent-Type: text/plain\n\n{plain}\n--x--\n",
        )

    assert text_of(both("Plain")) == "Plain"
    assert text_of(both("")) == "Rich"
    assert text_of(both("Your mail program cannot show HTML mail.")) == "Rich"


def test_forwarded_mail_is_quoted_and_attachments_are_counted() -> None:
    data = samples.message(
        'From: a@b.c\nContent-Type: multipart/mixed; boundary="x"',
        "--x\nContent-Type: text/plain\n\nSee below.\n--x\nContent-Type: message/rfc822\n\nSubject: inner\n\nInner text.\n--x\nContent-Type: application/pdf\nContent-Disposition: attachment; filename=a.pdf\n\nxxx\n--x--\n",
    )
    (entry,) = read(data)
    loaded = archive.load(io.BytesIO(data), entry)
    assert loaded.body == "See below.\n\n> Inner text."
    assert loaded.attachments == 1


def test_flowed_lines_are_joined() -> None:
    assert bodies.flow("one \ntwo\n> q1 \n> q2\n-- \nsig") == "one two\n> q1 q2\n-- \nsig"
    assert bodies.flow("学 \n校", delete_space=True) == "学校"


def test_signed_text_comes_without_its_armour() -> None:
    signed = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA1\n\nI say so.\n- -- dashes\n-----BEGIN PGP SIGNATURE-----\nabc\n-----END PGP SIGNATURE-----\n"
    assert text_of(samples.message("From: a@b.c", signed)) == "I say so.\\\n-- dashes"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Jane Doe <jane.doe@example.org> wrote:", "Jane Doe wrote:"),
        ('"Doe, Jane" [mailto:jane@example.org] wrote', '"Doe, Jane" wrote'),
        ("write to jane@example.org.", "write to j…@example.org."),
        ("<jane@example.org>", "<j…@example.org>"),
        ("see mailto:jane@example.org?subject=x", "see j…@example.org?subject=x"),
        ("user@localhost", "u…@localhost"),
        ("jane at example.org or look at example.net", "j…@example.org or look at example.net"),
        ("@jane and a @ b", "@jane and a @ b"),
    ],
)
def test_addresses_are_hidden(text: str, shown: str) -> None:
    assert hide_addresses(text, frozenset({"jane@example.org"})) == shown


@given(st.text(alphabet="ab.@<>()[]: \n-_é", max_size=60))
def test_no_address_is_left_whatever_stands_around_it(around: str) -> None:
    shown = hide_addresses(f"{around} jane@example.org {around}")
    assert "jane@example.org" not in shown
    assert not re.search(r"[\w.+-]+@[a-zé][\w-]*\.[\w-]+", shown)


NESTED = "".join(f'Content-Type: multipart/mixed; boundary="b{n}"\n\n--b{n}\n' for n in range(1000))
HOSTILE = {
    "nested a thousand deep": f"From: a@b.c\nMIME-Version: 1.0\n{NESTED}Content-Type: text/plain\n\ndeep\n".encode(),
    "ten thousand parts": b'From: a@b.c\nContent-Type: multipart/mixed; boundary="x"\n\n' + b"--x\n\npart\n" * 10_000,
    "a header of a megabyte": b"From: a@b.c\nSubject: " + b"x" * 1_000_000 + b"\n\ntext\n",
    "ten thousand references": b"From: a@b.c\nReferences: " + b" ".join(b"<%d@x>" % n for n in range(10_000)) + b"\n\ntext\n",
    "unclosed tags": b"From: a@b.c\nContent-Type: text/html\n\n" + b"<a" * 200_000,
    "unclosed comments": b"From: a@b.c\nContent-Type: text/html\n\n" + b"<!--" * 100_000,
    "many quotes": b"From: a@b.c\n\n" + b">" * 100_000 + b"x\n" + b"> " * 50_000,
    "many dashes": b"From: a@b.c\n\ntext\n" + b"-- \n" * 50_000,
    "one endless line": b"From: a@b.c\n\n" + b"a@" * 500_000,
    "stars and brackets": b"From: a@b.c\n\n" + b"[*_`" * 100_000,
    "only control characters": b"From: a@b.c\n\n\x00\x01\x02\x1b",
    "broken base64": b"From: a@b.c\nContent-Transfer-Encoding: base64\n\n!!!!=====",
    "colons only": b": x\n:\n: y\n\ntext\n",
    "no body": b"From: a@b.c\nSubject: x",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_messages_are_read_or_refused_in_bounded_time(name: str) -> None:
    data = b"From x@y Thu Aug 22 12:36:23 2002\n" + HOSTILE[name]
    began = time.monotonic()
    for entry in arrange(read(data)):
        with contextlib.suppress(archive.Unreadable):
            assert entry.entry.problem or archive.load(io.BytesIO(data), entry.entry).body
    assert time.monotonic() - began < 10


def test_every_message_of_the_corpora_is_accounted_for(corpora: Path | None) -> None:
    folders = [corpora / "mail_fixtures", corpora / "mail_spamassassin"] if corpora else []
    files = [Path(folder, name) for root in folders for folder, _, names in os.walk(root) for name in names]
    for file in files:
        with file.open("rb") as handle:
            try:
                entries = list(archive.entries(handle))
            except mbox.NotAnArchive:
                continue
            known = frozenset(entry.address for entry in entries if entry.address)
            placed = arrange(list({entry.key: entry for entry in entries}.values()))
            assert len(placed) == len({entry.key for entry in entries})
            for one in placed:
                try:
                    body = archive.load(handle, one.entry, known).body.lower()
                except archive.Unreadable:
                    continue
                assert not [address for address in known if address in body], file
