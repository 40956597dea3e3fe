"""What is looked at before (or just after) it can be read: posts of new people, and whatever a rule catches.

Whoever is established costs no statement here, unless a rule in force is for everybody; then rules kept in memory are compared with the
text. Every post that waits says which rule holds it, to its author too: nobody is kept from being read without being told.
"""

from __future__ import annotations

import re
from datetime import timedelta

from sqlalchemy import func, select

from alliance import events
from alliance.core import clock, db, outbox, settings
from alliance.core.errors import Invalid
from alliance.core.i18n import gettext as _
from alliance.core.names import named
from alliance.discussions import holding, masks
from alliance.discussions.holding import Hold, Written
from alliance.discussions.models import Post
from alliance.groups.models import Space
from alliance.moderation import items, options, watched, weighing
from alliance.moderation.options import Options
from alliance.policy import Actor
from alliance.policy.space import moderates

_LINK = re.compile(r"https?://|(?<![\w.])www\.", re.IGNORECASE)
LEAST_REPEATED = 80
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def words(rule: str) -> str:
    """What a rule says, in the present language; it is kept as a code with its numbers ("links:7")."""
    code, _colon, value = rule.partition(":")
    said = {
        "": "",
        "first": _("It is one of the first posts of somebody new here."),
        "links": _("It holds %(number)s links; somebody new here may set fewer.", number=value),
        "mentions": _("It names %(number)s people; somebody new here may name fewer.", number=value),
        "repeat": _("The same text was posted before."),
        "watched": _("It holds “%(word)s”, one of the words moderators look out for.", word=f"\u2068{value}\u2069"),
        "again": _("Its author wrote it anew after a moderator's decision."),
    }
    return said.get(code, value or rule)


class Desk:
    """The review queue as the room of discussions sees it."""

    def judge(self, actor: Actor, written: Written) -> Hold | None:
        """Whether somebody is to look at what is written."""
        if actor.is_moderator or moderates(actor, db.session().get_one(Space, written.space_id)):
            return None
        kind, set_to = "held_edit" if written.post is not None else "held_post", options.current()
        is_new = _is_new(written, set_to)
        word = watched.met(written, everybody_only=not is_new)
        if word is not None and word.waits:
            return Hold(kind, f"watched:{word.pattern.written}")
        held = _held_as_new(kind, written, set_to) if is_new else None
        if word is not None and written.post is None and (held is None or not held.waits):
            return Hold("watched_post", f"watched:{word.pattern.written}", waits=False)
        return held

    def take(self, post: Post, hold: Hold) -> None:
        """Put a post into the queue, in the transaction that wrote it."""
        items.ask(hold.kind, post.id, post=post, rule=hold.rule)
        if hold.waits:
            outbox.publish(events.PostHeld(post.id, post.discussion_id, post.space_id))

    def take_edit(self, post: Post, written: Written, hold: Hold) -> None:
        """Put the new text of a post into the queue; a newer one takes the place of one that waits."""
        data = {"body": written.body, "language": written.language, "revision": post.revision}
        items.ask("held_edit", post.id, post=post, rule=hold.rule, data=data)
        outbox.publish(events.PostHeld(post.id, post.discussion_id, post.space_id))


holding.with_desk(Desk())


def _is_new(written: Written, set_to: Options) -> bool:
    """Whether the author is new: few posts that can be read, no verified affiliation (asked last, as it is a query)."""
    return masks.said(written.author) < set_to.new_posts and not weighing.is_verified(written.author.id)


def _held_as_new(kind: str, written: Written, set_to: Options) -> Hold | None:
    """Whether somebody is to look at what somebody new writes, by what is set."""
    caught = _caught(written, set_to)
    if caught:
        return Hold(kind, caught)
    if written.post is not None or set_to.first_posts == "off":
        return None
    if set_to.first_posts == "hold":
        return Hold(kind, "first")
    return Hold("first_post", "first", waits=False) if masks.said(written.author) == 0 else None


def _caught(written: Written, set_to: Options) -> str:
    """What in a text by somebody new makes it wait, as a code with its number."""
    text = f"{written.title}\n{written.body}"
    links, people = len(_LINK.findall(text)), len({one for one in named(text) if one[0] == "@"})
    if links > set_to.new_links:
        return f"links:{links}"
    if people > set_to.new_mentions:
        return f"mentions:{people}"
    if written.post is not None:
        return ""
    _check_pace(written.author.id, set_to.new_per_hour)
    return "repeat" if _said_before(written) >= set_to.new_repeats else ""


def _said_before(written: Written) -> int:
    """How often the very same text was posted within a day, by anybody; what is short ("I agree.") many say."""
    if len(written.body) < LEAST_REPEATED:
        return 0
    query = select(func.count(Post.id)).where(Post.created_at > clock.now() - DAY, Post.body == written.body, Post.imported.is_(False))
    return int(db.session().scalar(query) or 0)


def _check_pace(person_id: int, most: int) -> None:
    if not settings.current().rate_limits:
        return
    query = select(func.count(Post.id)).where(masks.written_by(person_id), Post.created_at > clock.now() - HOUR)
    if most and int(db.session().scalar(query) or 0) >= most:
        raise Invalid.field(
            "body", _("Somebody new here may publish %(most)s posts an hour. Keep it as a draft, and publish it later.", most=most)
        )
