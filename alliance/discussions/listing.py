"""Lists of discussions: in six orders, of a space or of all, of a language, of a stakeholder type and of a topic.

Each order is one of an index, so that a page costs the same however much there is; of a language or a stakeholder type
too where the order is one of time. What is rarer (two filters at once, a filter within the most posts) passes over the
discussions that do not fit, or sorts those of one topic.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Row, Select, literal_column, select, tuple_

from alliance.accounts.models import Person
from alliance.core import clock, cursors, db
from alliance.discussions.models import Discussion, DiscussionActivity
from alliance.discussions.topic_models import DiscussionTopic, Topic
from alliance.groups.models import Space
from alliance.policy import Actor, visible

PAGE = 30
MOST_PINNED = 10
Sort = Literal["active", "new", "week", "month", "top", "unanswered"]
SORTS: tuple[Sort, ...] = ("active", "new", "week", "month", "top", "unanswered")

LIST_COLUMNS = (
    Discussion.id, Discussion.title, Discussion.slug, Discussion.language, Discussion.posts_count, Discussion.locked_at, Discussion.pinned_at, Discussion.answer_id, Discussion.created_at,
    Discussion.last_post_at, Discussion.stakeholder_type, Discussion.status, Discussion.attribution, Discussion.confided_at, Space.attribution.label("space_attribution"), Person.name.label("author_name"), Person.handle.label("author_handle"),
    Space.code.label("space_code"), Space.titles.label("space_titles"), Space.kind.label("space_kind"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which discussions, and in which order; `stakeholder_type` is the opener's. `apart`: without those that are pinned, which stand above."""

    sort: Sort = "active"
    language: str | None = None
    stakeholder_type: str | None = None
    apart: bool = False
    topic: Topic | None = None

    @property
    def is_plain(self) -> bool:
        """Whether it is the list as one finds it."""
        return (self.sort, self.language, self.stakeholder_type, self.topic) == ("active", None, None, None)


@dataclass(frozen=True, slots=True)
class _Order:
    """The columns an order goes by, all descending, and the types of their values in a cursor."""

    column: Any
    id: Any
    space_id: Any
    kind: type


_ORDERS: dict[Sort, _Order] = {
    "active": _Order(Discussion.last_post_at, Discussion.id, Discussion.space_id, datetime),
    "new": _Order(Discussion.created_at, Discussion.id, Discussion.space_id, datetime),
    "unanswered": _Order(Discussion.created_at, Discussion.id, Discussion.space_id, datetime),
    "top": _Order(Discussion.posts_count, Discussion.id, Discussion.space_id, int),
    "week": _Order(DiscussionActivity.week, DiscussionActivity.discussion_id, DiscussionActivity.space_id, int),
    "month": _Order(DiscussionActivity.month, DiscussionActivity.discussion_id, DiscussionActivity.space_id, int),
}


def discussions(
    actor: Actor, space: Space | None = None, wanted: Wanted | None = None, after: str | None = None, limit: int = PAGE
) -> tuple[list[Row[Any]], str | None]:
    """Discussions of a space, or of all, and the cursor of the rest."""
    wanted = wanted or Wanted()
    rows = list(db.session().execute(query(actor, space, wanted, after).limit(limit + 1)))
    following = cursors.encode(rows[limit - 1].place, rows[limit - 1].id) if len(rows) > limit else None
    return rows[:limit], following


def pinned(actor: Actor, space: Space) -> list[Row[Any]]:
    """What stands above the list of a space, newest pin first."""
    made = _filtered(actor, Wanted()).where(Discussion.space_id == space.id, Discussion.pinned_at.is_not(None))
    return list(db.session().execute(made.order_by(Discussion.pinned_at.desc()).limit(MOST_PINNED)))


def closing(actor: Actor, limit: int) -> list[Row[Any]]:
    """Those that are closed at a moment which was announced, the next first."""
    made = select(Discussion.id, Discussion.slug, Discussion.title, Discussion.closes_at, Space).join(
        Space, Space.id == Discussion.space_id
    )
    made = made.where(Discussion.closes_at > clock.now(), Discussion.locked_at.is_(None), visible(actor, Discussion))
    return list(db.session().execute(made.order_by(Discussion.closes_at, Discussion.id).limit(limit)))


def query(actor: Actor, space: Space | None, wanted: Wanted, after: str | None = None) -> Select[Any]:
    """The list in its order, from a cursor on."""
    order = _ORDERS[wanted.sort]
    made = _filtered(actor, wanted).add_columns(order.column.label("place"))
    if space is not None:
        made = made.where(order.space_id == space.id)
    if after:
        value, last = cursors.decode(after, (order.kind, int))
        made = made.where(tuple_(order.column, order.id) < tuple_(value, last))
    return made.order_by(order.column.desc(), order.id.desc())


def _filtered(actor: Actor, wanted: Wanted) -> Select[Any]:
    query = select(*LIST_COLUMNS).join(Person, Person.id == Discussion.author_id).join(Space, Space.id == Discussion.space_id)
    query = query.where(visible(actor, Discussion))
    if wanted.sort in {"week", "month"}:
        query = query.join(DiscussionActivity, DiscussionActivity.discussion_id == Discussion.id)
        # Rows of a month have a score of the week too: nought, when nothing was said in it.
        query = query.where(_ORDERS[wanted.sort].column > 0)
    if wanted.sort == "unanswered":
        # Word for word as in the index (models.ALONE).
        query = query.where(Discussion.posts_count + literal_column("0") == literal_column("1"))
    if wanted.apart:
        query = query.where(Discussion.pinned_at.is_(None))
    if wanted.language is not None:
        query = query.where(Discussion.language == wanted.language)
    if wanted.stakeholder_type is not None:
        query = query.where(Discussion.stakeholder_type == wanted.stakeholder_type)
    if wanted.topic is not None:
        query = query.where(Discussion.id.in_(select(DiscussionTopic.discussion_id).where(DiscussionTopic.topic_id == wanted.topic.id)))
    return query
