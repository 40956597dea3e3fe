"""Who may do what in a group: every rule against every kind of actor for each visibility, of things they can see; a rule without a row fails."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select

from alliance.core import clock, db
from alliance.discussions.models import Discussion, Post
from alliance.groups.models import Group, Space
from alliance.mailing.models import IncomingMail
from alliance.moderation import log, queries, services
from alliance.moderation.models import LogEntry, ReviewItem
from alliance.policy import Actor, can, permissions
from alliance.proceedings.models import ConsensusCall, Meeting
from tests.people import People
from tests.policy.test_group import EVERYBODY, INSIDE, KEEPERS, PLATFORM, VISIBILITIES, Place, count, peopled, readers

MEMBERS = {*KEEPERS, "rapporteur", "member", "author"}
STRANGERS = {"registered", "former member", "moderator", "secretariat"}
ACTIVE = MEMBERS | STRANGERS  # who may act at all
RUNNING = {"chair", "secretariat", "system"}
CURATING = KEEPERS | {"rapporteur"}
WRITING = {"chair", "rapporteur"}
# Nothing of a group enters these: `test_sheet.py` walks them against every kind of actor.
ELSEWHERE = {
    "account.administer", "account.appoint", "account.change", "affiliation.declare", "affiliation.verify", "attachment.upload", "bookmark.keep", "digest.contest",
    "draft.write", "group.found", "group.propose", "live.choose", "mail.choose", "mail.preview", "moderation.configure", "moderation.people",
    "moderation.review", "person.moderate", "reading.mark", "search.save", "space.attribute", "space.edit", "system.failures", "topic.edit", "watching.choose",
}  # fmt: skip


def titles(visibility: str) -> set[str]:
    """To whom the log names a discussion that can be read: of a closed group, to its members, by whatever door."""
    return EVERYBODY if visibility == "public" else INSIDE - {"system"}


def joining(visibility: str) -> set[str]:
    return set() if visibility == "private" else STRANGERS


# Rule, what it is asked of, and who it lets (whoever does not see that thing is let do nothing).
TABLE: list[tuple[str, str, set[str] | Callable[[str], set[str]]]] = [
    ("discussion.open", "space", MEMBERS | {"system"}),
    ("discussion.reply", "discussion", MEMBERS | {"system"}),
    ("discussion.reorder", "discussion", KEEPERS | PLATFORM),
    ("discussion.lock", "discussion", KEEPERS | PLATFORM),
    ("discussion.steer", "discussion", KEEPERS | PLATFORM),
    ("discussion.summarize", "discussion", CURATING | PLATFORM),
    ("discussion.tag", "discussion", CURATING | PLATFORM),
    ("discussion.answer", "discussion", KEEPERS | PLATFORM | {"author"}),
    ("discussion.attribute", "discussion", {"chair", "system"}),
    ("post.edit", "post", {"author", "system"}),
    ("post.withdraw", "post", {"author", "system"}),
    ("post.rewrite", "post", {"author"}),
    ("post.flag", "post", ACTIVE - {"author"}),
    ("post.hide", "post", KEEPERS | PLATFORM),
    ("post.mark", "post", CURATING | PLATFORM),
    ("post.history", "post", EVERYBODY),
    ("appeal.make", "post", {"author"}),
    ("signal.thank", "post", ACTIVE - {"author"}),
    ("signal.position", "post", ACTIVE),
    ("poll.make", "post", {"author", "system"}),
    ("poll.vote", "post", ACTIVE),
    ("consensus.call", "discussion", {"chair"}),
    ("consensus.answer", "call", MEMBERS),
    ("meeting.hold", "discussion", {"chair"}),
    ("meeting.cancel", "meeting", {"chair"}),
    ("meeting.record", "meeting", WRITING),
    ("milestone.set", "space", {"chair"}),
    ("library.keep", "space", CURATING),
    ("library.remove", "space", KEEPERS | PLATFORM),
    ("digest.compile", "space", WRITING | PLATFORM),
    ("digest.edit", "digest", WRITING | PLATFORM),
    ("digest.return", "digest", WRITING | PLATFORM),
    ("digest.sign", "digest", WRITING | {"moderator", "secretariat"}),
    ("digest.transmit", "digest", {"secretariat", "system"}),
    ("digest.comment", "digest", ACTIVE),
    ("digest.history", "digest", EVERYBODY - {"guest"}),
    ("moderation.decide", "item", KEEPERS | PLATFORM),
    ("moderation.decide", "item about the chair", PLATFORM | {"group moderator"}),
    ("moderation.names", "entry", INSIDE | {"moderator", "secretariat"}),
    ("moderation.titles", "entry", titles),
    ("mail.decide", "mail", KEEPERS | PLATFORM),
    ("group.settings", "group", RUNNING),
    ("group.close", "group", RUNNING),
    ("group.members", "group", RUNNING),
    ("group.summarise", "group", {"chair"}),
    ("group.join", "group", joining),
    ("group.accept", "group", STRANGERS),
    ("group.request", "group", set()),  # one joins this one openly, or by invitation
    ("group.leave", "group", MEMBERS | {"silenced member", "suspended member"}),
]


def test_every_rule_has_its_row() -> None:
    rows = {name for name, _thing, _allowed in TABLE}
    assert {name for name, _sentence in permissions()} == rows | ELSEWHERE
    assert not rows & ELSEWHERE


@dataclass
class Things:
    """One of everything in a group that is asked about: its model and its id."""

    found: dict[str, tuple[Any, int]]

    def asked(self, actor: Actor, name: str, thing: str) -> bool:
        """Whether somebody sees a thing and may do something to it."""
        model, number = self.found[thing]
        return bool(count(actor, model, model.id == number)) and can(actor, name, db.session().get_one(model, number))


def things(group: Group, actors: dict[str, Actor]) -> Things:
    """One of each, the group being open to whoever wants to join where it is no private one."""
    post = db.session().scalars(select(Post).where(Post.space_id == group.space_id)).one()
    services.flag_post(actors["member"], post.id, "spam")
    who = {name: actor.person_id for name, actor in actors.items() if actor.person_id is not None}
    place = Place(group.space_id, group.id, post.id, post.discussion_id, who)
    item = queries.open_item("flag", post.id)
    assert item is not None
    with db.transaction() as session:
        held = session.get_one(Group, group.id)
        held.joining = "open" if held.visibility != "private" else "invitation"
        rows = [
            place.digest("public"),
            place.made(ReviewItem, subject_id=9, person_id=who["chair"]),
            place.made(IncomingMail, status="held", created_at=clock.now()),
        ]
        session.add_all(rows)
        entry = log.write(actors["chair"], "lock", "Why.", discussion=post.discussion)
        session.flush()
        digest, about_chair, mail = (row.id for row in rows)
    of_discussion = [
        db.session().scalars(select(model.id).where(model.discussion_id == post.discussion_id)).one() for model in (ConsensusCall, Meeting)
    ]
    return Things(
        {
            "space": (Space, group.space_id),
            "group": (Group, group.id),
            "discussion": (Discussion, post.discussion_id),
            "post": (Post, post.id),
            "call": (ConsensusCall, of_discussion[0]),
            "meeting": (Meeting, of_discussion[1]),
            "digest": (type(rows[0]), digest),
            "item": (ReviewItem, item.id),
            "item about the chair": (ReviewItem, about_chair),
            "entry": (LogEntry, entry.id),
            "mail": (IncomingMail, mail),
        }
    )


@pytest.mark.parametrize("visibility", VISIBILITIES)
def test_exactly_these_may(people: People, visibility: str) -> None:
    group, actors = peopled(people, visibility)
    made = things(group, actors)
    told = []
    for name, thing, allowed in TABLE:
        model, number = made.found[thing]
        seeing = {who for who, actor in actors.items() if count(actor, model, model.id == number)}
        assert seeing, thing
        assert visibility == "public" or seeing < EVERYBODY or thing == "group", f"{thing} is seen from outside"
        expected = (allowed if isinstance(allowed, set) else allowed(visibility)) & seeing
        found = {who for who, actor in actors.items() if made.asked(actor, name, thing)}
        if found != expected:
            told.append((name, thing, sorted(found - expected), sorted(expected - found)))
    assert not told, "\n".join(map(str, told))


@pytest.mark.parametrize("visibility", ["members", "private"])
def test_whoever_does_not_read_a_closed_group_may_do_nothing_to_what_is_in_it(people: People, visibility: str) -> None:
    group, actors = peopled(people, visibility)
    made = things(group, actors)
    inside = {thing for thing in made.found if thing not in {"group", "item about the chair", "entry"}}
    let = [
        (who, name, thing)
        for name, thing, _allowed in TABLE
        if thing in inside
        for who in EVERYBODY - readers(visibility)
        if made.asked(actors[who], name, thing)
    ]
    assert let == []
