"""The pages of signals: buttons, the line by stakeholder type, the positions with their reasons."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from alliance.accounts import passwords
from alliance.core import db as database
from alliance.discussions.fragments import post_fragment
from alliance.discussions.models import Post
from alliance.moderation import services as moderation
from alliance.signals import services
from tests import discussing
from tests.people import PASSWORD, People


@pytest.fixture
def post(db: Any, people: People) -> Any:
    """A proposal somebody else made."""
    author = people.participant()
    return discussing.reply(author, discussing.discussion(author), body="Let the users pay.")


@pytest.fixture
def reader(client: FlaskClient, people: People) -> FlaskClient:
    """A person signed in."""
    people.person(email="r@example.org", name="Rita Reader", stakeholder_type="media", password_hash=passwords.make(PASSWORD))
    client.post("/sign-in", data={"email": "r@example.org", "password": PASSWORD})
    return client


def page_of(client: FlaskClient, post: Any) -> str:
    return client.get(f"/p/{post.id}", follow_redirects=True).text


def test_without_script_by_forms(reader: FlaskClient, post: Any) -> None:
    assert 'aria-pressed="false">Thank' in page_of(reader, post)
    assert reader.post(f"/p/{post.id}/thanks", data={"thanks": "1"}).status_code == 303
    assert 'aria-pressed="true">Thank' in page_of(reader, post)
    assert reader.post(f"/p/{post.id}/position", data={"position": "object", "reason": "Too <dear>."}).status_code == 303
    shown = page_of(reader, post)
    assert 'class="signals-mine">Object<' in shown
    assert ">Media<" in shown
    page = reader.get(f"/p/{post.id}/positions").text
    assert "Too &lt;dear&gt;." in page
    assert "Rita Reader" in page
    assert "Too &lt;dear&gt;." in reader.get(f"/p/{post.id}/respond").text
    assert reader.post(f"/p/{post.id}/position", data={"position": "object"}).status_code == 303
    assert "Too &lt;dear&gt;." in reader.get(f"/p/{post.id}/positions").text  # the button alone keeps the reason
    reader.post(f"/p/{post.id}/position", data={"position": "none"})
    reader.post(f"/p/{post.id}/thanks", data={"thanks": "0"})
    assert "data-signals" not in page_of(reader, post)


@pytest.mark.parametrize("sent", [{}, {"position": "like"}, {"position": "support", "reason": "x" * 501}])
def test_a_wrong_form_comes_back(reader: FlaskClient, post: Any, sent: dict[str, str]) -> None:
    answer = reader.post(f"/p/{post.id}/position", data=sent)
    assert answer.status_code == 422
    assert "error-summary" in answer.text


def test_in_place_for_a_script(reader: FlaskClient, post: Any) -> None:
    answer = reader.post(f"/p/{post.id}/thanks?lang=fr", data={"thanks": "1"}, headers={"X-Requested-With": "fetch"})
    assert answer.status_code == 200
    assert "data-signals" in answer.json["line"]
    assert 'aria-pressed="true"' in answer.json["own"]


def test_guests_read_and_are_asked_to_sign_in(client: FlaskClient, people: People, post: Any) -> None:
    services.take_position(people.participant(name="\u202eevil"), post, "support", "Because.")
    assert "Because." in client.get(f"/p/{post.id}/positions").text
    assert "signals-own" not in page_of(client, post)
    for path in ("respond", "thanks", "position"):
        method = client.get if path == "respond" else client.post
        assert method(f"/p/{post.id}/{path}").location.startswith("/sign-in")


def test_a_hidden_post_has_no_positions_to_read(client: FlaskClient, people: People, post: Any) -> None:
    services.take_position(people.participant(), post, "support", "SECRET reason.")
    moderation.hide(people.moderator(), post.id, "Spam.")
    assert client.get(f"/p/{post.id}/positions").status_code == 404
    assert "data-signals" not in client.get(f"/d/{post.discussion_id}", follow_redirects=True).text


def test_a_bad_cursor_is_told(client: FlaskClient, post: Any) -> None:
    assert client.get(f"/p/{post.id}/positions?after=x").status_code == 422


def test_the_fragment_of_sockets_has_the_line(post: Any, people: People, app: Any) -> None:
    services.take_position(people.participant(stakeholder_type="government"), post, "can_live_with")
    found = post_fragment(post.id, "en")
    assert found is not None
    assert "Can live with it" in found[0]
    assert "signals-own" not in found[0]


def test_statements_do_not_grow_with_posts(reader: FlaskClient, people: People, post: Any) -> None:
    def statements() -> int:
        seen: list[str] = []
        database.replaced()  # nothing is kept: all is rendered
        engine = database.engine()
        sa.event.listen(engine, "before_cursor_execute", listener := lambda _c, _u, statement, *_rest: seen.append(statement))
        page_of(reader, post)
        sa.event.remove(engine, "before_cursor_execute", listener)
        return len(seen)

    giver = people.participant()
    services.thank(giver, post)
    few = statements()
    post = database.session().get_one(Post, post.id)
    for _number in range(10):
        services.take_position(giver, discussing.reply(people.participant(), post.discussion), "support")
    assert statements() == few
