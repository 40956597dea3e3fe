"""The log: written in the transaction of the act, never changed, each entry bound to the one before it by a hash.

The hash is SHA-256 over the hash before and the entry as JSON with sorted keys. On PostgreSQL two who write at once wait in line
(SQLite has one writer anyway), so that there is one last entry. `alliance doctor` follows the chain from the first entry on.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select, text

from alliance.core import clock, db
from alliance.core.errors import Invalid
from alliance.core.i18n import gettext as _
from alliance.discussions.models import Discussion, Post
from alliance.groups.models import Space
from alliance.moderation.models import LogEntry
from alliance.policy import Actor
from alliance.policy.space import role

MAX_REASON = 500
BEGINNING = "0" * 64
CHAIN_LOCK = 4171_2007
PART = 1000
UNDID = "undid:"  # the detail of an `undo`: which act it took back
MOST = 100  # acts at one post that are looked through
FIELDS = (
    "act",
    "moderator_id",
    "role",
    "space_id",
    "discussion_id",
    "post_id",
    "person_id",
    "reason_code",
    "reason",
    "detail",
    "created_at",
)


def checked(reason: str, *, needed: bool = True) -> str:
    """A reason as it is kept: on one line, of a bounded length.

    Raises:
        Invalid: it lacks or is too long.
    """
    line = " ".join(reason.split())
    if (needed and not line) or len(line) > MAX_REASON:
        raise Invalid.field("reason", _("Give a reason of 1 to %(most)s characters: it stands in the public log.", most=MAX_REASON))
    return line


def write(
    actor: Actor,
    act: str,
    reason: str,
    *,
    code: str = "",
    post: Post | None = None,
    discussion: Discussion | None = None,
    person_id: int | None = None,
    space_id: int | None = None,
    detail: str = "",
) -> LogEntry:
    """Inside a transaction: note an act (its reason was checked)."""
    session = db.session()
    about = discussion or (post.discussion if post is not None else None)
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": CHAIN_LOCK})
    entry = LogEntry(
        act=act,
        moderator_id=actor.person_id,
        role=_role(actor, about.space if about is not None else session.get(Space, space_id) if space_id is not None else None),
        space_id=about.space_id if about is not None else space_id,
        discussion_id=about.id if about is not None else None,
        post_id=post.id if post is not None else None,
        person_id=person_id,
        reason_code=code,
        reason=reason,
        detail=detail,
        created_at=clock.now(),
        previous=session.scalar(select(LogEntry.hash).order_by(LogEntry.id.desc()).limit(1)) or BEGINNING,
    )
    entry.hash = digest(entry.previous, {name: getattr(entry, name) for name in FIELDS})
    session.add(entry)
    session.flush()
    return entry


def _role(actor: Actor, space: Space | None) -> str:
    """In which role somebody acts: the one on the platform, else the one in the group."""
    if actor.is_system:
        return "system"
    if actor.is_moderator or space is None:
        return actor.role
    mine = role(actor, space)
    return {"chair": "chair", "moderator": "group_moderator", "rapporteur": "rapporteur"}.get(mine or "", actor.role)


def digest(previous: str, fields: dict[str, Any]) -> str:
    """The hash of an entry behind another."""
    moment: datetime = fields["created_at"]
    plain = {**fields, "created_at": moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")}
    if not plain.get("detail"):
        plain.pop("detail", None)  # entries without one are bound as they were before there were any
    written = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(f"{previous}\n{written}".encode()).hexdigest()


def verify() -> tuple[int, int | None]:
    """Follow the chain from its beginning: how many entries there are, and the first that does not fit (None: all do)."""
    previous, number = BEGINNING, 0
    for row in _rows():
        number += 1
        if row.previous != previous or row.hash != digest(previous, {name: getattr(row, name) for name in FIELDS}):
            return db.session().scalar(select(func.count(LogEntry.id))) or 0, row.id
        previous = row.hash
    return number, None


def _rows() -> Iterator[Any]:
    columns = [getattr(LogEntry, name) for name in ("id", *FIELDS, "previous", "hash")]
    last = 0
    while rows := db.session().execute(select(*columns).where(LogEntry.id > last).order_by(LogEntry.id).limit(PART)).all():
        yield from rows
        last = rows[-1].id


def standing_act(post_id: int, acts: Sequence[str]) -> LogEntry | None:
    """The newest of these acts at a post that was not taken back since (whatever else was taken back)."""
    query = select(LogEntry).where(LogEntry.post_id == post_id, LogEntry.act.in_((*acts, "undo"))).order_by(LogEntry.id.desc()).limit(MOST)
    undone: Counter[str] = Counter()
    for entry in db.session().scalars(query):
        if entry.act == "undo":
            undone[entry.detail.removeprefix(UNDID)] += 1
        elif not undone[entry.act]:
            return entry
        else:
            undone[entry.act] -= 1
    return None
