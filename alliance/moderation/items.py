"""The review queue: what waits is put in, claimed, noted upon, decided once, and taken back within a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from alliance.core import clock, db, reviews, text
from alliance.core.errors import AllianceError, Conflict, Invalid
from alliance.core.i18n import gettext as _
from alliance.discussions.counters import hold
from alliance.discussions.models import Post
from alliance.moderation import log, queries, reasons
from alliance.moderation.models import ReviewItem
from alliance.policy import Actor, require

CLAIM = timedelta(minutes=30)
UNDO = timedelta(hours=24)
MAX_NOTE = 1000
MAX_BULK = 200


class Decided(Conflict):
    """Somebody was faster; the item says what was decided."""

    def __init__(self, item: ReviewItem) -> None:
        super().__init__(_("Another moderator has already decided this."))
        self.item_id = item.id


class Claimed(Conflict):
    """Somebody else is at it."""

    def __init__(self, item: ReviewItem) -> None:
        super().__init__(_("Another moderator is deciding this at the moment. You can take it over."))
        self.item_id = item.id


def ask(
    kind: str,
    subject_id: int,
    *,
    post: Post | None = None,
    person_id: int | None = None,
    space_id: int | None = None,
    meant_for_id: int | None = None,
    language: str | None = None,
    rule: str = "",
    data: dict[str, Any] | None = None,
) -> ReviewItem:
    """Inside a transaction: have something wait; what waits already is only brought up to date, in its place."""
    item = queries.open_item(kind, subject_id)
    if item is None:
        known = reviews.kind(kind)
        item = ReviewItem(kind=kind, subject_id=subject_id, audience=known.audience if known else "moderators", created_at=clock.now())
        item.status, item.data, item.notes = "open", {}, []
    item.post_id = post.id if post is not None else None
    item.meant_for_id = meant_for_id
    item.person_id = post.writer_id if post is not None else person_id
    item.space_id = post.space_id if post is not None else space_id
    item.language = post.language if post is not None else language
    item.rule, item.data = (rule or item.rule or "")[:200], {**item.data, **(data or {})}
    session = db.session()
    session.add(item)
    session.flush()
    return item


def close(kind: str, subject_id: int) -> bool:
    """Inside a transaction: nothing is left to decide about something; whether anything waited."""
    done = update(ReviewItem).where(ReviewItem.kind == kind, ReviewItem.subject_id == subject_id, ReviewItem.status == "open")
    found = db.session().execute(done.values(status="closed", decided_at=clock.now()).execution_options(synchronize_session="fetch"))
    return bool(found.rowcount)  # type: ignore[attr-defined]


def settle(item: ReviewItem, actor: Actor, decision: str, code: str = "", reason: str = "") -> None:
    """Inside a transaction: an item is decided."""
    now = clock.now()
    item.status, item.decision, item.reason_code, item.reason = "decided", decision, code, reason
    item.decided_by_id, item.decided_at = actor.person_id, now
    item.claimed_by_id = item.claimed_until = None
    item.wait = max(0, int((now - item.created_at).total_seconds()))
    db.session().flush()


def _held(actor: Actor, item_id: int) -> ReviewItem:
    """An item, nobody else deciding about it until the transaction ends (the discussion first, as everybody does)."""
    session = db.session()
    item = queries.get_item(actor, item_id)
    if item.post_id is not None:
        hold(session, session.get_one(Post, item.post_id).discussion_id)
    return session.get_one(ReviewItem, item_id, with_for_update=True, populate_existing=True)


def decide(actor: Actor, item_id: int, decision: str, code: str = "", reason: str = "", words: str = "") -> ReviewItem:
    """Decide about an item.

    Args:
        actor: a moderator (of a kind that is the secretariat's: the secretariat).
        item_id: of the queue.
        decision: one of its kind's.
        code: a reason of the list.
        reason: free text for the log and whoever it concerns.
        words: the new text, where the decision is one.

    Raises:
        Decided, Claimed: somebody else was faster, or is at it.
        Invalid, Refused, Conflict: nothing is changed.
    """
    with db.transaction():
        item = _held(actor, item_id)
        require(actor, "moderation.decide", item)
        chosen = _chosen(item, decision)
        if item.status != "open":
            raise Decided(item)
        if _is_others(item, actor):
            raise Claimed(item)
        line = log.checked(reason, needed=chosen.reasoned and not reasons.checked(code))
        chosen.act(reviews.Ruling(actor, item, code, line, words))
        if item.status == "open":  # an act that decides all there is about a post has settled it already
            settle(item, actor, decision, code, line)
        if chosen.logged:
            _log(actor, chosen.logged, item, code, line)
        return item


def _chosen(item: ReviewItem, decision: str) -> reviews.Decision:
    kind = reviews.kind(item.kind)
    chosen = kind.decisions.get(decision) if kind is not None else None
    if chosen is None:
        raise Invalid.field("decision", _("Choose what to do."))
    return chosen


def _log(actor: Actor, act: str, item: ReviewItem, code: str, line: str, detail: str = "") -> None:
    about = {"person_id": None, "space_id": None} if item.post_id else {"person_id": item.person_id, "space_id": item.space_id}
    log.write(actor, act, line, code=code, post=item.post, discussion=item.meant_for if item.post is None else None, detail=detail, **about)


def decide_all(actor: Actor, item_ids: Sequence[int], decision: str, code: str, reason: str) -> tuple[int, int]:
    """Decide many the same way, each in a transaction of its own: how many were, and how many could not be (decided meanwhile, claimed).

    Raises:
        Invalid: the reason lacks; nothing is changed.
    """
    require(actor, "moderation.review", queries.is_responsible(actor))
    if not item_ids:
        raise Invalid.field("items", _("Choose at least one entry."))
    log.checked(reason, needed=not reasons.checked(code))
    done = 0
    for item_id in list(dict.fromkeys(item_ids))[:MAX_BULK]:
        try:
            item = queries.get_item(actor, item_id)
            kind = reviews.kind(item.kind)
            if kind is not None and decision in kind.bulk:
                decide(actor, item_id, decision, code, reason)
                done += 1
        except AllianceError:
            continue  # the others are none the worse for it
    return done, len(set(item_ids)) - done


def undo(actor: Actor, item_id: int) -> ReviewItem:
    """Take a decision back within a day: what it did is undone, and the item waits again.

    Raises:
        Conflict: it is too late, cannot be undone, or something else was decided since.
    """
    with db.transaction():
        item = _held(actor, item_id)
        require(actor, "moderation.decide", item)
        if not can_undo(item):
            raise Conflict(_("This cannot be taken back any more: decide anew instead."))
        if queries.open_item(item.kind, item.subject_id) is not None:
            raise Conflict(_("The same waits for a decision again: decide about that."))
        chosen = _chosen(item, item.decision)
        if chosen.undo is not None:
            chosen.undo(reviews.Ruling(actor, item, item.reason_code, item.reason))
        _log(actor, "undo", item, "", "", f"{log.UNDID}{chosen.logged or item.decision}")
        reopen(item)
        return item


def reopen(item: ReviewItem) -> None:
    """Inside a transaction: what was decided waits again."""
    item.status, item.decision, item.reason_code, item.reason, item.wait = "open", "", "", "", None
    item.decided_by_id = item.decided_at = None
    db.session().flush()


def can_undo(item: ReviewItem) -> bool:
    """Whether a decision may still be taken back."""
    if item.status != "decided" or item.decided_at is None or clock.now() - item.decided_at > UNDO:
        return False
    kind = reviews.kind(item.kind)
    chosen = kind.decisions.get(item.decision) if kind is not None else None
    return chosen is not None and chosen.undo is not None


def claim(actor: Actor, item_id: int, *, take_over: bool = False) -> ReviewItem:
    """Say that one is at it, for half an hour.

    Raises:
        Decided, Claimed: somebody else was faster.
    """
    with db.transaction():
        item = _held(actor, item_id)
        require(actor, "moderation.decide", item)
        if item.status != "open":
            raise Decided(item)
        if _is_others(item, actor) and not take_over:
            raise Claimed(item)
        item.claimed_by_id, item.claimed_until = actor.person_id, clock.now() + CLAIM
        return item


def release(actor: Actor, item_id: int) -> ReviewItem:
    """Leave it to others again."""
    with db.transaction():
        item = _held(actor, item_id)
        require(actor, "moderation.decide", item)
        if item.claimed_by_id == actor.person_id:
            item.claimed_by_id = item.claimed_until = None
        return item


def note(actor: Actor, item_id: int, words: str) -> ReviewItem:
    """Leave a note for other moderators.

    Raises:
        Invalid: it is empty or too long.
    """
    line = words.strip()
    if text.is_blank(line) or len(line) > MAX_NOTE:
        raise Invalid.field("note", _("A note has 1 to %(most)s characters.", most=MAX_NOTE))
    with db.transaction():
        item = _held(actor, item_id)
        require(actor, "moderation.decide", item)
        item.notes = [*item.notes, {"by": actor.person_id, "at": clock.now().isoformat(timespec="seconds"), "text": line}]
        return item


def _is_others(item: ReviewItem, actor: Actor) -> bool:
    return item.claimed_by_id not in {None, actor.person_id} and item.claimed_until is not None and item.claimed_until > clock.now()


def open_about(post_id: int, kinds: Sequence[str]) -> list[ReviewItem]:
    """Inside a transaction: what waits about a post."""
    query = select(ReviewItem).where(ReviewItem.post_id == post_id, ReviewItem.status == "open", ReviewItem.kind.in_(kinds))
    return list(db.session().scalars(query.with_for_update().order_by(ReviewItem.id)))
