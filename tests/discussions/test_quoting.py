"""Quotes know what they quote; what is taken away is quoted no more."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from alliance.accounts import passwords
from alliance.discussions import quoting
from alliance.discussions.models import Discussion, Quote
from alliance.moderation import services as moderation
from tests import discussing
from tests.people import PASSWORD, People

BODY = "We **ask** because [nobody](https://example.org) knows. Ten per cent!\n\nTwice: ten per cent.\n"


@pytest.fixture
def writer(client: FlaskClient, people: People) -> Any:
    """Somebody signed in."""
    actor = people.participant(email="w@example.org", password_hash=passwords.make(PASSWORD), name="Ann *B* [c]")
    client.post("/sign-in", data={"email": "w@example.org", "password": PASSWORD})
    return actor


@pytest.mark.parametrize(
    ("selected", "near", "found"),
    [
        ("", 0, BODY),
        ("We ask because", 0, "We **ask** because"),
        ("ask because", 0, "**ask** because"),
        ("nobody knows", 0, "[nobody](https://example.org) knows."),
        ("nobody", 0, "[nobody](https://example.org)"),
        ("Ten per cent", 0.4, "Ten per cent!"),
        ("ten per cent", 0.9, "ten per cent."),
        (
            "We ask because nobody knows. Ten per cent!\nTwice",
            0,
            "We **ask** because [nobody](https://example.org) knows. Ten per cent!\n\nTwice:",
        ),
        ("something else entirely", 0, BODY),
        ("!!", 0, BODY),
    ],
)
def test_a_selection_is_found_in_the_markdown(selected: str, near: float, found: str) -> None:
    start, end = quoting.find(BODY, selected, near)
    assert BODY[start:end] == found


@pytest.mark.parametrize(
    ("selected", "near", "expected"),
    [
        ("a", 0.9, (90_000, 90_001)),
        ("a" * 50_000, 0.25, (25_000, 75_000)),
        ("a" * 50_000, 0.9, (50_000, 100_000)),
        ("a" * 25_000 + "b" + "a" * 25_000, 0.5, (0, 100_000)),
    ],
)
def test_finding_in_what_repeats_itself(selected: str, near: float, expected: tuple[int, int]) -> None:
    assert quoting.find("a" * 100_000, selected, near) == expected


@pytest.mark.parametrize("given", [None, "", "x", "1.2.3", "1.2.3.4.5x", "9" * 50 + ".1.1.1", "-1.1.1.1"])
def test_made_up_references_are_no_error(given: str | None) -> None:
    assert len(quoting.references(given)) <= 1


def test_quoted_without_script_published_and_kept(client: FlaskClient, writer: Any, db: Any) -> None:
    found = discussing.discussion(writer, body=BODY)
    path, post_id = f"/d/{found.id}/{found.slug}", discussing.opening(found).id
    page = client.get(f"/p/{post_id}/quote", follow_redirects=True).text
    reference = f"{post_id}.1.0.{len(BODY)}"
    assert f'name="quotes" type="hidden" value="{reference}"' in page
    assert r"[#1](/p/1) Ann \*B\* \[c\]:" in page
    body = f"[#1](/p/{post_id}) Ann:\n> We **ask** because\n\nSo do we."
    assert client.post(f"{path}/reply", data={"body": body, "quotes": reference, "nonce": "n"}).status_code == 303
    (kept,) = db.session().scalars(select(Quote)).all()
    assert (kept.quoted_post_id, kept.revision, kept.start, kept.end) == (post_id, 1, 0, len(BODY))


def test_a_selection_quoted_by_script(client: FlaskClient, writer: Any) -> None:
    post_id = discussing.opening(discussing.discussion(writer, body=BODY)).id
    made = client.post(f"/p/{post_id}/quote", data={"text": "We ask because", "near": "0"}).json
    assert made["markdown"].endswith("> We **ask** because\n\n")
    assert made["reference"] == f"{post_id}.1.0.18"
    assert made["heading"] == "Reply to #1"
    assert client.post(f"/p/{post_id}/quote", data={"text": "x", "near": "nan-sense"}).status_code == 200
    assert client.post("/p/999/quote", data={"text": "x"}).status_code == 404


def test_references_that_fit_nothing_are_dropped(people: People, db: Any) -> None:
    actor, moderator = people.participant(), people.moderator()
    found = discussing.discussion(actor, body=BODY)
    first, hidden = discussing.opening(found).id, discussing.reply(actor, found, body="Hidden.")
    moderation.hide(moderator, hidden.id, "Not here.")
    body = f"[#1](/p/{first}) and [#2](/p/{hidden.id})"
    post = discussing.reply(actor, db.session().get_one(Discussion, found.id), body=body)
    with db.transaction():
        quoting.keep(actor, post, f"{first}.1.0.99999 {first}.7.0.5 {first}.1.5.5 {hidden.id}.1.0.3 999.1.0.1 {first}.1.0.5 {first}.1.0.5")
    assert [(one.start, one.end) for one in db.session().scalars(select(Quote))] == [(0, 5)]
