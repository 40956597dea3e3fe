"""Writing: what others said meanwhile, sending twice, corrections, histories, bad input."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from alliance.accounts import passwords
from alliance.core import clock
from alliance.discussions import services
from alliance.discussions.models import Discussion, Post, PostRevision
from tests import discussing
from tests.people import PASSWORD, People


@pytest.fixture
def writer(client: FlaskClient, people: People) -> Any:
    """Somebody signed in."""
    actor = people.participant(email="w@example.org", password_hash=passwords.make(PASSWORD))
    client.post("/sign-in", data={"email": "w@example.org", "password": PASSWORD})
    return actor


def path_of(found: Discussion) -> str:
    return f"/d/{found.id}/{found.slug}"


def posts(db: Any) -> int:
    return int(db.session().scalar(select(func.count(Post.id))) or 0)


class TestMeanwhile:
    """Others answered while one wrote: a warning, once."""

    @pytest.fixture
    def opened(self, client: FlaskClient, writer: Any, people: People) -> tuple[Discussion, str]:
        found = discussing.discussion(writer)
        path = path_of(found)
        assert 'name="seen" type="hidden" value="1"' in client.get(path).text
        return found, path

    def send(self, client: FlaskClient, path: str, seen: str = "1", **more: str) -> Any:
        return client.post(f"{path}/reply", data={"body": "My answer.", "nonce": "n", "seen": seen, **more})

    def test_shown_once_then_published(self, client: FlaskClient, people: People, opened: Any, db: Any) -> None:
        found, path = opened
        discussing.reply(people.participant(name="Ann <b>"), found, body="Another **answer**.")
        answer = self.send(client, path)
        assert answer.status_code == 409
        assert "Another answer." in answer.text
        assert "Ann &lt;b&gt;" in answer.text
        assert "My answer.</textarea>" in answer.text
        assert "Publish anyway" in answer.text
        assert 'name="seen" type="hidden" value="2"' in answer.text
        assert posts(db) == 2
        assert self.send(client, path, "2").status_code == 303

    def test_nothing_new_no_warning(self, client: FlaskClient, opened: Any) -> None:
        assert self.send(client, opened[1]).status_code == 303

    def test_ones_own_posts_and_answers_to_others_are_no_news(self, client: FlaskClient, writer: Any, people: People, opened: Any) -> None:
        found, path = opened
        mine = discussing.reply(writer, found)
        discussing.reply(people.participant(), found, mine)
        assert self.send(client, path).status_code == 303

    def test_answers_to_the_same_post(self, client: FlaskClient, writer: Any, people: People, opened: Any, db: Any) -> None:
        found, path = opened
        parent = discussing.reply(writer, found).id
        with db.transaction() as session:
            discussing.reply(people.participant(), session.get_one(Discussion, found.id), session.get_one(Post, parent), body="Below.")
        assert self.send(client, path, "2", parent_id=str(parent)).status_code == 409
        assert self.send(client, path, "2").status_code == 303

    def test_sent_twice_there_is_no_warning_about_what_came_after(self, client: FlaskClient, people: People, opened: Any, db: Any) -> None:
        found, path = opened
        first = self.send(client, path)
        discussing.reply(people.participant(), db.session().get_one(Discussion, found.id))
        again = self.send(client, path)
        assert (again.status_code, again.location) == (303, first.location)

    @pytest.mark.parametrize("seen", ["", "x", "-1", "٣", "99999999999999"])
    def test_programs_are_not_warned(self, client: FlaskClient, people: People, opened: Any, seen: str) -> None:
        discussing.reply(people.participant(), opened[0])
        assert self.send(client, opened[1], seen).status_code in {303, 422}


class TestSentAgain:
    """From the back button: the form has a nonce of its own, but it is the same text at the same place."""

    def test_a_reply(self, client: FlaskClient, writer: Any, db: Any) -> None:
        found = discussing.discussion(writer)
        path, parent_id = path_of(found), discussing.reply(writer, found).id

        def send(**fields: str) -> Any:
            return client.post(f"{path}/reply", data={"body": "The same.", **fields}).location

        first = send(nonce="1")
        assert send(nonce="2") == first
        assert posts(db) == 3
        assert send(nonce="3", parent_id=str(parent_id)) != first
        with clock.freeze(clock.now() + timedelta(minutes=11)):
            assert send(nonce="4") != first
        assert posts(db) == 5

    def test_an_opening(self, client: FlaskClient, writer: Any, db: Any) -> None:
        discussing.space("c2")
        data = {"title": "Who  pays?", "body": "We ask."}
        first, again = (client.post("/action-lines/c2/new", data=data | {"nonce": nonce}).location for nonce in "12")
        assert first == again
        assert client.post("/action-lines/c2/new", data=data | {"title": "Who pays now?", "nonce": "3"}).location != first
        assert posts(db) == 2


class TestCorrections:
    """Edits at once, before anybody answered, are kept but not marked."""

    def test_within_five_minutes(self, people: People, db: Any) -> None:
        actor = people.participant()
        post = discussing.opening(discussing.discussion(actor, body="Frist words."))
        services.edit_post(actor, post, "First words.", expected_revision=1)
        assert post.edited_at is None
        assert post.revision == 2
        assert db.session().scalars(select(PostRevision.body)).all() == ["Frist words."]

    def test_later_it_is_marked_and_the_times_join(self, people: People, db: Any) -> None:
        actor = people.participant()
        post = discussing.opening(discussing.discussion(actor, body="One."))
        services.edit_post(actor, post, "Two.", expected_revision=1)
        with clock.freeze(clock.now() + timedelta(minutes=5, seconds=1)):
            services.edit_post(actor, post, "Three.", expected_revision=2)
        assert post.edited_at is not None
        one, two = db.session().scalars(select(PostRevision).order_by(PostRevision.number)).all()
        assert one.replaced_at == two.written_at

    def test_not_after_an_answer(self, people: People, db: Any) -> None:
        actor, other = people.participant(), people.participant()
        found = discussing.discussion(actor)
        opening, answer = discussing.opening(found), discussing.reply(other, found)
        services.edit_post(actor, opening, "Something else.", expected_revision=1)
        services.edit_post(other, answer, "Corrected.", expected_revision=1)
        assert opening.edited_at is not None
        assert answer.edited_at is None
        discussing.reply(actor, db.session().get_one(Discussion, found.id), answer)
        services.edit_post(other, answer, "Changed.", expected_revision=2)
        assert answer.edited_at is not None


class TestHistory:
    def test_what_changed_is_marked_and_said(self, client: FlaskClient, writer: Any, db: Any) -> None:
        post = discussing.opening(discussing.discussion(writer, body="The fund pays ten per cent.", language="en"))
        services.edit_post(writer, post, "The fund pays eleven per cent.", expected_revision=1, language="en")
        page = client.get(f"/p/{post.id}/history").text
        assert '<del><span class="visually-hidden">[removed:] </span>ten<' in page
        assert '<ins><span class="visually-hidden">[added:] </span>eleven<' in page
        assert "Edited by the author" in page
        assert "As first published" in page

    def test_a_moderators_edit_is_named(self, client: FlaskClient, writer: Any, people: People, db: Any) -> None:
        post = discussing.opening(discussing.discussion(writer))
        services.edit_post(writer, post, "Other words.", expected_revision=1)
        clara = people.of(people.moderator(name="Clara <i>")).id
        with db.transaction() as session:
            session.scalars(select(PostRevision)).one().editor_id = clara
        page = client.get("/p/1/history").text
        assert "Edited by <bdi>Clara &lt;i&gt;</bdi>, a moderator" in page

    def test_a_stale_edit_shows_both_and_the_difference(self, client: FlaskClient, writer: Any) -> None:
        post = discussing.opening(discussing.discussion(writer, body="One two three."))
        services.edit_post(writer, post, "One four three.", expected_revision=1)
        answer = client.post("/p/1/edit", data={"body": "One five three.", "revision": "1", "nonce": "n"})
        assert answer.status_code == 409
        assert "One four three.</pre>" in answer.text
        assert "One five three.</textarea>" in answer.text
        assert "<del>" in answer.text
        assert 'name="revision" type="hidden" value="2"' in answer.text
        assert client.post("/p/1/edit", data={"body": "One five three.", "revision": "2", "nonce": "n"}).status_code == 303

    @pytest.mark.parametrize("revision", ["", "x", "-1", "9" * 30, "²"])
    def test_made_up_revisions(self, client: FlaskClient, writer: Any, revision: str) -> None:
        discussing.discussion(writer)
        answer = client.post("/p/1/edit", data={"body": "Other words.", "revision": revision})
        assert answer.status_code == 422
        assert "Other words.</textarea>" in answer.text

    def test_an_edit_sent_twice(self, client: FlaskClient, writer: Any, db: Any) -> None:
        discussing.discussion(writer)
        answers = [client.post("/p/1/edit", data={"body": "Other words.", "revision": "1", "nonce": "n"}) for _time in range(2)]
        assert [one.status_code for one in answers] == [303, 303]
        assert db.session().get_one(Post, 1).revision == 2


class TestBadInput:
    def test_what_no_database_holds_is_shown_before_it_is_taken(self, client: FlaskClient, writer: Any, db: Any) -> None:
        path = path_of(discussing.discussion(writer))
        answer = client.post(f"{path}/reply", data={"body": "a\x00b", "nonce": "n"})
        assert answer.status_code == 422
        assert "characters that are not text" in answer.text
        assert ">a\ufffdb</textarea>" in answer.text.replace("\r\n", "")
        assert posts(db) == 1

    @pytest.mark.parametrize(
        "body",
        ["", " \n\t ", "\u200b\u2060", "x" * 100_001, "[" * 2**20, "\u202e", "x" * 1_900_000],
        ids=lambda body: f"{body[:3]!r}{len(body)}",
    )
    def test_refused_with_the_text_still_there(self, client: FlaskClient, writer: Any, db: Any, body: str) -> None:
        path = path_of(discussing.discussion(writer))
        answer = client.post(f"{path}/reply", data={"body": body, "nonce": "n"})
        assert answer.status_code == 422
        assert body[:1000].strip(" \n\t") in answer.text
        assert posts(db) == 1

    @pytest.mark.parametrize(
        "body",
        [
            "[" * 99_000,
            "```\n" + "x\n" * 40_000,
            "> " * 45_000 + "x",
            "- " * 45_000 + "x",
            "*a " * 30_000,
            "![" * 45_000,
            "<" * 99_000,
            "`" * 99_999,
            "@a " * 33_000,
            "|a" * 40_000,
            "[a](" * 24_000,
            "a\u0301" * 45_000,
            "\u0007bell \u001b[31m " * 5000,
            "&#x" * 33_000,
        ],
        ids=lambda body: repr(body[:4]),
    )
    def test_taken_and_rendered_in_little_time(self, client: FlaskClient, writer: Any, body: str) -> None:
        path = path_of(discussing.discussion(writer))
        began = time.process_time()
        assert client.post(f"{path}/reply", data={"body": body, "nonce": "n"}).status_code == 303
        assert client.post("/preview", data={"body": body}).status_code == 200
        assert client.get(path).status_code == 200
        assert time.process_time() - began < 8

    def test_lone_surrogates(self, client: FlaskClient, writer: Any, db: Any) -> None:
        path = path_of(discussing.discussion(writer))
        answer = client.post(f"{path}/reply", data=b"body=half+%ED%A0%80+a+pair&nonce=n", content_type="application/x-www-form-urlencoded")
        assert answer.status_code in {303, 422}

    def test_directions_in_titles_are_stripped(self, client: FlaskClient, writer: Any, db: Any) -> None:
        discussing.space("c2")
        data = {"title": "Who \u202epays\u2066 for\x07 it?", "body": "Text.", "nonce": "n"}
        assert client.post("/action-lines/c2/new", data=data).status_code == 303
        assert db.session().scalars(select(Discussion.title)).all() == ["Who pays for it?"]

    def test_a_rejected_opening_comes_back_filled(self, client: FlaskClient, writer: Any) -> None:
        discussing.space("c2")
        answer = client.post("/action-lines/c2/new", data={"title": "", "body": "My text.", "language": "fr", "nonce": "n"})
        assert answer.status_code == 422
        assert "My text.</textarea>" in answer.text
        assert '<option selected value="fr"' in answer.text

    def test_parents_from_another_discussion(self, client: FlaskClient, writer: Any, db: Any) -> None:
        path = path_of(discussing.discussion(writer))
        other = discussing.opening(discussing.discussion(writer, title="Elsewhere")).id
        answer = client.post(f"{path}/reply", data={"body": "Answer.", "parent_id": str(other), "nonce": "n"})
        assert answer.status_code == 422
        assert "Answer.</textarea>" in answer.text
        assert posts(db) == 2
