"""What is hidden or withdrawn is quoted no more, at any door, and comes back when it does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient

from alliance.discussions import quoting, retracting, services
from alliance.discussions.models import Discussion, Post
from alliance.mailing import letters
from alliance.moderation import services as moderation
from tests import discussing
from tests.people import People


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


def test_what_is_hidden_is_taken_out_of_quotes_and_comes_back(
    client: FlaskClient, people: People, db: Any, drain: Callable[[], int]
) -> None:
    actor, moderator = people.participant(), people.moderator()
    secret, here, there = quoted(actor, people, db)
    before = html(db, here)
    version, found = db.session().get_one(Post, here).version, db.session().get_one(Post, here).discussion
    found_id, slug = found.id, found.slug
    moderation.hide(moderator, secret, "Not here.")
    drain()
    for post_id in (here, there):
        shown = html(db, post_id)
        assert "MARK" not in shown
        assert "some more words" not in shown
        assert "not said by anybody" in shown
        assert shown.count("The quoted post was taken away.") == 2
    for path in (
        f"/p/{here}/history",
        f"/api/v1/posts/{here}",
        f"/d/{found_id}/{slug}.txt",
        f"/api/v1/discussions/{found_id}/posts",
        f"/d/{found_id}/{slug}",
        "/feeds/c2.atom",
    ):
        page = client.get(path)
        assert page.status_code == 200
        assert "MARK" not in page.text, path
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
    assert "MARK" not in quoting.quotation(post).markdown
    services.edit_post(actor, post, f"{post.body}\n\nAnd more.", expected_revision=1)
    assert "MARK" not in html(db, here)
    assert "And more." in html(db, here)


def test_nested_quotations_are_taken_whole() -> None:
    text = '<p><a href="/p/9">#9</a> A:</p>\n<blockquote>\n<p>changed</p>\n<blockquote>\n<p>x</p>\n</blockquote>\n</blockquote>\n<p>after</p>\n<blockquote>\n<p>another</p>\n</blockquote>'
    made = retracting.without(text, 9, "innerwords")
    assert "changed" not in made
    assert "another" in made
    assert made.count("<blockquote>") == made.count("</blockquote>") == 2


def test_what_was_quoted_by_hand_is_retracted_too(client: FlaskClient, people: People, db: Any, drain: Callable[[], int]) -> None:
    actor, moderator = people.participant(), people.moderator()
    found = discussing.discussion(actor)
    secret = discussing.reply(actor, found, body="The MARK of the matter, said at length.").id
    here = discussing.reply(actor, found, body="> The MARK of the matter, said\n> at length.\n\nI say no.").id
    short = discussing.reply(actor, found, body="> at length.\n\nIndeed.").id
    found_id, slug = found.id, found.slug
    drain()
    moderation.hide(moderator, secret, "Not here.")
    drain()
    paths = (
        f"/d/{found_id}/{slug}",
        f"/api/v1/posts/{here}",
        "/search?q=MARK+matter",
        f"/feeds/discussion/{found_id}.atom",
        "/feeds/c2.atom",
    )
    for path in paths:
        assert "MARK of" not in client.get(path).text.replace("<mark>", "").replace("</mark>", ""), path
    assert "I say no." in html(db, here)
    told = f"{letters.post_draft(People.of(actor), 'watched', db.session().get_one(Post, here))}"
    assert "I say no." in told
    assert "MARK" not in told
    assert "at length" in html(db, short), "a few words are said by anybody"
    moderation.restore(moderator, secret, "Seen wrongly.")
    drain()
    assert "MARK" in html(db, here)
