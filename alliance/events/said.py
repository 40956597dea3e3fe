"""What is said and asked in discussions."""

from __future__ import annotations

from dataclasses import dataclass

from alliance.core.outbox import declare


@declare
@dataclass(frozen=True, slots=True)
class DiscussionOpened:
    """A discussion exists, with its first post (for which PostPublished comes too)."""

    discussion_id: int
    space_id: int


@declare
@dataclass(frozen=True, slots=True)
class DiscussionChanged:
    """Title, lock or status of a discussion changed."""

    discussion_id: int
    space_id: int


@declare
@dataclass(frozen=True, slots=True)
class DiscussionConfided:
    """A discussion was closed to all but its members, or opened again. `settled`: by the settings of its group, which close them all."""

    discussion_id: int
    space_id: int
    settled: bool = False


@declare
@dataclass(frozen=True, slots=True)
class PostPublished:
    """A post can be read. `imported`: it is an old one, brought in; nobody is to be told."""

    post_id: int
    discussion_id: int
    space_id: int
    imported: bool = False


@declare
@dataclass(frozen=True, slots=True)
class PostEdited:
    """The text of a post changed."""

    post_id: int
    discussion_id: int
    space_id: int


@declare
@dataclass(frozen=True, slots=True)
class PostWithdrawn:
    """A post can no longer be read, by its author's wish or a moderator's act (then PostHidden comes instead)."""

    post_id: int
    discussion_id: int
    space_id: int


@declare
@dataclass(frozen=True, slots=True)
class PostSignalled:
    """Thanks or positions of a post changed. `thanked_by`: somebody has just thanked for it (perhaps not for the first time)."""

    post_id: int
    discussion_id: int
    space_id: int
    thanked_by: int | None = None


@declare
@dataclass(frozen=True, slots=True)
class PostMarked:
    """A post was marked as a key contribution, or is none any more."""

    post_id: int
    discussion_id: int
    space_id: int


@declare
@dataclass(frozen=True, slots=True)
class PollChanged:
    """The poll of a post was made or changed, or somebody voted in it (who, is in no event)."""

    post_id: int
    discussion_id: int
    space_id: int


@declare
@dataclass(frozen=True, slots=True)
class PollClosed:
    """The poll of a post is closed: its result can be read."""

    post_id: int
    discussion_id: int
    space_id: int


@declare
@dataclass(frozen=True, slots=True)
class AttachmentRead:
    """The text of an attached document is known now; `post_id` is 0 for one of a group's documents."""

    attachment_id: int
    post_id: int


@declare
@dataclass(frozen=True, slots=True)
class AttachmentDropped:
    """A post refers to an attached file no more: it is its uploader's alone again."""

    attachment_id: int


@declare
@dataclass(frozen=True, slots=True)
class ConsensusClosed:
    """A consensus call has ended; its result is kept with its text."""

    call_id: int
    discussion_id: int
    space_id: int


@declare
@dataclass(frozen=True, slots=True)
class IndexingPaused:
    """So many posts of one person, discussion or space were to be indexed anew that some wait: those behind the post `after`."""

    of: str
    whose: int
    after: int


@declare
@dataclass(frozen=True, slots=True)
class MeetingCancelled:
    """A meeting does not take place, or (`again`) takes place after all; who decided it is told nothing."""

    meeting_id: int
    discussion_id: int
    space_id: int
    by_id: int
    again: bool
