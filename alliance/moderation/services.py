"""Flagging, and the acts of moderators on posts and discussions: each with its reason, in the log, in one transaction with its effect."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, update

from alliance import events
from alliance.core import clock, db, outbox
from alliance.core.errors import Conflict, Invalid
from alliance.core.i18n import gettext as _
from alliance.discussions import holding
from alliance.discussions.counters import hold, set_lock, set_status
from alliance.discussions.models import Post
from alliance.moderation import items, log, queries, reasons, weighing
from alliance.moderation.models import Flag, ReviewItem
from alliance.policy import Actor, require

REASONS = reasons.FLAGS
MAX_NOTE = 1000
MAX_REASON = log.MAX_REASON
ABOUT_POSTS = ("flag", "first_post", "watched_post", "held_post", "held_edit")


def flag_post(actor: Actor, post_id: int, reason: str, note: str = "") -> Flag:
    """Ask moderators to look at a post. Flagging it again, while the first flag is open, changes that flag.

    Raises:
        Invalid: by field.
        Conflict: moderators have already decided this person's flag.
    """
    if reason not in REASONS:
        raise Invalid.field("reason", _("Choose a reason from the list."))
    if len(note) > MAX_NOTE:
        raise Invalid.field("note", _("At most %(most)s characters.", most=MAX_NOTE))
    if reason == "other" and not note.strip():
        raise Invalid.field("note", _("Say in a few words what is wrong."))
    with db.transaction() as session:
        post = queries.flaggable(actor, post_id)
        require(actor, "post.flag", post)
        hold(session, post.discussion_id)
        flag = queries.own_flag(actor, post_id) or Flag(post_id=post_id, person_id=actor.person_id, status="open", created_at=clock.now())
        if flag.status != "open":
            raise Conflict(_("Moderators have already decided about your flag on this post."))
        flag.reason, flag.note = reason, note.strip()
        is_new = flag.id is None
        if is_new:
            flag.weight = weighing.of(actor)
        session.add(flag)
        session.flush()
        if is_new:
            item = items.ask("flag", post.id, post=post)
            outbox.publish(events.PostFlagged(flag.id, post.id, post.discussion_id))
            _hide_by_weight(post, item)
    return flag


def _hide_by_weight(post: Post, item: ReviewItem) -> None:
    """Hide a post that enough people flagged, until a moderator has looked; never one that a moderator has looked at already."""
    if post.status != "visible" or queries.was_kept(post.id) or not weighing.hides(post):
        return
    set_status(post, "hidden")
    item.data = {**item.data, "hidden": True}
    log.write(Actor.system(), "hide_until_reviewed", "", code=weighing.rule(post), post=post)
    outbox.publish(events.PostHidden(post.id, post.discussion_id, post.space_id))


def hide(actor: Actor, post_id: int, reason: str, code: str = "") -> None:
    """Hide a post; its open flags are upheld, and whatever else waits about it is decided with it.

    Raises:
        Invalid: a reason is missing.
        Conflict: the post is hidden already, or withdrawn.
    """
    with db.transaction():
        post = queries.flaggable(actor, post_id)
        require(actor, "post.hide", post)
        if post.status != "visible":
            raise Conflict(_("This post is already hidden, or was withdrawn by its author."))
        line = log.checked(reason, needed=not reasons.checked(code))
        take_away(actor, post, "hide", code, line)


def take_away(actor: Actor, post: Post, decision: str, code: str, line: str, status: str = "hidden") -> None:
    """Inside a transaction: a post is read no more; what waits about it is decided, the log and its author are told."""
    flags = decide_flags(actor, post, "upheld")
    for item in items.open_about(post.id, ABOUT_POSTS):
        item.data = {**item.data, "flags": flags if item.kind == "flag" else [], "before": post.status}
        items.settle(item, actor, decision, code, line)
    set_status(post, status)
    log.write(actor, decision, line, code=code, post=post)
    if decision == "hide":
        outbox.publish(events.PostHidden(post.id, post.discussion_id, post.space_id))
    else:
        outbox.publish(events.PostDecided(post.id, post.discussion_id, post.space_id, decision))
        outbox.publish(events.PostWithdrawn(post.id, post.discussion_id, post.space_id))


def restore(actor: Actor, post_id: int, reason: str, code: str = "") -> None:
    """Make a hidden post visible again.

    Raises:
        Invalid: a reason is missing.
        Conflict: the post is not hidden.
    """
    with db.transaction():
        post = queries.flaggable(actor, post_id)
        require(actor, "moderation.decide", post)
        if post.status != "hidden":
            raise Conflict(_("This post is not hidden."))
        line = log.checked(reason, needed=not reasons.checked(code))
        for item in items.open_about(post.id, ABOUT_POSTS):
            item.data = {**item.data, "flags": decide_flags(actor, post, "dismissed") if item.kind == "flag" else []}
            items.settle(item, actor, "keep" if item.kind == "flag" else "approve", code, line)
        bring_back(actor, post, code, line)


def bring_back(actor: Actor, post: Post, code: str, line: str) -> None:
    """Inside a transaction: a hidden post is read again."""
    set_status(post, "visible")
    log.write(actor, "restore", line, code=code, post=post)
    outbox.publish(events.PostRestored(post.id, post.discussion_id, post.space_id))


def dismiss(actor: Actor, post_id: int, reason: str, code: str = "") -> None:
    """Decide that the open flags of a post call for nothing; hidden by them, it is read again.

    Raises:
        Invalid: a reason is missing.
        Conflict: there are none (any more).
    """
    with db.transaction():
        post = queries.flaggable(actor, post_id)
        require(actor, "moderation.decide", post)
        hold(db.session(), post.discussion_id)
        found = items.open_about(post.id, ("flag",))
        if not found:
            raise Conflict(_("Another moderator has already decided this."))
        line = log.checked(reason, needed=not reasons.checked(code))
        keep(actor, post, found[0], code, line)


def keep(actor: Actor, post: Post, item: ReviewItem, code: str, line: str) -> None:
    """Inside a transaction: the flags of a post call for nothing."""
    item.data = {**item.data, "flags": decide_flags(actor, post, "dismissed"), "before": post.status}
    items.settle(item, actor, "keep", code, line)
    log.write(actor, "dismiss", line, code=code, post=post)
    if item.data.get("hidden") and post.status == "hidden":
        bring_back(actor, post, code, line)


def close_withdrawn(post_id: int) -> None:
    """Close what waits about a post its author withdrew: there is nothing left to decide; the log says so (once, however often asked)."""
    system = Actor.system()
    with db.transaction() as session:
        post = session.get(Post, post_id)
        if post is None or post.status != "withdrawn":
            return
        flagged = bool(decide_flags(system, post, "closed"))
        for item in items.open_about(post.id, ABOUT_POSTS):
            items.close(item.kind, item.subject_id)
        if flagged:
            log.write(system, "close", "", post=post)


def lock(actor: Actor, discussion_id: int, reason: str, code: str = "") -> None:
    """Let a discussion take no more replies.

    Raises:
        Invalid: a reason is missing.
        Conflict: it is locked already.
    """
    with db.transaction():
        discussion = queries.discussion(actor, discussion_id)
        require(actor, "discussion.lock", discussion)
        if discussion.locked_at is not None:
            raise Conflict(_("This discussion is already locked."))
        line = log.checked(reason, needed=not reasons.checked(code))
        set_lock(discussion, line or reasons.titles()[code])
        log.write(actor, "lock", line, code=code, discussion=discussion)
        outbox.publish(events.DiscussionChanged(discussion.id, discussion.space_id))


def unlock(actor: Actor, discussion_id: int, reason: str, code: str = "") -> None:
    """Let a discussion take replies again.

    Raises:
        Invalid: a reason is missing.
        Conflict: it is not locked.
    """
    with db.transaction():
        discussion = queries.discussion(actor, discussion_id)
        require(actor, "discussion.lock", discussion)
        if discussion.locked_at is None:
            raise Conflict(_("This discussion is not locked."))
        line = log.checked(reason, needed=not reasons.checked(code))
        set_lock(discussion, None)
        discussion.closes_at = None
        log.write(actor, "unlock", line, code=code, discussion=discussion)
        outbox.publish(events.DiscussionChanged(discussion.id, discussion.space_id))


def edit(actor: Actor, post_id: int, words: str, reason: str, code: str = "", *, withhold: bool = False) -> None:
    """Change the text of somebody else's post (named: the log says so, and its author is told).

    Args:
        actor: a moderator.
        post_id: of a post that is read or hidden.
        words: the new text.
        reason: for the log.
        code: a reason of the list.
        withhold: nobody is to read the old text again, in the history neither (personal data).

    Raises:
        Invalid, Refused: nothing is changed.
    """
    with db.transaction():
        post = queries.flaggable(actor, post_id)
        require(actor, "post.hide", post)
        line = log.checked(reason, needed=not reasons.checked(code))
        holding.edited_by_moderator(actor, post, words, suppressed=withhold)
        log.write(actor, "edit", line, code=code, post=post)
        outbox.publish(events.PostDecided(post.id, post.discussion_id, post.space_id, "edited"))


def decide_flags(actor: Actor, post: Post, status: str) -> list[int]:
    """Inside a transaction: decide the open flags of a post, and tell those who put them; which there were."""
    found: Sequence[int] = queries.open_flag_ids(post.id)
    if found:
        values = {"status": status, "decided_by_id": actor.person_id, "decided_at": clock.now()}
        db.session().execute(update(Flag).where(Flag.id.in_(found)).values(values).execution_options(synchronize_session="fetch"))
        outbox.publish(events.FlagsDecided(post.id, post.discussion_id))
    return list(found)


def open_again(flag_ids: Sequence[int]) -> None:
    """Inside a transaction: flags wait again, a decision having been taken back."""
    for flag in db.session().scalars(select(Flag).where(Flag.id.in_(flag_ids))):
        flag.status, flag.decided_by_id, flag.decided_at = "open", None, None
