"""Quotes know what they quote; what is taken away is quoted no more."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from alliance.accounts import passwords
from alliance.discussions import quoting, services
from alliance.discussions.models import Discussion, Post, Quote
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


def test_finding_takes_little_time() -> None:
    began = time.process_time()
    for selected in ("a", "a" * 50_000, "ab" * 20_000):
        quoting.find("a" * 100_000, selected, 0.9)
    assert time.process_time() - began < 2


@pytest.mark.parametrize("given", [None, "", "x", "1.2.3", "1.2.3.4.5x", "9" * 50 + ".1.1.1", "-1.1.1.1"])
def test_made_up_references_are_no_error(given: str | None) -> None:
    assert len(quoting.references(given)) <= 1


def test_quoted_without_script_published_and_kept(client: FlaskClient, writer: Any, db: Any) -> None:
    found = discussing.discussion(writer, body=BODY)
    path, post_id = f"/d/{found.id}/{found.slug}", discussing.opening(found).id
    page = client.get(f"/d/{found.id}/-/reply-to/{post_id}?quote=1", follow_redirects=True).text
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


def quoted(actor: Any, people: People, db: Any) -> tuple[int, int, int]:
    """A post, one that quotes it twice and something else, and one in another discussion."""
    found = discussing.discussion(actor)
    secret = discussing.reply(actor, found, body="The MARK of the matter, and some more words.")
    body = f"[#2](/p/{secret.id}) A:\n> The MARK of the matter\n\nNo.\n\n> and some more words\n\n> not said by anybody\n\nYes."
    other = discussing.discussion(actor, title="Elsewhere")
    ids = []
    for one in (found, other):
        with db.transaction():
            post = discussing.reply(actor, db.session().get_one(Discussion, one.id), body=body)
            quoting.keep(actor, post, f"{secret.id}.1.0.22")
            ids.append(post.id)
    return secret.id, ids[0], ids[1]


def html(db: Any, post_id: int) -> str:
    db.release()
    return str(db.session().get_one(Post, post_id).html)


def test_what_is_hidden_is_taken_out_of_quotes_and_comes_back(people: People, db: Any, drain: Callable[[], int]) -> None:
    actor, moderator = people.participant(), people.moderator()
    secret, here, there = quoted(actor, people, db)
    before = html(db, here)
    version = db.session().get_one(Post, here).version
    moderation.hide(moderator, secret, "Not here.")
    drain()
    for post_id in (here, there):
        shown = html(db, post_id)
        assert "MARK" not in shown
        assert "some more words" not in shown
        assert "not said by anybody" in shown
        assert shown.count("The quoted post was taken away.") == 2
    assert db.session().get_one(Post, here).version > version
    moderation.restore(moderator, secret, "It may stay.")
    drain()
    assert html(db, here) == before


def test_what_is_withdrawn_stays_out_when_the_quoting_post_is_edited(people: People, db: Any, drain: Callable[[], int]) -> None:
    actor = people.participant()
    secret, here, _there = quoted(actor, people, db)
    services.withdraw_post(actor, db.session().get_one(Post, secret))
    drain()
    post = db.session().get_one(Post, here)
    services.edit_post(actor, post, f"{post.body}\n\nAnd more.", expected_revision=1)
    assert "MARK" not in html(db, here)
    assert "And more." in html(db, here)


def test_nested_quotations_are_taken_whole() -> None:
    class Gone:
        id, html = 9, "<p>inner words</p>"

    text = '<p><a href="/p/9">#9</a> A:</p>\n<blockquote>\n<p>changed</p>\n<blockquote>\n<p>x</p>\n</blockquote>\n</blockquote>\n<p>after</p>\n<blockquote>\n<p>another</p>\n</blockquote>'
    made = quoting.without(text, Gone())  # type: ignore[arg-type]
    assert "changed" not in made
    assert "another" in made
    assert made.count("<blockquote>") == made.count("</blockquote>") == 2
    assert re.sub("inner", "", made) == made
