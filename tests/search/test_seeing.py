"""What one may not read is in no result, no count, no facet, no suggestion; rights that change change everything at once."""

from __future__ import annotations

from collections.abc import Callable

from alliance.core import db as database
from alliance.discussions import services as discussions
from alliance.groups import belonging
from alliance.groups.models import Group
from alliance.moderation import services as moderation
from alliance.policy import Actor
from alliance.search import finding, seeing, services, suggesting
from alliance.search.finding import Found, Wish
from tests.grouping import founded, member
from tests.people import People
from tests.search.conftest import Forum

GUEST = Actor.guest()
EVERYTHING = Wish(kinds=None, grouped=True, facets=True)


def looked(actor: Actor, text: str) -> Found:
    query, _wrong = finding.ask(actor, text, {})
    return finding.look(actor, query, EVERYTHING)


def test_a_private_group_and_what_is_said_in_it(forum: Forum, people: People, drain: Callable[[], int]) -> None:
    group = founded(people, visibility="private")
    inside, group_id = member(people, group), group.id
    discussions.open_discussion(inside, group.space, "Undisclosed zeppelin", "The zeppelin carries antennas.", language="en")
    public = forum.open("Balloons", "Balloons carry antennas.", language="en")
    drain()
    theirs, guests = looked(inside, "zeppelin antennas"), looked(GUEST, "zeppelin antennas")
    assert theirs.total == 2
    assert (guests.total, [result.post.id for result in guests.results]) == (1, [public])
    assert guests.facets["space"] == {"c2": 1}
    assert sum(guests.facets["kind"].values()) == 1
    assert looked(GUEST, "zeppelins antennas").meant == ""
    assert looked(GUEST, '"measuring access"').total == 0
    assert suggesting.suggestions(GUEST, "undisc") == []
    assert [one.text for one in suggesting.suggestions(inside, "undisc")] == ["Undisclosed zeppelin"]
    assert suggesting.similar(GUEST, "Undisclosed zeppelin") == []
    assert [result.post.discussion.title for result in suggesting.similar(inside, "A zeppelin, undisclosed")] == ["Undisclosed zeppelin"]
    belonging.leave(inside, database.session().get_one(Group, group_id))
    assert looked(inside, "zeppelin antennas").total == 1
    assert suggesting.suggestions(inside, "undisc") == []


def test_what_is_hidden_is_in_no_count_before_the_index_has_heard_of_it(forum: Forum, people: People, drain: Callable[[], int]) -> None:
    first = forum.open("Masts", "Masts on hills.")
    reply = forum.reply(first, "Zeppelins instead.")
    drain()
    assert looked(GUEST, "zeppelins").total == 1
    moderation.hide(people.moderator(), reply, "off topic")
    assert (looked(GUEST, "zeppelins").total, looked(GUEST, "zeppelins").facets["kind"]) == (0, {})
    assert seeing.sight(GUEST).without == frozenset({f"p{reply}"})
    drain()
    assert seeing.sight(GUEST).without == frozenset()
    assert looked(GUEST, "zeppelins").total == 0


def test_misspelt_words_are_offered_never_replaced(forum: Forum, drain: Callable[[], int]) -> None:
    forum.open("Broadband in villages", "Subsidies for broadband.")
    drain()
    found = looked(GUEST, "brodaband vilages lang:en")
    assert (found.results, found.meant) == ([], "broadband villages lang:en")
    assert looked(GUEST, "broadband").meant == ""
    assert looked(GUEST, "broadbands subsidy").meant == ""  # other forms of what is said
    assert looked(GUEST, '"brodaband access"').meant == '"broadband access"'


def test_posts_of_one_discussion_are_one_result(forum: Forum, drain: Callable[[], int]) -> None:
    first = forum.open("Masts", "Zeppelins and masts.")
    for number in range(5):
        forum.reply(first, f"zeppelins {number}")
    other = forum.open("Other", "A zeppelin among many other words of no use here.")
    drain()
    found = looked(GUEST, "zeppelins")
    assert (found.total, len(found.results)) == (7, 2)
    [big] = [result for result in found.results if result.others]
    assert len(big.others) == 2
    assert {result.post.discussion_id for result in found.results} == {forum.post(first).discussion_id, forum.post(other).discussion_id}
    assert "in the text: " in found.results[0].why


def test_people_and_spaces_are_found_and_suggested(forum: Forum, drain: Callable[[], int]) -> None:
    services.rebuild()
    assert [result.kind for result in looked(GUEST, "Évrard").results] == ["person"]
    assert {one.kind for one in suggesting.suggestions(GUEST, "amina dia")} == {"person"}
    assert suggesting.suggestions(GUEST, "x") == []
    assert suggesting.suggestions(GUEST, '"((\x00*: -') == []


def test_names_are_suggested_however_their_accents_and_endings_are_typed(forum: Forum, people: People, drain: Callable[[], int]) -> None:
    people.participant(name="Hélène Keïta", handle="helene")
    for title in ("Réseaux télécoms", "شبكات القرى", "农村宽带接入", "Сёла и связь"):
        forum.open(title, "What is asked.")
    services.rebuild()
    named = {
        "helene": "Hélène Keïta",
        "keita": "Hélène Keïta",
        "Hél": "Hélène Keïta",
        "reseau": "Réseaux télécoms",
        "réseaux télécom": "Réseaux télécoms",
        "الشبكات": "شبكات القرى",
        "宽": "农村宽带接入",
        "宽带": "农村宽带接入",
        "寬帶": "农村宽带接入",
        "села": "Сёла и связь",
        "c7-egov": "E-government",
    }
    for begun, name in named.items():
        assert name in [one.text for one in suggesting.suggestions(GUEST, begun)], begun
    assert suggesting.suggestions(GUEST, "asked") == []


def test_what_a_result_is_by_is_said(forum: Forum, drain: Callable[[], int]) -> None:
    post = forum.open("Masts", "On hills.", language="en")
    drain()
    assert [(one.post.id, one.why) for one in looked(GUEST, "amina hills kind:discussion").results] == [
        (post, "in the text: hills · Author: Amina Diallo")
    ]
    assert looked(GUEST, "hills").results[0].why == "in the text: hills"


def test_what_is_said_in_private_makes_no_word_less_rare(forum: Forum, people: People, drain: Callable[[], int]) -> None:
    for number in range(6):
        forum.open(f"Masts {number}", "Masts and antennas on hills, with balloons." if number % 2 else "Antennas on masts.", language="en")
    forum.open("Balloons", "Nothing but balloons.", language="en")
    drain()

    def ranked(actor: Actor) -> list[tuple[str, float]]:
        query, _wrong = finding.ask(actor, "balloons masts", {})
        return [(hit.key, hit.rank) for hit in services.engine().search(query, "relevance", 50, seeing.sight(actor)).hits]

    before = ranked(GUEST)
    assert len(before) == 7
    group = founded(people, visibility="private")
    inside = member(people, group)
    for number in range(8):
        discussions.open_discussion(inside, group.space, f"Balloons {number}", "Balloons, balloons, balloons.", language="en")
    drain()
    assert ranked(GUEST) == before
    assert len(ranked(inside)) == 15
