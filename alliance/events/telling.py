"""What is compiled, and whom is to be told."""

from __future__ import annotations

from dataclasses import dataclass

from alliance.core.outbox import declare


@declare
@dataclass(frozen=True, slots=True)
class DigestCompiled:
    """A digest was compiled and can be read."""

    digest_id: int


@declare
@dataclass(frozen=True, slots=True)
class DigestAdvanced:
    """A digest has another version: it was compiled, edited, submitted, returned, signed, transmitted, withdrawn or superseded."""

    digest_id: int
    act: str


@declare
@dataclass(frozen=True, slots=True)
class PersonNotified:
    """A person has a new notification about something that happened in a discussion (`detail`: what moderators did)."""

    notification_id: int
    person_id: int
    post_id: int
    kind: str
    detail: str = ""


@declare
@dataclass(frozen=True, slots=True)
class WatchersNotified:
    """Those who watch where a post was published have been told of it (of which event, says `event_id`)."""

    post_id: int
    discussion_id: int
    space_id: int
    event_id: int


@declare
@dataclass(frozen=True, slots=True)
class SearchMatched:
    """A new post answers a search that somebody saved and wants to be told of at once."""

    post_id: int
    person_id: int
