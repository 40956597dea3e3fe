from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from lxml import html

from alliance.core.settings import Settings
from tests.search.conftest import Forum, lose


def page(client: FlaskClient, status: int = 200, **arguments: str) -> html.HtmlElement:
    answer = client.get("/search", query_string={name.rstrip("_"): value for name, value in arguments.items()})
    assert answer.status_code == status
    return html.fromstring(answer.text)


def test_the_empty_page_shows_how_to_ask(client: FlaskClient, forum: Forum) -> None:
    tree = page(client)
    assert tree.xpath('//form[@method="get"][@action="/search"]//input[@name="q"]')
    assert "space:c2" in tree.find_class("search-help")[0].text_content()
    assert not [name for name in ("search-results", "empty", "search-notes") if tree.find_class(name)]


def test_results_carry_language_direction_and_address(client: FlaskClient, forum: Forum, drain: Callable[[], int]) -> None:
    first = forum.open("الشبكات المجتمعية", "تخدم الشبكات القرى النائية", language="ar")
    second = forum.open("Autre chose", "Les réseaux & les villages", "c8", actor=forum.jean, language="fr")
    drain()
    tree = page(client, q="الشبكات villages")
    links = {link.get("href"): link for link in tree.xpath("//*[@class='search-title']/a")}
    assert set(links) >= {f"/p/{first}", f"/p/{second}"}
    assert (links[f"/p/{first}"].get("lang"), links[f"/p/{first}"].get("dir")) == ("ar", "rtl")
    excerpts = {excerpt.get("lang"): excerpt for excerpt in tree.find_class("search-excerpt")}
    assert (excerpts["ar"].get("dir"), excerpts["fr"].get("dir")) == ("rtl", "ltr")
    assert [mark.text for mark in excerpts["ar"].findall("mark")] == ["الشبكات"]
    assert excerpts["fr"].text_content() == "Les réseaux & les villages"
    assert "Jean Évrard" in tree.find_class("search-results")[0].text_content()


def test_pages_keep_the_query(client: FlaskClient, forum: Forum, drain: Callable[[], int]) -> None:
    for number in range(23):
        forum.open(f"Title {number}", "radio & tv")
    drain()
    tree = page(client, q='"radio & tv"', sort="new")
    [following] = tree.xpath("//a[@rel='next']")
    answer = client.get(f"/search{following.get('href')}")
    rest = html.fromstring(answer.text)
    assert (len(tree.find_class("search-result")), len(rest.find_class("search-result")), rest.xpath("//a[@rel='next']")) == (20, 3, [])
    assert rest.xpath("//input[@name='q']")[0].get("value") == '"radio & tv"'


def test_remarks_and_wrong_choices_are_said_and_the_form_stays_filled_in(client: FlaskClient, forum: Forum) -> None:
    tree = page(client, 422, q='radio "open', from_="2026-02-30", author="Amina")
    said = tree.find_class("search-notes")[0].text_content()
    assert "not closed" in said
    assert "“2026-02-30” is not a date" in said
    assert tree.xpath("//input[@name='author']")[0].get("value") == "Amina"
    assert tree.xpath("//input[@name='from']")[0].get("aria-invalid") == "true"
    assert "first one" in page(client, q="radio", after="made-up").find_class("search-notes")[0].text_content()


def test_nothing_found(client: FlaskClient, forum: Forum, drain: Callable[[], int]) -> None:
    forum.open("Title", "radio")
    drain()
    assert page(client, q="zeppelin").find_class("empty")


def test_while_there_is_no_index_the_page_says_so(client: FlaskClient, forum: Forum, drain: Callable[[], int], settings: Settings) -> None:
    post = forum.open("Title", "radio")
    drain()
    lose(settings, "everything")
    tree = page(client, q="radio")
    assert "built anew" in tree.find_class("search-notes")[0].text_content()
    assert tree.xpath("//*[@class='search-title']/a")[0].get("href") == f"/p/{post}"


@pytest.mark.parametrize("text", ['"><script>alert(1)</script>', "'onfocus=alert(1)", "<mark>", "{{7*7}}", "%3Cscript%3E"])
def test_a_query_is_shown_as_text(client: FlaskClient, forum: Forum, drain: Callable[[], int], text: str) -> None:
    forum.open(f"Title {text}", f"Body {text}")
    drain()
    tree = page(client, q=text, author=text)
    assert not tree.xpath("//main//script | //*[@onfocus]")
    assert tree.xpath("//input[@name='q']")[0].get("value") == text
    assert tree.xpath("//input[@name='author']")[0].get("value") == text


BAD = [
    "(" * 100_000, " ".join(f"word{number}" for number in range(5000)), "*a*", "^(a+)+$", "((((", "\x00\x07radio", "ra\ud800dio", "\u202eoidar",
    "before:2026-02-30", "nothing:here", '"', "-", "OR OR OR", "a:b:c:d", "信" * 5000, "ا" * 5000, "\u0301" * 3000,
]  # fmt: skip


@pytest.mark.parametrize("text", BAD)
@pytest.mark.parametrize("path", ["/search", "/search/suggestions", "/search/similar"])
def test_whatever_is_asked_is_answered(client: FlaskClient, forum: Forum, drain: Callable[[], int], path: str, text: str) -> None:
    forum.open("Radio", "radio")
    drain()
    query = {"q": text.encode("utf-8", "surrogatepass"), "title": text.encode("utf-8", "surrogatepass")}
    assert client.get(path, query_string=query).status_code in {200, 400, 414}


def test_addresses_on_the_page_are_of_what_was_read_of_100_kb(client: FlaskClient, forum: Forum, drain: Callable[[], int]) -> None:
    forum.open("Radio", "radio", language="en")
    forum.open("Radio", "radio", "c8", language="fr")
    drain()
    tree = page(client, q="radio " * 17_000)
    links = [*tree.xpath("//main//a/@href"), *tree.xpath("//link[@type='application/atom+xml']/@href")]
    assert any("language=fr" in link for link in links)
    assert max(map(len, links)) < 3000


def test_results_are_counted_narrowed_and_said_why(client: FlaskClient, forum: Forum, drain: Callable[[], int]) -> None:
    forum.open("Zeppelin in the hills", "Masts.", language="en")
    forum.open("Autre chose", "Le zeppelin des collines.", "c8", actor=forum.jean, language="fr")
    drain()
    page = client.get("/search?q=zeppelin").text
    assert "2 results" in page
    assert "/search?q=zeppelin&amp;space=c8" in page
    assert "/search?q=zeppelin&amp;language=fr" in page
    assert "in the title: Zeppelin" in page
    page = client.get("/search?q=zeppelin&language=fr&kind=discussion").text
    assert ("1 result<" in page, "Zeppelin in the hills" in page) == (True, False)
    assert 'href="/search?q=zeppelin&amp;kind=discussion"' in page
    assert "Did you mean" in client.get("/search?q=zepplein").text
    kept = '<input type="hidden" name="topic" value="health">'
    assert kept in client.get("/search?q=zeppelin&topic=health").text  # a topic that was chosen goes along when the words are changed
    assert "Nothing was found" in client.get("/search?q=zeppelin&year=1999").text


def test_similar_discussions_are_offered_with_the_form(client: FlaskClient, forum: Forum, drain: Callable[[], int]) -> None:
    forum.open("Radio in the hills", "Masts.")
    drain()
    assert "Radio</mark> in the" in client.get("/search/similar?title=Hills+and+radio").text
    assert client.get("/search/similar?title=").text.strip() == ""
    assert client.get("/search/suggestions?q=radio+in").json == {
        "items": [{"text": "Radio in the hills", "kind": "Discussion", "url": "/p/1"}]
    }
