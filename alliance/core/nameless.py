"""Who is shown without a name: "Participant 3", the third to speak in a discussion (who they stand for: `discussions/masks.py`), and
whoever closed their account."""

from __future__ import annotations

import re

from alliance.core.i18n import gettext as _

NAME = "Participant"
FORMER = "A former participant"
NOBODY = 0  # the number of one who stands for whoever closed an account, in whatever discussion
_NAMELESS = re.compile(rf"{NAME} (\d+)")


def name(number: int) -> str:
    """As it is kept."""
    return f"{NAME} {number}"


def handle(number: int, discussion_id: int) -> str:
    """In the place of a handle: none that is given out holds a full stop."""
    return f"participant.{number}.{discussion_id}"


def former(person_id: int) -> str:
    """In the place of the handle of somebody who closed their account."""
    return f"former.{person_id}"


def of_organization(organization_id: int) -> str:
    """In the place of a handle where an organization stands for somebody who spoke for it and closed their account."""
    return f"organization.{organization_id}"


def is_organization(kept: str | None) -> bool:
    """Whether this stands in the place of the handle of an organization."""
    return kept is not None and kept.startswith("organization.")


def called(kept: str) -> str:
    """A name as it is shown in the present language."""
    if kept == FORMER:
        return _("A former participant")
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
