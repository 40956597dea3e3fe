"""Texts in the form in which they are compared."""

from __future__ import annotations

import pytest

from alliance.core import folding


@pytest.mark.parametrize(
    ("said", "folded"),
    [
        ("The CASINO, café!", " the casino cafe "),
        ("Ｃasino 𝐜𝐚𝐬𝐢𝐧𝐨", " casino casino "),
        ("CAS**I**NO &#99;asino c\u200basino snake_case", " casino casino casino snake case "),
        ("الْقِمَارُ الأمّة", " القمار الامه "),
        ("стра́ны Ёлка", " страны елка "),
        ("你买VPN吧", " 你买 vpn 吧 "),
        ("हिन्दी", " हिन्दी "),
        ("\n\n", " "),
        ("freе mоney, fʀee ᴍoney", " free money free money "),  # Cyrillic letters among Latin ones; small capitals
        ("ꜰʀᴇᴇ ᴄᴀꜱɪɴᴏ", " free casino "),
        ("цена HTML в рубле", " цена html в рубле "),
        ("казиноVIP 1xказино казино_x онлайн-VIP", " казиноvip 1хказино казино x онлаин vip "),  # of two scripts, and read as such
        ("кaзинo", " казино "),  # Latin a and o
    ],
)
def test_words_are_compared_whatever_their_dress(said: str, folded: str) -> None:
    assert folding.fold(said) == folded
