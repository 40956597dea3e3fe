"""Topics of discussions: those of the list, those a discussion has, given when it is opened or by a moderator.

A discussion that is split off has the topics of the one it comes from; one that is merged gives its own to the other, as far as there is
room, and takes them back with it; one that goes to another space keeps them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import delete, select

from alliance.core import db, shipped, stamps
from alliance.core.errors import Invalid
from alliance.core.i18n import current_locale, ngettext
from alliance.core.i18n import gettext as _
from alliance.discussions import services
from alliance.discussions.models import Discussion
from alliance.discussions.topic_models import DiscussionTopic, Topic
from alliance.groups.models import Space
from alliance.policy import Actor
from alliance.web import pages

MOST = 5
MOST_LISTED = 200


def load_reference() -> int:
    """Bring in the topics that come with Alliance, those that are not there; returns how many. What somebody worded or retired stays so."""
    given = json.loads(shipped.data("reference", "topics.json").read_text(encoding="utf-8"))
    with db.transaction() as session:
        known = set(session.scalars(select(Topic.key)))
        new = [Topic(key=one["key"], labels=one["labels"], position=place) for place, one in enumerate(given, 1) if one["key"] not in known]
        session.add_all(new)
    return len(new)


def every(*, retired: bool = False) -> list[Topic]:
    """The list in its order."""
    query = select(Topic).order_by(Topic.position, Topic.id).limit(MOST_LISTED)
    return list(db.session().scalars(query if retired else query.where(Topic.retired_at.is_(None))))


def by_key(key: str | None) -> Topic | None:
    """A topic, also a retired one."""
    return db.session().scalar(select(Topic).where(Topic.key == key)) if key else None


def choices(kept: Iterable[Topic] = ()) -> list[tuple[str, str]]:
    """What a form offers: (key, label); with those a discussion has, though they are retired."""
    offered, language = every(), current_locale()
    return [(one.key, one.label(language)) for one in [*offered, *(one for one in kept if one.retired_at is not None)]]


def of(discussion_ids: Collection[int]) -> dict[int, list[Topic]]:
    """The topics of discussions, in the order of the list."""
    found: dict[int, list[Topic]] = {}
    if discussion_ids:
        query = select(DiscussionTopic.discussion_id, Topic).join(Topic, Topic.id == DiscussionTopic.topic_id)
        query = query.where(DiscussionTopic.discussion_id.in_(discussion_ids)).order_by(Topic.position, Topic.id)
        for discussion_id, topic in db.session().execute(query):
            found.setdefault(discussion_id, []).append(topic)
    return found


def keys_of(discussion_ids: Collection[int]) -> dict[int, list[str]]:
    """The same by their keys (API)."""
    return {one: [topic.key for topic in topics] for one, topics in of(discussion_ids).items()}


@pages.provide("topics_of")
def shown(discussions: Sequence[Any]) -> Callable[[int], list[tuple[str, str]]]:
    """For a list of discussions, read at once: what gives the topics of one, as (key, label)."""
    found, language = of([one.id for one in discussions]), current_locale()
    return lambda discussion_id: [(one.key, one.label(language)) for one in found.get(discussion_id, ())]


@pages.provide("topic_choices")
def offered() -> list[tuple[str, str]]:
    """The list, for the filters of lists."""
    return choices()


def chosen(keys: Iterable[str], kept: Iterable[Topic] = ()) -> list[Topic]:
    """The topics of these keys.

    Args:
        keys: as given; each counts once.
        kept: what the discussion has, which it may keep though it is retired.

    Raises:
        Invalid: one is not in the list (any more), or there are too many.
    """
    wanted = list(dict.fromkeys(keys))
    if len(wanted) > MOST:
        raise Invalid.field("topics", ngettext("At most %(num)s topic.", "At most %(num)s topics.", MOST))
    usable = {one.key: one for one in [*every(), *kept]}
    unknown = next((key for key in wanted if key not in usable), None)
    if unknown is not None:
        raise Invalid.field("topics", _("“%(topic)s” is not in the list of topics (any more). Choose others.", topic=unknown[:40]))
    return [usable[key] for key in wanted]


def give(discussion_id: int, topics: Iterable[Topic]) -> None:
    """Inside a transaction: these are the topics of a discussion from now on."""
    session = db.session()
    session.execute(delete(DiscussionTopic).where(DiscussionTopic.discussion_id == discussion_id))
    session.add_all(DiscussionTopic(discussion_id=discussion_id, topic_id=one.id, origin_id=discussion_id) for one in topics)
    session.flush()


def open_discussion(actor: Actor, space: Space, title: str, body: str, *, topics: Iterable[str] = (), **more: Any) -> Discussion:
    """Open a discussion that has topics (see `services.open_discussion`).

    Raises:
        Refused, Invalid: nothing is written.
    """
    wanted = list(topics)
    if not wanted:
        return services.open_discussion(actor, space, title, body, **more)
    with db.transaction():
        given = chosen(wanted)
        made = services.open_discussion(actor, space, title, body, **more)
        give(made.id, given)
    return made


def carry(source_id: int, target_id: int, *, whole: bool) -> None:
    """Inside a transaction: a discussion was split off another, or (`whole`) merged into another: its topics go along."""
    session = db.session()
    there = list(session.scalars(select(DiscussionTopic.topic_id).where(DiscussionTopic.discussion_id == target_id)))
    from_there = [one.id for one in of([source_id]).get(source_id, ()) if one.id not in there]
    origin = source_id if whole else target_id
    more = [DiscussionTopic(discussion_id=target_id, topic_id=one, origin_id=origin) for one in from_there[: MOST - len(there)]]
    session.add_all(more)
    session.flush()


def take_back(target_id: int, source_id: int) -> None:
    """Inside a transaction: a discussion that was merged is there again, and its topics with it."""
    gone = delete(DiscussionTopic).where(DiscussionTopic.discussion_id == target_id, DiscussionTopic.origin_id == source_id)
    db.session().execute(gone)


def listed() -> None:
    """Inside a transaction: the list has changed, which stands on many pages."""
    stamps.move()
