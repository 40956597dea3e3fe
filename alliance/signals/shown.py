"""Thanks and positions on the pages of discussions: a line for every reader, and the buttons of one."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup
from sqlalchemy import Row

from alliance.core import i18n
from alliance.discussions import api, fragments
from alliance.policy import Actor
from alliance.signals import queries
from alliance.signals.models import POSITIONS
from alliance.signals.services import LABELS
from alliance.web import pages

_POST = "@post@"


@fragments.part("signals", 90)
def lines(posts: Sequence[Row[Any]]) -> Mapping[int, Markup]:
    """Of each post that has signals: how many of each kind, by stakeholder type."""
    return {post_id: line(post_id, counts) for post_id, counts in queries.counts(queries.told(posts)).items()}


def line(post_id: int, counts: queries.Counts) -> Markup:
    """The signals of a post on one line, the same for every reader."""
    made = pages.fragment("signals/_line.html", post_id=post_id, counts=counts, labels=LABELS, positions=POSITIONS)
    return Markup(made)  # noqa: S704 - made by a template, which escapes


@fragments.mark("signals", 10)
def buttons(actor: Actor, posts: Sequence[Any]) -> Mapping[int, Markup]:
    """One reader's own signals, to press."""
    shown = [post for post in posts if post.status == "visible"]
    if not shown or not actor.may_act:
        return {}
    own = queries.own_of_page(actor, shown)
    return {
        post.id: button(
            post.id,
            thanked=(post.id, "thanks") in own.kinds if post.author_id != actor.person_id else None,
            position=own.kinds.get((post.id, "position"), ""),
            locked=post.discussion_id in own.locked,
        )
        for post in shown
    }


def button(post_id: int, *, thanked: bool | None, position: str, locked: bool) -> Markup:
    """The buttons of a post (`thanked` None: one's own post, for which one cannot thank)."""
    form = _form(i18n.current_locale(), thanked, position, locked)
    return Markup(form.replace(_POST, str(post_id)))  # noqa: S704 - made by a template


@functools.lru_cache(maxsize=256)
def _form(_language: str, thanked: bool | None, position: str, locked: bool) -> str:
    """The buttons for any post; there are few kinds of them, so each is made once and the numbers are put in."""
    return pages.fragment(
        "signals/_own.html", post_id=_POST, thanked=thanked, position=position, locked=locked, labels=LABELS, positions=POSITIONS
    )  # fmt: skip


@api.reactions
def reactions(posts: Sequence[Row[Any]]) -> Mapping[int, queries.Counts]:
    """What the API says of the signals of posts."""
    return queries.counts(queries.told(posts))
