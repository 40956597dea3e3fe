"""Who may do what: every kind of actor against every rule of the sheet, as one table."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from alliance.core import clock
from alliance.core.errors import Refused
from alliance.policy import Actor, can, permissions, require
from alliance.policy.actor import SCOPES
from alliance.policy.sheet import sentence

AUTHOR = 7
ACTORS = {
    "guest": Actor.guest(),
    "author": Actor("person", AUTHOR, confirmed=True),
    "other": Actor("person", 8, confirmed=True),
    "unconfirmed": Actor("person", AUTHOR, confirmed=False),
    "suspended": Actor("person", AUTHOR, confirmed=True, suspended=True),
    "silenced": Actor("person", AUTHOR, confirmed=True, silenced=True),
    "reading token": Actor("person", AUTHOR, confirmed=True, scope="read", via="api"),
    "moderator": Actor("person", 9, role="moderator", confirmed=True),
    "moderator's reading token": Actor("person", 9, role="moderator", confirmed=True, scope="read", via="api"),
    "suspended moderator": Actor("person", 9, role="moderator", confirmed=True, suspended=True),
    "silenced moderator": Actor("person", 9, role="moderator", confirmed=True, silenced=True),
    "secretariat": Actor("person", 10, role="secretariat", confirmed=True),
    "secretariat's moderating token": Actor("person", 10, role="secretariat", confirmed=True, scope="moderate", via="api"),
    "system": Actor.system(),
}
PEOPLE = {"author", "other", "moderator", "secretariat", "secretariat's moderating token", "system"}
MODERATORS = {"moderator", "secretariat", "secretariat's moderating token", "system"}


ROLES = {11: "chair", 12: "moderator", 13: "rapporteur", 14: "member", 15: "member"}
NAMES = {11: "chair", 12: "group moderator", 13: "rapporteur", 14: "member"}
ACTORS |= {name: Actor("person", number, confirmed=True) for number, name in NAMES.items()}
ACTORS["suspended member"] = Actor("person", 15, confirmed=True, suspended=True)
ACTORS["silenced member"] = Actor("person", 14, confirmed=True, silenced=True)
ACTORS["suspended chair"] = Actor("person", 11, confirmed=True, suspended=True)
MEMBERS = set(NAMES.values())
GROUP_MODERATORS = {"chair", "group moderator"}


def space(**columns: Any) -> SimpleNamespace:
    """An action line unless told otherwise; `kind="group"` has a member of each role."""
    made = SimpleNamespace(**({"kind": "action_line", "posting": "everyone", "closed_at": None} | columns))
    made.role_of = lambda person_id: ROLES.get(person_id) if made.kind == "group" else None
    made.is_verified = lambda person_id: person_id == AUTHOR
    return made


def group(*, closed: bool = False, **columns: Any) -> SimpleNamespace:
    where = space(kind="group", closed_at=clock.now() if closed else None)
    return SimpleNamespace(**({"status": "closed" if closed else "active", "joining": "open", "space": where} | columns))


def discussion(**columns: Any) -> SimpleNamespace:
    return SimpleNamespace(
        **(
            {"status": "visible", "locked_at": None, "closes_at": None, "author_id": AUTHOR, "writer_id": AUTHOR, "space": space()}
            | columns
        )
    )


def post(**columns: Any) -> SimpleNamespace:
    return SimpleNamespace(**({"author_id": AUTHOR, "writer_id": AUTHOR, "status": "visible", "discussion": discussion()} | columns))


PEOPLE |= MEMBERS
STRANGERS = PEOPLE - MEMBERS - {"system"}
WRITERS = set(ACTORS) - {"guest", "system", "reading token", "moderator's reading token"}
EVERYBODY = set(ACTORS)
IN_GROUP = discussion(space=space(kind="group", posting="members"))
ANNOUNCING = discussion(space=space(kind="group", posting="chairs"))
VERIFIED = discussion(space=space(kind="group", posting="verified"))
ARCHIVE = discussion(space=space(kind="group", closed_at=clock.now()))
LOCKED = discussion(locked_at=clock.now())
PERSON = SimpleNamespace(id=AUTHOR)
TABLE: list[tuple[str, Any, set[str]]] = [
    ("discussion.open", space(), PEOPLE),
    ("discussion.open", space(posting="nobody"), {"system"}),
    ("discussion.open", IN_GROUP.space, MEMBERS | {"system"}),
    ("discussion.open", ANNOUNCING.space, {"chair", "system"}),
    ("discussion.open", VERIFIED.space, {"author", "chair", "group moderator", "system"}),
    ("discussion.open", ARCHIVE.space, {"system"}),
    ("discussion.reply", discussion(), PEOPLE),
    ("discussion.reply", IN_GROUP, MEMBERS | {"system"}),
    ("discussion.reply", ANNOUNCING, {"chair", "system"}),
    ("discussion.reply", VERIFIED, {"author", "chair", "group moderator", "system"}),
    ("discussion.reply", ARCHIVE, {"system"}),
    ("discussion.reply", LOCKED, {"system"}),
    ("discussion.reply", discussion(status="hidden"), set()),
    ("discussion.reply", discussion(closes_at=clock.now()), {"system"}),
    ("discussion.steer", discussion(), MODERATORS),
    ("discussion.steer", IN_GROUP, MODERATORS | GROUP_MODERATORS),
    ("discussion.answer", discussion(), MODERATORS | {"author"}),
    ("discussion.answer", discussion(status="hidden"), set()),
    ("discussion.lock", discussion(), MODERATORS),
    ("discussion.lock", IN_GROUP, MODERATORS | GROUP_MODERATORS),
    ("post.edit", post(discussion=ARCHIVE), set()),
    ("post.withdraw", post(discussion=ARCHIVE), {"author", "system"}),
    ("post.hide", post(discussion=IN_GROUP), MODERATORS | GROUP_MODERATORS),
    ("post.mark", post(discussion=IN_GROUP), MODERATORS | GROUP_MODERATORS | {"rapporteur"}),
    (
        "post.history",
        post(status="hidden", discussion=IN_GROUP),
        MODERATORS | GROUP_MODERATORS | {"moderator's reading token", "silenced moderator"},
    ),
    ("signal.thank", post(discussion=ARCHIVE), set()),
    ("signal.position", post(discussion=ARCHIVE), set()),
    ("poll.make", post(discussion=ARCHIVE), {"system"}),
    ("poll.vote", post(discussion=ARCHIVE), set()),
    ("group.propose", None, {"secretariat", "secretariat's moderating token", "system"}),
    ("group.propose", SimpleNamespace(is_verified=False), {"secretariat", "secretariat's moderating token", "system"}),
    ("group.propose", SimpleNamespace(is_verified=True), PEOPLE),
    ("group.found", None, {"secretariat", "system"}),
    ("group.settings", group(), {"chair", "secretariat", "secretariat's moderating token", "system"}),
    ("group.summarise", group(), {"chair"}),
    ("discussion.attribute", IN_GROUP, {"chair", "system"}),
    ("discussion.attribute", discussion(), MODERATORS),
    ("discussion.attribute", ARCHIVE, set()),
    ("post.edit", post(author_id=99, discussion=IN_GROUP), {"author", "system"}),
    ("post.flag", post(author_id=99), PEOPLE - {"author", "system"}),
    ("group.close", group(), {"chair", "secretariat", "secretariat's moderating token", "system"}),
    ("group.close", group(closed=True), {"chair", "secretariat", "secretariat's moderating token", "system"}),
    ("group.close", group(status="proposed"), set()),
    ("group.members", group(), {"chair", "secretariat", "secretariat's moderating token", "system"}),
    ("group.members", group(status="proposed"), set()),
    ("group.join", group(), STRANGERS),
    ("group.join", group(joining="request"), set()),
    ("group.join", group(closed=True), set()),
    ("group.request", group(joining="request"), STRANGERS),
    ("group.request", group(), set()),
    ("group.accept", group(joining="invitation"), STRANGERS),
    ("group.accept", group(closed=True), set()),
    ("consensus.call", IN_GROUP, {"chair"}),
    ("consensus.call", discussion(), set()),
    ("consensus.call", ARCHIVE, set()),
    ("consensus.answer", SimpleNamespace(discussion=IN_GROUP, is_open=True), MEMBERS),
    ("consensus.answer", SimpleNamespace(discussion=IN_GROUP, is_open=False), set()),
    ("consensus.answer", SimpleNamespace(discussion=ARCHIVE, is_open=True), set()),
    ("milestone.set", IN_GROUP.space, {"chair"}),
    ("milestone.set", ARCHIVE.space, set()),
    ("milestone.set", space(), set()),
    ("meeting.hold", IN_GROUP, {"chair"}),
    ("meeting.hold", discussion(), set()),
    ("meeting.cancel", SimpleNamespace(discussion=IN_GROUP), {"chair"}),
    ("meeting.cancel", SimpleNamespace(discussion=ARCHIVE), set()),
    ("meeting.record", SimpleNamespace(discussion=IN_GROUP), {"chair", "rapporteur"}),
    ("meeting.record", SimpleNamespace(discussion=ARCHIVE), set()),
    ("library.keep", IN_GROUP.space, MEMBERS - {"member"}),
    ("library.keep", ARCHIVE.space, set()),
    ("library.keep", space(), set()),
    ("library.remove", IN_GROUP.space, MODERATORS | GROUP_MODERATORS),
    ("library.remove", ARCHIVE.space, MODERATORS | GROUP_MODERATORS),
    ("library.remove", space(), set()),
    ("group.leave", group(), MEMBERS | {"suspended member", "silenced member", "suspended chair"}),
    ("post.edit", post(), {"author", "system"}),
    ("post.edit", post(discussion=LOCKED), set()),
    ("post.edit", post(status="hidden"), set()),
    ("post.withdraw", post(), {"author", "system"}),
    ("post.withdraw", post(status="withdrawn"), set()),
    ("post.flag", post(), PEOPLE - {"author", "system"}),
    ("post.flag", post(status="hidden"), set()),
    ("post.hide", post(), MODERATORS),
    ("post.history", post(), EVERYBODY),
    ("post.mark", post(), MODERATORS),
    ("post.history", post(status="hidden"), MODERATORS | {"moderator's reading token", "silenced moderator"}),
    ("moderation.review", None, MODERATORS | {"moderator's reading token", "silenced moderator"}),
    ("moderation.decide", None, MODERATORS),
    ("moderation.decide", SimpleNamespace(space=IN_GROUP.space, person_id=14), MODERATORS | GROUP_MODERATORS),
    ("moderation.decide", SimpleNamespace(space=IN_GROUP.space, person_id=11), MODERATORS | {"group moderator"}),
    ("moderation.decide", SimpleNamespace(space=IN_GROUP.space, writer_id=12), MODERATORS | {"chair"}),
    ("moderation.decide", SimpleNamespace(space=None, person_id=9), MODERATORS - {"moderator"}),
    ("moderation.people", None, MODERATORS | {"moderator's reading token", "silenced moderator"}),
    ("person.moderate", SimpleNamespace(id=AUTHOR, role="participant"), MODERATORS),
    ("person.moderate", SimpleNamespace(id=9, role="moderator"), {"secretariat", "secretariat's moderating token", "system"}),
    ("person.moderate", SimpleNamespace(id=10, role="secretariat"), set()),
    ("moderation.configure", None, {"secretariat", "system"}),
    ("topic.edit", None, {"secretariat", "system"}),
    ("discussion.tag", discussion(), MODERATORS),
    ("discussion.tag", IN_GROUP, MODERATORS | GROUP_MODERATORS | {"rapporteur"}),
    ("moderation.names", None, MODERATORS | {"moderator's reading token", "silenced moderator"}),
    ("moderation.titles", SimpleNamespace(discussion=None, space=None), set()),
    ("discussion.reorder", discussion(), MODERATORS),
    ("discussion.summarize", discussion(), MODERATORS),
    ("discussion.summarize", IN_GROUP, MODERATORS | GROUP_MODERATORS | {"rapporteur"}),
    ("discussion.reorder", IN_GROUP, MODERATORS | GROUP_MODERATORS),
    ("appeal.make", post(), {"author", "unconfirmed", "suspended", "silenced"}),
    ("appeal.make", SimpleNamespace(person_id=AUTHOR), {"author", "unconfirmed", "suspended", "silenced"}),
    ("post.rewrite", post(status="held"), {"author"}),
    ("system.failures", None, {"secretariat", "system"}),
    ("digest.compile", None, MODERATORS),
    ("digest.edit", SimpleNamespace(space=None), MODERATORS),
    ("digest.return", SimpleNamespace(space=None), MODERATORS),
    ("digest.comment", None, PEOPLE - {"system"}),
    ("digest.history", None, set(ACTORS) - {"guest"}),
    ("digest.sign", SimpleNamespace(authors={9}, space=None), {"secretariat", "secretariat's moderating token"}),
    ("digest.sign", SimpleNamespace(authors={9, 10}, space=None), MODERATORS - {"system"}),
    ("digest.contest", SimpleNamespace(covers=lambda person_id: person_id == AUTHOR), {"author"}),
    ("digest.transmit", None, {"secretariat", "system"}),
    ("affiliation.declare", None, PEOPLE),
    ("affiliation.verify", None, {"secretariat", "system"}),
    ("account.change", PERSON, {"author", "unconfirmed", "suspended", "silenced", "system"}),
    ("account.administer", PERSON, {"secretariat", "system"}),
    ("account.appoint", PERSON, {"secretariat", "system"}),
    ("space.edit", None, {"secretariat", "system"}),
    ("space.attribute", None, {"secretariat", "system"}),
    ("watching.choose", None, EVERYBODY - {"guest", "system", "reading token", "moderator's reading token"}),
    ("search.save", None, PEOPLE - {"system"}),
    ("attachment.upload", None, PEOPLE - {"system"}),
    ("draft.write", None, WRITERS),
    ("reading.mark", None, WRITERS),
    ("live.choose", None, WRITERS),
    ("mail.choose", None, EVERYBODY - {"guest", "system", "reading token", "moderator's reading token"}),
    ("mail.decide", SimpleNamespace(person_id=-1, space=None), MODERATORS),
    ("mail.decide", SimpleNamespace(person_id=9, space=space()), MODERATORS - {"moderator"}),
    ("mail.decide", SimpleNamespace(person_id=14, space=IN_GROUP.space), MODERATORS | GROUP_MODERATORS),
    ("mail.preview", None, {"secretariat", "system"}),
    ("signal.thank", post(), PEOPLE - {"author", "system"}),
    ("signal.thank", post(status="hidden"), set()),
    ("signal.position", post(), PEOPLE - {"system"}),
    ("signal.position", post(discussion=LOCKED), set()),
    ("poll.make", post(), {"author", "system"}),
    ("poll.make", post(status="withdrawn"), set()),
    ("poll.vote", post(), PEOPLE - {"system"}),
    ("poll.vote", post(status="hidden"), set()),
    ("bookmark.keep", None, EVERYBODY - {"guest", "system", "reading token", "moderator's reading token"}),
]


@pytest.mark.parametrize(("action", "thing", "allowed"), TABLE, ids=lambda value: value if isinstance(value, str) else "")
def test_exactly_these_may(action: str, thing: Any, allowed: set[str]) -> None:
    assert {name for name, actor in ACTORS.items() if can(actor, action, thing)} == allowed


# What a token must allow for each action; all others take `write`.
SCOPE_OF = {
    **dict.fromkeys(
        ("post.history", "digest.history", "moderation.review", "moderation.people", "moderation.names", "moderation.titles"), "read"
    ),
    **dict.fromkeys(
        ("discussion.reorder", "discussion.lock", "discussion.steer", "discussion.attribute", "post.hide", "moderation.decide"), "moderate"
    ),
    **dict.fromkeys(("person.moderate", "mail.decide", "library.remove"), "moderate"),
    **dict.fromkeys(
        (
            "account.administer",
            "account.appoint",
            "affiliation.verify",
            "space.edit",
            "space.attribute",
            "topic.edit",
            "moderation.configure",
        ),
        "admin",
    ),
    **dict.fromkeys(("system.failures", "mail.preview", "group.found", "digest.transmit"), "admin"),
}


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize(("action", "thing", "allowed"), TABLE, ids=lambda value: value if isinstance(value, str) else "")
def test_a_token_lets_its_person_do_what_its_scope_reaches(action: str, thing: Any, allowed: set[str], scope: str) -> None:
    reaches = SCOPES.index(scope) >= SCOPES.index(SCOPE_OF.get(action, "write"))
    persons = {name: actor for name, actor in ACTORS.items() if actor.is_authenticated and actor.scope is None}
    with_token = {name for name, actor in persons.items() if can(replace(actor, scope=scope, via="api"), action, thing)}
    assert with_token == (allowed & set(persons) if reaches else set())


def test_whoever_may_not_for_their_token_alone_is_told_so() -> None:
    moderator = replace(ACTORS["moderator"], scope="write")
    with pytest.raises(Refused, match="it takes one with the scope moderate"):
        require(moderator, "post.hide", post())
    with pytest.raises(Refused, match="Only the secretariat"):
        require(moderator, "topic.edit")


def test_every_rule_is_in_the_table() -> None:
    assert {name for name, _sentence in permissions()} == {action for action, _thing, _allowed in TABLE}


def test_a_refusal_says_the_rules_sentence() -> None:
    with pytest.raises(Refused) as caught:
        require(Actor.guest(), "post.hide", post())
    assert str(caught.value) == sentence("post.hide") == "Only moderators may hide a post."


def test_every_rule_has_a_sentence() -> None:
    assert all(text.endswith(".") for _name, text in permissions())
