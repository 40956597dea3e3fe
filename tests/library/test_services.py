"""The documents and links of groups: versions, order, what is retired, what is taken away, and who may."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from alliance.attachments import cleaning
from alliance.attachments import queries as files
from alliance.attachments import services as attachments
from alliance.attachments.models import Attachment
from alliance.core import clock, db
from alliance.core.errors import Invalid, NotFound, Refused
from alliance.discussions import services as saying
from alliance.groups import belonging, founding
from alliance.groups import queries as groups
from alliance.groups.models import Group
from alliance.library import queries, services
from alliance.library.models import LibraryItem
from alliance.policy import Actor
from alliance.search import files as search_files
from alliance.search import finding
from tests.attachments import samples
from tests.grouping import founded, member, plan
from tests.people import People


def file(actor: Actor, words: str = "Zeppelins carry antennas.", name: str = "report.txt") -> str:
    return attachments.receive(actor, name, io.BytesIO(words.encode())).key


def added(actor: Actor, group: Group, words: str = "Zeppelins carry antennas.", title: str = "A report") -> LibraryItem:
    return services.add_document(actor, group, file(actor, words), title, "", "")


def titles(actor: Actor, group: Group, *, retired: bool = False) -> list[str]:
    return [one.title for one in queries.items(actor, group.space, retired=retired)]


def test_every_version_is_kept(people: People) -> None:
    group = founded(people)
    chair, rapporteur = member(people, group, "chair"), member(people, group, "rapporteur")
    item = services.add_document(chair, group, file(chair), "", " What we know. ", "First")
    assert (item.title, item.summary, item.versions_count) == ("report", "What we know.", 1)
    services.add_version(rapporteur, group, item.id, file(rapporteur, "Other words."), "Second")
    found = queries.versions(queries.get(Actor.guest(), group.space, item.id))
    assert [(one.number, one.note, one.person_id, one.named) for one in found] == [
        (2, "Second", rapporteur.person_id, True),
        (1, "First", chair.person_id, True),
    ]
    assert all(one.attachment and files.get(Actor.guest(), one.attachment.key) for one in found)
    assert queries.current([item])[item.id].number == 2


def test_files_are_checked_as_everywhere_and_belong_to_one_place(people: People) -> None:
    group = founded(people)
    chair, other = member(people, group, "chair"), member(people, group, "chair")
    with pytest.raises(Invalid):
        attachments.receive(chair, "a.exe", io.BytesIO(samples.EXE))
    with pytest.raises(Invalid):
        services.add_document(chair, group, file(other), "Somebody else's")
    key = file(chair)
    services.add_document(chair, group, key, "Once")
    with pytest.raises(Invalid):
        services.add_document(chair, group, key, "Twice")
    found = saying.open_discussion(chair, group.space, "A question", f"See [this](/attachments/{key}/report.txt).")
    assert found.id
    with db.transaction() as session:
        assert session.scalars(select(Attachment).where(Attachment.key == key)).one().post_id is None
        session.execute(update(Attachment).values(created_at=clock.now() - timedelta(days=30)))
    left = files.get(chair, file(chair, "fresh")).key
    cleaning.clean()
    assert files.get(chair, key).key == key
    assert files.get(chair, left).key == left


def test_the_order_and_what_is_retired(people: People) -> None:
    group = founded(people)
    chair = member(people, group, "chair")
    one, two = added(chair, group, "one", "One"), services.add_link(chair, group, "Two", "https://example.org/two")
    three = services.add_link(chair, group, "Three", "http://example.org:8080/three")
    services.move(chair, group, three.id, up=True)
    services.move(chair, group, one.id, up=True)
    assert titles(chair, group) == ["One", "Three", "Two"]
    services.move(chair, group, one.id, up=False)
    assert titles(chair, group) == ["Three", "One", "Two"]
    services.set_retired(chair, group, three.id, retired=True)
    assert (titles(chair, group), titles(chair, group, retired=True)) == (["One", "Two"], ["Three"])
    services.set_retired(chair, group, three.id, retired=False)
    assert titles(chair, group) == ["One", "Two", "Three"]
    services.change(chair, group, two.id, "Two again", "Said of it", "https://example.org/2")
    assert (queries.get(chair, group.space, two.id).address, two.summary) == ("https://example.org/2", "Said of it")


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "https://", "example.org", "https://a@example.org", "https://exa mple.org", "http://[", "data:,x"]
)
def test_a_link_leads_to_the_web(people: People, address: str) -> None:
    group = founded(people)
    with pytest.raises(Invalid) as caught:
        services.add_link(member(people, group, "chair"), group, "A link", address)
    assert set(caught.value.errors) == {"address"}


def test_who_may(people: People) -> None:
    group = founded(people)
    chair, moderator, plain = member(people, group, "chair"), member(people, group, "moderator"), member(people, group)
    item = added(chair, group)
    for actor in (plain, people.participant(), people.moderator(), Actor.guest()):
        with pytest.raises(Refused):
            services.add_link(actor, group, "A link", "https://example.org")
        with pytest.raises(Refused):
            services.set_retired(actor, group, item.id, retired=True)
    with pytest.raises(Refused):
        services.take_away(plain, group, item.id, 1)
    services.add_link(moderator, group, "A link", "https://example.org")
    founding.set_closed(chair, group, closed=True)
    with pytest.raises(Refused):
        services.add_version(chair, groups.get_group(chair, group.slug), item.id, file(chair))
    assert titles(Actor.guest(), group) == ["A report", "A link"]


def test_a_file_that_is_taken_away_is_gone_and_its_line_stays(people: People) -> None:
    group = founded(people)
    chair = member(people, group, "chair")
    item = added(chair, group)
    services.add_version(chair, group, item.id, file(chair, "A mistake."))
    key = queries.current([item])[item.id].attachment.key  # type: ignore[union-attr]
    services.take_away(people.moderator(), group, item.id, 2)
    with pytest.raises(NotFound):
        files.get(Actor.guest(), key)
    assert [(one.number, one.attachment is None) for one in queries.versions(item)] == [(2, True), (1, False)]
    assert queries.current([item])[item.id].number == 1
    with db.transaction() as session:
        session.execute(update(Attachment).values(created_at=clock.now() - timedelta(days=8)))
    assert cleaning.clean() == 1


def test_as_private_as_the_group(people: People) -> None:
    group = founded(people, visibility="private")
    chair, inside, former = (member(people, group, role) for role in ("chair", "member", "member"))
    item = added(chair, group)
    key = queries.current([item])[item.id].attachment.key  # type: ignore[union-attr]
    assert files.get(inside, key).name == "report.txt"
    belonging.remove(chair, group, former.person_id or 0)
    for actor in (former, Actor.guest(), people.moderator(), people.secretariat()):
        with pytest.raises(NotFound):
            files.get(actor, key)
        with pytest.raises(NotFound):
            queries.get(actor, group.space, item.id)
        assert not titles(actor, group)


def test_who_added_is_not_named_where_authors_are_not(people: People) -> None:
    group = founded(people, attribution="type")
    chair = member(people, group, "chair")
    item = added(chair, group)
    assert [one.named for one in queries.versions(item)] == [False]
    founding.change(chair, group, plan("Measuring access", attribution="named"))
    services.add_version(chair, groups.get_group(chair, group.slug), item.id, file(chair, "More."))
    assert [one.named for one in queries.versions(item)] == [True, False]


def test_the_search_finds_titles_and_texts(people: People, drain: Callable[[], int]) -> None:
    group = founded(people, visibility="members")
    chair = member(people, group, "chair")
    slug, item_id = group.slug, added(chair, group, "Zeppelins carry antennas.", "Airships of Lake Constance").id
    services.add_link(chair, group, "A page about balloons", "https://example.org/balloons")
    drain()
    search_files.read_files()
    drain()

    def found(actor: Actor, words: str) -> list[str]:
        query, _wrong = finding.ask(actor, words, {})
        page = finding.look(actor, query, finding.Wish(kinds=None, grouped=True))
        return [str(one.kind) for one in page.results]

    assert found(chair, "zeppelins") == found(chair, "constance") == found(chair, "balloons") == ["document"]
    assert found(Actor.guest(), "zeppelins") == found(people.participant(), "balloons") == []
    services.set_retired(chair, groups.get_group(chair, slug), item_id, retired=True)
    drain()
    assert found(chair, "zeppelins") == []
