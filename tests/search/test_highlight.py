from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape

from alliance.search.highlight import LENGTH, Highlighter, Marked
from alliance.search.query_language import parse


def marked(query: str, text: str, language: str | None = "en") -> str:
    return str(Marked(Highlighter(parse(query)), text, language).excerpt())


@pytest.mark.parametrize(
    ("query", "text", "language", "expected"),
    [
        ("network", "Two networks.", "en", "Two <mark>networks</mark>."),
        ("the network", "The networking of the few.", "en", "The <mark>networking</mark> of the few."),
        ("telecommunication", "L’accès aux télécommunications.", "fr", "L’accès aux <mark>télécommunications</mark>."),
        ('"service fund" -x', "A service, a fund.", "en", "A <mark>service</mark>, a <mark>fund</mark>."),
        ("telecom*", "Telecoms & co", "en", "<mark>Telecoms</mark> &amp; co"),
        ("أفراد", "نفاذ الأَفْرَادِ إلى الشبكات", "ar", "نفاذ <mark>الأَفْرَادِ</mark> إلى الشبكات"),
        ("сети", "Ёмкость сетей", "ru", "Ёмкость <mark>сетей</mark>"),
        ("宽带接入", "农村宽带接入成本", "zh", "农村<mark>宽带接入</mark>成本"),
        ("宽", "农村宽带接入成本", "zh", "农村<mark>宽</mark>带接入成本"),
        ("script", "<script>alert(1)</script>", "en", "&lt;<mark>script</mark>&gt;alert(1)&lt;/<mark>script</mark>&gt;"),
        ("amp", "a &amp; b", "en", "a &amp;<mark>amp</mark>; b"),
        ('"service fund" OR masts', "A service fund.", "en", "A <mark>service</mark> <mark>fund</mark>."),
        ("ICT", "Роль ИКТ в школах", "ru", "Роль <mark>ИКТ</mark> в школах"),
        ("ICT", "农村信通技术和技术", "zh", "农村<mark>信通技术</mark>和技术"),
        ("to be", "To be is to do.", "en", "<mark>To</mark> <mark>be</mark> is <mark>to</mark> do."),
        ("nothing", "Some text", None, "Some text"),
    ],
)
def test_what_matched_is_marked_and_all_is_escaped(query: str, text: str, language: str | None, expected: str) -> None:
    assert marked(query, text, language) == expected


def test_the_part_that_answers_most_of_the_query_is_shown() -> None:
    filler = "Something else is said here at some length. " * 30
    text = f"Radio. {filler} The community radio in the village has a mast. {filler}"
    shown = marked("community radio village", text)
    assert "The <mark>community</mark> <mark>radio</mark> in the <mark>village</mark>" in shown
    assert shown.startswith("… ")
    assert shown.endswith(" …")
    plain = re.sub("<.*?>", "", shown)
    assert len(plain) <= LENGTH + 4
    assert all(word.strip(".,") in text for word in plain.strip("… ").split())


def test_long_writing_without_spaces_is_cut_between_characters() -> None:
    shown = marked("基站", "偏远村庄" * 200 + "基站" + "偏远村庄" * 200, "zh")
    assert "<mark>基站</mark>" in shown
    assert len(shown) < LENGTH + 40


def test_a_cut_never_divides_an_arabic_word() -> None:
    words = ["الشبكات", "المجتمعية", "تخدم", "القرى", "النائية"] * 60
    shown = re.sub("</?mark>", "", marked("القرى", " ".join(words), "ar"))
    assert set(shown.strip("… ").split()) <= set(words)


@given(st.text(max_size=600), st.text(alphabet="ab <>&\"'-宽带ابд", max_size=30))
def test_nothing_but_marks_is_ever_markup(text: str, query: str) -> None:
    shown = marked(query, text, "en")
    without = shown.replace("<mark>", "").replace("</mark>", "")
    assert "<" not in without
    assert ">" not in without
    assert shown.count("<mark>") == shown.count("</mark>")
    if len(text) < LENGTH:
        assert without == str(escape(re.sub(r"\s+", " ", text).strip()))
