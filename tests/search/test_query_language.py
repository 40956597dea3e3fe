from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance.core.i18n import use_locale
from alliance.search import query_language
from alliance.search.filters import Filters
from alliance.search.query_language import parse


def folded(text: str) -> list[str]:
    return [word.folded for word in parse(text).words]


def test_words_phrases_and_what_is_not_wanted() -> None:
    query = parse('Rural "service fund" -auction -"third party" telecom* e-learning OR skills')
    assert [word.folded for word in query.words] == ["rural", "e", "learning", "skills"]
    assert query.phrases == ("service fund",)
    assert query.prefixes == ("telecom",)
    assert [word.folded for word in query.excluded_words] == ["auction"]
    assert query.excluded_phrases == ("third party",)
    assert query.notes == ()


def test_fields() -> None:
    query = parse('space:C2 author:"Amina Diallo" type:civil-society lang:FR country:ke after:2026-02 before:2026-03-01 -space:c7')
    assert query.filters == Filters(
        spaces=("c2",),
        authors=("amina diallo",),
        stakeholder_types=("civil_society",),
        languages=("fr",),
        countries=("KE",),
        since=datetime(2026, 2, 1, tzinfo=UTC),
        until=datetime(2026, 3, 1, tzinfo=UTC),
    )
    assert query.excluded == Filters(spaces=("c7",))
    assert (query.words, query.notes, query.wanted, query.empty) == ((), (), False, False)


def test_alternatives() -> None:
    query = parse('spectrum fibre OR satellite OR "fixed wireless" tele* OR radio -tax')
    assert [[part.word.folded if part.word else part.phrase or part.prefix for part in group] for group in query.either] == [
        ["fibre", "satellite", "fixed wireless"],
        ["tele", "radio"],
    ]
    assert [word.folded for word in query.words] == ["spectrum", "fibre", "satellite", "radio"]
    assert (query.phrases, query.prefixes, query.notes, query.required) == ((), ("tele",), (), True)
    assert parse("OR fibre").words[0].folded == "or"
    assert parse('"one phrase" OR').phrases == ("one phrase",)
    assert "nothing follows" in parse("fibre OR").notes[0]
    assert not parse("fibre OR").either


def test_values_of_one_field_are_alternatives_with_or_between_them_too() -> None:
    query = parse("budget space:c2 OR space:c3 lang:fr OR language:es")
    assert (query.filters, query.notes) == (Filters(spaces=("c2", "c3"), languages=("fr", "es")), ())
    assert ([word.folded for word in query.words], query.either) == (["budget"], ())
    for text in ("lang:fr OR country:KE", "is:key OR is:unanswered", "lang:fr OR budget", "lang:fr OR", "budget OR lang:fr money"):
        query = parse(text)
        assert "nothing follows" in query.notes[0], text
        assert "or" not in [word.folded for word in query.words], text
        assert query.either == (), text


def test_the_beginning_of_writing_without_spaces_is_looked_up_as_it_is() -> None:
    query = parse("宽带* 信*")
    assert ([word.folded for word in query.words], query.prefixes, query.notes) == (["宽带", "信"], (), ())


def test_more_fields() -> None:
    query = parse("org:ITU kind:digest has:attachment is:unanswered is:key")
    assert query.filters == Filters(organizations=("itu",), kinds=("digest",), flags=7)
    for text, said in (("has:wings", "has:attachment"), ("is:blue", "is:unanswered, is:key"), ("kind:x", "not a kind of result")):
        assert said in parse(text).notes[0]


@pytest.mark.parametrize("text", ["“service fund”", "«service fund»", "「service fund」", "„service fund“"])
def test_quotation_marks_of_every_kind(text: str) -> None:
    assert parse(text).phrases == ("service fund",)


@pytest.mark.parametrize(
    ("text", "words", "said"),
    [
        ('one "two three', ["one", "two", "three"], "not closed"),
        ("foo:bar baz", ["foo", "bar", "baz"], "“foo:” is not something"),
        ("before:2026-02-30 budget", ["budget"], "“2026-02-30” is not a date"),
        ("after:yesterday", [], "“yesterday” is not a date"),
        ("after:0000", [], "not a date"),
        ("type:martian", [], "not a stakeholder type"),
        ("lang:tlh", [], "not one of the languages"),
        ("country:XX", [], "not the code of a country"),
        ("ab* cd", ["ab", "cd"], "at least 3 letters"),
        ("((((", [], "no word"),
        ("*", [], "no word"),
        ("-", [], "no word"),
        ('""', [], "no word"),
        ("word " * 5000, ["word"] * 40, "very long"),
    ],
)
def test_what_cannot_be_read_as_meant_is_said(text: str, words: list[str], said: str) -> None:
    query = parse(text)
    assert [word.folded for word in query.words] == words
    assert any(said in note for note in query.notes), query.notes


@pytest.mark.parametrize(
    "text",
    ["https://example.org/a", "at 10:30", "C7: capacity", "well-known follow-up", "a (b) c", "don't", "C++", "user@example.org", "*a*"],
)
def test_ordinary_writing_needs_no_remark(text: str) -> None:
    query = parse(text)
    assert query.words
    assert not query.excluded_words
    assert query.notes == ()


def test_remarks_are_in_the_language_of_the_page() -> None:
    with use_locale("fr"):
        assert parse('un "deux').notes[0] == query_language._("A quotation mark is not closed: its words were looked up one by one.")


@given(st.text(max_size=400))
def test_any_text_is_read(text: str) -> None:
    query = parse(text)
    assert len(query.words) <= query_language.MOST_WORDS
    assert len(query.text) <= query_language.LONGEST_QUERY


@given(
    st.lists(
        st.sampled_from(['"', "-", "space:", "before:", "(", ")", "*", "a", "OR", " ", "：", "\ud800", "\x00", "信", "ب"]), max_size=60
    ).map("".join)
)
def test_any_mixture_of_signs_is_read(text: str) -> None:
    parse(text)


@pytest.mark.parametrize(
    "text",
    ["(" * 100_000, '"' * 100_001, "a:" * 50_000, "-" * 100_000, "x" * 100_000, "a b " * 25_000, "\u202e" * 100_000, "before:" * 20_000],
)
def test_a_very_long_query_is_read_quickly(text: str) -> None:
    began = time.perf_counter()
    parse(text)
    assert time.perf_counter() - began < 0.5
