"""What was curated, on the pages of discussions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from alliance.core import settings
from alliance.core.i18n import gettext as _
from alliance.curating import queries, summaries
from alliance.discussions import extras, fragments, knowing
from alliance.discussions.facts import Spot
from alliance.policy import Actor
from alliance.policy.space import curates
from alliance.web import pages

LONG = 8  # posts from which on a discussion names its key contributions above them


@pages.section("discussion.head", 3)
@pages.section("posts.head", 3)
def summary(discussion: Any, page: Any = None, **_more: Any) -> Markup:
    """The summary of a discussion above its first posts: open on a long one, folded on a short one."""
    if page is not None and not page.first:
        return Markup()
    found = summaries.shown(discussion)
    if found is None:
        return Markup()
    unfolded = discussion.posts_count >= LONG or page is None
    return pages.markup("curating/_summary.html", discussion=discussion, found=found, unfolded=unfolded)


@pages.section("discussion.feed", 10)
def in_feed(discussion: Any, **_more: Any) -> Markup:
    """The summary as an entry of the discussion's feed."""
    found = summaries.shown(discussion, inside=discussion.confided_at is None)
    return pages.markup("curating/entry.xml", discussion=discussion, found=found) if found and found.sentences else Markup()


@extras.above_text
def as_text(discussion: Any) -> str:
    """The summary as plain text."""
    found = summaries.shown(discussion)
    if found is None or not found.sentences:
        return ""
    lines = [f"- {one.text} [{', '.join(_sign(discussion, post) for post in one.posts)}]" for one in found.sentences]
    return "\n".join([f"{_('Moderator’s summary')} · {found.row.created_at:%Y-%m-%d}", "", *lines])


def _sign(discussion: Any, post: Any) -> str:
    return f"#{post.number}" if post.discussion_id == discussion.id else f"{settings.current().base_url}/p/{post.id}"


@pages.section("discussion.head", 4)
def key_contributions(discussion: Any, page: Any = None, **_more: Any) -> Markup:
    """The key contributions to a long discussion, by link, above its first posts."""
    if page is not None and not page.first:
        return Markup()
    found = queries.key_contributions(discussion.id)  # asked of short ones too: a page takes as many statements however long it is
    return pages.markup("curating/_key.html", marked=found) if found and discussion.posts_count >= LONG else Markup()


@pages.section("posts.head", 4)
def on_paper(discussion: Any, page: Any = None, **_more: Any) -> Markup:
    """The same above the whole discussion on one page."""
    return key_contributions(discussion) if page is None else Markup()


@fragments.acts("curating", 95)
def links(actor: Actor, posts: Sequence[Spot]) -> Mapping[int, Sequence[Markup]]:
    """What leads to the mark of a post, for those who curate there."""
    known = {discussion_id: _curates(actor, discussion_id) for discussion_id in {post.discussion_id for post in posts}}
    return {
        post.id: [Markup('<a href="/moderation/posts/{}/key">{}</a>').format(post.id, _("Key"))]
        for post in posts
        if post.status == "visible" and known[post.discussion_id]
    }


def _curates(actor: Actor, discussion_id: int) -> bool:
    if not actor.may_act or actor.is_moderator:
        return actor.may_act
    found = knowing.at_hand(actor, discussion_id)
    return found is not None and curates(actor, found.space)
