"""Drafts in the browser: by script, by button, listed; nothing is lost when a session ends."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from alliance.accounts import passwords
from alliance.discussions.models import Post
from alliance.drafts import queries, services
from alliance.drafts.models import KeptText
from alliance.moderation import services as moderation
from tests import discussing
from tests.people import PASSWORD, People

TEXT = "We propose that the fund publishes its accounts. <b>&"


@pytest.fixture
def writer(client: FlaskClient, people: People) -> Any:
    """Somebody signed in."""
    actor = people.participant(email="w@example.org", password_hash=passwords.make(PASSWORD))
    client.post("/sign-in", data={"email": "w@example.org", "password": PASSWORD})
    return actor


@pytest.fixture
def place(writer: Any) -> tuple[str, str]:
    """A discussion: where replies are drafted, and its path."""
    found = discussing.discussion(writer)
    return f"d:{found.id}", f"/d/{found.id}/{found.slug}"


def put(client: FlaskClient, place: str, body: str, revision: int = 0, nonce: str = "n") -> Any:
    return client.put(f"/drafts/{place}", json={"fields": {"body": body}, "revision": revision, "nonce": nonce})


def test_saved_by_script_and_restored_in_the_form(client: FlaskClient, place: tuple[str, str]) -> None:
    where, path = place
    assert put(client, where, TEXT).json == {"revision": 1}
    page = client.get(path).text
    assert "We propose that the fund publishes its accounts. &lt;b&gt;&amp;</textarea>" in page
    assert 'name="draft_revision" type="hidden" value="1"' in page
    assert 'name="nonce" type="hidden" value="n"' in page
    assert f'formaction="/drafts/{where}/discard"' in page


def test_a_newer_one_answers_409_with_its_text(client: FlaskClient, place: tuple[str, str]) -> None:
    put(client, place[0], "One")
    answer = put(client, place[0], "Other")
    assert answer.status_code == 409
    assert answer.json == {"revision": 1, "fields": {"body": "One"}}


def test_published_the_draft_is_gone_and_does_not_come_back(client: FlaskClient, place: tuple[str, str]) -> None:
    where, path = place
    put(client, where, TEXT, nonce="n")
    assert client.post(f"{path}/reply", data={"body": TEXT, "nonce": "n"}).status_code == 303
    assert "</textarea>" in client.get(path).text
    assert "accounts. &lt;b&gt;&amp;</textarea>" not in client.get(path).text
    late = put(client, where, TEXT, 1, nonce="n")
    assert late.status_code == 410
    assert late.json["nonce"]


def test_a_second_draft_is_not_deleted_with_the_first(client: FlaskClient, writer: Any, place: tuple[str, str]) -> None:
    where, path = place
    put(client, where, "The next one", nonce="n2")
    client.post(f"{path}/reply", data={"body": TEXT, "nonce": "n1"})
    assert queries.get(writer, where).fields == {"body": "The next one"}


def test_by_button_without_script(client: FlaskClient, writer: Any, place: tuple[str, str]) -> None:
    where, path = place
    answer = client.post(f"{path}/reply", data={"body": TEXT, "nonce": "n", "save": "1", "draft_revision": "0"})
    assert answer.status_code == 303
    assert queries.get(writer, where).fields["body"] == TEXT
    stale = client.post(f"{path}/reply", data={"body": "Mine, made from nothing", "nonce": "m", "save": "1", "draft_revision": "0"})
    assert stale.status_code == 409
    assert "Mine, made from nothing" in stale.text
    assert "accounts. &lt;b&gt;&amp;</pre>" in stale.text
    again = client.post(f"{path}/reply", data={"body": "Mine, made from nothing", "nonce": "m", "save": "1", "draft_revision": "1"})
    assert again.status_code == 303
    assert queries.get(writer, where).fields["body"] == "Mine, made from nothing"


def test_discarded_by_button(client: FlaskClient, writer: Any, place: tuple[str, str]) -> None:
    where, _path = place
    put(client, where, TEXT)
    answer = client.post(f"/drafts/{where}/discard", data={"body": TEXT})
    assert answer.location == f"/d/{where[2:]}#reply"
    assert queries.find(writer, where) is None


def test_opening_and_editing_have_drafts_too(client: FlaskClient, writer: Any) -> None:
    discussing.space("c2")
    client.put("/drafts/s:c2", json={"fields": {"title": "Fees", "body": "Who pays?", "language": "fr"}, "revision": 0})
    page = client.get("/action-lines/c2/new").text
    assert 'value="Fees"' in page
    assert "Who pays?</textarea>" in page
    assert re.search(r'<option selected value="fr"', page)
    post_id = discussing.opening(discussing.discussion(writer, body="First words.")).id
    client.put(f"/drafts/p:{post_id}", json={"fields": {"body": "Better words.", "revision": "1"}, "revision": 0, "nonce": "e"})
    page = client.get(f"/p/{post_id}/edit").text
    assert "Better words.</textarea>" in page
    assert client.post(f"/p/{post_id}/edit", data={"body": "Better words.", "revision": "1", "nonce": "e"}).status_code == 303
    assert queries.find(writer, f"p:{post_id}") is None


def test_the_list(client: FlaskClient, writer: Any, people: People) -> None:
    found = discussing.discussion(writer, title="Who pays <for> it?")
    post = discussing.opening(found)
    hidden = discussing.discussion(people.participant(), title="HIDDEN")
    moderator, closed = people.moderator(), hidden.id
    for where in (f"d:{found.id}", "s:c2", f"p:{post.id}", f"d:{hidden.id}"):
        services.save(writer, where, {"body": f"Draft at {where}"}, revision=0)
    moderation.hide(moderator, discussing.opening(hidden).id, "Not here.")
    page = client.get("/drafts").text
    assert page.count("Draft at") == 8
    assert "Who pays &lt;for&gt; it?" in page
    assert 'href="/action-lines/c2/new"' in page
    # Where one may not go (any more) is not named, not even by an address.
    assert f"d:{closed}" not in re.sub("Draft at [^<]*", "", page)
    assert f'"/d/{closed}' not in page
    numbers = re.findall('name="draft" value="([0-9]+)"', page)
    assert len(numbers) == 4
    assert client.post("/drafts/discard", data={"draft": numbers[0]}).location == "/drafts"
    assert client.get("/drafts").text.count('name="draft"') == 3
    for wrong in (numbers[0], "", "x", "9" * 30):
        assert client.post("/drafts/discard", data={"draft": wrong}).status_code == 404


def test_answering_another_post_takes_the_draft_along(client: FlaskClient, writer: Any, place: tuple[str, str]) -> None:
    where, path = place
    found_id = int(where[2:])
    first = discussing.reply(writer, discussing.db.session().get_one(discussing.Discussion, found_id), body="Ten per cent.").id
    client.put(f"/drafts/{where}", json={"fields": {"body": "Already written", "parent_id": str(first)}, "revision": 0})
    assert f'name="parent_id" type="hidden" value="{first}"' in client.get(path).text
    page = client.get(f"{path}?reply_to={first}&quote=1").text
    assert "Already written\n\n[#2](/p/" in page
    assert "&gt; Ten per cent." in page


@pytest.mark.parametrize(
    "wrong", [{}, [], {"fields": [], "revision": 1}, {"fields": {}, "revision": "x"}, {"fields": {"body": "x" * 300_000}, "revision": 0}]
)
def test_garbage_is_refused(client: FlaskClient, writer: Any, wrong: Any) -> None:
    assert client.put("/drafts/d:1", json=wrong).status_code == 422
    assert client.put("/drafts/d:1", data="{").status_code == 422


class TestAfterTheSessionEnded:
    """Signed out while one wrote."""

    def sent(self, client: FlaskClient, path: str, **more: str) -> Any:
        client.post("/sign-out")
        return client.post(path, data={"body": TEXT, "nonce": "n", **more})

    def back(self, client: FlaskClient, page: str) -> Any:
        target = re.search(r'name="next" value="([^"]+)"', page)
        assert target is not None
        data = {"email": "w@example.org", "password": PASSWORD, "next": target[1]}
        return client.post("/sign-in", data=data, follow_redirects=True)

    def test_a_reply(self, client: FlaskClient, writer: Any, place: tuple[str, str]) -> None:
        answer = self.sent(client, f"{place[1]}/reply")
        assert answer.status_code == 401
        assert "accounts. &lt;b&gt;&amp;</textarea>" in answer.text
        page = self.back(client, answer.text)
        assert page.request.path == place[1]
        assert "accounts. &lt;b&gt;&amp;</textarea>" in page.text
        assert client.post(f"{place[1]}/reply", data={"body": TEXT, "nonce": queries.get(writer, place[0]).nonce}).status_code == 303

    def test_a_wrong_password_loses_nothing(self, client: FlaskClient, writer: Any, place: tuple[str, str]) -> None:
        page = self.sent(client, f"{place[1]}/reply").text
        target = re.search(r'name="next" value="([^"]+)"', page)
        assert target is not None
        wrong = client.post("/sign-in", data={"email": "w@example.org", "password": "no", "next": target[1]})
        assert "accounts. &lt;b&gt;&amp;</textarea>" in self.back(client, wrong.text).text

    def test_opening_and_editing(self, client: FlaskClient, writer: Any) -> None:
        discussing.space("c2")
        page = self.back(client, self.sent(client, "/action-lines/c2/new", title="Accounts").text)
        assert page.request.path == "/action-lines/c2/new"
        assert 'value="Accounts"' in page.text
        post_id = discussing.opening(discussing.discussion(writer)).id
        page = self.back(client, self.sent(client, f"/p/{post_id}/edit", revision="1").text)
        assert page.request.path == f"/p/{post_id}/edit"
        assert "accounts. &lt;b&gt;&amp;</textarea>" in page.text

    def test_a_token_that_went_with_the_session(
        self, app: Any, client: FlaskClient, writer: Any, place: tuple[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        client.post("/sign-out")
        monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
        answer = client.post(f"{place[1]}/reply", data={"body": TEXT, "nonce": "n", "csrf_token": "old"})
        assert answer.status_code == 400
        assert "accounts. &lt;b&gt;&amp;</textarea>" in answer.text
        token = re.search(r'name="csrf_token" type="hidden" value="([^"]+)"', answer.text)
        target = re.search(r'name="next" value="([^"]+)"', answer.text)
        assert token is not None
        assert target is not None
        data = {"email": "w@example.org", "password": PASSWORD, "next": target[1], "csrf_token": token[1]}
        page = client.post("/sign-in", data=data, follow_redirects=True)
        assert "accounts. &lt;b&gt;&amp;</textarea>" in page.text

    def test_a_token_of_before_while_signed_in(
        self, app: Any, client: FlaskClient, writer: Any, place: tuple[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
        answer = client.post(f"{place[1]}/reply", data={"body": TEXT, "nonce": "n", "parent_id": "1", "csrf_token": "old"})
        assert answer.status_code == 400
        assert "accounts. &lt;b&gt;&amp;</textarea>" in answer.text
        assert '<input type="hidden" name="parent_id" value="1">' in answer.text
        assert queries.find(writer, place[0]) is None  # nothing is written in one's name by a request without a token
        token = re.search(r'name="csrf_token" value="([^"]+)"', answer.text)
        assert token is not None
        again = client.post(f"{place[1]}/reply", data={"body": TEXT, "nonce": "n", "csrf_token": token[1]})
        assert again.status_code == 303

    def test_a_guest_with_nothing_written_just_signs_in(self, client: FlaskClient, people: People) -> None:
        found = discussing.discussion(people.participant())
        answer = client.post(f"/d/{found.id}/{found.slug}/reply", data={"body": "  "})
        assert answer.status_code == 303
        assert answer.location.startswith("/sign-in?next=/d/")

    def test_guests_cannot_fill_the_database(self, client: FlaskClient, people: People, db: Any) -> None:
        found = discussing.discussion(people.participant())
        path = f"/d/{found.id}/{found.slug}/reply"
        answers = [client.post(path, data={"body": TEXT}) for _time in range(33)]
        assert all("accounts. &lt;b&gt;&amp;</textarea>" in one.text for one in answers)
        assert db.session().query(KeptText).count() == 30


class TestWhatWasRefused:
    """The text is saved, and shown."""

    def test_locked_meanwhile(self, client: FlaskClient, writer: Any, people: People, place: tuple[str, str]) -> None:
        moderation.lock(people.moderator(), int(place[0][2:]), "Decided.")
        answer = client.post(f"{place[1]}/reply", data={"body": TEXT, "nonce": "n"})
        assert answer.status_code == 403
        assert "accounts. &lt;b&gt;&amp;</textarea>" in answer.text
        assert queries.get(writer, place[0]).fields["body"] == TEXT
        assert "accounts. &lt;b&gt;&amp;</pre>" in client.get(place[1]).text

    def test_hidden_meanwhile(self, client: FlaskClient, writer: Any, people: People, db: Any) -> None:
        found = discussing.discussion(people.participant())
        path, found_id = f"/d/{found.id}/{found.slug}", found.id
        with db.transaction() as session:
            session.get_one(discussing.Discussion, found_id).status = "hidden"
        answer = client.post(f"{path}/reply", data={"body": TEXT, "nonce": "n"})
        assert answer.status_code == 404
        assert "accounts. &lt;b&gt;&amp;</textarea>" in answer.text
        assert TEXT[:20] in client.get("/drafts").text

    def test_too_much_in_a_short_time(self, client: FlaskClient, writer: Any, place: tuple[str, str]) -> None:
        for number in range(121):
            answer = client.post(f"{place[1]}/reply", data={"body": f"{TEXT} {number}", "nonce": f"n{number}"})
        assert answer.status_code == 429
        assert int(answer.headers["Retry-After"]) > 0
        assert queries.get(writer, place[0]).fields["body"] == f"{TEXT} 120"

    def test_the_answered_post_is_gone(self, client: FlaskClient, writer: Any, place: tuple[str, str], db: Any) -> None:
        where, path = place
        parent = discussing.reply(writer, db.session().get_one(discussing.Discussion, int(where[2:])))
        parent_id = parent.id
        with db.transaction() as session:
            session.get_one(Post, parent_id).status = "hidden"
        data = {"body": TEXT, "nonce": "n", "parent_id": str(parent_id)}
        answer = client.post(f"{path}/reply", data=data)
        assert answer.status_code == 422
        assert "accounts. &lt;b&gt;&amp;</textarea>" in answer.text
        assert f'value="{parent_id}"' not in answer.text
        assert client.post(f"{path}/reply", data=data | {"parent_id": ""}).status_code == 303
