"""Events of the log as sockets tell them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from alliance import events
from alliance.core import db, i18n
from alliance.core.outbox import Recorded
from alliance.discussions.fragments import post_fragment
from alliance.discussions.models import Discussion

# What a page that shows a discussion wants to know; flags and the like are nobody's business there.
KINDS: dict[str, str] = {
    events.PostPublished.__name__: "post.published",
    events.PostEdited.__name__: "post.edited",
    events.PostRestored.__name__: "post.edited",
    events.PostSignalled.__name__: "post.edited",
    events.PostMarked.__name__: "post.edited",
    events.PollChanged.__name__: "post.edited",
    events.PollClosed.__name__: "post.edited",
    events.PostWithdrawn.__name__: "post.withdrawn",
    events.PostHidden.__name__: "post.withdrawn",
    events.DiscussionChanged.__name__: "discussion.changed",
}


@dataclass(frozen=True, slots=True)
class News:
    """One message: its name on the socket, and what it says."""

    name: str
    data: dict[str, Any]

    def as_missed(self) -> dict[str, Any]:
        """The form in which `subscribe` answers with what was missed."""
        return {"event": self.name, **self.data}


def news(record: Recorded, language: str) -> News | None:
    """What to tell readers of a discussion in one language; None when there is nothing.

    Args:
        record: an event of one of KINDS; its rows are read anew, so an old event tells the present state.
        language: of the fragment's labels.
    """
    event = record.event
    if getattr(event, "imported", False):
        return None
    name = KINDS[type(event).__name__]
    data: dict[str, Any] = {"discussion": event.discussion_id, "cursor": record.id}
    if name == "discussion.changed":
        return News(name, {"id": event.discussion_id, "locked": _discussion(event.discussion_id).locked, **data})
    fragment = post_fragment(event.post_id, language)
    if fragment is None:
        return News("post.withdrawn", {"id": event.post_id, **data})
    html, parent_id = fragment
    if name == "post.published":
        data["count"] = i18n.ngettext("%(num)s post", "%(num)s posts", _discussion(event.discussion_id).posts_count)
    return News(name, {"id": event.post_id, "parent": parent_id, "html": html, **data})


def _discussion(discussion_id: int) -> Any:
    query = select(Discussion.posts_count, Discussion.locked_at.is_not(None).label("locked")).where(Discussion.id == discussion_id)
    return db.session().execute(query).one()
