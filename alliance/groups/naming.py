"""The codes of groups. One that is private (or only proposed) takes no name that another could ever ask for: not even by its
being taken does anybody learn that it exists.
"""

from __future__ import annotations

import re
import secrets
import unicodedata

from sqlalchemy import select

from alliance.core import db
from alliance.core.text import slugify
from alliance.groups.models import Space

_CODE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
LONGEST = 48
RESERVED = {"new", "proposals", "invitations", "feeds"}


def is_code(slug: str) -> bool:
    """Whether something is written as a code."""
    return len(slug) <= LONGEST and _CODE.fullmatch(slug) is not None and slug not in RESERVED


def free_code(title: str, *, secret: bool) -> str:
    """A code that reminds of a title and is nobody else's; a secret one ends in letters nobody can guess."""
    letters = "".join(c for c in unicodedata.normalize("NFKD", slugify(title)) if c.isascii())
    stem = re.sub(r"[^a-z0-9]+", "-", letters).strip("-")[:LONGEST].strip("-")
    stem = stem if len(stem) > 2 and stem not in RESERVED else f"group-{stem}".rstrip("-")
    if secret:
        return f"{stem}-{secrets.token_hex(5)}"
    code, number = stem, 1
    while is_taken(code):
        number += 1
        code = f"{stem}-{number}"
    return code


def is_taken(code: str) -> bool:
    """Whether a space has this code."""
    return db.session().scalar(select(Space.id).where(Space.code == code)) is not None
