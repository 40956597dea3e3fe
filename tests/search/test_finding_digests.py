"""Digests in search follow what is done to them: edited, signed, corrected."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from alliance.digests import editing, queries, services, states
from alliance.digests.models import Digest
from alliance.policy import Actor
from alliance.search import finding
from alliance.search import services as searching
from alliance.search.finding import Wish
from tests.digests.conftest import SAID, Forum
from tests.people import People

SYSTEM = Actor.system()
JUNE = (date(2026, 6, 1), date(2026, 6, 30))
# One thought each, in words of their own, so that each becomes a paragraph.
THOUGHTS = [
    f"{thing} in the villages should be paid for by the national fund, and every grant should be published within thirty days."
    for thing in ("Zeppelins", "Lighthouses", "Windmills", "Aqueducts", "Telegraphs")
]


def drafted(people: People) -> Digest:
    forum = Forum(people)
    opened = forum.open("Rural access", SAID["en"])
    for thought in THOUGHTS:
        forum.reply(opened, thought)
    return services.compile_digest(SYSTEM, *JUNE)


def asked(text: str) -> list[str]:
    query, _wrong = finding.ask(Actor.guest(), text, {})
    found = finding.look(Actor.guest(), query, Wish(kinds=None))
    assert found.source == "index"
    return [
        str(result.thing.symbol if result.kind == "digest" else result.thing.id) + " " + str(result.excerpt) for result in found.results
    ]


def test_a_digest_is_found_by_what_stands_in_it_now(people: People, drain: Callable[[], int]) -> None:
    made = drafted(people).id
    rapporteur, second = people.moderator(), people.moderator()
    drain()
    digest = queries.get_digest(SYSTEM, made)
    points = [point for point in digest.points if any(thought.split()[0] in point.text for thought in THOUGHTS)]
    point = points[-1]
    word = point.text.split()[0].lower()
    cited, point_id = point.citations[0].post_id, point.id
    [found] = asked(f"{word} kind:digest")
    assert "<mark>" in found  # however far behind it stands
    assert [one.split()[0] for one in asked(f"{word} is:key")] == [str(cited)]
    editing.drop(rapporteur, digest, point.id, point.version)
    drain()
    assert asked(f"{word} kind:digest") == []
    assert asked(f"{word} is:key") == []
    assert not searching.compare()
    editing.take_in(rapporteur, queries.get_digest(SYSTEM, made), point_id)
    drain()
    assert len(asked(f"{word} kind:digest")) == 1
    states.submit(rapporteur, queries.get_digest(SYSTEM, made))
    states.sign(second, queries.get_digest(SYSTEM, made))
    states.correct(rapporteur, queries.get_digest(SYSTEM, made))
    drain()
    assert sorted("/Rev." in one for one in asked(f"{word} kind:digest")) == [False, True]
    assert not searching.compare()
