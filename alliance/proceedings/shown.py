"""What the pages of discussions and groups show of consensus calls and meetings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import g
from markupsafe import Markup

from alliance.proceedings import queries
from alliance.proceedings.forms import ANSWERS
from alliance.proceedings.models import ConsensusCall
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


def _at_hand() -> tuple[Sequence[ConsensusCall], ConsensusCall | None]:
    """Asked once in a request, for both places."""
    known: dict[Any, Any] = g.setdefault("calls_at_hand", {})
    actor = current_actor()
    if actor not in known:
        known[actor] = queries.at_hand(actor, 5)
    found: tuple[Sequence[ConsensusCall], ConsensusCall | None] = known[actor]
    return found


@pages.section("home.open", 10)
def open_now() -> Markup:
    """On the front page: the calls that can still be answered, until when, and who asks."""
    found, _ended = _at_hand()
    return pages.markup("proceedings/_open.html", calls=found) if found else Markup()


@pages.section("home.came", 10)
def came_of_it() -> Markup:
    """On the front page: what came of the last call."""
    _open, ended = _at_hand()
    return pages.markup("proceedings/_came.html", call=ended, words=ANSWERS) if ended else Markup()
