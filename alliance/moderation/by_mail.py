"""Deciding without the pages of the queue: by a link in a mail, or by answering one.

A link is for one person, one item and one decision, and good for two weeks. Whoever holds it decides as that person, so what they may is asked
again when they do: of somebody who moderates no more, it leads nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from alliance.accounts import queries as people
from alliance.accounts import session as accounts
from alliance.accounts.models import Person
from alliance.core import i18n, reviews, tokens
from alliance.core.errors import NotFound
from alliance.core.i18n import gettext as _
from alliance.core.tokens import BadToken
from alliance.moderation import acts, queries
from alliance.moderation.models import ReviewItem
from alliance.policy import Actor, require

PURPOSE = "review-by-mail"
GOOD_FOR = timedelta(days=14)


class Over(Exception):
    """A link that was good once."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a link leads to: an item, who decides, and what."""

    actor: Actor
    item: ReviewItem
    decision: str
    chosen: reviews.Decision


def favourable(kind: reviews.Kind | None) -> str:
    """The decision of a kind that lets a thing be, and needs no reason; "" where there is none."""
    return next((name for name, one in kind.decisions.items() if not one.reasoned), "") if kind is not None else ""


def adverse(kind: reviews.Kind | None) -> str:
    """The decision of a kind that takes a thing away; "" where there is none, or where only that could be said by mail (appeals)."""
    if kind is None or not favourable(kind):
        return ""
    return next((name for name, one in kind.decisions.items() if one.kind == "danger"), "")


def token(person: Person, item_id: int, decision: str) -> str:
    """The last part of a link; a new password ends it, as it ends sessions."""
    return tokens.sign(PURPOSE, [person.id, person.epoch, item_id, decision])


def offer(given: str) -> Offer:
    """What a link leads to, at this moment.

    Raises:
        Over: it was good for two weeks, which are over.
        NotFound: it is none of ours, or leads to nothing this person may decide (any more).
        Refused: they may decide nothing at present.
    """
    person_id, epoch, item_id, decision = _unsigned(given)
    person = people.of_epoch(person_id, epoch)
    if person is None:
        raise NotFound
    actor = accounts.actor_of(person, "mail")
    item = queries.get_item(actor, item_id)
    require(actor, "moderation.decide", item)
    kind = reviews.kind(item.kind)
    if kind is None or decision not in kind.decisions:
        raise NotFound
    return Offer(actor, item, decision, kind.decisions[decision])


def _unsigned(given: str) -> tuple[int, int, int, str]:
    try:
        person_id, epoch, item_id, decision = tokens.opened(PURPOSE, given, None, 4)
    except NotFound:
        tokens.opened(PURPOSE, given, None, 3)  # given out before links ended with the password
        raise Over from None
    try:
        tokens.unsign(PURPOSE, given, int(GOOD_FOR.total_seconds()))
    except BadToken as error:
        raise Over from error
    return int(person_id), int(epoch), int(item_id), str(decision)


def ending(item: ReviewItem) -> str:
    """How an item that waits no more ended: what was decided, by whom (a role), when, why."""
    if item.status == "closed":
        return _("Nothing is left to decide here.")
    kind = reviews.kind(item.kind)
    chosen = kind.decisions.get(item.decision) if kind is not None else None
    said = {
        "decision": str(chosen.label) if chosen is not None else acts.label(item.decision),
        "role": _role(item.decided_by),
        "when": i18n.relative_time(item.decided_at) if item.decided_at is not None else "",
    }
    first = _("Decided already: %(decision)s (%(role)s, %(when)s).", **said)
    return f"{first} {_('The reason: %(reason)s', reason=item.reason)}" if item.reason else first


def _role(person: Person | None) -> str:
    if person is None:
        return _("by itself")
    return {"secretariat": _("the secretariat"), "moderator": _("a moderator")}.get(person.role, _("a moderator of the working group"))
