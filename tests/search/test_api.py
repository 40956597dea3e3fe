from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient

from tests.people import People
from tests.search.conftest import SYSTEM, Forum

BAD = {
    "from": "2026-02-30",
    "to": "tomorrow",
    "language": "tlh",
    "stakeholder_type": "martian",
    "space": "c99",
    "sort": "best",
    "limit": "101",
    "after": "made-up",
    "colour": "red",
}
HARD = [
    "(" * 100_000,
    '"' * 99_999,
    "*a*",
    "a" * 100_000,
    "word " * 5000,
    "\x00\x01",
    "\u202e\u2067",
    "%ud800",
    "[a-z]+(x|y)*$",
    "'; DROP TABLE posts; --",
    "before:9999-99-99",
    "nofield:x",
    "-",
    "-a -b",
]


def test_a_result_is_whole(client: FlaskClient, forum: Forum, drain: Callable[[], int]) -> None:
    moment = datetime(2026, 5, 1, tzinfo=UTC)
    post = forum.open(
        "Community radio", "Masts & <b>wires</b>.", "c7-egov", SYSTEM, author=People.of(forum.amina), created_at=moment, language="en"
    )
    drain()
    answer = client.get(
        "/api/v1/search?q=mast&space=c7&author=amina&stakeholder_type=government&language=en&from=2026-05&to=2026-05-01&sort=new"
    )
    assert answer.status_code == 200
    item = answer.json["items"][0]
    assert item == {
        "kind": "post",
        "id": post,
        "url": f"http://localhost/p/{post}",
        "discussion_id": forum.post(post).discussion_id,
        "discussion_title": "Community radio",
        "number": 1,
        "space": "c7-egov",
        "author": {"handle": "amina", "name": "Amina Diallo", "organization": None, "stakeholder_type": "government", "verified": False},
        "language": "en",
        "created_at": "2026-05-01T00:00:00Z",
        "excerpt": "<mark>Masts</mark> &amp; &lt;b&gt;wires&lt;/b&gt;.",
    }
    assert {key: value for key, value in answer.json.items() if key != "items"} == {"next": None, "notes": [], "source": "index"}


def test_pages(client: FlaskClient, forum: Forum, drain: Callable[[], int]) -> None:
    posts = {forum.open(f"Title {number}", "radio") for number in range(5)}
    drain()
    seen: set[int] = set()
    after = ""
    while True:
        page = client.get("/api/v1/search", query_string={"q": "radio", "limit": 2} | ({"after": after} if after else {})).json
        seen |= {item["id"] for item in page["items"]}
        after = page["next"]
        if after is None:
            break
    assert seen == posts


@pytest.mark.parametrize(("name", "value"), BAD.items())
def test_what_cannot_be_used_is_named(client: FlaskClient, forum: Forum, name: str, value: str) -> None:
    answer = client.get("/api/v1/search", query_string={"q": "radio", name: value})
    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json"
    assert list(answer.json["errors"]) == [name]


@pytest.mark.parametrize("query", HARD)
def test_any_query_is_answered(client: FlaskClient, forum: Forum, drain: Callable[[], int], query: str) -> None:
    forum.open("Radio", "radio a word")
    drain()
    for address in ("/api/v1/search", "/search"):
        answer = client.get(address, query_string={"q": query})
        assert answer.status_code == 200
    assert client.get("/search?q=%ED%A0%80%FF").status_code == 200
    wrong = client.get("/search?q=%ED%A0%80%FF&after=%00&space=%00&from=%00")
    assert wrong.status_code == 422
    assert 'name="q"' in wrong.text, "the form comes back"
