"""Public summaries that are owed: above the review queue of those who may write them, until they are written."""

from __future__ import annotations

from typing import Any

from flask import Flask

from alliance.curating import closed, summaries
from alliance.discussions import services as saying
from alliance.moderation import confiding
from tests import discussing
from tests.counting import statements
from tests.grouping import founded, member
from tests.people import People
from tests.signing import signed_in

OWED = "Public summaries that are owed"


def test_they_stand_above_the_queue_until_they_are_written(app: Flask, people: People, db: Any) -> None:
    group = founded(people)
    chair, inside, keeper = member(people, group, "chair"), member(people, group), member(people, group, "moderator")
    number = saying.open_discussion(inside, group.space, "What we could give up", "In confidence.").id
    confiding.close(chair, number, "Because.")
    line = discussing.discussion(people.participant(), "Of an action line", "Words.").id
    elsewhere, secretary = people.moderator(), people.secretariat()
    confiding.close(elsewhere, line, "Because.")
    asked = {"chair": chair, "keeper": keeper, "elsewhere": elsewhere, "secretariat": secretary}

    def owed() -> dict[str, list[int]]:
        return {who: [one.id for one in closed.owed_by(actor)] for who, actor in asked.items()}

    assert owed() == {"chair": [number], "keeper": [number], "elsewhere": [line], "secretariat": [number, line]}
    for who, actor in asked.items():
        page = signed_in(app.test_client(), actor).get("/moderation").text
        assert OWED in page
        assert (f"/moderation/discussions/{number}/summary" in page) == (who != "elsewhere")
        assert ("What we could give up" in page) == (who != "elsewhere")
    assert OWED not in signed_in(app.test_client(), secretary).get("/moderation?status=decided").text
    assert closed.owed_by(inside) == closed.owed_by(people.participant()) == []
    summaries.write(keeper, number, "All agree. [#1]")
    assert owed() == {"chair": [], "keeper": [], "elsewhere": [line], "secretariat": [line]}
    assert OWED not in signed_in(app.test_client(), chair).get("/moderation").text
    summaries.take_down(keeper, number)
    assert owed()["chair"] == [number]


def test_they_cost_the_queue_no_more_however_many(app: Flask, people: People, db: Any) -> None:
    moderator = people.moderator()

    def close(title: str) -> None:
        confiding.close(moderator, discussing.discussion(people.participant(), title, "Words.").id, "Because.")

    def asked() -> int:
        client = signed_in(app.test_client(), moderator)
        client.get("/moderation")
        with statements() as made:
            assert OWED in client.get("/moderation").text
        return len(made)

    close("One")
    first = asked()
    for place in range(8):
        close(f"Another {place}")
    assert asked() == first
