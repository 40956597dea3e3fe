"""Topics in search: `tag:`, counts beside the results, completion; on the engine of the database the tests run on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from alliance.curating import summaries
from alliance.curating import topics as curating
from alliance.discussions import topics
from alliance.policy import Actor
from alliance.search import finding, suggesting
from alliance.search.finding import Wish
from tests import discussing
from tests.grouping import founded, member
from tests.people import People


@pytest.fixture(autouse=True)
def seeded(db: Any) -> None:
    topics.load_reference()


def found(actor: Actor, text: str, **choices: str) -> tuple[set[int], dict[str, int], list[str]]:
    query, wrong = finding.ask(actor, text, choices)
    answer = finding.look(actor, query, Wish(grouped=True, facets=True))
    assert answer.source == "index"
    ids = {result.post.discussion_id for result in answer.results}
    return ids, answer.facets.get("topic", {}), [*answer.notes, *(note for notes in wrong.values() for note in notes)]


def test_by_key_by_name_and_not(people: People, drain: Callable[[], int]) -> None:
    author, space = people.participant(), discussing.space()
    one = topics.open_discussion(author, space, "Nurses", "A village clinic.", topics=["health", "skills"]).id
    two = topics.open_discussion(author, space, "Teachers", "A village school.", topics=["skills"]).id
    three = discussing.discussion(author, title="Roads", body="A village road.").id
    drain()
    guest = Actor.guest()
    assert found(guest, "village") == ({one, two, three}, {"health": 1, "skills": 2}, [])
    assert found(guest, "village tag:health")[0] == {one}
    assert found(guest, "tag:Santé")[0] == {one}
    assert found(guest, 'village tag:"digital skills and literacy"')[0] == {one, two}
    assert found(guest, "village -tag:health")[0] == {two, three}
    assert found(guest, "village", topic="health") == ({one}, {"health": 1, "skills": 1}, [])
    ids, _counts, notes = found(guest, "village tag:nothing")
    assert (ids, notes) == (set(), ["There is no topic “nothing” in the list."])
    curating.tag(people.moderator(), three, ["health"])
    curating.tag(people.moderator(), two, [])
    curating.save(people.secretariat(), "health", {"en": "Health for all"})  # the index holds the key
    drain()
    assert found(guest, 'village tag:"health for all"')[:2] == ({one, three}, {"health": 2, "skills": 1})


def test_what_one_may_not_read_is_not_counted(people: People, drain: Callable[[], int]) -> None:
    group = founded(people, visibility="private")
    inside = member(people, group)
    made = topics.open_discussion(inside, group.space, "A secret", "A village.", topics=["health"]).id
    drain()
    assert found(inside, "village tag:health")[:2] == ({made}, {"health": 1})
    assert found(people.participant(), "village tag:health")[:2] == (set(), {})


def test_summaries_have_the_topics_of_their_discussions(people: People, drain: Callable[[], int]) -> None:
    moderator = people.moderator()
    made = topics.open_discussion(people.participant(), discussing.space(), "Nurses", "A village clinic.", topics=["health"]).id
    summaries.write(moderator, made, "A clinic for each village. [#1]")
    drain()

    def of_kind(text: str) -> list[str]:
        query, _wrong = finding.ask(Actor.guest(), text, {"kind": "summary"})
        answer = finding.look(Actor.guest(), query, Wish(kinds=None, grouped=True, facets=True))
        return [f"{len(answer.results)}", *sorted(answer.facets.get("topic", {}))]

    assert (of_kind("village tag:health"), of_kind("village tag:skills")) == (["1", "health"], ["0"])
    curating.tag(moderator, made, ["skills"])
    drain()
    assert (of_kind("village tag:health"), of_kind("village tag:skills")) == (["0"], ["1", "skills"])


def test_names_while_one_types(people: People) -> None:
    for begun in ("tag:hum", "human ri"):
        named = [(one.text, one.kind, one.url) for one in suggesting.suggestions(Actor.guest(), begun)]
        assert ("Human rights", "topic", "/latest?topic=human-rights") in named
