"""What the acts in the log are called."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from alliance.core import i18n
from alliance.core.i18n import gettext as _
from alliance.core.i18n import lazy_gettext as _l
from alliance.core.i18n import ngettext
from alliance.groups.words import LINE_ATTRIBUTIONS

ACTS: dict[str, Any] = {
    "hide": _l("Hid a post"),
    "hide_until_reviewed": _l("Several flags hid a post until it is reviewed"),
    "restore": _l("Restored a post"),
    "dismiss": _l("Found no reason to act on a flagged post"),
    "close": _l("The author withdrew a flagged post: its flags are closed"),
    "approve": _l("Approved a post"),
    "refuse": _l("Did not publish a post that waited"),
    "rephrase": _l("Asked the author of a post to rephrase it"),
    "edit": _l("Changed the text of a post"),
    "approve_edit": _l("Approved an edit"),
    "refuse_edit": _l("Kept the old text of a post"),
    "approve_mail": _l("Let a held mail through"),
    "refuse_mail": _l("Refused a held mail"),
    "verify": _l("Verified an affiliation"),
    "refuse_affiliation": _l("Refused an affiliation"),
    "approve_group": _l("Founded a working group that was proposed"),
    "refuse_group": _l("Refused a proposed working group"),
    "grant_appeal": _l("Granted an appeal"),
    "refuse_appeal": _l("Refused an appeal"),
    "undo": _l("Took a decision back"),
    "split": _l("Split posts off a discussion"),
    "move": _l("Moved posts to another discussion"),
    "merge": _l("Merged a discussion into another"),
    "relocate": _l("Moved a discussion to another space"),
    "move_back": _l("Moved a discussion back to the space it came from"),
    "put_back": _l("Put moved posts back"),
    "mark_key": _l("Marked a post as a key contribution"),
    "unmark_key": _l("Took the mark of a key contribution back"),
    "warn": _l("Warned somebody"),
    "silence": _l("Silenced somebody"),
    "suspend": _l("Suspended an account"),
    "remove": _l("Removed somebody who spammed, with all their posts"),
    "take_back": _l("Took back what was decided about somebody"),
    "summarize": _l("Wrote the summary of a discussion"),
    "unsummarize": _l("Took the summary of a discussion down"),
    "tag": _l("Said which topics a discussion has"),
    "untag": _l("Took the topics of a discussion away"),
    "confide": _l("Closed a discussion with a public summary"),
    "attribute": _l("Chose how an action line shows its authors"),
    "unconfide": _l("Opened a closed discussion to everybody again"),
    "slow": _l("Slowed a discussion down"),
    "unslow": _l("Let a discussion go at its own pace again"),
    "pin": _l("Pinned a discussion"),
    "unpin": _l("Took down a pinned discussion"),
    "close_on": _l("Announced when a discussion closes"),
    "keep_open": _l("Let a discussion stay open that was to close"),
    "answer": _l("Marked a reply as the answer"),
    "unanswer": _l("Took the mark of an answer back"),
    "appoint": _l("Gave somebody another role"),
    "lock": _l("Locked a discussion"),
    "unlock": _l("Unlocked a discussion"),
}


OF_GROUP = "The settings of the group close all of its discussions."
OF_LINE = "The secretariat closes all of its discussions."
WRITTEN: dict[str, Any] = {
    OF_GROUP: _l("The settings of the group close all of its discussions."),
    OF_LINE: _l("The secretariat closes all of its discussions."),
}


def reason(entry: Any) -> str:
    """Why something was done, as it was written; in words of the present language where nobody wrote it."""
    return str(WRITTEN.get(entry.reason, entry.reason) if entry.role == "system" else entry.reason)


def label(act: str) -> str:
    """What an act is called in the present language."""
    return str(ACTS.get(act, act))


ROLES: dict[str, Any] = {
    "secretariat": _l("Secretariat"),
    "system": _l("By itself"),
    "moderator": _l("Moderator"),
    "chair": _l("Chair"),
    "group_moderator": _l("Moderator of the working group"),
    "rapporteur": _l("Rapporteur"),
}


PLATFORM_ROLES: dict[str, Any] = {"participant": _l("Participant"), "moderator": ROLES["moderator"], "secretariat": ROLES["secretariat"]}
NAMED: dict[str, dict[str, Any]] = {"attribution": dict(LINE_ATTRIBUTIONS), "role": PLATFORM_ROLES}  # details that are a word of a list


def role(code: str) -> str:
    """The role in which somebody acted."""
    return str(ROLES.get(code, ROLES["moderator"]))


def until(moment: datetime) -> str:
    """The detail of an act that ends by itself."""
    return f"until:{moment:%Y-%m-%dT%H:%M}Z"


def detail(kept: str) -> str:
    """What belongs to an act, in words of the present language."""
    name, _colon, value = kept.partition(":")
    if name == "until":
        return _("until %(moment)s", moment=i18n.format_moment(datetime.fromisoformat(value)))
    if name == "minutes":
        return _("one post in %(time)s", time=i18n.format_duration(int(value) * 60))
    if name == "posts":
        return ngettext("%(num)s post", "%(num)s posts", int(value))
    if name in NAMED:
        return str(NAMED[name].get(value, value))
    if name in {"from", "undid"}:
        return ""  # for the program; the entry says what it is about
    return kept
