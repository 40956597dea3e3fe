"""What the tail asks about the readers of this process: who may still see, and whose right has ended."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from alliance import events
from alliance.accounts import queries as people
from alliance.accounts import session as accounts
from alliance.notifications import queries as notifications
from alliance.realtime import audience, connections
from alliance.realtime.connections import Connection
from alliance.realtime.tail import Readers

Drop = Callable[[Connection, int], None]
End = Callable[[Connection, str], None]


def readers(end: End, drop: Drop) -> Readers:
    """The answers for the tail.

    Args:
        end: closes a socket.
        drop: ends a subscription.
    """
    return Readers(
        unread=notifications.unread_count,
        unread_of_told=_unread_of_told,
        check=lambda discussion_id: check(discussion_id, drop),
        changed=lambda event: changed(event, end, drop),
        here=lambda person_id: bool(connections.of_person(person_id)),
    )


def check(discussion_id: int, drop: Drop) -> None:
    """End the subscriptions of those who may not see a discussion any more."""
    for one in audience.refused(discussion_id, connections.in_discussion(discussion_id)):
        drop(one, discussion_id)


def changed(event: Any, end: End, drop: Drop) -> None:
    """Close what a person may not have any more. Whoever still may connects anew by themselves, as what they are now."""
    for one in connections.of_person(event.person_id):
        if isinstance(event, events.MembershipChanged):
            for discussion_id in [found for found in one.subscriptions if not audience.sees(one.actor, found)]:
                drop(one, discussion_id)
            continue
        token = one.actor.scope is not None
        if isinstance(event, events.PersonSignedOut):
            ended = not token
        elif isinstance(event, events.TokenRevoked):
            ended = token
        else:
            ended = not _same(one)
        if ended:
            end(one, "your session has changed")


def _same(one: Connection) -> bool:
    """Whether a person still is, in the eyes of the rules, who opened the socket."""
    person = people.by_id(one.actor.person_id)
    if person is None or (one.actor.scope is None and person.epoch != one.epoch):
        return False
    one.handle, one.name = person.handle, person.name
    return accounts.actor_of(person, one.actor.via, one.actor.scope) == one.actor


def _unread_of_told(event_id: int) -> dict[int, int]:
    """Of the people connected here, how much is unread of those who were told of an event."""
    here = list(connections.people())
    return notifications.unread_counts(event_id, here) if here else {}
