"""What the pages of discussions and groups show of consensus calls and meetings."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from alliance.proceedings import queries
from alliance.proceedings.forms import ANSWERS
from alliance.proceedings.views import result_table
from alliance.web import current_actor, pages


@pages.section("discussion.head", 5)
def in_discussion(discussion: Any, **_more: Any) -> Markup:
    """The meeting a discussion is the agenda of, and its consensus calls; what chairs may do about them."""
    if discussion.space.kind != "group":
        return Markup()
    meetings, calls = queries.meetings_of(discussion), queries.calls_of(discussion)
    return pages.markup(
        "proceedings/_discussion.html", discussion=discussion, meetings=meetings, calls=calls, table=result_table, words=ANSWERS
    )


@pages.section("space.side", 8)
def milestones_of(space: Any, **_more: Any) -> Markup:
    """What a group is to reach next, and by when."""
    if space.kind != "group":
        return Markup()
    found = queries.next_milestones(current_actor(), space, 4)
    return pages.markup("proceedings/_milestones.html", space=space, milestones=found) if found else Markup()


@pages.section("group.main", 5)
def in_group(space: Any, **_more: Any) -> Markup:
    """What is to come in a group: its open calls and its next meetings."""
    actor = current_actor()
    calls = [one for one in queries.calls_in(actor, space, 10) if one.is_open]
    coming = queries.meetings_in(actor, space, coming=True, limit=3)
    return pages.markup("proceedings/_coming.html", calls=calls, meetings=coming) if calls or coming else Markup()
