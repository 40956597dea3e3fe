"""Every table that names a person: which of its columns say whose a row is, and what of it goes into their archive.

A test of the house compares this with the tables there are, so that a new one cannot be forgotten: whoever adds a table with a
column of a person says here under which name it is exported, or why it is not, and what becomes of its rows when the person closes
their account.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from alliance.core import nameless

Closing = Literal["stays", "goes", "ends", "emptied"]


@dataclass(frozen=True, slots=True)
class Personal:
    """How a table hangs on people.

    `own`: the columns that say whose a row is; `others`: those that name somebody who did something about it (their names are
    not given away). `file`: the name in the archive, or "" and `why_not`. `without`: columns left out (secrets, what is made of others).
    `closing`: what becomes of the rows when the account is closed: they go; or end, as the room they are of does it; or are emptied (of
    what `emptied` says is written into them); or stay, as those of "a former participant".
    """

    own: tuple[str, ...] = ("person_id",)
    file: str = ""
    without: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    why_not: str = ""
    closing: Closing = "goes"
    emptied: dict[str, Any] = field(default_factory=dict)


def _office(*others: str) -> Personal:
    return Personal(own=(), others=others, closing="stays", why_not="Acts of an office, which stand in the public logs.")


TODAY = object()  # the day on which the account is closed
_COUNTED = "Counted from the posts, which are in the archive."
TABLES: dict[str, Personal] = {
    "affiliations": Personal(
        file="affiliations", others=("decided_by_id",), closing="emptied", emptied={"title": "", "evidence": "", "ended_on": TODAY}
    ),
    "api_tokens": Personal(file="tokens", without=("token_hash",)),
    "appeals": Personal(file="appeals", closing="stays"),
    "archives": Personal(file="archives", without=("key",)),
    "attachments": Personal(file="uploads", closing="stays"),
    "authenticators": Personal(file="authenticators", without=("secret", "last_step")),
    "bookmarks": Personal(file="bookmarks"),
    "charter_revisions": Personal(own=("author_id",), file="charters", without=("html",), closing="stays"),
    "consensus_answers": Personal(file="consensus_answers", closing="stays"),
    "consensus_calls": Personal(own=("called_by_id",), file="consensus_calls", without=("html",), closing="stays"),
    "digest_comments": Personal(file="digest_comments", closing="stays"),
    "digest_objections": Personal(file="digest_objections", others=("answered_by_id",), closing="stays"),
    "digest_recipients": _office("added_by_id"),
    "digest_schedules": _office("set_by_id"),
    "digest_versions": Personal(file="digest_versions", without=("content",), closing="stays"),
    "digests": _office("compiled_by_id", "signed_by_id"),
    "discussion_voices": Personal(why_not=_COUNTED, closing="stays"),
    "discussions": Personal(own=("author_id", "written_by_id"), file="discussions", closing="stays"),
    "drafts": Personal(file="drafts", without=("nonce",)),
    "flags": Personal(file="flags", without=("weight",), others=("decided_by_id",), closing="stays"),
    "given_answers": Personal(why_not="Answers of the API to be given again when the same request comes twice; they go after a day."),
    "groups": Personal(own=("proposed_by_id",), file="groups_proposed", others=("decided_by_id",), closing="stays"),
    "hold_rules": _office("changed_by_id"),
    "incoming_mail": Personal(
        file="mail_received",
        without=("raw", "key"),
        others=("decided_by",),
        closing="emptied",  # that it was received stays, so that it is not received twice
        emptied={"sender": "", "recipient": "", "subject": "", "sentence": "", "text": "", "cut": "", "raw": None},
    ),
    "invitations": Personal(file="invitations", without=("key",), others=("invited_by_id",)),
    "join_requests": Personal(file="requests_to_join", others=("decided_by_id",)),
    "key_challenges": Personal(why_not="Questions to a passkey or security key, random and good for five minutes."),
    "library_versions": Personal(file="documents", closing="stays"),
    "linked_identities": Personal(file="linked_accounts"),
    "live_choices": Personal(file="live_settings"),
    "mail_choices": Personal(file="mail_settings"),
    "masks": Personal(file="nameless_in", others=("shown_id",), closing="stays"),
    "measures": Personal(file="measures", without=("data",), others=("moderator_id",), closing="stays"),
    "memberships": Personal(file="memberships", closing="ends"),
    "moderation_log": Personal(file="moderation", without=("previous", "hash"), others=("moderator_id",), closing="stays"),
    "moves": _office("moved_by_id"),
    "notification_preferences": Personal(file="notification_settings"),
    "notifications": Personal(file="notifications", without=("event_id",), others=("actor_id",)),
    "outgoing_mail": Personal(file="mail_sent", without=("key", "error")),
    "people": Personal(
        own=("id",),
        others=("claimed_by_id",),
        file="profile",
        without=("password_hash", "handle_skeleton", "name_key", "epoch"),
        closing="emptied",
        emptied={
            "email": None,
            "archive_email": None,
            "confirmed_at": None,
            "password_hash": None,
            "name": nameless.FORMER,
            "country": None,
            "languages": [],
            "interface_language": "en",
            "reading_order": "tree",
            "stakeholder_type": None,
            "bio": "",
            "role": "participant",
            "claimed": False,
            "suspended_at": None,
            "suspended_until": None,
            "silenced_until": None,
            "two_step_at": None,
            "participant": nameless.NOBODY,
            "closing_at": None,
            "proven_at": None,
            "claimed_by_id": None,
        },
    ),
    "person_contributions": Personal(why_not=_COUNTED, closing="stays"),
    "poll_votes": Personal(file="votes", closing="stays"),
    "post_revisions": Personal(own=(), file="revisions", others=("editor_id",), closing="stays"),
    "posts": Personal(
        own=("author_id", "written_by_id"), file="posts", without=("html", "renderer_version", "path", "type_rank"), closing="stays"
    ),
    "read_marks": Personal(file="read_marks"),
    "recovery_codes": Personal(file="recovery_codes", without=("code_hash",)),
    "retired_handles": Personal(why_not="That a handle is never given out again, when its account is closed.", closing="stays"),
    "review_items": Personal(
        own=(),
        others=("person_id", "claimed_by_id", "decided_by_id"),
        why_not="The queue of moderators; what was decided is in the archive.",
        closing="stays",
    ),
    "saved_searches": Personal(file="searches"),
    "security_events": Personal(file="security_history"),
    "security_keys": Personal(file="security_keys", without=("credential_id", "public_key", "sign_count")),
    "sign_ins": Personal(file="sessions", without=("key",)),
    "signals": Personal(file="reactions_and_positions", closing="stays"),
    "space_mail": Personal(file="mail_of_spaces"),
    "space_watches": Personal(file="watched_spaces"),
    "summaries": Personal(own=("author_id",), file="summaries", closing="stays"),
    "unsubscriptions": Personal(file="unsubscriptions"),
    "watches": Personal(file="watched_discussions"),
}
# Columns of a person that are no reference to the table of people.
UNREFERENCED = (("given_answers", "person_id"), ("incoming_mail", "decided_by"), ("people", "claimed_by_id"))
# What the page about privacy tells of together (the words: wording.py); a test of the house has every table stand here once.
KINDS: dict[str, tuple[str, ...]] = {
    "account": ("people", "affiliations", "retired_handles"),
    "security": ("sign_ins", "security_events", "api_tokens", "authenticators", "recovery_codes", "security_keys", "key_challenges", "linked_identities"),
    "said": (
        "posts", "post_revisions", "discussions", "masks", "attachments", "summaries", "library_versions", "charter_revisions", "consensus_calls",
        "discussion_voices", "person_contributions",
    ),
    "answers": ("signals", "poll_votes", "consensus_answers"),
    "groups": ("memberships", "join_requests", "invitations", "groups"),
    "own": ("drafts", "bookmarks", "read_marks", "saved_searches", "given_answers"),
    "notices": (
        "notifications", "notification_preferences", "watches", "space_watches", "mail_choices", "space_mail", "unsubscriptions", "live_choices",
    ),
    "mail": ("outgoing_mail", "incoming_mail"),
    "moderation": ("flags", "review_items", "measures", "appeals", "moderation_log", "hold_rules", "moves"),
    "digests": (
        "digests", "digest_versions", "digest_comments", "digest_objections", "digest_recipients", "digest_schedules",
    ),
    "archives": ("archives",),
}  # fmt: skip
