"""What keeps order in the demonstration content: documents and milestones of a group, watched words, a summary, decisions, an appeal answered."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from alliance.accounts.models import Person
from alliance.accounts.session import actor_of
from alliance.attachments import services as attachments
from alliance.cli.demo_groups import DemoGroup
from alliance.core import clock, db, shipped
from alliance.curating import summaries
from alliance.discussions.models import Discussion, Post
from alliance.groups.models import Group, Space
from alliance.library import services as library
from alliance.library.models import LibraryItem
from alliance.moderation import appeals, items, queries, services, watched
from alliance.moderation.models import HoldRule
from alliance.policy import Actor
from alliance.proceedings import milestones
from alliance.proceedings.milestones import Stone
from alliance.proceedings.models import Milestone

People = Mapping[str, Person]
Publish = Callable[[Mapping[str, Any], Discussion, str], Post]


def keep(groups: Mapping[str, DemoGroup], people: People, publish: Publish) -> None:
    """All of it; what is there already is left as it is. `publish` brings in a post once, under a key."""
    entries = json.loads(shipped.data("demo", "order.json").read_text(encoding="utf-8"))
    _plan(entries, groups, people)
    if db.session().scalar(select(HoldRule.id).limit(1)) is None:
        for one in entries["watched"]:
            rule = watched.checked("\n".join(one["words"]), one["language"], everybody=one["everybody"], waits=one["waits"])
            watched.keep(_actor(people, one["by"]), rule)
    _summarize(entries["summary"], people)
    for number, one in enumerate(entries["decided"]):
        _decide(one, people, publish(one, _discussion(one), f"demo:order:{number}"))


def _actor(people: People, handle: str) -> Actor:
    return actor_of(people[handle], "cli")


def _discussion(entry: Mapping[str, Any]) -> Discussion:
    query = select(Discussion).join(Space, Space.id == Discussion.space_id).where(Space.code == entry["space"])
    return db.session().scalars(query.where(Discussion.title == entry["title"]).order_by(Discussion.id).limit(1)).one()


def _plan(entries: Mapping[str, Any], groups: Mapping[str, DemoGroup], people: People) -> None:
    """Documents with versions, links and milestones, by the chair of each group, once."""
    session = db.session()
    if session.scalar(select(Milestone.id).limit(1)) is not None or session.scalar(select(LibraryItem.id).limit(1)) is not None:
        return
    for one in entries["documents"]:
        _document(one, groups[one["group"]], people)
    for one in entries["links"]:
        chair, group = _chaired(groups[one["group"]], people)
        library.add_link(chair, group, one["title"], one["address"], one["summary"])
    today = clock.now().date()
    for one in entries["milestones"]:
        chair, group = _chaired(groups[one["group"]], people)
        due = today + timedelta(days=one["days"])
        made = milestones.add(chair, group, Stone(one["title"], due))
        if one["state"] != "planned":
            milestones.change(chair, group, made.id, Stone(one["title"], due, one["state"], due if one["state"] == "reached" else None))


def _chaired(one: DemoGroup, people: People) -> tuple[Actor, Group]:
    chair = next(handle for handle, role in one.entry["members"].items() if role == "chair")
    return _actor(people, chair), db.session().get_one(Group, one.group.id)


def _document(entry: Mapping[str, Any], of: DemoGroup, people: People) -> None:
    chair, group = _chaired(of, people)
    item: LibraryItem | None = None
    for version in entry["versions"]:
        key = attachments.bring(chair.person_id or 0, version["file"], io.BytesIO(version["text"].encode())).key
        if item is None:
            item = library.add_document(chair, group, key, entry["title"], entry["summary"], version["note"])
        else:
            library.add_version(chair, group, item.id, key, version["note"])


def _summarize(entry: Mapping[str, Any], people: People) -> None:
    discussion = _discussion(entry)
    if summaries.newest(discussion.id) is None:
        summaries.write(_actor(people, entry["by"]), discussion.id, entry["sentences"], language=entry["language"])


def _decide(entry: Mapping[str, Any], people: People, post: Post) -> None:
    """A post that was flagged and decided about, and the appeal against that, once."""
    if queries.items_about(post.id):
        return
    for handle, reason, note in entry["flags"]:
        services.flag_post(_actor(people, handle), post.id, reason, note)
    _rule(people, entry, "flag", post.id)
    if "appeal" in entry:
        made = appeals.appeal(_actor(people, entry["author"]), post.id, entry["appeal"])
        _rule(people, entry["answer"], "appeal", made.id)


def _rule(people: People, entry: Mapping[str, Any], kind: str, subject_id: int) -> None:
    item = queries.open_item(kind, subject_id)
    if item is not None:
        items.decide(_actor(people, entry["by"]), item.id, entry["decision"], entry.get("code", ""), entry["reason"])
