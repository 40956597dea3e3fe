"""A number that moves when something many pages show has changed: the name of a person, of an organization, of a space.

What is kept rendered is kept with the numbers it was made from (a discussion's version, this stamp) and is thrown away
when one of them moved. Models declare which of their columns are shown far from where they are edited; whoever changes
one through the session moves the stamp in the same transaction, without having to think of it.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import String, event, select, update
from sqlalchemy import inspect as state_of
from sqlalchemy.orm import Mapped, Session, mapped_column

from alliance.core import db

SITE = "site"
_shown: dict[type[Any], tuple[str, ...]] = {}


class Stamp(db.Base):
    """A named number."""

    __tablename__ = "stamps"

    name: Mapped[str] = mapped_column(String(20), unique=True)
    version: Mapped[int] = mapped_column(default=1)


def shown(model: type[Any], *columns: str) -> None:
    """Declare that these columns of a model are shown on many pages."""
    _shown[model] = columns


def site() -> int:
    """The stamp as it is now."""
    return db.session().scalar(select(Stamp.version).where(Stamp.name == SITE)) or 0


def move() -> None:
    """Inside a transaction: many pages changed (for changes made past the session's objects)."""
    db.session().info["moved"] = True


def _watch(session: Session, _context: Any, _instances: Any) -> None:
    for thing in session.dirty:
        if any(state_of(thing).attrs[name].history.has_changes() for name in _shown.get(type(thing), ())):
            session.info["moved"] = True


def _write(session: Session) -> None:
    session.flush()
    if session.info.pop("moved", False):
        session.execute(update(Stamp).where(Stamp.name == SITE).values(version=Stamp.version + 1))


event.listen(Session, "before_flush", _watch)
db.before_commit(_write)
