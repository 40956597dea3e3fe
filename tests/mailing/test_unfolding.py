"""What was cut off a mail can be opened below the post it became, by those who may read the post, and by nobody else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select, update

from alliance.core import db as database
from alliance.core import tokens
from alliance.core.settings import Settings
from alliance.discussions import attributing, counters
from alliance.discussions import services as discussions
from alliance.discussions.models import Discussion, Post
from alliance.groups import queries as groups
from alliance.groups.models import Space
from alliance.mailing import addressing, incoming, repeating, unfolding
from alliance.moderation import confiding, items, lines, moves, options
from alliance.moderation import services as moderation
from alliance.moderation.models import ReviewItem
from alliance.policy import Actor
from alliance.privacy import closing
from tests.grouping import founded, member
from tests.people import People

SUMMARY = "Cut off the e-mail"
QUOTE = "> Who pays for the last kilometre, asked Ms <b>Zimmermann</b>?"


@dataclass
class Mailed:
    """A post that came by mail."""

    author: Actor
    opener: Actor
    discussion: int
    post: int

    @property
    def path(self) -> str:
        return f"/d/{self.discussion}/x"


def mail_in(people: People, space: Space, author: Actor, opener: Actor, more: str = "", end: str = "") -> Mailed:
    """Somebody answers a discussion by mail."""
    discussion = discussions.open_discussion(opener, space, "Who pays?", "I ask.", language="en").id
    address = addressing.reply_address(author.person_id or 0, discussion)
    text = f"Public funds do.\n\nOn Tue, 3 Nov 2026, Otto Zimmermann <otto@example.net> wrote:\n{QUOTE}\n{more}"
    raw = (
        f"From: {People.of(author).email}\r\nTo: {address}\r\nSubject: Re: Who pays?\r\nMessage-ID: <{discussion}@example.org>\r\n"
        f"Content-Type: text/plain; charset=utf-8\r\n\r\n{text}{end}"
    )
    (outcome,) = incoming.receive(raw.encode(), recipients=[address])
    assert outcome.status == "posted"
    database.release()
    return Mailed(author, opener, discussion, outcome.post_id or 0)


@pytest.fixture
def mailed(people: People) -> Mailed:
    opener = people.participant(name="Amina")
    return mail_in(people, groups.get_space(opener, "c5"), people.participant(name="Jane Doe"), opener)


def post(number: int) -> Post:
    database.release()
    return database.session().get_one(Post, number)


def test_it_stands_folded_below_the_post(mailed: Mailed, client: Any) -> None:
    page = client.get(mailed.path, follow_redirects=True).text
    assert f"<summary>{SUMMARY}</summary>" in page
    assert "&gt; Who pays for the last kilometre, asked Ms &lt;b&gt;Zimmermann&lt;/b&gt;?" in page
    assert "<b>Zimmermann" not in page
    assert "otto@" not in page
    assert "kilometre" not in post(mailed.post).body


@pytest.mark.parametrize("what", ["withdrawn", "hidden", "edited"])
def test_it_goes_with_what_it_was_cut_from(mailed: Mailed, client: Any, people: People, what: str) -> None:
    assert "kilometre" in client.get(mailed.path, follow_redirects=True).text
    assert "kilometre" in client.get(f"/p/{mailed.post}/cut").text
    if what == "withdrawn":
        discussions.withdraw_post(mailed.author, post(mailed.post))
    elif what == "hidden":
        with database.transaction():
            counters.set_status(database.session().get_one(Post, mailed.post), "hidden")
    else:
        discussions.edit_post(mailed.author, post(mailed.post), "Private funds do.", expected_revision=1)
    assert "kilometre" not in client.get(mailed.path, follow_redirects=True).text
    assert client.get(f"/p/{mailed.post}/cut").status_code == 404


def test_of_a_private_discussion_it_is_private(people: People, client: Any) -> None:
    group = founded(people, visibility="private")
    opener, author = member(people, group), member(people, group)
    space = groups.get_space(opener, group.space.code)
    mailed = mail_in(people, space, author, opener)
    assert "kilometre" in unfolding.whole(mailed.post)
    for path in (mailed.path, f"/p/{mailed.post}", f"/p/{mailed.post}/cut"):
        answer = client.get(path, follow_redirects=True)
        assert answer.status_code == 404
        assert "kilometre" not in answer.text


def test_where_authors_are_not_named_it_is_not_shown(mailed: Mailed, client: Any) -> None:
    with database.transaction() as session:
        session.execute(update(Discussion).values(attribution="type"))
        session.execute(update(Post).values(version=Post.version + 1))
    assert "kilometre" not in client.get(mailed.path, follow_redirects=True).text
    assert client.get(f"/p/{mailed.post}/cut").status_code == 404


@pytest.mark.parametrize("of", ["discussion", "line"])
def test_it_goes_from_pages_that_are_kept_when_authors_are_no_longer_named(mailed: Mailed, client: Any, people: People, of: str) -> None:
    assert "kilometre" in client.get(mailed.path, follow_redirects=True).text
    if of == "line":
        lines.choose(people.secretariat(), "c5", "type", "Asked for by those who speak there.")
    else:
        attributing.choose(people.moderator(), database.session().get_one(Discussion, mailed.discussion), "type")
    database.release()
    assert "kilometre" not in client.get(mailed.path, follow_redirects=True).text
    assert client.get(f"/p/{mailed.post}/cut").status_code == 404


def test_no_link_and_no_address_in_it_acts_for_anybody(people: People, client: Any, settings: Settings) -> None:
    token = tokens.sign("unsubscribe", [1, "weekly"])
    opener = people.participant()
    address = addressing.reply_address(opener.person_id or 0, 1)
    more = f"> Stop: {settings.base_url}/unsubscribe/{token}\n> {settings.base_url}/unsubscribe/{token[:25]}\n> {token[25:]}\n> {settings.base_url}/d/7/who-pays\n> answer to {address}\n"
    mailed = mail_in(people, groups.get_space(opener, "c5"), people.participant(), opener, more)
    shown = unfolding.whole(mailed.post)
    assert "kilometre" in shown
    assert f"{settings.base_url}/d/7/who-pays" in shown
    assert "unsubscribe" not in shown
    for secret in (token, token[25:], token[-20:], address, address.partition("@")[0][-12:]):
        assert secret not in shown
        assert secret not in client.get(mailed.path, follow_redirects=True).text


def test_a_long_one_is_whole_on_a_page_of_its_own(people: People, client: Any) -> None:
    opener = people.participant()
    more = "".join(f"> line {number} of what was said before\n" for number in range(400))
    mailed = mail_in(people, groups.get_space(opener, "c5"), people.participant(), opener, more)
    page = client.get(mailed.path, follow_redirects=True).text
    assert f'href="/p/{mailed.post}/cut"' in page
    assert "line 399" not in page
    answer = client.get(f"/p/{mailed.post}/cut")
    assert answer.mimetype == "text/plain"
    assert "line 399" in answer.text
    assert client.get("/p/1/cut").status_code == 404


def test_it_is_found_by_no_search_and_stands_in_no_feed(mailed: Mailed, client: Any, drain: Callable[[], int]) -> None:
    drain()
    assert client.get("/api/v1/search?q=funds").json["items"]
    assert client.get("/api/v1/search?q=kilometre").json["items"] == []
    for path in (f"/feeds/discussion/{mailed.discussion}.atom", f"/d/{mailed.discussion}/x.txt", f"/api/v1/posts/{mailed.post}"):
        assert "kilometre" not in client.get(path, follow_redirects=True).text


def test_who_closes_an_account_is_named_in_none(people: People, client: Any) -> None:
    opener = people.participant(name="Otto Zimmermann")
    mailed = mail_in(people, groups.get_space(opener, "c5"), people.participant(), opener)
    assert "Otto Zimmermann" in unfolding.whole(mailed.post)
    closing.close(opener.person_id or 0, at_once=True)
    assert "Otto" not in unfolding.whole(mailed.post)
    assert "Otto" not in client.get(mailed.path, follow_redirects=True).text
    assert database.session().scalars(select(Post.id)).all()


GONE = "Who pays for the last kilometre, asked Ms Zimmermann, and who for the poles?"


def asked(mailed: Mailed, author: Actor) -> tuple[int, Mailed]:
    """Somebody answers what Ms Zimmermann said, and their program repeats it in its own way; both can be read."""
    said = discussions.publish_post(author, post(mailed.post).discussion, GONE, language="en").id
    address, writer = addressing.reply_address(mailed.author.person_id or 0, mailed.discussion), People.of(mailed.author)
    raw = (
        f"From: {writer.email}\r\nTo: {address}\r\nSubject: Re: Who pays?\r\nMessage-ID: <second@example.org>\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n\r\nNot us.\r\n\r\nOn Tue, 3 Nov 2026, Otto wrote:\r\n"
        "> Who pays for the last kilometre, asked\r\n> Ms Zimmermann, and who for the poles?\r\n"
    )
    (outcome,) = incoming.receive(raw.encode(), recipients=[address])
    assert outcome.status == "posted"
    database.release()
    return said, Mailed(mailed.author, mailed.opener, mailed.discussion, outcome.post_id or 0)


def told(client: Any, mailed: Mailed) -> tuple[bool, int]:
    page = client.get(mailed.path, follow_redirects=True).text
    assert "Not us." in page
    return "and who for the poles" in page, client.get(f"/p/{mailed.post}/cut").status_code


@pytest.mark.parametrize("what", ["hidden", "withdrawn"])
def test_what_is_gone_is_not_repeated_by_it(mailed: Mailed, client: Any, people: People, drain: Callable[[], int], what: str) -> None:
    author, moderator = people.participant(), people.moderator()
    said, answer = asked(mailed, author)
    assert told(client, answer) == (True, 200)
    if what == "withdrawn":
        discussions.withdraw_post(author, post(said))
    else:
        moderation.hide(moderator, said, "Personal data.")
    assert client.get(f"/p/{answer.post}/cut").status_code == 404
    drain()
    assert told(client, answer) == (False, 404)
    assert "Who pays for the last" in client.get(mailed.path, follow_redirects=True).text  # what somebody else said stays
    if what == "hidden":
        moderation.restore(moderator, said, "It is none.")
        drain()
        assert told(client, answer) == (True, 200)


def test_where_more_is_gone_than_can_be_looked_through_nothing_is_shown(
    mailed: Mailed, client: Any, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = discussions.publish_post(people.participant(), post(mailed.post).discussion, "Something else, at length.", language="en").id
    moderation.hide(people.moderator(), other, "Off topic.")
    assert client.get(f"/p/{mailed.post}/cut").status_code == 200
    monkeypatch.setattr(repeating, "MOST_LETTERS", 5)
    assert client.get(f"/p/{mailed.post}/cut").status_code == 404


def test_what_moderators_took_out_of_a_text_is_not_repeated_by_it(
    mailed: Mailed, client: Any, people: People, drain: Callable[[], int]
) -> None:
    said, answer = asked(mailed, people.participant())
    assert told(client, answer) == (True, 200)
    moderation.edit(people.moderator(), said, "Who pays?", "Personal data.", withhold=True)
    drain()
    assert told(client, answer) == (False, 404)


def test_what_went_into_a_closed_discussion_is_not_repeated_by_it(people: People, client: Any, drain: Callable[[], int]) -> None:
    group = founded(people, visibility="public")
    chair, writer = member(people, group, "chair"), member(people, group)
    code = group.space.code
    mailed = mail_in(people, groups.get_space(chair, code), writer, chair)
    said, answer = asked(mailed, writer)
    other = discussions.open_discussion(chair, groups.get_space(chair, code), "Among us", "I ask.", language="en").id
    confiding.close(chair, other, "Because.")
    assert told(client, answer) == (True, 200)
    moves.branches(chair, mailed.discussion, [post(said).number], target=f"/d/{other}", reason="It belongs there.")
    drain()
    assert told(client, answer) == (False, 404)


def test_what_was_let_through_after_a_rule_had_held_it_has_none(people: People, client: Any) -> None:
    options.change(people.secretariat(), {"first_posts": "hold"})
    opener, moderator = people.participant(), people.moderator()
    with database.transaction():
        discussion = discussions.open_discussion(moderator, groups.get_space(moderator, "c5"), "Who pays?", "I ask.", language="en").id
    address = addressing.reply_address(opener.person_id or 0, discussion)
    raw = (
        f"From: {People.of(opener).email}\r\nTo: {address}\r\nSubject: Re: Who pays?\r\nMessage-ID: <first@example.org>\r\n\r\n"
        f"Public funds do.\r\n\r\nOn Tue, 3 Nov 2026, Otto wrote:\r\n{QUOTE}\r\n"
    )
    (outcome,) = incoming.receive(raw.encode(), recipients=[address])
    database.release()
    item = database.session().scalars(select(ReviewItem).where(ReviewItem.post_id == outcome.post_id)).one()
    assert item.kind == "held_post"
    items.decide(moderator, item.id, "approve", "", "")
    page = client.get(f"/d/{discussion}/x", follow_redirects=True).text
    assert "Public funds do." in page
    assert "kilometre" not in page
    assert client.get(f"/p/{outcome.post_id}/cut").status_code == 404
