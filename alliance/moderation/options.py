"""How strict the installation is: what the secretariat sets on a page, kept in one row, read at most every few seconds by a process."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Mapped

from alliance.core import db
from alliance.core.errors import Invalid
from alliance.core.i18n import gettext as _
from alliance.core.i18n import lazy_gettext as _l
from alliance.policy import Actor, require

KEPT_SECONDS = 3.0
FIRST_POSTS = {
    "look": _l("Appear at once, and are looked at"),
    "hold": _l("Wait until a moderator approves them"),
    "off": _l("Are like all others"),
}


class OptionRow(db.Base):
    """The row: only what differs from the default is in it."""

    __tablename__ = "moderation_options"

    values: Mapped[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Options:
    """What can be set.

    Attributes:
        hide_weight: flags of this weight together hide a post until it is reviewed (10: one by somebody without a record).
        first_posts: what becomes of the first posts of new people (FIRST_POSTS).
        new_posts: a person is new until that many of their posts can be read; one with a verified affiliation never is.
        new_links: more links than these, by somebody new, make a post wait.
        new_mentions: more people named than these, by somebody new, make a post wait.
        new_repeats: as many posts with the same text within a day, by somebody new, may appear.
        new_per_hour: posts an hour by somebody new (0: as many as they like).
    """

    hide_weight: int = 30
    first_posts: str = "look"
    new_posts: int = 3
    new_links: int = 4
    new_mentions: int = 5
    new_repeats: int = 1
    new_per_hour: int = 20


_kept: list[tuple[float, Options]] = []
db.when_replaced(_kept.clear)


def current() -> Options:
    """What is set at present (a change made by another process is seen a few seconds later)."""
    if not _kept or time.monotonic() - _kept[0][0] > KEPT_SECONDS:
        row = db.session().scalar(select(OptionRow).order_by(OptionRow.id).limit(1))
        known = {one.name for one in fields(Options)}
        values = {name: value for name, value in (row.values if row is not None else {}).items() if name in known}
        _kept[:] = [(time.monotonic(), replace(Options(), **values))]
    return _kept[0][1]


def change(actor: Actor, values: dict[str, Any]) -> Options:
    """Set something.

    Raises:
        Refused: not the secretariat.
        Invalid: by field.
    """
    require(actor, "moderation.configure")
    wanted = replace(current(), **values)
    errors = {name: [_("Give a number from %(least)s to %(most)s.", least=_least(name), most=1000)] for name in _wrong(wanted)}
    if wanted.first_posts not in FIRST_POSTS:
        errors["first_posts"] = [_("Choose one of the list.")]
    if errors:
        raise Invalid(errors)
    with db.transaction() as session:
        row = session.scalar(select(OptionRow).order_by(OptionRow.id).limit(1)) or OptionRow()
        default = asdict(Options())
        row.values = {name: value for name, value in asdict(wanted).items() if value != default[name]}
        session.add(row)
    _kept.clear()
    return wanted


def _wrong(wanted: Options) -> list[str]:
    numbers = {name: value for name, value in asdict(wanted).items() if name != "first_posts"}
    return [name for name, value in numbers.items() if not isinstance(value, int) or not _least(name) <= value <= 1000]


def _least(name: str) -> int:
    return 1 if name in {"hide_weight", "new_repeats"} else 0
