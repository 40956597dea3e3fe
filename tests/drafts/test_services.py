"""Drafts: saved, noticed when newer, gone when published; texts kept for whoever signs in."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest

from alliance.core import clock
from alliance.core.errors import Invalid, NotFound, Refused
from alliance.drafts import places, queries, services
from alliance.policy import Actor
from alliance.web import once
from tests.people import People


def save(actor: Actor, body: str, revision: int = 0, place: str = "d:1", nonce: str = "") -> int:
    return services.save(actor, place, {"body": body}, revision=revision, nonce=nonce).revision


def body(actor: Actor, place: str = "d:1") -> str:
    return str(queries.get(actor, place).fields["body"])


def test_saved_again_and_again(db: Any, people: People) -> None:
    actor = people.participant()
    assert save(actor, "We") == 1
    assert save(actor, "We ask", 1) == 2
    assert body(actor) == "We ask"
    assert save(actor, "We ask", 1) == 2  # the answer was lost and the script asks again: no conflict


def test_nobody_else_sees_it(db: Any, people: People) -> None:
    one, other = people.participant(), people.secretariat()
    save(one, "Mine.")
    assert queries.find(other, "d:1") is None
    assert queries.find(Actor.guest(), "d:1") is None
    save(other, "Another's.")
    assert (body(one), body(other)) == ("Mine.", "Another's.")


def test_a_newer_one_is_noticed_and_not_overwritten(db: Any, people: People) -> None:
    actor = people.participant()
    save(actor, "On the telephone", 0)
    with pytest.raises(services.StaleDraft) as stale:
        save(actor, "At the desk", 0)
    assert stale.value.fields == {"body": "On the telephone"}
    assert body(actor) == "On the telephone"
    assert save(actor, "At the desk", stale.value.revision) == 2


def test_two_windows_at_the_same_moment_make_one(db: Any, people: People) -> None:
    actor = people.participant()
    outcomes: list[str] = []

    def write(text: str) -> None:
        try:
            save(actor, text)
            outcomes.append("saved")
        except services.StaleDraft:
            outcomes.append("stale")
        finally:
            db.release()

    threads = [threading.Thread(target=write, args=(f"Text {number}",)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["saved", *["stale"] * 5]


def test_published_it_is_gone_but_a_second_new_one_stays(db: Any, people: People) -> None:
    actor = people.participant()
    save(actor, "First", nonce="n1")
    assert not services.discard(actor, "d:1", "n2")
    assert services.discard(actor, "d:1", "n1")
    assert queries.find(actor, "d:1") is None


def test_what_is_published_is_not_saved_again(db: Any, people: People) -> None:
    actor = people.participant()
    once.once(actor, "form:n1", "reply", lambda: once.Answer(303, location="/p/1"))
    with pytest.raises(services.Published):
        save(actor, "Typed while it was sent", nonce="n1")
    assert save(actor, "Another text", nonce="n2") == 1


def test_unpublished_when_publishing_fails(db: Any, people: People) -> None:
    actor = people.participant()
    save(actor, "Kept", nonce="n1")

    def publish() -> None:
        with db.transaction():
            services.discard(actor, "d:1", "n1")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        publish()
    assert body(actor) == "Kept"


@pytest.mark.parametrize("place", ["", "x", "d:", "d:0", "d:1x", "d:-1", "s:C1", "s:../x", "p:1;", "x:1", "d:١"])
def test_made_up_places_are_not_found(db: Any, people: People, place: str) -> None:
    with pytest.raises(NotFound):
        save(people.participant(), "Text", place=place)


def test_more_than_can_be_published_is_kept_but_not_without_end(db: Any, people: People) -> None:
    actor = people.participant()
    save(actor, "x" * 150_000)
    with pytest.raises(Invalid):
        save(actor, "x" * 250_000, 1)
    with db.transaction():
        for number in range(services.MAX_DRAFTS - 1):
            save(actor, "Text", place=f"d:{number + 10}")
    with pytest.raises(Invalid):
        save(actor, "Text", place="d:9999")


def test_characters_no_database_holds(db: Any, people: People) -> None:
    actor = people.participant()
    save(actor, "a\x00b\ud800c\u202e")
    assert body(actor) == "a�b�c\u202e"


def test_only_fields_of_forms_are_kept(db: Any, people: People) -> None:
    actor = people.participant()
    draft = services.save(actor, "d:1", {"body": "Text", "csrf_token": "x", "password": "x", "title": ""}, revision=0)
    assert draft.fields == {"body": "Text"}


def test_a_guest_has_none_and_a_suspended_person_keeps_theirs(db: Any, people: People) -> None:
    with pytest.raises(Refused):
        save(Actor.guest(), "Text")
    assert save(people.suspended(), "To be sent when I may again") == 1


def test_forgotten_after_180_days(db: Any, people: People) -> None:
    actor = people.participant()
    save(actor, "Old", place="d:1")
    save(actor, "Gone on with", place="d:2")
    token = services.keep("d:3", {"body": "Nobody came back"})
    with clock.freeze(clock.now() + timedelta(days=179)):
        save(actor, "Gone on with, later", 1, place="d:2")
    with clock.freeze(clock.now() + timedelta(days=181)):
        assert services.clean() == 2
    assert [one.place for one in queries.mine(actor)[0]] == ["d:2"]
    with pytest.raises(NotFound):
        services.claim(actor, token)


def test_a_kept_text_is_given_once_and_destroys_nothing(db: Any, people: People) -> None:
    actor = people.participant()
    save(actor, "What I had begun", place="s:c1")
    token = services.keep("s:c1", {"title": "Fees", "body": "What I sent"})
    assert services.claim(actor, token) == "s:c1"
    draft = queries.get(actor, "s:c1")
    assert draft.fields == {"title": "Fees", "body": "What I sent", "earlier": "What I had begun"}
    assert draft.revision == 2
    with pytest.raises(NotFound):
        services.claim(actor, token)
    with pytest.raises(NotFound):
        services.claim(actor, "made up")


def test_listed_the_latest_first(db: Any, people: People) -> None:
    actor = people.participant()
    for number in range(1, 6):
        save(actor, f"Text {number}", place=f"d:{number}")
    first, following = queries.mine(actor, limit=3)
    rest, end = queries.mine(actor, following, limit=3)
    assert [one.place for one in (*first, *rest)] == [f"d:{number}" for number in (5, 4, 3, 2, 1)]
    assert end is None


def test_what_one_may_not_see_has_no_title(db: Any, people: People) -> None:
    spots = places.described(people.participant(), ["d:999", "s:nowhere", "p:999"])
    assert all(not spot.title for spot in spots.values())
