"""Marking key contributions: each act with its entry in the log, in one transaction with its effect.

The mark stands in the row of the post (`Post.key_note`), so that it goes along when the post is split off, merged or moved.
"""

from __future__ import annotations

from alliance.core import db, outbox, text
from alliance.core.errors import Conflict, Invalid
from alliance.core.i18n import gettext as _
from alliance.curating import queries
from alliance.discussions import counters
from alliance.discussions.models import Post
from alliance.events import PostMarked
from alliance.moderation import log
from alliance.policy import Actor, require

MAX_NOTE = 200


def mark(actor: Actor, post_id: int, note: str = "") -> Post:
    """Mark a post as a key contribution; of one that is marked, the note is changed. Doing what is done already changes nothing.

    Args:
        actor: who curates the space.
        post_id: of a post that can be read.
        note: in a few words why, shown at the post; may be empty.

    Raises:
        NotFound, Refused, Invalid: nothing is changed.
    """
    line = text.clean_line(note).strip()
    if len(line) > MAX_NOTE:
        raise Invalid.field("note", _("At most %(most)s characters.", most=MAX_NOTE))
    with db.transaction():
        held = _held(actor, post_id)
        if held.key_note == line:
            return held
        held.key_note = line
        _note(actor, held, "mark_key", line)
    return held


def unmark(actor: Actor, post_id: int) -> Post:
    """Take the mark of a key contribution back.

    Raises:
        NotFound, Refused: nothing is changed.
        Conflict: the post has none.
    """
    with db.transaction():
        held = _held(actor, post_id)
        if held.key_note is None:
            raise Conflict(_("This post is not marked as a key contribution."))
        held.key_note = None
        _note(actor, held, "unmark_key", "")
    return held


def _held(actor: Actor, post_id: int) -> Post:
    """The post as it is now, its discussion held, after the question whether the actor may."""
    post = queries.post(actor, post_id)
    require(actor, "post.mark", post)
    counters.hold(db.session(), post.discussion_id)
    db.session().refresh(post)
    return queries.post(actor, post_id)


def _note(actor: Actor, post: Post, act: str, line: str) -> None:
    db.session().flush()
    counters.touch(post.id)
    log.write(actor, act, line, post=post)
    outbox.publish(PostMarked(post.id, post.discussion_id, post.space_id))
