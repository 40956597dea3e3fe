"""Topics steer the choice: what is on a topic not heard yet comes forward; without topics nothing changes."""

from __future__ import annotations

from datetime import date
from typing import Any

from alliance.core import db as database
from alliance.digests import queries, render, services
from alliance.digests.material import Source
from alliance.digests.selection import select
from alliance.digests.wording import reason
from alliance.discussions import topics
from alliance.policy import Actor
from tests.digests.conftest import Forum

SAID = (
    "Spectrum fees should fall by half in rural provinces.",
    "School lines should be paid by the universal service fund.",
    "Clinics should publish the hours of their telemedicine desks.",
)


def sources(*tagged: tuple[str, ...]) -> list[Source]:
    return [
        Source(key=n, discussion=n, author=n, body=body, language="en", stakeholder_type="media", topics=tagged[n])
        for n, body in enumerate(SAID)
    ]


def leads(found: list[Source], wanted: int) -> list[Any]:
    return [strand.lead.source.key for strand in select(found, wanted).strands]


def test_of_two_that_add_as_much_the_one_on_a_new_topic_is_chosen() -> None:
    plain = leads(sources((), (), ()), 2)
    first = plain[0]
    others = [n for n in range(3) if n != first]
    for fresh in others:
        tagged: list[tuple[str, ...]] = [("access",)] * 3
        tagged[fresh] = ("health",)
        chosen = leads(sources(*tagged), 2)
        assert fresh in chosen, (fresh, chosen)


def test_without_topics_and_with_one_for_all_the_outcome_is_the_same() -> None:
    assert leads(sources((), (), ()), 3) == leads(sources(("access",), ("access",), ("access",)), 3)


def test_it_says_why() -> None:
    (strand,) = select(sources(("health",), ("health",), ("health",)), 1).strands
    assert "on which nothing else was chosen" in " ".join(reason(fact) for fact in strand.reasons)
    (strand,) = select(sources((), (), ()), 1).strands
    assert "first_of_topic" not in {fact["code"] for fact in strand.reasons}


def test_the_json_names_the_topics_of_each_key_point_as_they_were(forum: Forum) -> None:
    topics.load_reference()
    opened = forum.open("Access", "Every village should have one line that works all day and all night.")
    forum.open("Fees", "Spectrum fees should fall by half in rural provinces within three years.")
    with database.transaction():
        topics.give(opened.id, topics.chosen(["connectivity", "affordability"]))
    made = services.compile_digest(Actor.system(), date(2026, 6, 1), date(2026, 6, 30), None)
    with database.transaction():
        topics.give(opened.id, [])
    points = render.as_dict(queries.get_digest(Actor.guest(), made.id))["points"]
    assert sorted(point["support"].get("topics", []) for point in points) == [[], ["affordability", "connectivity"]]
