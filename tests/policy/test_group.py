"""Who sees what: every kind of actor against everything of a group, for each visibility; a sight without a row here fails."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import inspect, select

from alliance.accounts import services as accounts
from alliance.accounts.models import ApiToken, LinkedIdentity, Person, SecurityEvent, SecurityKey, SignIn
from alliance.attachments import services as attachments
from alliance.attachments.models import Attachment
from alliance.core import clock, db
from alliance.digests.models import Digest
from alliance.discussions import services as saying
from alliance.discussions.models import Discussion, Post
from alliance.drafts.models import Draft
from alliance.groups import belonging, inviting
from alliance.groups import queries as groups
from alliance.groups.models import Group, Invitation, JoinRequest, Membership, Space
from alliance.library import services as library
from alliance.library.models import LibraryItem
from alliance.mailing.models import IncomingMail
from alliance.moderation import confiding, log
from alliance.moderation.measures import Measure
from alliance.moderation.models import Flag, LogEntry, ReviewItem
from alliance.notifications.models import Notification
from alliance.policy import Actor, visible
from alliance.policy.discussion import known
from alliance.policy.post import readers as reading
from alliance.policy.sheet import sights
from alliance.privacy.models import Archive
from alliance.proceedings import consensus, meetings, milestones
from alliance.proceedings.models import ConsensusCall, Meeting, Milestone
from alliance.search.models import SavedSearch
from alliance.stakeholders.models import Affiliation, Organization
from alliance.watching.models import Bookmark, SpaceWatch, Watch
from tests.grouping import founded, member
from tests.people import People

INSIDE = {"chair", "group moderator", "rapporteur", "member", "author", "silenced member", "reading token", "system"}
OUTSIDE = {"guest", "registered", "unconfirmed", "former member", "suspended member", "moderator", "secretariat"}
EVERYBODY = INSIDE | OUTSIDE
# What is said in a group, and who of those outside sees it, by visibility; everybody sees what is public.
CONTENT: dict[str, Any] = {
    "Space": Space,
    "Discussion": Discussion,
    "Post": Post,
    "Attachment": Attachment,
    "LibraryItem": LibraryItem,
    "Milestone": Milestone,
    "Meeting": Meeting,
    "ConsensusCall": ConsensusCall,
}
OF_GROUPS = {"Group", "Membership", "Invitation"}
KEEPERS = {"chair", "group moderator"}
PLATFORM = {"moderator", "secretariat", "system"}
VISIBILITIES = ("public", "members", "private")


def readers(visibility: str) -> set[str]:
    """Who reads what is said in a group."""
    return EVERYBODY if visibility == "public" else INSIDE


def knowing(visibility: str) -> set[str]:
    """Who knows of a group."""
    return EVERYBODY if visibility != "private" else INSIDE | {"secretariat"}


def keeping(visibility: str) -> set[str]:
    """Who keeps order there."""
    return KEEPERS | (PLATFORM & readers(visibility))


def everybody(_visibility: str) -> set[str]:
    return EVERYBODY


def author(_visibility: str) -> set[str]:
    """Only who it belongs to: whoever else reads the group, keeps order there or administers everything does not see it."""
    return {"author"}


@dataclass
class Place:
    """Where things about a group and somebody who writes there belong."""

    space_id: int
    group_id: int
    post_id: int
    discussion_id: int
    who: dict[str, int]

    def made(self, model: Any, **more: Any) -> Any:
        """A row of a model about the author, in the group as far as it can be in one."""
        now = clock.now()
        known: dict[str, Any] = {
            "person_id": self.who["author"], "discussion_id": self.discussion_id, "space_id": self.space_id, "post_id": self.post_id,
            "group_id": self.group_id, "event_id": 1, "created_at": now, "updated_at": now, "seen_at": now, "begun_at": now,
        }  # fmt: skip
        texts = {
            name: f"{name[:3]}-{model.__name__[:6]}"
            for name in ("token_hash", "scope", "key", "kind", "place", "nonce", "name", "address", "level")
        }
        names = {column.key for column in inspect(model).columns}
        return model(**{name: value for name, value in (known | texts | more).items() if name in names})

    def digest(self, audience: str) -> Digest:
        today = clock.now().date()
        made: Digest = self.made(Digest, symbol=audience, audience=audience, period_start=today, period_end=today, figures={}, settings={})
        made.compiled_at = clock.now()
        return made

    def entry(self, space_id: int | None) -> LogEntry:
        return log.write(Actor("person", self.who["chair"], confirmed=True), "lock", "Why.", space_id=space_id)

    def organization(self, slug: str) -> Organization:
        made: Organization = self.made(Organization, slug=slug)
        db.session().add(made)
        db.session().flush()
        return made


def own(model: Any, **more: Any) -> tuple[Any, Callable[[Place], Any], Callable[[str], set[str]]]:
    """A row of the table: what is nobody else's, whatever it is about."""
    return model, lambda place: place.made(model, **more), author


# Model, how one is made, and by visibility who sees it.
ABOUT: list[tuple[Any, Callable[[Place], Any], Callable[[str], set[str]]]] = [
    own(Bookmark, discussion_id=None),
    own(Archive, status="asked", asked_at=clock.now()),
    own(LinkedIdentity, issuer="https://login.example.org", subject="ann"),
    own(SecurityKey, credential_id="key", public_key=b"key"),
    *map(own, (ApiToken, Draft, Notification, SavedSearch, SecurityEvent, SignIn, SpaceWatch)),
    (Watch, lambda place: db.session().scalars(select(Watch).where(Watch.person_id == place.who["author"])).one(), author),
    (Affiliation, lambda place: place.made(Affiliation, status="declared", organization_id=place.organization("one").id), everybody),
    (Affiliation, lambda place: place.made(Affiliation, status="refused", organization_id=place.organization("two").id), lambda _v: {"author", "secretariat", "system"}),
    (Organization, lambda place: place.organization("three"), everybody),
    (Person, lambda place: db.session().get_one(Person, place.who["author"]), everybody),
    (Person, lambda place: db.session().get_one(Person, place.who["unconfirmed"]), lambda _v: {"unconfirmed"}),
    (Digest, lambda place: place.digest("public"), readers),
    (Digest, lambda place: place.digest("restricted"), lambda visibility: PLATFORM & readers(visibility)),
    (Flag, lambda place: place.made(Flag, person_id=place.who["member"], reason="spam"), keeping),
    (ReviewItem, lambda place: place.made(ReviewItem, subject_id=1), keeping),
    (ReviewItem, lambda place: place.made(ReviewItem, subject_id=2, audience="secretariat"), lambda _v: {"secretariat", "system"}),
    (ReviewItem, lambda place: place.made(ReviewItem, subject_id=3, kind="appeal"), lambda visibility: keeping(visibility) | {"secretariat"}),
    (ReviewItem, lambda place: place.made(ReviewItem, subject_id=4, person_id=place.who["chair"]), lambda visibility: keeping(visibility) | {"secretariat"}),
    (ReviewItem, lambda place: place.made(ReviewItem, subject_id=5, space_id=None), lambda _v: PLATFORM),
    (IncomingMail, lambda place: place.made(IncomingMail, status="held"), lambda visibility: keeping(visibility) | {"author", "system"}),
    (IncomingMail, lambda place: place.made(IncomingMail, status="refused", key="other"), lambda _v: {"author", "system"}),
    (LogEntry, lambda place: place.entry(place.space_id), lambda visibility: readers(visibility) | {"secretariat"}),
    (LogEntry, lambda place: place.entry(None), everybody),
    (Measure, lambda place: place.made(Measure, kind="warn", entry_id=place.entry(None).id), lambda _v: {"author"} | PLATFORM),
    (JoinRequest, lambda place: place.made(JoinRequest, person_id=place.who["registered"], statement="Please.", status="open"), lambda _v: {"registered", "chair", "secretariat", "system"}),
]  # fmt: skip


def test_every_sight_has_its_row() -> None:
    assert {name for name, _sentence in sights()} == {*CONTENT, *OF_GROUPS, *(model.__name__ for model, _make, _seen in ABOUT)}


def peopled(people: People, visibility: str) -> tuple[Group, dict[str, Actor]]:
    """A group with one of everything in it, and everybody."""
    group = founded(people, visibility=visibility)
    names = {"chair": "chair", "group moderator": "moderator", "rapporteur": "rapporteur", "member": "member", "author": "member"}
    found = {name: member(people, group, role) for name, role in names.items()}
    for name in ("former member", "suspended member", "silenced member", "reading token"):
        found[name] = member(people, group)
    fill(group, found["chair"], found["author"])
    belonging.remove(found["chair"], groups.get_group(found["chair"], group.slug), found["former member"].person_id or 0)
    accounts.suspend(people.secretariat(), People.of(found["suspended member"]), suspended=True)
    found["suspended member"] = people.actor(People.of(found["suspended member"]))
    found["silenced member"] = replace(found["silenced member"], silenced=True)
    found["reading token"] = replace(found["reading token"], scope="read", via="api")
    found |= {"guest": Actor.guest(), "registered": people.participant(), "unconfirmed": people.unconfirmed(), "system": Actor.system()}
    found |= {"moderator": people.moderator(), "secretariat": people.secretariat()}
    return group, found


def fill(group: Group, chair: Actor, author: Actor) -> None:
    """One of everything."""
    now = clock.now()
    file = attachments.receive(author, "a.txt", io.BytesIO(b"Words."))
    found = saying.open_discussion(author, group.space, "A question", f"See [this](/attachments/{file.key}/a.txt).")
    meetings.hold(chair, found, now, now + timedelta(hours=1))
    consensus.call(chair, found, "We agree.", now + timedelta(days=2))
    shelf = attachments.receive(chair, "b.txt", io.BytesIO(b"Other words."))
    library.add_document(chair, group, shelf.key, "A document")
    milestones.add(chair, group, milestones.Stone("A draft", now.date()))
    inviting.invite(chair, group, "somebody@example.net")


def count(actor: Actor, model: Any, where: Any) -> int:
    return len(db.session().scalars(select(model).where(where, visible(actor, model))).all())


def place(model: Any, space_id: int) -> Any:
    """The rows of a model that lie in a space."""
    if model is Space:
        return Space.id == space_id
    if model is Attachment:
        return (Attachment.space_id == space_id) | Attachment.post.has(Post.space_id == space_id)
    return model.space_id == space_id


@pytest.mark.parametrize("visibility", VISIBILITIES)
def test_exactly_these_see_it(people: People, visibility: str) -> None:
    group, actors = peopled(people, visibility)
    space_id = group.space_id
    assert actors.keys() == EVERYBODY
    for name, model in CONTENT.items():
        seen = {who: count(actor, model, place(model, space_id)) for who, actor in actors.items()}
        most = 2 if model is Attachment else 1
        assert seen == {who: most if who in readers(visibility) else 0 for who in EVERYBODY}, name
    assert {who for who, actor in actors.items() if count(actor, Group, Group.space_id == space_id)} == knowing(visibility)
    within = Membership.space_id == space_id
    others = {who: count(actor, Membership, within & (Membership.person_id == actors["author"].person_id)) for who, actor in actors.items()}
    assert {who for who, number in others.items() if number} == readers(visibility) | {"secretariat"}
    chairs = {who for who, actor in actors.items() if count(actor, Membership, within & (Membership.role == "chair"))}
    assert chairs == knowing(visibility)
    invited = Invitation.group.has(Group.space_id == space_id)
    assert {who for who, actor in actors.items() if count(actor, Invitation, invited)} == {"chair", "secretariat", "system"}


SAID = ("Discussion", "Post", "Attachment", "Meeting", "ConsensusCall")  # what is in a discussion
ABOUT_POSTS = (Flag, ReviewItem, LogEntry)


@pytest.mark.parametrize("visibility", VISIBILITIES)
def test_exactly_these_see_what_is_closed(people: People, visibility: str) -> None:
    group, actors = peopled(people, visibility)
    post = db.session().scalars(select(Post).where(Post.space_id == group.space_id)).one()
    who = {name: actor.person_id for name, actor in actors.items() if actor.person_id is not None}
    place_ = Place(group.space_id, group.id, post.id, post.discussion_id, who)
    confiding.close(actors["chair"], post.discussion_id, "Because.")
    with db.transaction() as session:
        session.add(place_.made(Flag, person_id=who["member"], reason="spam"))
        session.add(place_.made(ReviewItem, subject_id=1))
        log.write(actors["chair"], "hide", "Why.", post=session.get_one(Post, post.id))
    among = (INSIDE | {"secretariat"}) & readers(visibility)
    for name in SAID:
        model = CONTENT[name]
        where = Attachment.post_id == post.id if model is Attachment else place(model, group.space_id)
        assert {one for one, actor in actors.items() if count(actor, model, where)} == among, name
    told = {one for one, actor in actors.items() if db.session().scalars(select(Discussion).where(known(actor, Discussion))).all()}
    assert told == readers(visibility)
    for model in ABOUT_POSTS:
        seen = {one for one, actor in actors.items() if count(actor, model, model.post_id == post.id)}
        assert seen == ((among | {"secretariat"}) if model is LogEntry else keeping(visibility) - {"moderator"}), model
    closing = {one for one, actor in actors.items() if count(actor, LogEntry, LogEntry.act == "confide")}
    assert closing == readers(visibility) | {"secretariat"}
    among_people = select(Person.id).join(Post, Post.id == post.id).where(reading(Post, Person))
    assert set(db.session().scalars(among_people)) & set(who.values()) == {who[one] for one in among - {"system", "guest"}}


@pytest.mark.parametrize("visibility", VISIBILITIES)
def test_exactly_these_see_what_is_about_it(people: People, visibility: str) -> None:
    group, actors = peopled(people, visibility)
    post = db.session().scalars(select(Post).where(Post.space_id == group.space_id)).one()
    who = {name: actor.person_id for name, actor in actors.items() if actor.person_id is not None}
    place = Place(group.space_id, group.id, post.id, post.discussion_id, who)
    told = []
    for model, make, seen in ABOUT:
        with db.transaction() as session:
            row = make(place)
            session.add(row)
            session.flush()
            number = row.id
        found = {name for name, actor in actors.items() if count(actor, model, model.id == number)}
        if found != seen(visibility):
            told.append((model.__name__, number, sorted(found ^ seen(visibility))))
    assert not told
