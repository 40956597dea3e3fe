"""Flagging, and the acts of moderators: each with its reason, in the public log, in one transaction with its effect."""

from __future__ import annotations

from alliance import events
from alliance.core import clock, db, outbox
from alliance.core.errors import Conflict, Invalid
from alliance.core.i18n import gettext as _
from alliance.core.i18n import lazy_gettext as _l
from alliance.discussions.counters import set_lock, set_status
from alliance.discussions.models import Discussion, Post
from alliance.moderation import queries
from alliance.moderation.models import Flag, LogEntry
from alliance.policy import Actor, require

REASONS = {
    "off_topic": _l("Off topic here"),
    "disrespectful": _l("Disrespectful"),
    "spam": _l("Advertising or spam"),
    "personal_data": _l("Discloses personal data"),
    "unlawful": _l("Unlawful"),
    "other": _l("Something else"),
}
ACTS = {
    "hide": _l("Hid a post"),
    "restore": _l("Restored a post"),
    "dismiss": _l("Found no reason to act on a flagged post"),
    "lock": _l("Locked a discussion"),
    "unlock": _l("Unlocked a discussion"),
    "close": _l("The author withdrew a flagged post: its flags are closed"),
}
MAX_NOTE = 1000
MAX_REASON = 500


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
        flag = queries.own_flag(actor, post_id) or Flag(post_id=post_id, person_id=actor.person_id, status="open", created_at=clock.now())
        if flag.status != "open":
            raise Conflict(_("Moderators have already decided about your flag on this post."))
        flag.reason, flag.note = reason, note.strip()
        is_new = flag.id is None
        session.add(flag)
        session.flush()
        if is_new:
            outbox.publish(events.PostFlagged(flag.id, post.id, post.discussion_id))
    return flag


def hide(actor: Actor, post_id: int, reason: str) -> None:
    """Hide a post; its open flags are upheld.

    Raises:
        Invalid: a reason is missing.
        Conflict: the post is hidden already, or withdrawn.
    """
    with db.transaction():
        post = queries.flaggable(actor, post_id)
        require(actor, "post.hide", post)
        if post.status != "visible":
            raise Conflict(_("This post is already hidden, or was withdrawn by its author."))
        _decide_flags(actor, post, "upheld")
        set_status(post, "hidden")
        _note(actor, "hide", post.discussion, post, reason)
        outbox.publish(events.PostHidden(post.id, post.discussion_id, post.space_id))


def restore(actor: Actor, post_id: int, reason: str) -> None:
    """Make a hidden post visible again.

    Raises:
        Invalid: a reason is missing.
        Conflict: the post is not hidden.
    """
    with db.transaction():
        post = queries.flaggable(actor, post_id)
        require(actor, "post.hide", post)
        if post.status != "hidden":
            raise Conflict(_("This post is not hidden."))
        set_status(post, "visible")
        _note(actor, "restore", post.discussion, post, reason)
        outbox.publish(events.PostRestored(post.id, post.discussion_id, post.space_id))


def dismiss(actor: Actor, post_id: int, reason: str) -> None:
    """Decide that the open flags of a post call for nothing.

    Raises:
        Invalid: a reason is missing.
        Conflict: there are none (any more).
    """
    with db.transaction():
        post = queries.flaggable(actor, post_id)
        require(actor, "moderation.decide", post)
        if not _decide_flags(actor, post, "dismissed"):
            raise Conflict(_("Another moderator has already decided this."))
        _note(actor, "dismiss", post.discussion, post, reason)


def close_withdrawn(post_id: int) -> None:
    """Close the open flags of a post its author withdrew: there is nothing left to decide; the log says so (once, however often asked)."""
    system = Actor.system()
    with db.transaction() as session:
        post = session.get(Post, post_id)
        if post is not None and post.status == "withdrawn" and _decide_flags(system, post, "closed"):
            _write(system, "close", post.discussion, post, "")


def lock(actor: Actor, discussion_id: int, reason: str) -> None:
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
        set_lock(discussion, _checked(reason))
        _note(actor, "lock", discussion, None, reason)
        outbox.publish(events.DiscussionChanged(discussion.id, discussion.space_id))


def unlock(actor: Actor, discussion_id: int, reason: str) -> None:
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
        set_lock(discussion, None)
        _note(actor, "unlock", discussion, None, reason)
        outbox.publish(events.DiscussionChanged(discussion.id, discussion.space_id))


def _decide_flags(actor: Actor, post: Post, status: str) -> bool:
    flags = queries.open_flags(post.id)
    for flag in flags:
        flag.status, flag.decided_by_id, flag.decided_at = status, actor.person_id, clock.now()
    if flags:
        outbox.publish(events.FlagsDecided(post.id, post.discussion_id))
    return bool(flags)


def _note(actor: Actor, act: str, discussion: Discussion, post: Post | None, reason: str) -> None:
    """Write an act into the public log, with its reason."""
    _write(actor, act, discussion, post, _checked(reason))


def _write(actor: Actor, act: str, discussion: Discussion, post: Post | None, reason: str) -> None:
    entry = LogEntry(
        act=act,
        moderator_id=actor.person_id,
        role="system" if actor.is_system and act == "close" else actor.role,
        space_id=discussion.space_id,
        discussion_id=discussion.id,
        post_id=post.id if post else None,
        reason=reason,
        created_at=clock.now(),
    )
    db.session().add(entry)


def _checked(reason: str) -> str:
    reason = " ".join(reason.split())
    if not 0 < len(reason) <= MAX_REASON:
        raise Invalid.field("reason", _("Give a reason of 1 to %(most)s characters: it stands in the public log.", most=MAX_REASON))
    return reason
