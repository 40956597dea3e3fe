"""What a token's scope lets a program do: every way to call the API, with a token of each scope; a new one without a row here counts as reading or writing."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from alliance.accounts import services as accounts
from alliance.policy.actor import SCOPES
from alliance.web import api
from tests import discussing
from tests.people import People

MODERATING = frozenset(
    {
        ("POST", "/people/<handle>/measures"),
        ("POST", "/moderation/measures/<int:measure_id>/undo"),
        ("POST", "/moderation/queue/<int:item_id>/claim"),
        ("POST", "/moderation/queue/<int:item_id>/decide"),
        ("POST", "/moderation/queue/<int:item_id>/undo"),
        ("POST", "/moderation/moves/<int:move_id>/undo"),
        ("POST", "/posts/<int:post_id>/hide"),
        ("POST", "/posts/<int:post_id>/restore"),
        ("POST", "/posts/<int:post_id>/dismiss"),
        ("POST", "/discussions/<int:discussion_id>/lock"),
        ("POST", "/discussions/<int:discussion_id>/unlock"),
        ("POST", "/discussions/<int:discussion_id>/slow"),
        ("POST", "/discussions/<int:discussion_id>/pin"),
        ("POST", "/discussions/<int:discussion_id>/unpin"),
        ("POST", "/discussions/<int:discussion_id>/close-on"),
        ("POST", "/discussions/<int:discussion_id>/split"),
        ("POST", "/discussions/<int:discussion_id>/merge"),
        ("POST", "/discussions/<int:discussion_id>/relocate"),
        ("POST", "/discussions/<int:discussion_id>/move-back"),
        ("PUT", "/discussions/<int:discussion_id>/closed"),
        ("PUT", "/discussions/<int:discussion_id>/attribution"),
    }
)
ADMINISTERING = frozenset(
    {("PUT", "/spaces/<code>/attribution"), ("POST", "/groups/<slug>/decision"), ("POST", "/digests/<int:digest_id>/transmit")}
)


def needed(operation: api.Operation) -> str:
    """What a token must allow for a call."""
    called = (operation.method, operation.rule)
    if called in ADMINISTERING:
        return "admin"
    return "moderate" if called in MODERATING else "write" if operation.method in api.WRITING else "read"


def bearer(person: Any, scope: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {accounts.create_token(person, scope)}"}


def test_the_tables_name_calls_that_are_there(db: Any) -> None:
    assert {(one.method, one.rule) for one in api.operations} >= MODERATING | ADMINISTERING


@pytest.mark.parametrize("scope", SCOPES)
def test_every_call_takes_its_scope_before_anything_is_looked_for(client: FlaskClient, people: People, scope: str) -> None:
    headers = bearer(people.of(people.secretariat()), scope)
    for operation in api.operations:
        path = api.PREFIX + re.sub(r"<int:\w+>", "999", re.sub(r"<\w+>", "nothing", operation.rule))
        answer = client.open(path, method=operation.method, json={} if operation.method in api.WRITING else None, headers=headers)
        told = "This token does not allow that" in answer.text
        reaches = SCOPES.index(scope) >= SCOPES.index(needed(operation))
        assert told is not reaches, (operation.method, operation.rule, answer.status_code, answer.text[:200])
        if told:
            assert answer.status_code == 403
            assert needed(operation) in answer.text


@pytest.mark.parametrize("scope", SCOPES)
def test_what_others_wrote_is_hidden_by_a_token_that_moderates(client: FlaskClient, people: People, scope: str) -> None:
    post = discussing.reply(people.participant(), discussing.discussion(people.participant())).id
    answer = client.post(
        f"{api.PREFIX}/posts/{post}/hide", json={"reason": "Off topic."}, headers=bearer(people.of(people.moderator()), scope)
    )
    assert (answer.status_code == 204) is (scope in {"moderate", "admin"}), answer.text


def test_the_description_says_which_scope_a_call_takes(client: FlaskClient) -> None:
    paths = client.get(f"{api.PREFIX}/openapi.json").json["paths"]  # type: ignore[index]
    for operation in api.operations:
        if operation.method in api.WRITING:
            described = paths[re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", operation.rule)][operation.method.lower()]
            assert described["security"] == [{"bearer": [needed(operation)]}]
