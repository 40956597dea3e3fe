"""Figures of the search index."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from alliance.core import db, outbox
from alliance.core.figures import ask_database, seconds_since
from alliance.core.meters import Sample, describe, source
from alliance.search import services
from alliance.search.engine import IndexUnavailable

USABLE = describe("alliance_index_usable", "Whether the search index can be read and belongs to this database (1) or not (0).")
LAG = describe("alliance_index_lag_seconds", "How old the oldest event is that the search index has not taken in; 0 when there is none.")


@source(shared=True)
def index() -> Iterator[Sample]:
    """Whether it can be used, and how far it is behind what there is to be found."""
    ask_database()
    try:
        reached = services.position() if outbox.head() else 0
    except IndexUnavailable:
        yield Sample(USABLE, 0)
        return
    kinds = [kind for one in outbox.listeners() if one.name == services.LISTENER for kind in one.kinds]
    behind = select(outbox.EventRow.created_at).where(outbox.EventRow.id > reached, outbox.EventRow.kind.in_(kinds))
    yield Sample(USABLE, 1)
    yield Sample(LAG, seconds_since(db.session().scalar(behind.order_by(outbox.EventRow.id).limit(1))))
