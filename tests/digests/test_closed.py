"""Closed discussions in a digest: title and public summary in every form of it, and nothing of what was said."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from typing import Any

import docx
import pypdf
import pytest
from flask.testing import FlaskClient

from alliance.core import clock, i18n
from alliance.core import db as database
from alliance.curating import summaries
from alliance.digests import queries, render, sealing, services, signing, states, word
from alliance.digests.models import Digest
from alliance.discussions import services as saying
from alliance.discussions.models import Discussion, Post
from alliance.moderation import confiding
from alliance.moderation import services as moderation
from alliance.policy import Actor
from tests.grouping import founded, member
from tests.people import People

SYSTEM = Actor.system()
TITLE, SAID, MORE = "What we could give up", "All agree that the fund has to be measured.", "Nobody wants a second fund."
MARK = "zanzibarine"


class Closed:
    """A closed discussion of a public group, with its public summary."""

    def __init__(self, people: People) -> None:
        self.group = founded(people, "Open club")
        self.chair, self.inside = member(people, self.group, "chair"), member(people, self.group)
        found = saying.open_discussion(self.inside, self.group.space, TITLE, f"Opening {MARK}.")
        self.answer = saying.publish_post(self.inside, found, f"Answer {MARK}.").id
        self.id = found.id
        confiding.close(self.chair, self.id, "They speak in confidence.")
        summaries.write(self.chair, self.id, f"{SAID} [#1]\n{MORE} [#2]", language="en")


@pytest.fixture
def closed(people: People, db: Any) -> Closed:
    return Closed(people)


def compiled(space: Any = None, days: int = 0) -> Digest:
    day = (clock.now() + timedelta(days=days)).date()
    return queries.get_digest(SYSTEM, services.compile_digest(SYSTEM, day, day, space).id)


def forms(digest: Digest) -> dict[str, str]:
    """What each form says, as text."""
    file = docx.Document(io.BytesIO(word.docx_of(digest)))
    pages = pypdf.PdfReader(io.BytesIO(render.pdf(digest))).pages
    return {
        "pdf": " ".join(" ".join(one.extract_text() for one in pages).split()),
        "docx": "\n".join(one.text for one in file.paragraphs),
        "json": json.dumps(render.as_dict(digest), ensure_ascii=False),
        "txt": " ".join(render.text(digest).split()),
    }


def test_every_form_has_title_and_summary_and_nothing_that_was_said(closed: Closed, client: FlaskClient) -> None:
    made = compiled()
    page = client.get(f"/digests/{made.id}").text
    for form, text in {"html": page, **forms(made)}.items():
        for told in (TITLE, SAID, MORE, f"/d/{closed.id}/summary#r1"):
            assert told in text or (form in {"docx", "pdf"} and told.startswith("/d/")), (form, told)
        assert MARK not in text, form
        assert f"/p/{closed.answer}" not in text, form
    assert 'lang="en"' in page[page.index("<blockquote") :]
    assert client.get(f"/d/{closed.id}/summary").text.count('id="r1"') == 1
    assert made.figures["posts"] == 0
    with i18n.use_locale("ar"):
        assert SAID in render.text(made)


def test_it_belongs_to_the_period_by_what_everybody_knows(closed: Closed, people: People, db: Any) -> None:
    other = founded(people, "Another club")
    assert [len(compiled(space).figures["closed"]) for space in (closed.group.space, other.space)] == [1, 0]
    assert compiled(days=-2).figures["closed"] == []
    with database.transaction() as session:
        long_ago = clock.now() - timedelta(days=90)
        for row in summaries.revisions(closed.id):
            row.created_at = long_ago
        found = session.get_one(Discussion, closed.id)
        found.created_at = found.confided_at = long_ago
    saying.publish_post(closed.inside, database.session().get_one(Discussion, closed.id), "Said today.")
    assert compiled().figures["closed"] == []  # that somebody spoke in it today is not told
    summaries.write(closed.chair, closed.id, f"{SAID} [#1]")
    [row] = compiled().figures["closed"]
    assert summaries.newest(closed.id).id == row["summary"]  # type: ignore[union-attr]


def test_one_without_a_summary_and_one_of_a_closed_circle_are_not_in_it(people: People, db: Any) -> None:
    closed = Closed(people)
    summaries.take_down(closed.chair, closed.id)
    circle = founded(people, "Circle", visibility="members")
    inside = member(people, circle, "chair")
    found = saying.open_discussion(inside, circle.space, "Unheard of", "Words.")
    confiding.close(inside, found.id, "Because.")
    summaries.write(inside, found.id, f"{SAID} [#1]")
    made = compiled()
    assert made.figures["closed"] == []
    assert not any("Unheard of" in text or TITLE in text for text in forms(made).values())


def signed(people: People) -> Digest:
    made = compiled()
    states.submit(people.moderator(), made)
    states.sign(people.moderator(), queries.get_digest(SYSTEM, made.id))
    return queries.get_digest(SYSTEM, made.id)


def as_file(told: dict[str, Any]) -> bytes:
    return json.dumps(told, ensure_ascii=False).encode()


def test_what_leaves_it_breaks_no_seal(closed: Closed, people: People) -> None:
    made = signed(people)
    [entry] = sealing.published(made)["closed"]
    assert (entry["title"], entry["text"], entry["revision"], entry["retracted"]) == (TITLE, f"{SAID} {MORE}", 1, False)
    assert [one["place"] for one in entry["sentences"]] == [1, 2]
    assert sealing.verify(as_file(sealing.published(made)), signing.public_pem()).retracted == 0

    moderation.hide(closed.chair, closed.answer, "Because.")
    told = sealing.published(made)
    assert (told["closed"][0]["text"], told["closed"][0]["title"]) == (SAID, TITLE)
    assert MORE not in as_file(told).decode()
    assert not any(MORE in text for text in forms(queries.get_digest(SYSTEM, made.id)).values())
    found = sealing.verify(as_file(told), signing.public_pem())
    assert (found.genuine, found.retracted) == (True, 1)

    summaries.take_down(closed.chair, closed.id)
    told = sealing.published(made)
    assert SAID not in as_file(told).decode()
    assert TITLE not in as_file(told).decode()
    assert told["closed"][0]["retracted"]
    found = sealing.verify(as_file(told), signing.public_pem())
    assert (found.genuine, found.retracted) == (True, 3)
    again = queries.get_digest(SYSTEM, made.id)
    assert not any(SAID in text or TITLE in text for text in forms(again).values())
    assert "retracted" in render.text(again)


@pytest.mark.parametrize("change", ["title", "sentence", "text", "revision", "dropped"])
def test_a_changed_letter_is_found(closed: Closed, people: People, change: str) -> None:
    told = json.loads(as_file(sealing.published(signed(people))))
    [entry] = told["closed"]
    if change == "title":
        entry["title"] += "?"
    elif change == "sentence":
        entry["sentences"][0]["shown"] += "."
    elif change == "text":
        entry["text"] += "."
    elif change == "revision":
        entry["revision"] = 7
    else:
        told["closed"].pop()
    assert not sealing.verify(as_file(told), signing.public_pem()).genuine


def test_a_later_revision_does_not_change_what_was_compiled(closed: Closed, db: Any) -> None:
    made = compiled()
    summaries.write(closed.chair, closed.id, "Something else came of it. [#1]")
    assert db.session().get_one(Post, closed.answer) is not None
    text = render.text(queries.get_digest(SYSTEM, made.id))
    assert SAID in " ".join(text.split())
    assert "Something else" not in text
