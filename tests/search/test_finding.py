from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from alliance.core import cursors
from alliance.discussions import services as discussions
from alliance.moderation import services as moderation
from alliance.policy import Actor
from alliance.search import finding, services
from tests.people import People
from tests.search.conftest import SYSTEM, Forum

Find = Callable[..., list[int]]
GUEST = Actor.guest()


def test_what_was_said_is_found_by_other_forms_of_its_words(forum: Forum, found: Find) -> None:
    discussion = forum.open("Who pays for rural networks?", "Subsidies for broadband have not reached the villages.")
    reply = forum.reply(discussion, "In our village a subsidy built the tower.")
    first = discussion
    assert found("village subsidy") in ([first, reply], [reply, first])
    assert found("paying networks")[0] == first
    assert found("elephants") == []


def test_any_word_is_enough_and_more_come_first(forum: Forum, found: Find) -> None:
    one = forum.open("Spectrum", "Spectrum for community networks in mountain areas.")
    two = forum.open("Skills", "Teachers need training before tablets.")
    three = forum.open("Spectrum again", "Community training on spectrum.")
    assert found("how does spectrum training help the community")[0] == three
    assert set(found("spectrum tablets")) == {one, two, three}


def test_a_reply_is_found_by_what_it_replies_to(forum: Forum, found: Find) -> None:
    discussion = forum.open("Satellite capacity", "What does it cost?")
    reply = forum.reply(discussion, "Forty dollars a month here.")
    for number in range(12):
        forum.open(f"Other {number}", "Nothing of the kind, and a satellite.")
    assert reply in found("satellite")
    assert found("satellite dollars")[0] == reply


def test_phrases_and_what_is_not_wanted(forum: Forum, found: Find) -> None:
    one = forum.open("Funds", "The universal service fund is full.")
    two = forum.open("Service", "A fund for universal access to every service.")
    assert found('"universal service fund"') == [one]
    assert found("universal -full") == [two]
    assert found('fund -"service fund"') == [two]
    assert found("univers*") in ([one, two], [two, one])


@pytest.mark.parametrize(
    ("query", "choices", "which"),
    [
        ("network space:c2", {}, "a"),
        ("network space:c7", {}, "b"),
        ("network", {"space": "c7"}, "b"),
        ("network space:c7", {"space": "c2"}, ""),
        ("network author:amina", {}, "a"),
        ('network author:"jean evrard"', {}, "b"),
        ("network", {"author": "Évrard"}, "b"),
        ("network type:government", {}, "a"),
        ("network", {"stakeholder_type": "civil_society"}, "b"),
        ("network country:SN", {}, "a"),
        ("network -space:c2", {}, "b"),
        ("network lang:fr", {}, "b"),
        ("space:c7", {}, "b"),
        ("network before:2026-03", {}, "a"),
        ("network after:2026-03-01", {}, "b"),
        ("network", {"from": "2026-01-05", "to": "2026-01-05"}, "a"),
    ],
)
def test_narrowing(forum: Forum, found: Find, query: str, choices: dict[str, str], which: str) -> None:
    a = forum.open(
        "A network",
        "One network.",
        actor=SYSTEM,
        author=People.of(forum.amina),
        created_at=datetime(2026, 1, 5, 23, tzinfo=UTC),
        language="en",
    )
    b = forum.open(
        "A network",
        "Le network.",
        "c7-egov",
        actor=SYSTEM,
        author=People.of(forum.jean),
        created_at=datetime(2026, 3, 1, tzinfo=UTC),
        language="fr",
    )
    posts = {"a": a, "b": b}
    assert found(query, **choices) == [posts[name] for name in which]
    assert services.engine().stamps()


@pytest.mark.parametrize(
    ("language", "text", "query"),
    [
        ("fr", "L’accès aux télécommunications progresse.", "telecommunication"),
        ("fr", "L'acces aux telecommunications progresse.", "télécommunications"),
        ("es", "La alfabetización digital de las mujeres.", "alfabetizacion mujer"),
        ("ru", "Всё о развитии сельских сетей.", "развитие сеть"),
        ("ru", "Ёмкость канала мала.", "емкость"),
        ("ar", "نفاذ الأفراد إلى الشبكات", "أَفْرَاد"),
        ("ar", "وَصَلَتِ الشَّبَكَةُ إلى القَرْيَة", "الشبكة"),
        ("zh", "发展中国家的宽带接入成本很高。", "宽带成本"),
        ("zh", "发展中国家的宽带接入成本很高。", "宽"),
        ("ru", "Стандарты ITU для сетей", "itu standards"),
        ("zh", "国际电联ITU的标准", "ITU"),
    ],
)
def test_six_languages(forum: Forum, found: Find, language: str, text: str, query: str) -> None:
    forum.open("…", "Nothing of the kind.", language="en")
    post = forum.open("—", text, language=language)
    assert found(query) == [post]


def test_hidden_and_withdrawn_posts_are_gone_at_once(forum: Forum, found: Find, people: People) -> None:
    discussion = forum.open("Costs", "Prices of satellites.")
    hidden, withdrawn = forum.reply(discussion, "satellites one"), forum.reply(discussion, "satellites two")
    first = discussion
    assert set(found("satellites")) == {first, hidden, withdrawn}
    moderator = people.moderator()
    moderation.hide(moderator, hidden, "Off topic")
    forum.withdraw(withdrawn)
    # The outbox has not been read yet: the index still holds both.
    query, _wrong = finding.ask(GUEST, "satellites", {})
    assert [result.post.id for result in finding.find(GUEST, query).results] == [first]
    assert found("satellites") == [first]
    assert found("satellites", moderator) == [first]
    moderation.restore(moderator, hidden, "A mistake")
    assert set(found("satellites")) == {first, hidden}


def test_an_edit_is_found_and_what_was_there_before_is_not(forum: Forum, found: Find) -> None:
    post = forum.open("Title", "About giraffes.")
    assert found("giraffes") == [post]
    discussions.edit_post(forum.amina, forum.post(post), "About antelopes.", expected_revision=1)
    assert found("giraffes") == []
    assert found("antelopes") == [post]


@pytest.mark.parametrize("sort", ["relevance", "new"])
def test_pages_hold_every_result_once(forum: Forum, drain: Callable[[], int], sort: finding.Sort) -> None:
    discussion = forum.open("Radio", "Radio.")
    for number in range(27):
        forum.reply(discussion, "radio " * (number % 5 + 1) + f"and more {number}")
    drain()
    query, _wrong = finding.ask(GUEST, "radio", {})
    seen: list[int] = []
    after = None
    for _page in range(10):
        page = finding.find(GUEST, query, sort, after, limit=6)
        seen += [result.post.id for result in page.results]
        after = page.next
        if after is None:
            break
    assert len(seen) == len(set(seen)) == 28
    if sort == "new":
        assert seen == sorted(seen, reverse=True)


def test_a_page_is_filled_though_most_candidates_may_not_be_read(
    forum: Forum, drain: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "FIRST_LOOK", 5)
    discussion = forum.open("Other", "Nothing.")
    posts = [forum.reply(discussion, "radio") for _number in range(20)]
    drain()
    for post in posts[:15]:
        forum.withdraw(post)
    query, _wrong = finding.ask(GUEST, "radio", {})
    assert {result.post.id for result in finding.find(GUEST, query, limit=10).results} == set(posts[15:])


def test_the_page_after_one_that_is_gone_goes_on_below_it(forum: Forum, drain: Callable[[], int]) -> None:
    start = datetime(2026, 5, 1, tzinfo=UTC)
    author = People.of(forum.jean)
    posts = [forum.open("t", "radio", actor=SYSTEM, author=author, created_at=start + timedelta(days=number)) for number in range(6)]
    drain()
    query, _wrong = finding.ask(GUEST, "radio", {})
    page = finding.find(GUEST, query, "new", limit=3)
    assert [result.post.id for result in page.results] == list(reversed(posts[3:]))
    forum.withdraw(posts[3])
    drain()
    rest = finding.find(GUEST, query, "new", page.next, limit=3)
    assert [result.post.id for result in rest.results] == list(reversed(posts[:3]))


@pytest.mark.parametrize(
    "token",
    ["x", "e30", "ÿ", cursors.encode("other", 1.0, 1), cursors.encode("new", float("1e300"), 1), cursors.encode("relevance", "a", 1)],
)
def test_a_made_up_cursor_is_refused(forum: Forum, token: str) -> None:
    query, _wrong = finding.ask(GUEST, "radio", {})
    with pytest.raises(cursors.BadCursor):
        finding.find(GUEST, query, after=token)


def test_without_an_index_the_database_answers_and_says_so(forum: Forum, found: Find, drain: Callable[[], int], settings: object) -> None:
    one = forum.open("Radio in the hills", "Sender and mast.", language="en")
    two = forum.open("Other", "A RADIO mast, 100% wood.", language="en")
    for query_text, expected in (
        ("radio", [two, one]),
        ('"100% wood"', [two]),
        ("radio -hills", [two]),
        ("radio author:jean", []),
        ("mast space:c2 type:government lang:en after:2020 before:2100 country:SN", [two, one]),
        ("mast -space:c2", []),
    ):
        query, _wrong = finding.ask(GUEST, query_text, {})
        answer = finding.find(GUEST, query)
        assert [result.post.id for result in answer.results] == expected, query_text
        assert answer.source == "database"
        assert "being built" in answer.notes[-1]
    query, _wrong = finding.ask(GUEST, "mast", {})
    page = finding.find(GUEST, query, limit=1)
    rest = finding.find(GUEST, query, after=page.next, limit=1)
    assert [page.results[0].post.id, rest.results[0].post.id, rest.next] == [two, one, None]
    services.repair()
    assert finding.find(GUEST, query).source == "index"


def test_a_space_that_does_not_exist_is_said(forum: Forum) -> None:
    query, wrong = finding.ask(GUEST, "radio space:c99", {"space": "c98"})
    assert wrong == {"space": ["There is no space with the code “c98”."]}
    assert query.notes == ("There is no space with the code “c99”.",)
