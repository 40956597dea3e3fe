"""Polls on pages: made with a post, voted in without script, told in the post."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from alliance.accounts import passwords
from alliance.discussions.fragments import post_fragment
from alliance.moderation import services as moderation
from alliance.polls import queries, services
from alliance.polls.services import Asked
from tests import discussing
from tests.people import PASSWORD, People


@pytest.fixture
def person(client: FlaskClient, people: People) -> Any:
    """A person signed in."""
    made = people.person(email="r@example.org", name="Rita Reader", stakeholder_type="media", password_hash=passwords.make(PASSWORD))
    actor = people.actor(made)
    client.post("/sign-in", data={"email": "r@example.org", "password": PASSWORD})
    return actor


@pytest.fixture
def post(people: People) -> Any:
    """A post of somebody else with a poll."""
    author = people.participant()
    made = discussing.opening(discussing.discussion(author))
    services.set_poll(author, made, Asked("Who <pays>?", ["Users & co", "States"]))
    return made


def fragment(post_id: int, language: str = "en") -> str:
    found = post_fragment(post_id, language)
    assert found is not None
    return found[0]


def test_a_reply_with_a_poll(client: FlaskClient, person: Any, people: People) -> None:
    found = discussing.discussion(people.participant())
    address = f"/d/{found.id}/{found.slug}/reply"
    assert 'name="poll-question"' in client.get(f"/d/{found.id}/{found.slug}").text
    wrong = {"body": "My proposal.", "poll-question": "Who pays?", "poll-options": "Users", "poll-kind": "single", "nonce": "n1"}
    answer = client.post(address, data=wrong)
    assert answer.status_code == 422
    assert "My proposal." in answer.text
    assert 'value="Who pays?"' in answer.text
    assert "Give 2 to 20 answers" in answer.text
    right = {**wrong, "poll-options": "Users\nStates", "poll-closes_at": "2099-01-01T00:00", "nonce": "n2"}
    assert client.post(address, data=right).status_code == 422  # more than a year ahead
    del right["poll-closes_at"]
    for _twice in range(2):
        assert client.post(address, data=right).status_code == 303
    page = client.get(f"/d/{found.id}/{found.slug}").text
    assert page.count('class="poll"') == 1
    assert page.count("My proposal.") == 1


def test_a_discussion_opened_with_a_poll(client: FlaskClient, person: Any) -> None:
    discussing.space("c2")
    sent = {"title": "A vote", "body": "Say.", "poll-question": "Yes?", "poll-options": "Yes\nNo", "poll-kind": "single", "nonce": "n3"}
    answer = client.post("/action-lines/c2/new", data={**sent, "poll-kind": "guess"})
    assert answer.status_code == 422
    assert client.post("/action-lines/c2/new", data=sent, follow_redirects=True).text.count('class="poll"') == 1


def test_voting_without_script(client: FlaskClient, person: Any, post: Any) -> None:
    address, discussion = f"/p/{post.id}/poll", post.discussion
    assert "Who &lt;pays&gt;?" in client.get(address).text
    for sent in ({}, {"choice": "7"}, {"choice": "x"}, {"choice": ["0", "1"]}, {"choice": "9" * 400}):
        assert client.post(address, data=sent).status_code == 422
    assert client.post(address, data={"choice": "1"}).status_code == 303
    assert 'value="1" checked' in client.get(address).text
    shown = fragment(post.id)
    assert '<rect class="bar-media"' in shown
    assert "<desc" in shown
    assert "Users &amp; co" in shown
    assert "<table" in shown
    plain = client.get(f"/d/{discussion.id}/{discussion.slug}.txt").text
    assert "[Straw poll] Who <pays>? (One answer)\n- Users & co: Media 0\n- States: Media 1\n" in plain
    assert client.post(address, data={"act": "withdraw"}).status_code == 303
    assert "<rect" not in fragment(post.id)


def test_ranks(client: FlaskClient, person: Any, post: Any, people: People) -> None:
    services.set_poll(people.actor(post.author), post, Asked("Order?", ["A", "B", "C"], "ranked"))
    address = f"/p/{post.id}/poll"
    answer = client.post(address, data={"rank-0": "1", "rank-1": "1"})
    assert answer.status_code == 422
    assert '<option value="1" selected>' in answer.text
    assert client.post(address, data={"rank-0": "2", "rank-2": "1"}).status_code == 303
    shown = fragment(post.id, "ar")
    assert "<rect" in shown
    poll = queries.find(post.id)
    assert poll is not None
    own = queries.vote_of(person.person_id, poll.id)
    assert own is not None
    assert own.choices == [2, 0]


def test_secret_from_everybody(client: FlaskClient, person: Any, post: Any, people: People) -> None:
    author = people.actor(post.author)
    services.set_poll(author, post, Asked("Secret?", ["A", "B"], secret=True))
    services.vote(people.participant(stakeholder_type="government"), post, [0])
    for text in (fragment(post.id), client.get(f"/p/{post.id}/poll").text, client.get(f"/p/{post.id}").text):
        assert "<rect class" not in text
    services.close(author, post)
    assert '<rect class="bar-government"' in fragment(post.id)
    assert client.post(f"/p/{post.id}/poll", data={"choice": "0"}).status_code == 409


def test_the_author_changes_removes_and_closes(client: FlaskClient, person: Any) -> None:
    post = discussing.opening(discussing.discussion(person))
    address = f"/p/{post.id}/poll/edit"
    assert "/poll/edit" in client.get(f"/p/{post.id}/edit").text
    wrong = client.post(address, data={"question": "Q?", "options": "a\na", "kind": "single", "closes_at": "soon"})
    assert wrong.status_code == 422
    assert 'value="Q?"' in wrong.text
    assert client.post(address, data={"question": "Q?", "options": "a\nb", "kind": "single"}).status_code == 303
    assert client.post(address, data={"act": "remove"}).status_code == 303
    assert client.get(f"/p/{post.id}/poll").status_code == 404
    client.post(address, data={"question": "Q?", "options": "a\nb", "kind": "single"})
    assert client.post(f"/p/{post.id}/poll/close").status_code == 303
    assert "Closed on" in fragment(post.id)


def test_not_found_for_others_and_when_hidden(client: FlaskClient, post: Any, people: People) -> None:
    reply = discussing.reply(people.actor(post.author), post.discussion)
    services.set_poll(people.actor(post.author), reply, Asked("Hidden?", ["A", "B"]))
    moderation.hide(people.secretariat(), reply.id, "off_topic")
    post_id, reply_id = post.id, reply.id
    assert client.get(f"/p/{post_id}/poll").status_code == 200
    assert client.get(f"/p/{reply_id}/poll").status_code == 404
    assert "Hidden?" not in fragment(reply_id)
