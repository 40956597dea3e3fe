"""Who is shown without a name: "Participant 3", the third to speak in a discussion (who they stand for: `discussions/masks.py`)."""

from __future__ import annotations

import re

from alliance.core.i18n import gettext as _

NAME = "Participant"
_NAMELESS = re.compile(rf"{NAME} (\d+)")


def name(number: int) -> str:
    """As it is kept."""
    return f"{NAME} {number}"


def handle(number: int, discussion_id: int) -> str:
    """In the place of a handle: none that is given out holds a full stop."""
    return f"participant.{number}.{discussion_id}"


def called(kept: str) -> str:
    """A name as it is shown in the present language."""
    found = _NAMELESS.fullmatch(kept)
    return _("Participant %(number)s", number=found[1]) if found else kept


def is_nameless(kept: str | None) -> bool:
    """Whether this stands in the place of a handle: there is no page of such a person."""
    return kept is None or "." in kept


def handle_out(kept: str) -> str:
    """A handle as programs are told it: nothing where there is none."""
    return "" if is_nameless(kept) else kept


def found_by(kept: str, name: str) -> tuple[str, ...]:
    """By which words a search for an author finds something: by none, where nobody is named."""
    return () if is_nameless(kept) else (kept, name)
