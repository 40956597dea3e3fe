"""Addresses in letters of any script: kept in one form, sent to in another, and never to somebody else's domain."""

from __future__ import annotations

import pytest
from email_validator import EmailNotValidError

from alliance.core import addresses, mail


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" Jane@Example.ORG ", "jane@example.org"),
        ("x@EXÄMPLE.org", "x@exämple.org"),
        ("x@xn--exmple-cua.org", "x@exämple.org"),
        ("x@XN--EXMPLE-CUA.org", "x@exämple.org"),
        ("a\u0308@example.org", "ä@example.org"),
        ("x@пример。рф", "x@пример.рф"),
        ("用户@例え.jp", "用户@例え.jp"),
        ("x@faß.de", "x@faß.de"),
        ("x@ΟΔΟΣ-1.gr", "x@οδοσ-1.gr"),  # οδος-1.gr is somebody else's
        ("x@οδος-1.gr", "x@οδος-1.gr"),
    ],
)
def test_one_address_is_kept_in_one_form(typed: str, kept: str) -> None:
    assert addresses.kept(typed) == kept
    assert addresses.checked(typed) == kept
    assert addresses.kept(kept) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "x＠example.org",
        "x@ex\u200bample.org",
        "\u202ex@example.org",
        "a@xn--0.org",
        "x@example.org\r\nBcc: y@example.org",
        "a@" + "ä" * 300,
        "ü",
        "",
    ],
)
def test_what_is_none_is_refused_and_compared_as_it_stands(typed: str) -> None:
    with pytest.raises(EmailNotValidError):
        addresses.checked(typed)
    assert addresses.kept(typed) == typed.strip().lower()


def test_a_domain_is_never_taken_for_another() -> None:
    assert addresses.ascii_domain("faß.de") == "xn--fa-hia.de"
    assert mail.address("", "jane@faß.de").domain == "xn--fa-hia.de"
    assert mail.address("", "jane@fass.de").domain == "fass.de"
    for bad in ("ex\u200bample.örg", "ä" * 300 + ".org", "ä..org"):
        with pytest.raises(ValueError, match=r".*"):
            addresses.ascii_domain(bad)
