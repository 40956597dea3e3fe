"""Charters: each revision a row of its own, never changed."""

from __future__ import annotations

from sqlalchemy import select

from alliance.core import clock, db, text
from alliance.groups.models import CharterRevision, Group


def write_charter(group: Group, person_id: int | None, body: str, note: str) -> CharterRevision | None:
    """Inside a transaction, the group held: a new revision; None when it says what the last one said."""
    session = db.session()
    if group.charter_number and current(group).body == body:
        return None
    group.charter_number += 1
    made = CharterRevision(
        group_id=group.id, number=group.charter_number, body=body, html=rendered(body), note=text.clean_line(note), author_id=person_id,
        created_at=clock.now(),
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def rendered(body: str) -> str:
    """A charter (or the terms of membership) as it is shown; names in it are no links, files are none of its matter."""
    return text.render(body, {}, {}).html


def current(group: Group) -> CharterRevision:
    """The charter as it is now."""
    return revision(group, group.charter_number)


def revision(group: Group, number: int) -> CharterRevision:
    """A revision of a charter, which exists."""
    query = select(CharterRevision).where(CharterRevision.group_id == group.id, CharterRevision.number == number)
    return db.session().scalars(query).one()
