from __future__ import annotations

import io

import pytest

from alliance.mailing import mbox
from tests.mailing import samples


def split(data: bytes) -> list[bytes]:
    file = io.BytesIO(data)
    return [mbox.read(file, span) for span in list(mbox.spans(file))]


def test_messages_begin_where_a_dated_line_is_followed_by_a_header() -> None:
    assert len(split(samples.TREE)) == 8
    assert len(split(samples.TREE.replace(b"\n", b"\r\n"))) == 8


def test_a_sentence_beginning_with_from_stays_in_its_message() -> None:
    data = samples.simple(1, body="From here on\n\nFrom Monday: we meet\nFrom now\n") + samples.simple(2)
    first, second = split(data)
    assert b"From Monday: we meet" in first
    assert b"<2@example.org>" in second


def test_quoted_separators_are_read_as_they_were() -> None:
    (only,) = split(samples.simple(1, body=">From me\n>>From you\n"))
    assert b"\nFrom me\n>From you\n" in only


def test_separators_of_other_programs() -> None:
    data = b"".join(
        line + b"\nSubject: x\n\ntext\n\n"
        for line in (
            b"From - ",
            b"From jjl at pobox.com  Thu Nov  1 11:19:12 2001",
            b"From 12@xxx Mon Jan 01 00:00:00 +0000 2018",
            b"From MAILER-DAEMON Sat Aug 28 14:17:14 2021",
            b"From a@b Thu Aug 22 12:36 2002",
        )
    )
    assert len(split(data)) == 5


def test_a_single_message_is_an_archive_of_one() -> None:
    assert split(b"\n\nSubject: x\n\ntext\n") == [b"Subject: x\n\ntext\n"]


def test_what_stands_before_the_first_message_is_none() -> None:
    assert len(split(b"notes of mine\n\n" + samples.simple(1))) == 1


@pytest.mark.parametrize("data", [b"", b"\n\n", b"just text\nand more\n", b"\x00\x01\x02", b"%PDF-1.4\n"])
def test_what_holds_no_mail_is_no_archive(data: bytes) -> None:
    with pytest.raises(mbox.NotAnArchive):
        split(data)


def test_a_line_without_end_is_bounded() -> None:
    assert len(split(samples.simple(1, body="From " + "x" * 3_000_000) + samples.simple(2))) == 2
