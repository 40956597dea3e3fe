"""The title goes with the opening post, at every door, and comes back with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from alliance.core import i18n
from alliance.discussions import counters, services
from alliance.discussions.models import Discussion
from alliance.groups.models import Space
from alliance.mailing import letters
from alliance.moderation import services as moderation
from alliance.policy import Actor
from tests import discussing
from tests.people import People

DOORS = (
    "/",
    "/latest",
    "/action-lines/c2",
    "/search?q=MARKED",
    "/search?q=users",
    "/feeds/c2.atom",
    "/feeds/discussion/{id}.atom",
    "/sitemap.xml",
    "/d/{id}/{slug}",
    "/d/{id}/{slug}/all",
    "/d/{id}/{slug}.txt",
    "/p/{reply}/branch",
    "/people/{handle}",
    "/moderation/log",
    "/api/v1/discussions",
    "/api/v1/discussions/{id}",
    "/api/v1/search?q=users",
    "/api/v1/spaces/c2/discussions",
)


def read(client: FlaskClient, found: dict[str, Any]) -> dict[str, str]:
    """What guests read at every door (and the address they end at)."""
    pages = {}
    for path in DOORS:
        answer = client.get(path.format(**found))
        pages[path] = f"{answer.location}\n{answer.text}"  # read at once: some are streamed
    return pages


def marked(db: Any, people: People) -> tuple[Actor, Discussion, dict[str, Any]]:
    """A discussion with a title one will not want to read, and an answer."""
    author = people.participant()
    found = discussing.discussion(author, title="MARKED Ztitle of the matter")
    reply = discussing.reply(people.participant(), found)
    values = {"id": found.id, "slug": found.slug, "reply": reply.id, "handle": People.of(author).handle}
    return author, found, values


def gone_from(pages: dict[str, str]) -> list[str]:
    """Doors at which the title is read."""
    return [path for path, text in pages.items() if "ztitle" in text.lower()]


def test_hiding_the_opening_post_hides_the_title_everywhere(client: FlaskClient, people: People, db: Any, drain: Callable[[], int]) -> None:
    _author, found, values = marked(db, people)
    found_id, moderator = found.id, people.moderator()
    drain()
    before = read(client, values)
    assert len(gone_from(before)) >= 10, "the doors are the right ones"
    db.release()
    opening = discussing.opening(db.session().get_one(Discussion, found_id)).id
    moderation.hide(moderator, opening, "Names somebody.")
    drain()
    db.release()
    hidden = db.session().get_one(Discussion, found_id)
    assert (hidden.title, hidden.slug, hidden.status) == ("[The title was taken away]", "discussion", "visible")
    after = read(client, values | {"slug": "discussion"})
    assert gone_from(after) == []
    assert "[The title was taken away]" in after["/action-lines/c2"]
    moderation.restore(moderator, opening, "Seen wrongly.")
    drain()
    db.release()
    back = db.session().get_one(Discussion, found_id)
    assert (back.title, back.slug, back.withheld_title) == ("MARKED Ztitle of the matter", values["slug"], None)
    assert set(gone_from(before)) <= set(gone_from(read(client, values)))


def test_withdrawing_it_does_so_too_and_mail_says_nothing(people: People, db: Any, drain: Callable[[], int]) -> None:
    author, found, values = marked(db, people)
    services.withdraw_post(author, discussing.opening(found))
    db.release()
    found = db.session().get_one(Discussion, values["id"])
    assert (found.title, found.withheld_title) == ("[The title was taken away]", "MARKED Ztitle of the matter")
    reply = services.publish_post(people.participant(), found, "More.", parent=None)
    draft = letters.post_draft(People.of(author), "reply", reply)
    assert draft.subject == "Re: [The title was taken away]"
    assert "ztitle" not in f"{draft}".lower()


def test_a_discussion_of_which_nothing_is_left_is_closed_until_something_is(people: People, db: Any) -> None:
    found = discussing.discussion(people.participant())
    space_id, opening, moderator = found.space_id, discussing.opening(found).id, people.moderator()
    assert db.session().get_one(Space, space_id).discussions_count == 1
    moderation.hide(moderator, opening, "Advertising.")
    assert (found.status, db.session().get_one(Space, space_id).discussions_count) == ("hidden", 0)
    moderation.restore(moderator, opening, "Seen wrongly.")
    assert (found.status, found.title, db.session().get_one(Space, space_id).discussions_count) == (
        "visible",
        "Who pays for the last mile?",
        1,
    )


def test_the_note_is_in_the_language_of_who_reads(people: People, db: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    _author, found, values = marked(db, people)
    with db.transaction():
        counters.set_status(discussing.opening(found), "hidden")
    monkeypatch.setattr("alliance.discussions.titles._", lambda said: f"{i18n.current_locale()} {said}")
    db.release()
    with i18n.use_locale("fr"):
        assert db.session().get_one(Discussion, values["id"]).title == "fr [The title was taken away]"
