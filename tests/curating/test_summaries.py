"""Moderators' summaries: written, refused, shown everywhere, taken along, never outliving what they rest on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from alliance.accounts import services as accounts
from alliance.core import db as database
from alliance.core.errors import Conflict, Invalid, NotFound, Refused
from alliance.curating import summaries
from alliance.discussions.models import Discussion, Post
from alliance.moderation import moves, queries
from alliance.moderation import services as moderation
from alliance.policy import Actor
from alliance.search import finding
from tests import discussing
from tests.grouping import founded, member
from tests.people import People
from tests.signing import signed_in

BODY = "Users pay nearly everything. [#2]\nAsk <why> of the fund. [#1, #3]"


@pytest.fixture
def about(db: Any, people: People) -> int:
    """A discussion of three posts."""
    author = people.participant(posts_count=9)
    found = discussing.discussion(author)
    for body in ("The users do.", "A fund should."):
        discussing.reply(author, found, body=body)
    return found.id


def discussion(discussion_id: int) -> Discussion:
    return database.session().get_one(Discussion, discussion_id)


def shown(discussion_id: int) -> list[tuple[str, list[int]]]:
    found = summaries.shown(discussion(discussion_id))
    return [(one.text, [post.number for post in one.posts]) for one in found.sentences] if found else []


def address(discussion_id: int) -> str:
    found = discussion(discussion_id)
    return f"/d/{found.id}/{found.slug}"


def test_written_worded_anew_taken_down(about: int, people: People) -> None:
    moderator = people.moderator()
    first = summaries.write(moderator, about, BODY, based_on=0)
    assert shown(about) == [("Users pay nearly everything.", [2]), ("Ask <why> of the fund.", [1, 3])]
    assert summaries.text_of(discussion(about), first) == BODY
    assert summaries.write(moderator, about, BODY).number == 1  # changes nothing
    with pytest.raises(Conflict):
        summaries.write(moderator, about, "Users pay. [#2]", based_on=0)
    assert summaries.write(moderator, about, "Users pay. [#2]", based_on=1).number == 2
    summaries.take_down(moderator, about)
    assert (shown(about), [one.number for one in summaries.revisions(about)]) == ([], [3, 2, 1])
    with pytest.raises(Conflict):
        summaries.take_down(moderator, about)
    assert [entry.act for entry in queries.log(Actor.guest())[0]] == ["unsummarize", "summarize", "summarize"]


def test_only_posts_that_can_be_read_there(about: int, people: People) -> None:
    moderator = people.moderator()
    group = founded(people, visibility="private")
    inside = member(people, group, "rapporteur")
    secret = discussing.opening(discussing.services.open_discussion(inside, group.space, "Inside", "A secret."))
    for body in ("Nine speak. [#9]", f"They say so. [/p/{secret.id}]"):
        with pytest.raises(Invalid):
            summaries.write(moderator, about, body)
    opening = discussing.opening(discussion(about))
    summaries.write(inside, secret.discussion_id, f"A question stands outside. [/p/{opening.id}] It is secret. [#1]")
    assert len(shown(secret.discussion_id)) == 2
    for actor in (people.participant(), member(people, group)):
        with pytest.raises((NotFound, Refused)):
            summaries.write(actor, secret.discussion_id, "No. [#1]")
    assert "summarize" not in {entry.act for entry in queries.log(Actor.guest())[0]}


def test_it_goes_along_and_does_not_outlive_its_posts(about: int, people: People) -> None:
    moderator = people.moderator()
    summaries.write(moderator, about, BODY)
    moves.branches(moderator, about, [3], title="A fund", reason="Another matter")
    assert shown(about)[1] == ("Ask <why> of the fund.", [1, 1])  # its second is the first of the new discussion
    other = discussing.discussion(people.participant(), title="Elsewhere").id
    done = moves.merge(moderator, about, str(other), "The same")
    assert [text for text, _numbers in shown(other)] == ["Users pay nearly everything.", "Ask <why> of the fund."]
    moves.put_back(moderator, done.move.id)
    assert (len(shown(about)), shown(other)) == (2, [])
    second = database.session().query(Post).filter_by(discussion_id=about, number=2).one()
    before = discussion(about).version
    moderation.hide(moderator, second.id, "Spam")
    found = summaries.shown(discussion(about))
    assert found is not None
    assert ([one.text for one in found.sentences], found.left_out) == (["Ask <why> of the fund."], 1)
    assert discussion(about).version > before


def test_pages_with_it_learn_that_a_post_elsewhere_is_gone(client: FlaskClient, about: int, people: People) -> None:
    elsewhere = discussing.discussion(people.participant(posts_count=9), title="Elsewhere")
    post = discussing.reply(people.participant(posts_count=9), elsewhere).id
    summaries.write(people.moderator(), about, f"MARK is said elsewhere. [/p/{post}]")
    where = address(about)
    assert "MARK is said" in client.get(where).text
    moderation.hide(people.moderator(), post, "Spam")
    assert "MARK is said" not in client.get(where).text


def test_the_pages(client: FlaskClient, about: int, people: People) -> None:
    signed_in(client, people.moderator(name="Mo Moderator"))
    where, form = address(about), f"/moderation/discussions/{about}/summary"
    assert f'href="{form}"' in client.get(where).text
    refused = client.post(form, data={"body": "Nobody <said> this.", "base": "0"})
    assert (refused.status_code, refused.text.count("Nobody &lt;said&gt; this.") >= 2) == (422, True)
    assert client.post(form, data={"body": BODY, "base": "0"}).status_code == 303
    late = client.post(form, data={"body": "Mine. [#1]", "base": "0"})
    assert (late.status_code, "Mine. [#1]" in late.text, "Users pay nearly everything. [#2]" in late.text) == (409, True, True)
    guest = client.application.test_client()
    for path in (where, f"{where}/all"):
        page = guest.get(path).text
        assert "Ask &lt;why&gt; of the fund." in page, path
        assert "Mo Moderator" in page
    assert '<details class="fold"><summary>Moderator' in guest.get(where).text  # short: folded
    assert "- Ask <why> of the fund. [#1, #3]" in guest.get(f"{where}.txt").text
    assert "Ask &lt;why&gt; of the fund." in guest.get(f"/feeds/discussion/{about}.atom").text
    assert client.post(form, data={"body": "Users pay. [#2]", "base": "1"}).status_code == 303
    history = guest.get(f"/d/{about}/summary").text
    assert ("Revision 2" in history, "<del>" in history) == (True, True)
    assert client.post(form, data={"take_down": "1"}).status_code == 303
    assert "Users pay." not in guest.get(where).text
    assert client.post(form, data={"take_down": "1"}).status_code == 409
    assert guest.get(f"/d/{about + 1}/summary").status_code == 404


def test_many_posts_later_it_says_so(client: FlaskClient, about: int, people: People) -> None:
    summaries.write(people.moderator(), about, BODY)
    author = people.participant(posts_count=9)
    for number in range(summaries.STALE):
        assert "many posts came since" not in client.get(address(about)).text
        discussing.reply(author, discussion(about), body=f"Answer {number}.")
    page = client.get(address(about)).text
    assert ("many posts came since" in page, '<details class="fold" open>' in page) == (True, True)


def test_it_is_found_as_its_own_kind(about: int, people: People, drain: Callable[[], int]) -> None:
    def found(words: str = "nearly everything") -> list[tuple[str, int]]:
        drain()
        query, _wrong = finding.ask(Actor.guest(), words, {})
        done = finding.look(Actor.guest(), query, finding.Wish(kinds=None, grouped=True, facets=True))
        return [(one.kind, one.thing.discussion_id) for one in done.results if one.kind == "summary"]

    moderator, post = people.moderator(), discussing.opening(discussion(about)).id + 1
    summaries.write(moderator, about, BODY)
    assert found() == found("kind:summary everything") == [("summary", about)]
    moderation.hide(moderator, post, "Spam")
    assert found() == []
    moderation.restore(moderator, post, "Seen wrongly")
    assert found() == [("summary", about)]
    summaries.take_down(moderator, about)
    assert found() == []


def test_the_api(client: FlaskClient, about: int, people: People) -> None:
    def bearer(**columns: Any) -> dict[str, str]:
        return {"Authorization": f"Bearer {accounts.create_token(people.person(**columns), 'write')}"}

    url, moderator = f"/api/v1/discussions/{about}/summary", bearer(role="moderator")
    assert client.get(url).status_code == 404
    assert client.put(url, json={"body": BODY}, headers=bearer()).status_code == 403
    assert client.put(url, json={"body": "Nobody."}, headers=moderator).status_code == 422
    assert client.put(url, json={"body": BODY, "revision": 0}, headers=moderator).status_code == 204
    assert client.put(url, json={"body": "Mine. [#1]", "revision": 0}, headers=moderator).status_code == 409
    found = client.get(url).json
    assert ([one["text"] for one in found["sentences"]], found["revision"]) == (
        ["Users pay nearly everything.", "Ask <why> of the fund."],
        1,
    )
    assert client.delete(url, headers=moderator).status_code == 204
    assert client.get(url).status_code == 404
