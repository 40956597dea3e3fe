"""Whatever is sent to whichever form, query or operation: an answer, and never "something went wrong here"."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from alliance.accounts import passwords, tokens
from alliance.core import db as database
from alliance.discussions.models import Discussion, Post
from alliance.web import api
from alliance.web.forms import Form
from tests import discussing
from tests.people import People

TEXTS = ("a\x00b", "9" * 30, "9" * 5000, "-1", "٣", "\u202e\u0301", "[" * 2000, "2147483648", "1e400", "'\"<%s>")
VALUES: tuple[Any, ...] = (*TEXTS, "\ud800", True, None, 10**30, -1, 1.5, [], ["\x00"], {}, {"a": "\x00"}, [[]] * 50)
# What ends the sign-in the test goes by, and what answers for minutes.
LEFT_OUT = {"/sign-out", "/settings/password", "/reset-password/<token>"}


@pytest.fixture
def values(people: People) -> dict[str, Any]:
    """What the arguments of rules may name: things that are there."""
    actor = people.participant(handle="ann")
    found = discussing.discussion(actor)
    post = discussing.reply(people.participant(), found)
    return {
        "discussion_id": found.id, "post_id": post.id, "slug": found.slug, "code": "c2", "handle": "ann", "token": "x", "key": "k", "name": "n",
        "draft_id": 1, "digest_id": 1, "affiliation_id": 1, "failure_id": 1, "token_id": 1, "key_id": 1, "mail_id": 1, "number": 1, "filename": "x", "line": "1",
        "act": "hide", "bookmark_id": 1, "place": f"d:{found.id}",
        "call_id": 1, "comment_id": 1, "invitation_id": 1, "item_id": 1, "kind": "flags", "language": "en", "meeting_id": 1, "move_id": 1, "point_id": 1,
        "request_id": 1, "search_id": 1, "measure_id": 1, "session_id": 1, "rule_id": 1, "document_id": 1, "milestone_id": 1, "table": "activity",
    }  # fmt: skip


@pytest.fixture
def member(client: FlaskClient, people: People) -> FlaskClient:
    """The secretariat, who may do most."""
    people.person(email="s@example.org", role="secretariat", password_hash=passwords.make("long enough words"))
    client.post("/sign-in", data={"email": "s@example.org", "password": "long enough words"})
    return client


def field_names() -> set[str]:
    """Every field of every form, and those read without one."""

    def below(kind: type[Any]) -> Iterator[type[Any]]:
        for one in kind.__subclasses__():
            yield one
            yield from below(one)

    named = {name for kind in below(Form) for name in vars(kind) if not name.startswith("_")}
    return named | {
        "id",
        "discussion",
        "next",
        "order",
        "numbers",
        "unread_from",
        "level",
        "decision",
        "lang",
        "theme",
        "way",
        "offline",
        "text",
        "near",
        "thanks",
    }


def addresses(app: Flask, values: dict[str, Any], method: str) -> list[str]:
    """An address of every rule that takes a method, as far as its arguments are known."""
    adapter = app.url_map.bind("localhost")
    rules = [rule for rule in app.url_map.iter_rules() if method in (rule.methods or ()) and rule.rule not in LEFT_OUT]
    rules = [rule for rule in rules if not rule.rule.startswith(("/api/", "/socket", "/static"))]
    unknown = {name for rule in rules for name in rule.arguments} - set(values)
    assert unknown == set()
    return sorted({adapter.build(rule.endpoint, {n: values[n] for n in rule.arguments}) for rule in rules if rule.arguments <= set(values)})


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_forms(app: Flask, member: FlaskClient, values: dict[str, Any], text: str) -> None:
    names = field_names()
    for address in addresses(app, values, "POST"):
        answer = member.post(address, data=dict.fromkeys(names, text))
        assert answer.status_code < 500, address
        answer.get_data()
    assert database.session().get(Discussion, values["discussion_id"]) is not None
    assert database.session().get(Post, values["post_id"]) is not None


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_queries(app: Flask, member: FlaskClient, values: dict[str, Any], text: str) -> None:
    names = [
        "after",
        "from",
        "fold",
        "order",
        "q",
        "sort",
        "type",
        "language",
        "country",
        "stakeholder_type",
        "organization",
        "space",
        "reply_to",
    ]
    names += [
        "quote",
        "at",
        "next",
        "lang",
        "before",
        "place",
        "page",
        "since",
        "until",
        "to",
        "person",
        "limit",
        "parent_id",
        "period",
        "cursor",
    ]
    for address in addresses(app, values, "GET"):
        answer = member.get(address, query_string=dict.fromkeys(names, text))
        assert answer.status_code < 500, address
        answer.get_data()


@pytest.mark.parametrize("value", VALUES, ids=range(len(VALUES)))
def test_operations(app: Flask, people: People, values: dict[str, Any], value: Any) -> None:
    token = tokens.create_token(people.of(people.secretariat()), "admin", "garbage")
    client = app.test_client()
    for operation in api.operations:
        address = re.sub(r"<(?:\w+:)?(\w+)>", lambda name: str(values.get(name[1], 1)), f"/api/v1{operation.rule}")
        fields = operation.body.model_fields if operation.body is not None else {}
        bodies = [dict.fromkeys(fields, value), *({name: value} for name in fields), value]
        for body in bodies:
            answer = client.open(
                address,
                method=operation.method,
                data=json.dumps(body),
                headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
                query_string={
                    name: value
                    for name in (operation.query.model_fields if operation.query else ())
                    if isinstance(value, str | int) and value != "\ud800"
                },
            )
            assert answer.status_code < 500, (operation.method, address, body)


PARTS: tuple[Any, ...] = (0, -1, 2**31, 2**63, 1.5, True, None, "\x00", "\ud800", "é", [], {}, {"t": "x"}, {"t": 5})
MOMENTS = ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2026-01-01T00:00:00", "2026-01-01T00:00:00+00:00")


@pytest.mark.parametrize(
    "parts", [*((one,) for one in PARTS), *((one, 1) for one in PARTS), *(({"t": one}, 1) for one in MOMENTS), 5, "x", {}]
)
def test_cursors(app: Flask, member: FlaskClient, values: dict[str, Any], parts: Any) -> None:
    cursor = base64.urlsafe_b64encode(json.dumps(parts).encode()).decode()
    for address in addresses(app, values, "GET"):
        answer = member.get(address, query_string={"after": cursor, "from": cursor, "sort": "new"})
        assert answer.status_code < 500, address
        answer.get_data()
    for operation in api.operations:
        if operation.query is not None:
            address = re.sub(r"<(?:\w+:)?(\w+)>", lambda name: str(values.get(name[1], 1)), f"/api/v1{operation.rule}")
            assert member.get(address, query_string={"after": cursor}).status_code < 500, address
