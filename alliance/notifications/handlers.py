"""What notifications listen to."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, update

from alliance import events
from alliance.core import db, outbox
from alliance.discussions.move_models import MovedPost
from alliance.notifications import meetings, polls, telling
from alliance.notifications.models import Notification


@outbox.listener(
    "notifications",
    events.PostPublished,
    events.PostSignalled,
    events.PollClosed,
    events.PostHidden,
    events.PostRestored,
    events.FlagsDecided,
    events.SearchMatched,
    events.PostDecided,
    events.MeetingCancelled,
)
def on_events(batch: Sequence[outbox.Recorded]) -> None:
    """Tell people of new posts (imported ones are old news), of thanks, of polls that are closed, and of what moderators did."""
    new = [(one.event.post_id, one.id) for one in batch if isinstance(one.event, events.PostPublished) and not one.event.imported]
    telling.tell_of(new)
    for one in batch:
        event = one.event
        if isinstance(event, events.PostPublished):
            continue
        if isinstance(event, events.PostSignalled):
            if event.thanked_by is not None:
                telling.tell_of_thanks(event.post_id, event.thanked_by, one.id)
        elif isinstance(event, events.SearchMatched):
            telling.tell_of_search(event.post_id, event.person_id, one.id)
        elif isinstance(event, events.MeetingCancelled):
            meetings.tell_of_meeting(event, one.id)
        elif isinstance(event, events.PollClosed):
            polls.tell_of_poll(event.post_id, one.id)
        elif isinstance(event, events.PostDecided):
            telling.tell_of_moderation(event.post_id, event.how, one.id)
        else:
            telling.tell_of_moderation(event.post_id, _DONE[type(event)], one.id)


_DONE = {events.PostHidden: "hidden", events.PostRestored: "restored", events.FlagsDecided: "decided"}


@outbox.inside(events.PostsMoved)
def on_moved(happened: Sequence[events.PostsMoved]) -> None:
    """In the transaction itself: what one was told of a post stands with the discussion it is in now."""
    for event in happened:
        moved = select(MovedPost.post_id).where(MovedPost.move_id == event.move_id)
        told = update(Notification).where(Notification.post_id.in_(moved)).values(discussion_id=event.discussion_id)
        db.session().execute(told.execution_options(synchronize_session=False))
