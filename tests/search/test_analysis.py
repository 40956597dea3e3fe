from __future__ import annotations

import pytest

from alliance.search import analysis


def texts(tokens: list[analysis.Token]) -> list[str]:
    return [token.text for token in tokens]


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("en", "networks' connectivity", "network connected"),
        ("fr", "télécommunications", "telecommunication"),
        ("fr", "l’accès", "acces"),
        ("es", "educación", "educaciones"),
        ("ru", "развития сетей", "развитие сеть"),
        ("ru", "ещё ёмкость", "емкости"),
        ("ru", "стра́ны", "страна"),
        ("ar", "أَفْرَاد", "الأفراد"),
        ("ar", "مُجتَمَع", "مجتمع"),
        ("ar", "إدارة", "ادارة"),
        ("ar", "معلومـــات", "المعلومات"),
        ("ar", "قوى", "قوي"),
    ],
)
def test_forms_of_a_word_have_one_stem(language: str, one: str, other: str) -> None:
    assert set(texts(analysis.stems(one, language))) == set(texts(analysis.stems(other, language)))


def test_marks_belong_to_the_word_they_stand_on() -> None:
    assert len(list(analysis.words("وَصَلَتِ الشَّبَكَةُ"))) == 2
    assert len(list(analysis.words("cafe\u0301 noir"))) == 2
    assert len(list(analysis.words("नेटवर्क की लागत"))) == 3


def test_the_script_of_a_word_decides_before_the_language_of_its_text() -> None:
    assert texts(analysis.stems("Стандарты ITU networks", "ru")) == ["стандарт", "itu", "network"]
    assert texts(analysis.stems("信息社会WSIS论坛", "zh")) == ["信息", "息社", "社会", "wsis", "论坛"]
    assert texts(analysis.stems("شبكات ITU", "ar"))[-1] == "itu"


def test_small_words_and_elisions_are_left_out_of_stems_and_kept_in_forms() -> None:
    assert texts(analysis.stems("l'accès à l’Internet", "fr")) == texts(analysis.stems("acces internet", "fr"))
    assert texts(analysis.forms("The right to Education")) == ["the", "right", "to", "education"]
    assert texts(analysis.forms("信息 net")) == ["信", "息", "net"]


def test_tokens_know_their_place() -> None:
    text = "Ёмкость: «каналов» и 宽带接入, naïve"
    for token in [*analysis.stems(text, "ru"), *analysis.forms(text)]:
        assert 0 <= token.start < token.end <= len(text)
    assert [text[token.start : token.end] for token in analysis.stems(text, "ru")] == [
        "Ёмкость",
        "каналов",
        "宽带",
        "带接",
        "接入",
        "naïve",
    ]


@pytest.mark.parametrize(
    ("query", "languages"),
    [
        ("the right to education", ("en",)),
        ("le droit à l'éducation", ("fr",)),
        ("el derecho a la educación", ("es",)),
        ("information", ("en", "fr", "es")),
        ("правила", ("en", "fr", "es")),
        ("", ("en", "fr", "es")),
    ],
)
def test_small_words_tell_the_language_of_a_query(query: str, languages: tuple[str, ...]) -> None:
    assert analysis.possible_languages(query) == languages


def test_digits_of_every_script_are_digits() -> None:
    assert texts(analysis.forms("٢٠٢٦ 2026 २०२६")) == ["2026"] * 3


@pytest.mark.parametrize("text", ["\x00", "\ud800", "\u202e", "́" * 500, "a" * 100_000, "ـ" * 100, "‌‍", "𝕳𝖊𝖑𝖑𝖔 ①", "ﷺ", "İı"])
def test_anything_can_be_read(text: str) -> None:
    for language in ("en", "ar", "ru", "zh", None, "xx"):
        assert all(token.text and len(token.text) <= 200 for token in analysis.stems(text, language))
        assert all(token.text for token in analysis.forms(text))


TEXTS = [
    "The network's masts, the NETWORKS: 3G (and 4G) don't.", "Les télécommunications à l’œuvre, l'été", "Всё о сёлах и стра́нах", "كل الأَفْرَاد، متساوون",
    "普遍服务基金 for 電信", "", " \n\t ", "x" * 300, "a\u200db c\u00add", "信" * 100, "naïve-café/naive",
]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("language", ["en", "fr", "ar", None])
def test_the_quick_way_says_the_same(text: str, language: str | None) -> None:
    for _time in (1, 2):
        found = analysis.terms(text, language)
        assert found.stems == [token.text for token in analysis.stems(text, language)]
        assert found.forms == [token.text for token in analysis.forms(text)]
        assert found.accented == analysis.accented_forms(text)
