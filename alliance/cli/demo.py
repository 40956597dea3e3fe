"""alliance demo: people, organizations and discussions written for this product, so that every page shows something."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import click
from sqlalchemy import select
from tqdm import tqdm

from alliance import events
from alliance.accounts import passwords, queries
from alliance.accounts import services as accounts
from alliance.accounts.models import Person
from alliance.cli import demo_digests, demo_groups, demo_order
from alliance.cli.base import main, with_database
from alliance.core import clock, db, outbox, shipped
from alliance.discussions import services as discussions
from alliance.discussions import topics
from alliance.discussions.models import Discussion, Post
from alliance.groups.models import Space
from alliance.groups.services import load_reference
from alliance.mailing.models import ImportedMessage
from alliance.moderation import services as moderation
from alliance.policy import Actor
from alliance.stakeholders import queries as stakeholder_queries
from alliance.stakeholders import services as stakeholders
from alliance.stakeholders.models import Organization

PASSWORD = "demonstration only"  # noqa: S105 - said in the README; these accounts exist nowhere else
DAYS = 56
SYSTEM = Actor.system("cli")


@dataclass(frozen=True, slots=True)
class _Window:
    """The eight weeks before the day the content is first loaded."""

    start: datetime
    jitter: random.Random

    def moment(self, entry: dict[str, Any]) -> datetime:
        """When something was written: its day and time, some seconds later."""
        hour, minute = map(int, entry["time"].split(":"))
        seconds = self.jitter.randrange(60)
        return self.start + timedelta(days=int(entry["day"]), hours=hour, minutes=minute, seconds=seconds)


@main.command()
@click.option("--seed", default=2006, show_default=True, help="Varies the seconds of the times.")
@with_database
def demo(seed: int) -> None:
    """Load the demonstration content. What is there already is left as it is."""
    load_reference()
    topics.load_reference()
    with db.transaction():
        _organizations()
        people = _people()
    groups = demo_groups.found(people)
    spaces = _spaces(groups)
    files = sorted(shipped.data("demo", "discussions").glob("*.json"))
    window = _Window(_window_start(), random.Random(seed))  # noqa: S311 - times, not secrets
    added = 0
    for file in tqdm(files, desc="demonstration content", disable=None):
        for number, entry in enumerate(json.loads(file.read_text(encoding="utf-8"))):
            with db.transaction():
                added += _discussion(entry, spaces[entry["space"]], f"demo:{file.stem}:{number}", people, window)
    demo_groups.finish(groups, people)
    _moderation(people)
    demo_order.keep(groups, people, partial(_late, people, window))
    demo_digests.compile_both(people)
    click.echo(f"{len(people)} people, {added} posts added")


def _read(name: str) -> Any:
    return json.loads(shipped.data("demo", name).read_text(encoding="utf-8"))


def _window_start() -> datetime:
    """Midnight eight weeks before now, or before the first load when there was one."""
    first = db.session().scalar(
        select(ImportedMessage.created_at).where(ImportedMessage.key.like("demo:%")).order_by(ImportedMessage.id).limit(1)
    )
    day = (first or clock.now()).astimezone(UTC)
    return day.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=DAYS)


def _organizations() -> None:
    session = db.session()
    known = set(session.scalars(select(Organization.slug)))
    for entry in _read("organizations.json"):
        if entry["slug"] not in known:
            session.add(Organization(created_at=clock.now(), **entry))
    session.flush()


def _people() -> dict[str, Person]:
    """Everybody of the roster by handle."""
    hashed = passwords.make(PASSWORD)
    names = {entry["slug"]: entry["name"] for entry in _read("organizations.json")}
    return {
        entry["handle"]: queries.by_email(f"{entry['handle']}@example.org") or _person(entry, hashed, names)
        for entry in _read("people.json")
    }


def _person(entry: dict[str, Any], hashed: str, names: dict[str, str]) -> Person:
    profile = accounts.Profile(
        name=entry["name"],
        country=entry["country"],
        languages=entry["languages"],
        interface_language=entry["interface_language"],
        stakeholder_type=entry["stakeholder_type"],
        bio=entry["bio"],
    )
    person = accounts.create(f"{entry['handle']}@example.org", None, profile, role=entry["role"], handle=entry["handle"])
    person.password_hash = hashed
    if entry.get("organization"):
        affiliation = stakeholders.affiliate(person, stakeholders.Claim(names[entry["organization"]]))
        if entry.get("affiliation_verified"):
            stakeholders.decide(SYSTEM, affiliation.id, verified=True)
    return person


def _spaces(groups: dict[str, demo_groups.DemoGroup]) -> dict[str, int]:
    """The ids of spaces, as the discussions name them: a code, or group:key."""
    lines = db.session().execute(select(Space.code, Space.id).where(Space.kind == "action_line"))
    return {row[0]: row[1] for row in lines} | {f"{demo_groups.PREFIX}{key}": one.group.space_id for key, one in groups.items()}


def _discussion(entry: dict[str, Any], space_id: int, key: str, people: dict[str, Person], window: _Window) -> int:
    """Bring in one discussion, or what of it is not there yet; returns how many posts were added."""
    space = db.session().get_one(Space, space_id)
    before = _count()
    opening = _once(space, f"{key}:opening", partial(_open, space, entry, people, window))
    posts = {None: opening}
    for reply in entry["posts"]:
        posts[reply["id"]] = _once(space, f"{key}:{reply['id']}", partial(_reply, reply, posts[reply["parent"]], people, window))
    added = _count() - before
    if added and entry.get("locked") and opening.discussion.locked_at is None:
        moderation.lock(SYSTEM, opening.discussion_id, entry["locked"])
    return added


def _count() -> int:
    return db.session().query(ImportedMessage).count()


def _once(space: Space, key: str, make: Any) -> Post:
    """The post made under this key, made now if it never was."""
    session = db.session()
    known = session.scalar(select(ImportedMessage).where(ImportedMessage.space_id == space.id, ImportedMessage.key == key))
    if known is not None:
        return session.get_one(Post, known.post_id)
    post: Post = make()
    session.add(ImportedMessage(space_id=space.id, key=key, post_id=post.id, created_at=clock.now()))
    session.flush()
    return post


def _said(entry: dict[str, Any], author: Person, window: _Window) -> dict[str, Any]:
    """What opening and replying have in common."""
    affiliations = stakeholder_queries.usable_affiliations(author.id) if entry["capacity"] == "organization" else []
    return {
        "language": entry["language"],
        "affiliation_id": affiliations[0].id if affiliations else None,
        "author": author,
        "created_at": window.moment(entry),
        "imported": True,  # nobody is written to about it
    }


def _open(space: Space, entry: dict[str, Any], people: dict[str, Person], window: _Window) -> Post:
    said = _said(entry, people[entry["opened_by"]], window)
    made = topics.open_discussion(SYSTEM, space, entry["title"], entry["body"], topics=entry.get("topics", ()), **said)
    return db.session().scalars(select(Post).where(Post.discussion_id == made.id, Post.number == 1)).one()


def _reply(entry: dict[str, Any], parent: Post, people: dict[str, Person], window: _Window) -> Post:
    discussion = db.session().get_one(Discussion, parent.discussion_id)
    return discussions.publish_post(SYSTEM, discussion, entry["body"], parent=parent, **_said(entry, people[entry["author"]], window))


def _late(people: dict[str, Person], window: _Window, entry: Mapping[str, Any], discussion: Discussion, key: str) -> Post:
    """A post at the end of a discussion, in answer to its opening, once."""
    opening = select(Post).where(Post.discussion_id == discussion.id, Post.number == 1)
    said = {"capacity": "personal", **entry}
    with db.transaction() as session:
        return _once(discussion.space, key, partial(_reply, said, session.scalars(opening).one(), people, window))


def _moderation(people: dict[str, Person]) -> None:
    """Something in the review queue, once: two participants flag a long post."""
    session = db.session()
    if session.scalar(select(outbox.EventRow.id).where(outbox.EventRow.kind == events.PostFlagged.__name__).limit(1)) is not None:
        return
    post = session.scalar(select(Post).where(Post.status == "visible", Post.depth > 2).order_by(Post.id).limit(1))
    flaggers = [p for p in people.values() if post is not None and p.id != post.author_id and p.role == "participant"][:2]
    for person, reason in zip(flaggers, ("off_topic", "other"), strict=True):
        actor = Actor("person", person.id, confirmed=True, via="cli")
        if post is not None:
            moderation.flag_post(
                actor, post.id, reason, "This answers another discussion; please move it there." if reason == "other" else ""
            )
