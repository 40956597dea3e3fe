"""Names suggested while one writes: only what one may see, with how many are notified."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from alliance.accounts import passwords
from alliance.discussions import completing
from tests import discussing
from tests.people import PASSWORD, People


def inserted(*asked: Any) -> list[str]:
    return [one.insert for one in completing.suggestions(*asked)]


def test_people_by_handle_and_by_any_word_of_their_name(db: Any, people: People) -> None:
    actor = people.participant(handle="me")
    people.person(handle="amina", name="Amina Diallo")
    people.person(handle="boris", name="Boris Amato")
    people.person(handle="clara", name="Clara Damian")
    assert inserted(actor, "@am") == ["@amina", "@boris"]
    assert inserted(actor, "@AMINA") == ["@amina"]
    assert inserted(actor, "@%") == []
    assert inserted(actor, "@_") == []


def test_who_takes_part_comes_first(db: Any, people: People) -> None:
    actor = people.participant(handle="me")
    people.person(handle="amina", posts_count=50)
    found = discussing.discussion(people.participant(handle="amadou"))
    assert inserted(actor, "@am", f"d:{found.id}") == ["@amadou", "@amina"]
    assert inserted(actor, "@", f"d:{found.id}") == ["@amadou"]
    assert inserted(actor, "@", "d:x") == []
    assert inserted(actor, "@am", "d:999999999999999") == ["@amina", "@amadou"]


def test_nobody_who_is_not_shown_or_cannot_be_told(db: Any, people: People) -> None:
    actor = people.participant(handle="me")
    people.person(handle="amina", confirmed_at=None)
    people.person(handle="amadou", claimed=False)
    people.suspended(handle="amos")
    assert inserted(actor, "@am") == []


def test_how_many_are_notified(db: Any, people: People) -> None:
    actor = people.participant(handle="amina")
    people.person(handle="amadou")
    reach = {one.insert: one.reach for one in completing.suggestions(actor, "@am")}
    assert reach == {"@amina": 0, "@amadou": 1}  # one is never told of one's own posts


def test_spaces_by_code_and_title(db: Any, people: People) -> None:
    discussing.space("c7-ehealth")
    with db.transaction():
        discussing.space("c3").visibility = "hidden"
    found = completing.suggestions(people.participant(), "#c7-eh")
    assert [(one.insert, one.reach) for one in found] == [("#c7-ehealth", 0)]
    assert "#c3" not in inserted(people.participant(), "#c3")
    assert "#c7-ehealth" in inserted(people.participant(), "#heal")


def test_the_door(client: FlaskClient, people: People) -> None:
    assert client.get("/complete?q=@am").status_code == 401
    people.person(handle="amina", name="Amina <b>")
    people.participant(email="w@example.org", password_hash=passwords.make(PASSWORD))
    client.post("/sign-in", data={"email": "w@example.org", "password": PASSWORD})
    answer = client.get("/complete?q=@am").json
    assert answer == {"items": [{"insert": "@amina", "label": "Amina <b>", "detail": "", "reach": "notifies 1 person"}]}
    for wrong in ("", "q=", "q=%00", "q=@%ED%A0%80", "q=" + "x" * 5000, "q=@a&place=d:%00", "q=am"):
        assert client.get(f"/complete?{wrong}").json == {"items": []} or wrong.startswith("q=@a"), wrong
    for _time in range(240):
        answer = client.get("/complete?q=@am")
    assert answer.status_code == 429


@pytest.mark.parametrize("body", ["**bold**", "<script>alert(1)</script>", "", "x" * 200_000])
def test_the_preview_is_what_will_be_shown(client: FlaskClient, people: People, body: str) -> None:
    assert client.post("/preview", data={"body": body}).location.startswith("/sign-in")
    people.participant(email="w@example.org", password_hash=passwords.make(PASSWORD))
    client.post("/sign-in", data={"email": "w@example.org", "password": PASSWORD})
    answer = client.post("/preview", data={"body": body, "language": "ar"})
    assert answer.status_code == 200
    assert 'dir="rtl"' in answer.text
    assert "<script" not in answer.text
