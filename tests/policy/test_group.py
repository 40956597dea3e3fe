"""Who sees what: every kind of actor against everything of a group, for each visibility; a sight without a row here fails."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from alliance.accounts import services as accounts
from alliance.attachments import services as attachments
from alliance.attachments.models import Attachment
from alliance.core import clock, db
from alliance.discussions import services as saying
from alliance.discussions.models import Discussion, Post
from alliance.groups import belonging, inviting
from alliance.groups import queries as groups
from alliance.groups.models import Group, Invitation, Membership, Space
from alliance.library import services as library
from alliance.library.models import LibraryItem
from alliance.policy import Actor, visible
from alliance.policy.sheet import sights
from alliance.proceedings import consensus, meetings, milestones
from alliance.proceedings.models import ConsensusCall, Meeting, Milestone
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
# Nobody's but one's own, or no matter of a group: other tests walk these (tests/flows/test_private.py, those of the rooms).
ELSEWHERE = {
    "Affiliation", "ApiToken", "Bookmark", "Digest", "Draft", "Flag", "IncomingMail", "JoinRequest", "LogEntry", "Measure", "Notification",
    "Organization", "Person", "ReviewItem", "SavedSearch", "SecurityEvent", "SignIn", "SpaceWatch", "Watch",
}  # fmt: skip
OF_GROUPS = {"Group", "Membership", "Invitation"}


def test_every_sight_has_its_row() -> None:
    assert {name for name, _sentence in sights()} == {*CONTENT, *OF_GROUPS, *ELSEWHERE}


def peopled(people: People, visibility: str) -> tuple[int, dict[str, Actor]]:
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
    return group.space_id, found


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


@pytest.mark.parametrize("visibility", ["public", "members", "private"])
def test_exactly_these_see_it(people: People, visibility: str) -> None:
    space_id, everybody = peopled(people, visibility)
    assert everybody.keys() == EVERYBODY
    readers = EVERYBODY if visibility == "public" else INSIDE
    for name, model in CONTENT.items():
        seen = {who: count(actor, model, place(model, space_id)) for who, actor in everybody.items()}
        most = 2 if model is Attachment else 1
        assert seen == {who: most if who in readers else 0 for who in EVERYBODY}, name
    knowing = EVERYBODY if visibility != "private" else INSIDE | {"secretariat"}
    assert {who for who, actor in everybody.items() if count(actor, Group, Group.space_id == space_id)} == knowing
    within = Membership.space_id == space_id
    others = {
        who: count(actor, Membership, within & (Membership.person_id == everybody["author"].person_id)) for who, actor in everybody.items()
    }
    assert {who for who, number in others.items() if number} == readers | {"secretariat"}
    chairs = {who for who, actor in everybody.items() if count(actor, Membership, within & (Membership.role == "chair"))}
    assert chairs == knowing
    invited = Invitation.group.has(Group.space_id == space_id)
    assert {who for who, actor in everybody.items() if count(actor, Invitation, invited)} == {"chair", "secretariat", "system"}
