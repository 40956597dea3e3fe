"""The list of reasons a moderator chooses from: those that come with Alliance, as the secretariat changed or added to them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from alliance.core import db, i18n, text
from alliance.core.errors import Invalid
from alliance.core.i18n import gettext as _
from alliance.core.i18n import lazy_gettext as _l
from alliance.moderation.models import Reason
from alliance.policy import Actor, require

# Those with which a post can be flagged, too.
FLAGS: dict[str, Any] = {
    "off_topic": _l("Off topic here"),
    "disrespectful": _l("Disrespectful"),
    "spam": _l("Advertising or spam"),
    "personal_data": _l("Discloses personal data"),
    "unlawful": _l("Unlawful"),
    "other": _l("Something else"),
}
BUILT_IN: dict[str, Any] = {
    **{code: label for code, label in FLAGS.items() if code != "other"},
    "duplicate": _l("Was said before, in the same words"),
    "unclear": _l("Cannot be understood as it stands"),
    "not_verified": _l("Could not be verified"),
    "elsewhere": _l("Belongs in another place"),
    "fine": _l("Within the rules"),
}
MAX_TITLE = 120
_CODE = re.compile(r"[a-z][a-z0-9_]{1,39}")


@dataclass(frozen=True, slots=True)
class Choice:
    """A reason of the list: what it is called in the present language, and in which languages the secretariat worded it."""

    code: str
    title: str
    titles: dict[str, str]
    active: bool
    built_in: bool


def every() -> list[Choice]:
    """All reasons, retired ones too, in order."""
    rows = {row.code: row for row in db.session().scalars(select(Reason).order_by(Reason.position, Reason.id))}
    found = [_choice(code, rows.pop(code, None)) for code in BUILT_IN]
    return found + [_choice(code, row) for code, row in rows.items()]


def _choice(code: str, row: Reason | None) -> Choice:
    worded = dict(row.titles) if row is not None else {}
    own = worded.get(i18n.current_locale()) or ("" if code in BUILT_IN else worded.get("en") or next(iter(worded.values()), code))
    return Choice(code, own or str(BUILT_IN[code]), worded, row.active if row is not None else True, code in BUILT_IN)


def choices() -> list[tuple[str, str]]:
    """What a form offers: (code, title)."""
    return [(one.code, one.title) for one in every() if one.active]


def titles() -> dict[str, str]:
    """What every code is called."""
    return {one.code: one.title for one in every()} | {"other": str(FLAGS["other"])}


def checked(code: str) -> str:
    """A code of the list, or none.

    Raises:
        Invalid: there is no such reason (any more).
    """
    if code and code not in dict(choices()):
        raise Invalid.field("code", _("Choose a reason from the list."))
    return code


def change(actor: Actor, code: str, worded: dict[str, str], *, active: bool = True) -> None:
    """Add a reason to the list, word one anew, or retire it.

    Raises:
        Refused: not the secretariat.
        Invalid: by field.
    """
    require(actor, "moderation.configure")
    titles_given = {language: text.clean_line(worded.get(language, "")) for language in i18n.LANGUAGES}
    kept = {language: line for language, line in titles_given.items() if line}
    if not _CODE.fullmatch(code):
        raise Invalid.field("code", _("A code has 2 to 40 characters: small letters a to z, digits, underscores; it begins with a letter."))
    if any(len(line) > MAX_TITLE for line in kept.values()):
        raise Invalid.field("en", _("At most %(most)s characters.", most=MAX_TITLE))
    if not kept and code not in BUILT_IN:
        raise Invalid.field("en", _("Word the reason in one language at least."))
    with db.transaction() as session:
        row = session.scalar(select(Reason).where(Reason.code == code)) or Reason(code=code, position=100)
        row.titles, row.active = kept, active
        session.add(row)
