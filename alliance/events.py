"""What can happen: past-tense facts as ids, never content. A listener reads again, so nothing leaks and nothing is stale."""

from __future__ import annotations

from dataclasses import dataclass

from alliance.core.outbox import declare


@declare
@dataclass(frozen=True, slots=True)
class PersonRegistered:
    """Somebody asked for an account; the address is not confirmed yet."""

    person_id: int


@declare
@dataclass(frozen=True, slots=True)
class ConfirmationRequested:
    """A link that confirms an address is to be sent."""

    person_id: int


@declare
@dataclass(frozen=True, slots=True)
class RegistrationRepeated:
    """Somebody tried to register an address that has an account: its owner is told, the page says nothing."""

    person_id: int


@declare
@dataclass(frozen=True, slots=True)
class PasswordResetRequested:
    """A link to choose a new password is to be sent."""

    person_id: int


@declare
@dataclass(frozen=True, slots=True)
class PersonChanged:
    """Name, stakeholder type, role, suspension … of a person changed."""

    person_id: int


@declare
@dataclass(frozen=True, slots=True)
class PersonSignedOut:
    """A person ended a session on some device."""

    person_id: int


@declare
@dataclass(frozen=True, slots=True)
class TokenRevoked:
    """An API token of a person no longer works."""

    person_id: int


@declare
@dataclass(frozen=True, slots=True)
class AffiliationDeclared:
    """A person says to speak for an organization."""

    affiliation_id: int
    person_id: int


@declare
@dataclass(frozen=True, slots=True)
class AffiliationDecided:
    """The secretariat verified or refused an affiliation."""

    affiliation_id: int
    person_id: int


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
class PostHidden:
    """A moderator hid a post."""

    post_id: int
    discussion_id: int
    space_id: int


@declare
@dataclass(frozen=True, slots=True)
class PostRestored:
    """A moderator made a hidden post visible again."""

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
class PostFlagged:
    """Somebody asked moderators to look at a post."""

    flag_id: int
    post_id: int
    discussion_id: int


@declare
@dataclass(frozen=True, slots=True)
class FlagsDecided:
    """A moderator decided the open flags of a post."""

    post_id: int
    discussion_id: int


@declare
@dataclass(frozen=True, slots=True)
class PostsMoved:
    """Posts went from one discussion (`source_id`) to another; `whole`: all of it. `back`: they returned to where they were before the move."""

    discussion_id: int
    source_id: int
    space_id: int
    move_id: int
    whole: bool = False
    back: bool = False


@declare
@dataclass(frozen=True, slots=True)
class PostHeld:
    """A post (or a new text of one) waits for a moderator before anybody reads it."""

    post_id: int
    discussion_id: int
    space_id: int


@declare
@dataclass(frozen=True, slots=True)
class PostDecided:
    """Moderators decided about a post otherwise than by hiding or restoring it; `how` is one of approved, refused, rephrase, edited, edit_refused."""

    post_id: int
    discussion_id: int
    space_id: int
    how: str


@declare
@dataclass(frozen=True, slots=True)
class ReviewAsked:
    """Something begins to wait for a decision in the review queue; `kind` is one of `core.reviews`."""

    kind: str
    subject_id: int
    person_id: int | None = None
    space_id: int | None = None
    language: str | None = None


@declare
@dataclass(frozen=True, slots=True)
class ReviewEnded:
    """What waited in the review queue was decided elsewhere, or is no more."""

    kind: str
    subject_id: int


@declare
@dataclass(frozen=True, slots=True)
class DigestCompiled:
    """A digest was compiled and can be read."""

    digest_id: int


@declare
@dataclass(frozen=True, slots=True)
class DigestAdvanced:
    """A digest was submitted, returned, signed, transmitted, withdrawn or superseded."""

    digest_id: int
    act: str


@declare
@dataclass(frozen=True, slots=True)
class PersonNotified:
    """A person has a new notification about something that happened in a discussion."""

    notification_id: int
    person_id: int
    post_id: int
    kind: str


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
class GroupChanged:
    """Who may see or write in the space of a group, or what it is called, changed; it was founded, approved, closed …"""

    space_id: int


@declare
@dataclass(frozen=True, slots=True)
class GroupProposed:
    """Somebody proposed a working group; the secretariat is to decide."""

    group_id: int


@declare
@dataclass(frozen=True, slots=True)
class GroupDecided:
    """The secretariat approved or refused a proposed group."""

    group_id: int


@declare
@dataclass(frozen=True, slots=True)
class MembershipChanged:
    """A person became a member of a group, has another role there, or is a member no more."""

    space_id: int
    person_id: int


@declare
@dataclass(frozen=True, slots=True)
class JoinRequested:
    """Somebody asks to join a group."""

    request_id: int


@declare
@dataclass(frozen=True, slots=True)
class JoinDecided:
    """A chair admitted or declined somebody who asked to join."""

    request_id: int


@declare
@dataclass(frozen=True, slots=True)
class InvitationMade:
    """Somebody is invited to join a group."""

    invitation_id: int


@declare
@dataclass(frozen=True, slots=True)
class AttachmentRead:
    """The text of an attached document is known now."""

    attachment_id: int
    post_id: int


@declare
@dataclass(frozen=True, slots=True)
class SearchMatched:
    """A new post answers a search that somebody saved and wants to be told of at once."""

    post_id: int
    person_id: int


@declare
@dataclass(frozen=True, slots=True)
class ConsensusClosed:
    """A consensus call has ended; its result is kept with its text."""

    call_id: int
    discussion_id: int
    space_id: int
