"""Handles: given out, one to a person, none that could be read for another's.

A handle holds a–z, 0–9 and hyphens only (docs/decisions/0010), so what is left to confuse is what Unicode's skeletons
(UTS 39) fold within those: m and rn, l and 1, o and 0. The skeleton is unique in the database, so that of two who
register at once under one name the second gets the next handle, on whichever process.
"""

from __future__ import annotations

import re
import secrets
import unicodedata

from sqlalchemy.exc import IntegrityError

from alliance.accounts import queries
from alliance.accounts.models import Person, skeleton
from alliance.core import db
from alliance.core.errors import Invalid
from alliance.core.i18n import gettext as _

ATTEMPTS = 20
_HANDLE = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")


def free(name: str) -> str:
    """A handle nobody has, nor one that reads like it: made of the letters of a name, with a number where needed."""
    folded = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", folded).strip("-")[:32].strip("-") or "participant"
    handle, number = stem, 1
    while queries.handle_taken(skeleton(handle)):
        # Beyond a few namesakes a random end saves asking a thousand times.
        number += 1
        handle = f"{stem}-{number if number < 20 else secrets.token_hex(3)}"
    return handle


def checked(handle: str) -> str:
    """A handle that was asked for.

    Raises:
        Invalid: at `handle`: it has other characters, or reads like one that is somebody's.
    """
    if not _HANDLE.fullmatch(handle):
        raise Invalid.field("handle", _("A handle has 1 to 40 characters: a to z, 0 to 9, and hyphens between them."))
    if queries.handle_taken(skeleton(handle)):
        raise Invalid.field("handle", _("Somebody has this handle, or one that could be read for it."))
    return handle


def settle(person: Person, handle: str | None = None) -> bool:
    """Inside a transaction: write a new person, with the handle asked for or a free one made of the name.

    Returns:
        False when somebody else with this address was written meanwhile; then nothing is.

    Raises:
        Invalid: at `handle`.
    """
    session = db.session()
    for _attempt in range(ATTEMPTS):
        person.handle = checked(handle) if handle else free(person.name)
        try:
            with session.begin_nested():
                session.add(person)
                session.flush()
        except IntegrityError:
            # What another transaction has just taken can be seen now, and is asked for again.
            if queries.address_taken(person.email, person.archive_email):
                return False
        else:
            return True
    raise Invalid.field("name", _("Too many people register under this name at the moment. Try again."))
