"""Key contributions: marked, shown, found, counted by digests, taken along, taken back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from alliance import events
from alliance.accounts import services as accounts
from alliance.core import db as database
from alliance.core import outbox
from alliance.core.errors import Conflict, Invalid, NotFound, Refused
from alliance.curating import services
from alliance.digests.material import Source
from alliance.digests.selection import select
from alliance.digests.wording import reason
from alliance.discussions.models import Post
from alliance.moderation import moves, queries
from alliance.policy import Actor
from alliance.search import finding
from tests import discussing
from tests.grouping import founded, member
from tests.people import People
from tests.signing import signed_in


@pytest.fixture
def post(db: Any, people: People) -> Any:
    author = people.participant()
    return discussing.reply(author, discussing.discussion(author), body="A fund for the last mile.")


def acts() -> list[tuple[str, str]]:
    return [(entry.act, entry.reason) for entry in queries.log(Actor.guest())[0]]


def test_marking_wording_anew_and_taking_back(post: Any, people: People) -> None:
    moderator, version = people.moderator(), post.version
    assert services.mark(moderator, post.id, "  The only\nfigures ").key_note == "The only figures"
    services.mark(moderator, post.id, "The only figures")  # changes nothing, tells nobody
    assert (post.version, acts()) == (version + 1, [("mark_key", "The only figures")])
    services.mark(moderator, post.id)
    services.unmark(moderator, post.id)
    assert (post.key_note, acts()[0]) == (None, ("unmark_key", ""))
    told = [one.event for one in outbox.read(0, 100) if isinstance(one.event, events.PostMarked)]
    assert [one.post_id for one in told] == [post.id] * 3
    with pytest.raises(Conflict):
        services.unmark(moderator, post.id)
    with pytest.raises(Invalid):
        services.mark(moderator, post.id, "x" * 201)


def test_who_may(post: Any, people: People) -> None:
    for actor in (Actor.guest(), people.participant(), people.suspended(role="moderator")):
        with pytest.raises(Refused):
            services.mark(actor, post.id)
    group = founded(people, visibility="private")
    member_ = member(people, group)
    inside = discussing.services.open_discussion(member_, group.space, "What is counted?", "Nothing yet.")
    opening = discussing.opening(inside)
    with pytest.raises(NotFound):
        services.mark(people.participant(), opening.id)
    with pytest.raises(Refused):
        services.mark(member_, opening.id)
    for role in ("chair", "moderator", "rapporteur"):
        services.mark(member(people, group, role), opening.id, role)
    assert opening.key_note == "rapporteur"
    assert "mark_key" not in {act for act, _reason in acts()}


def test_the_page_says_so_and_leads_there(client: FlaskClient, post: Any, people: People) -> None:
    found, where = post.discussion, f"/moderation/posts/{post.id}/key"
    address, post_id, feed = f"/d/{found.id}/{found.slug}", post.id, f"/feeds/discussion/{found.id}.atom"
    for number in range(7):
        discussing.reply(people.participant(), found, body=f"Answer {number}.")
    signed_in(client, people.moderator())
    assert f'href="{where}">Key</a>' in client.get(address).text
    assert client.post(where, data={"key_note": "x" * 201}).status_code == 422
    assert client.post(where, data={"key_note": "Has <figures>"}).status_code == 303
    guest = client.application.test_client()
    page = guest.get(address).text
    assert page.count("Has &lt;figures&gt;") == 2
    assert "<strong>Key contribution</strong>" in page
    assert f'<a href="/p/{post_id}">#2 ' in page[page.index("Key contributions</h2>") : page.index('id="posts"')]
    assert "Has &lt;figures&gt;" in guest.get(f"{address}/all").text
    assert "· Key contribution ·" in guest.get(f"{address}.txt").text
    assert "key-contribution" in guest.get(feed).text
    assert "Has &lt;figures&gt;" in guest.get("/moderation/log").text
    assert client.post(where, data={"take_back": "1"}).status_code == 303
    assert "Key contribution" not in guest.get(address).text
    assert client.post(where, data={"take_back": "1"}).status_code == 422


def test_it_is_found_and_no_longer(post: Any, people: People, drain: Callable[[], int]) -> None:
    def found() -> list[int]:
        drain()
        query, _wrong = finding.ask(Actor.guest(), "is:key fund", {})
        return [result.post.id for result in finding.find(Actor.guest(), query, "relevance").results if result.post]

    moderator, post_id = people.moderator(), post.id
    assert found() == []
    services.mark(moderator, post_id)
    assert found() == [post_id]
    services.unmark(moderator, post_id)
    assert found() == []


def test_it_goes_along(post: Any, people: People) -> None:
    moderator, post_id, old = people.moderator(), post.id, post.discussion_id
    services.mark(moderator, post_id, "Figures")
    new = moves.branches(moderator, old, [2], title="A fund", reason="Another matter").target
    kept = database.session().get_one(Post, post_id)
    assert (kept.discussion_id, kept.key_note) == (new.id, "Figures")


def test_a_digest_counts_it_more_and_says_why() -> None:
    said = ("Spectrum fees should fall by half in rural provinces.", "School lines should be paid by the universal service fund.")
    for chosen in (0, 1):
        posts = [
            Source(key=n, discussion=n, author=n, body=body, language="en", stakeholder_type="media", marked=n == chosen)
            for n, body in enumerate(said)
        ]
        (strand,) = select(posts, 1).strands
        assert strand.lead.source.key == chosen
        assert "A moderator marked" in " ".join(reason(fact) for fact in strand.reasons)


def test_the_api(client: FlaskClient, people: People, post: Any) -> None:
    def bearer(**columns: Any) -> dict[str, str]:
        return {"Authorization": f"Bearer {accounts.create_token(people.person(**columns), 'write')}"}

    url, moderator = f"/api/v1/posts/{post.id}", bearer(role="moderator")
    assert client.put(f"{url}/key", json={"note": "Figures"}, headers=bearer()).status_code == 403
    assert client.put(f"{url}/key", json={"note": "Figures"}, headers=moderator).status_code == 204
    assert client.get(url).json["key_note"] == "Figures"
    assert client.put(f"{url}/key", json={"note": "x" * 300}, headers=moderator).status_code == 422
    assert client.delete(f"{url}/key", headers=moderator).status_code == 204
    assert client.get(url).json["key_note"] is None
    assert client.delete(f"{url}/key", headers=moderator).status_code == 409
