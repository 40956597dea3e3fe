"""Names in texts: links to people and spaces, where everybody may see them."""

from __future__ import annotations

import time
from typing import Any

import pytest
from sqlalchemy import event

from alliance.core import names
from alliance.discussions import linking, services
from tests import discussing
from tests.people import People


def test_people_and_spaces(db: Any, people: People) -> None:
    people.person(handle="amina")
    discussing.space("c7-ehealth")
    html = linking.rendered("Ask @Amina, @nobody and #c7-ehealth (or #c99).").html
    assert '<a href="/people/amina" class="mention" rel="nofollow ugc noopener">@Amina</a>' in html
    assert '<a href="/action-lines/c7-ehealth" class="mention" rel="nofollow ugc noopener">#c7-ehealth</a>' in html
    assert "@nobody" in html
    assert html.count("<a ") == 2


@pytest.mark.parametrize(
    "body",
    [
        "`@amina`",
        "```\n@amina\n```",
        "[@amina](https://example.org)",
        "amina@example.org",
        "x@amina",
        "@amina@example.org",
        "/@amina",
        "@amina_b",
    ],
)
def test_code_links_and_addresses_are_no_mentions(db: Any, people: People, body: str) -> None:
    people.person(handle="amina")
    assert "/people/amina" not in linking.rendered(body).html


def test_unconfirmed_people_are_not_given_away(db: Any, people: People) -> None:
    people.person(handle="amina", confirmed_at=None)
    assert "<a" not in linking.rendered("@amina").html


def test_in_what_is_published_and_edited(db: Any, people: People) -> None:
    actor = people.participant()
    people.person(handle="amina")
    post = discussing.opening(discussing.discussion(actor, body="Ask @amina."))
    assert "/people/amina" in post.html
    services.edit_post(actor, post, "Ask *@amina*.", expected_revision=1)
    assert "<em><a href=" in post.html


def test_thousands_of_names_take_two_queries_and_little_time(db: Any, people: People) -> None:
    people.person(handle="amina")
    body = "@amina " * 2000 + " ".join(f"@person-{number} #c{number}" for number in range(3000))
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        statements.append(statement)

    event.listen(db.engine(), "before_cursor_execute", note)
    began = time.process_time()
    html = linking.rendered(body).html
    spent = time.process_time() - began
    event.remove(db.engine(), "before_cursor_execute", note)
    assert html.count('href="/people/amina"') == 2000
    assert len(names.named(body)) == names.MAX_NAMES
    assert sum(one.startswith("SELECT") for one in statements) == 2
    assert spent < 2
