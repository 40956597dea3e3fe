"""A discussion seen whole, as text, by branch, with branches folded away."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from alliance.core import db as database
from alliance.discussions import services, whole
from alliance.discussions.models import Discussion, Post
from alliance.moderation import services as moderation
from tests import discussing
from tests.people import People


@pytest.fixture
def conversation(people: People) -> str:
    """1, 2 > 4 > 5, 3 and its address."""
    amina, boris = people.participant(name="Amina"), people.participant(name="Boris", stakeholder_type=None)
    found = discussing.discussion(amina, title="Fees & tariffs", body="Who *pays*?")
    second = discussing.reply(boris, found, body="The users.")
    discussing.reply(amina, found, body="Nobody: <b>all</b>.")
    fourth = discussing.reply(amina, found, second, body="شكرا")
    discussing.reply(boris, found, fourth, body="MARK-hidden")
    return f"/d/{found.id}/{found.slug}"


def by_number(number: int) -> Post:
    return database.session().scalars(select(Post).where(Post.number == number)).one()


def shown(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'<a href="/p/\d+">#(\d+)</a>(?: <a class="author|</h2>)', page)]


def test_the_whole_on_one_page(client: FlaskClient, conversation: str) -> None:
    answer = client.get(f"{conversation}/all")
    assert answer.status_code == 200
    assert shown(answer.text) == [1, 2, 4, 5, 3]
    assert answer.text.rstrip().endswith("</html>")
    assert "<!--posts-->" not in answer.text
    assert 'rel="next"' not in answer.text
    assert client.get("/d/1/wrong/all").location == f"{conversation}/all"


def test_a_very_long_one_ends_with_a_link_to_the_rest(client: FlaskClient, conversation: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whole, "BATCH", 2)
    monkeypatch.setattr(whole, "MOST", 4)
    page = client.get(f"{conversation}/all").text
    assert shown(page) == [1, 2, 4, 5]
    rest = re.search(r'rel="next" href="([^"]+)"', page)
    assert rest
    assert shown(client.get(rest[1]).text) == [3]


def test_as_plain_text(client: FlaskClient, conversation: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whole, "BATCH", 2)
    answer = client.get(f"{conversation}.txt")
    assert answer.content_type == "text/plain; charset=utf-8"
    lines = answer.text.splitlines()
    assert lines[0] == "Fees & tariffs"
    assert lines[1].startswith("C2/1 · ")
    assert lines[2] == f"http://localhost{conversation}"
    heads = [line for line in lines if line.startswith("#")]
    assert [head.split(" · ")[0] for head in heads] == ["#1", "#2", "#4", "#5", "#3"]
    assert heads[2].endswith("in reply to #2")
    assert heads[0].split(" · ")[1:3] == ["Amina", "in a personal capacity, Civil society"]
    assert "Who *pays*?" in lines
    assert "Nobody: <b>all</b>." in lines
    assert "شكرا" in lines


def test_what_is_hidden_or_withdrawn_is_in_none_of_them(client: FlaskClient, conversation: str, people: People) -> None:
    moderator = people.moderator()
    last = by_number(5)
    last_id, branch_id = last.id, by_number(2).id
    discussing.reply(moderator, last.discussion, last, body="So?")
    author = by_number(4).author
    services.withdraw_post(people.actor(author), by_number(4))
    moderation.hide(moderator, last_id, "Not here.")
    for path in (
        f"{conversation}/all",
        f"{conversation}.txt",
        f"/p/{branch_id}/branch",
        f"{conversation}?order=time",
        f"{conversation}?order=balanced",
    ):
        text = client.get(path).text
        assert "MARK-" not in text, path
        assert "شكرا" not in text, path
        assert "A moderator has hidden this post." in text, path
    with database.transaction() as session:
        session.get_one(Discussion, 1).status = "hidden"
    for path in (f"{conversation}/all", f"{conversation}.txt", f"/p/{branch_id}/branch", f"/p/{branch_id}/fold"):
        assert client.get(path).status_code == 404, path


def test_a_branch_alone(client: FlaskClient, conversation: str) -> None:
    page = client.get(f"/p/{by_number(4).id}/branch").text
    assert shown(page) == [4, 5]
    assert 'class="post depth-0"' in page
    assert client.get("/p/999/branch").status_code == 404


def test_folding_without_script(client: FlaskClient, conversation: str) -> None:
    second, fourth = by_number(2).id, by_number(4).id
    assert f'href="/p/{second}/fold"' in client.get(conversation).text
    first = client.get(f"/p/{fourth}/fold").location
    page = client.get(first).text
    assert shown(page) == [1, 2, 4, 3]
    assert "1 reply folded" in page
    both = client.get(f"/p/{second}/fold", headers={"Referer": f"http://localhost{first.split('#')[0]}"}).location
    page = client.get(both).text
    assert shown(page) == [1, 2, 3]
    assert "2 replies folded" in page
    unfold = re.findall(r'data-folded="[^"]+">.*?<a href="([^"]+)"', page)
    assert shown(client.get(unfold[0].replace("&amp;", "&")).text) == [1, 2, 4, 3]


@pytest.mark.parametrize(
    "query", ["fold=%00", "fold=zzz", "fold=12&fold=12&fold=../", "order=time&from=%00", "order=balanced&from=999999999", "at=last"]
)
def test_made_up_addresses_are_no_error(client: FlaskClient, conversation: str, query: str) -> None:
    assert client.get(f"{conversation}?{query}").status_code == 200


def test_other_languages_speak_in_the_whole_too(client: FlaskClient, conversation: str) -> None:
    assert "à titre personnel" in client.get(f"{conversation}.txt?lang=fr").text
    assert "à titre personnel" in client.get(f"{conversation}/all?lang=fr").text


def test_the_text_is_streamed(client: FlaskClient, conversation: str) -> None:
    answer: Any = client.get(f"{conversation}.txt")
    assert answer.is_streamed
