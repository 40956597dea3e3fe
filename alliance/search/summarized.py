"""Moderators' summaries as something to be found: a kind of its own, with what can still be read of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import aliased, joinedload

from alliance.curating import summaries
from alliance.curating.models import NEWEST, Summary
from alliance.discussions import topics
from alliance.discussions.models import Discussion
from alliance.groups.models import Space
from alliance.policy import Actor
from alliance.policy.discussion import known
from alliance.search.engine import Document

_Parent = aliased(Space)


def statement() -> Select[*tuple[Any, ...]]:
    """The newest revision of every summary, by the number of its discussion."""
    query = select(Summary.discussion_id, Summary, Discussion, Space.code, _Parent.code.label("above"))
    query = query.join(Discussion, Discussion.id == Summary.discussion_id).join(Space, Space.id == Discussion.space_id)
    return query.outerjoin(_Parent, _Parent.id == Space.parent_id).where(NEWEST, Discussion.status == "visible")


def documents(rows: Sequence[Any]) -> list[Document]:
    """Those of which something can be read. Topics are told of what is open: of a closed discussion nothing is but title and summary."""
    found = []
    tagged = topics.keys_of({discussion.id for _id, _row, discussion, *_more in rows if discussion.confided_at is None})
    for _id, row, discussion, code, above in rows:
        read = summaries.shown(discussion, row) if row.sentences else None
        if read is not None and read.sentences:
            found.append(
                _document(row, discussion, read, (code, above) if above else (code,), tuple(sorted(tagged.get(discussion.id, []))))
            )
    return found


def _document(row: Summary, discussion: Discussion, read: summaries.Shown, spaces: tuple[str, ...], keys: tuple[str, ...]) -> Document:
    return Document(
        key=f"m{discussion.id}",
        title=discussion.title,
        body=" ".join(one.text for one in read.sentences),
        language=row.language or discussion.language,
        spaces=spaces,
        created_at=row.created_at,
        kind="summary",
        space_id=discussion.space_id,
        discussion_id=discussion.id,
        topics=keys,
    )


def rows(actor: Actor) -> Select[Any]:
    """The summaries of discussions an actor may know of, with what a result shows of them."""
    open_ = Summary.discussion.has(known(actor, Discussion))
    whole = joinedload(Summary.discussion)
    return select(Summary).where(NEWEST, open_).options(whole.joinedload(Discussion.space), joinedload(Summary.author))
