"""Giving signals and taking them back.

The discussion of a post is held first (`counters.hold`), so that of two clicks at once the second finds what the first
has done: one row a person and post, and counters that are exact; the unique key is there for whoever writes by hand.
Doing what is done already changes nothing, and tells nobody.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from alliance.accounts.models import Person
from alliance.core import clock, db, outbox, text
from alliance.core.errors import Invalid
from alliance.core.i18n import gettext as _
from alliance.core.i18n import lazy_gettext as _l
from alliance.discussions import counters, masks
from alliance.discussions.models import Post
from alliance.events import PostSignalled
from alliance.policy import Actor, require
from alliance.signals import queries
from alliance.signals.models import POSITIONS, THANKS, Signal, SignalCount

MAX_REASON = 500
KEPT = ("post_id", "about", "kind", "reason", "stakeholder_type", "created_at", "changed_at", "nameless")
LABELS = {"support": _l("Support"), "can_live_with": _l("Can live with it"), "object": _l("Object")}


def thank(actor: Actor, post: Post) -> None:
    """Thank for a post. It is social only: nothing is ever ranked by it.

    Raises:
        Refused: nothing is changed.
    """
    _say(actor, post, THANKS, THANKS, "")


def unthank(actor: Actor, post: Post) -> None:
    """Take one's thanks back.

    Raises:
        Refused: nothing is changed.
    """
    _unsay(actor, post, THANKS)


def take_position(actor: Actor, post: Post, kind: str, reason: str = "") -> None:
    """Take a position on a post, or another than before.

    Args:
        actor: a person.
        post: one the actor can see.
        kind: one of POSITIONS.
        reason: why, as plain text; shown with the person's name, where authors are named.

    Raises:
        Refused, Invalid: nothing is changed.
    """
    if kind not in POSITIONS:
        raise Invalid.field("position", _("Choose one of the positions."))
    _say(actor, post, "position", kind, check_reason(reason))


def leave_position(actor: Actor, post: Post, kind: str | None = None) -> None:
    """Take one's position back (`kind`: only if it is that one).

    Raises:
        Refused: nothing is changed.
    """
    _unsay(actor, post, "position", kind)


def check_reason(reason: str) -> str:
    """A reason as it is kept: without blanks around it, on few lines.

    Raises:
        Invalid: it is too long.
    """
    if len(reason) > MAX_REASON * 4:
        raise Invalid.field("reason", _("A reason may have at most %(most)s characters.", most=MAX_REASON))
    lines = [text.clean_line(line) for line in reason.splitlines()]
    kept = "\n".join(line for line in lines if not text.is_blank(line))
    if len(kept) > MAX_REASON:
        raise Invalid.field("reason", _("A reason may have at most %(most)s characters.", most=MAX_REASON))
    return text.storable(kept)


def _held(session: Session, actor: Actor, post: Post, about: str) -> Post:
    """The post as it is now, its discussion held, after the question whether the actor may."""
    counters.hold(session, post.discussion_id)
    held = session.get_one(Post, post.id, populate_existing=True)
    require(actor, "signal.thank" if about == THANKS else "signal.position", held)
    return held


def _say(actor: Actor, post: Post, about: str, kind: str, reason: str) -> None:
    with db.transaction() as session:
        held = _held(session, actor, post, about)
        known = queries.own(actor, held.id).get(about)
        if known is not None and (known.kind, known.reason) == (kind, reason):
            return
        now = clock.now()
        if known is not None:
            _count(session, known, -1)
        signal = known or Signal(post_id=held.id, person_id=actor.person_id, about=about, created_at=now)
        # In which capacity one says it: that of the moment at which one says it.
        signal.stakeholder_type = session.get_one(Person, actor.person_id).stakeholder_type
        signal.kind, signal.reason, signal.changed_at = kind, reason, now
        signal.nameless = masks.is_masked(held.discussion)
        session.add(signal)
        _count(session, signal, 1)
        _tell(held, actor.person_id if about == THANKS else None)


def _unsay(actor: Actor, post: Post, about: str, kind: str | None = None) -> None:
    with db.transaction() as session:
        held = _held(session, actor, post, about)
        known = queries.own(actor, held.id).get(about)
        if known is None or (kind is not None and known.kind != kind):
            return
        _count(session, known, -1)
        session.delete(known)
        _tell(held, None)


def take_away(person_id: int) -> list[dict[str, Any]]:
    """Inside a transaction: nothing a person signalled counts any more; what has to be known to give it back."""
    session = db.session()
    mine = select(Signal).join(Post, Post.id == Signal.post_id).where(Signal.person_id == person_id)
    known = []
    for signal in session.scalars(mine.order_by(Post.discussion_id, Post.id, Signal.id)).all():
        post = counters.touch(signal.post_id)
        _count(session, signal, -1)
        session.delete(signal)
        known.append({name: _plain(getattr(signal, name)) for name in KEPT})
        outbox.publish(PostSignalled(post.id, post.discussion_id, post.space_id, None))
    session.flush()
    return known


def give_back(person_id: int, known: Iterable[dict[str, Any]]) -> None:
    """Inside a transaction: what `take_away` took counts again, but for what the person said anew since."""
    session = db.session()
    for one in known:
        whose = select(Signal.id).where(Signal.post_id == one["post_id"], Signal.person_id == person_id, Signal.about == one["about"])
        if session.get(Post, one["post_id"]) is None or session.scalar(whose) is not None:
            continue
        post = counters.touch(one["post_id"])
        moments = {name: datetime.fromisoformat(one[name]) for name in ("created_at", "changed_at")}
        signal = Signal(**{**one, **moments}, person_id=person_id)
        session.add(signal)
        _count(session, signal, 1)
        outbox.publish(PostSignalled(post.id, post.discussion_id, post.space_id, None))


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _count(session: Session, signal: Signal, change: int) -> None:
    """One more or less of a signal's kind, from its stakeholder type."""
    counted = SignalCount.count + change
    whose = {"post_id": signal.post_id, "kind": signal.kind, "stakeholder_type": signal.stakeholder_type or ""}
    done = session.execute(update(SignalCount).filter_by(**whose).values(count=counted).execution_options(synchronize_session=False))
    if not done.rowcount:  # type: ignore[attr-defined]
        session.add(SignalCount(**whose, count=change))
        session.flush()


def _tell(post: Post, thanked_by: int | None) -> None:
    counters.touch(post.id)
    outbox.publish(PostSignalled(post.id, post.discussion_id, post.space_id, thanked_by))
