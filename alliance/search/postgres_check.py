"""Whether an index in PostgreSQL is all there and can be read: files and pages are damaged there too, and rows removed."""

from __future__ import annotations

from typing import Any

import numpy as np
from psycopg import errors

from alliance.search import postgres_store, segments
from alliance.search.postgres_scan import Core

# What reading fails with that is not all there, or damaged; among it is what PostgreSQL says of its own files.
DAMAGES = (
    errors.UndefinedTable,
    errors.UndefinedColumn,
    errors.InvalidSchemaName,
    errors.DataCorrupted,
    errors.IndexCorrupted,
    errors.InternalError_,
    errors.UndefinedFile,
    errors.IoError,
    LookupError,
    TypeError,
    ValueError,
)
ROWS = 2000  # read at once


def is_complete(cursor: Any) -> bool:
    """Whether every segment has its postings, and every document a segment."""
    lost = cursor.execute(
        "SELECT EXISTS (SELECT FROM documents d LEFT JOIN segments s ON s.id = d.segment WHERE s.id IS NULL)"
        " OR EXISTS (SELECT FROM segments s WHERE NOT EXISTS (SELECT FROM postings p WHERE p.segment = s.id))"
        " OR (SELECT count(*) FROM state) <> 1"
        " OR (SELECT count(*) FROM documents) <> (SELECT coalesce(sum(size - gone_count), 0) FROM segments)"
    ).fetchone()
    return not lost[0]


def is_readable(cursor: Any) -> bool:
    """Read everything once; whether it can be what was written.

    Raises:
        Exception: one of `DAMAGES`, where it cannot be read at all.
    """
    sizes: dict[int, int] = {}
    for number, size, gone, *parts in cursor.execute("SELECT id, size, gone, records, lengths, keys FROM segments").fetchall():
        core = Core(number, *parts)
        if not size == core.size == len(core.keys) == len(postgres_store.unpacked(gone, size)):
            return False
        sizes[number] = size
    with cursor.connection.cursor("examined", binary=True) as reader:
        reader.execute("SELECT segment, entries, places FROM postings")
        while rows := reader.fetchmany(ROWS):
            if not all(_fit(sizes[segment], entries, places) for segment, entries, places in rows):
                return False
    return True


def _fit(size: int, entries: bytes, places: bytes | None) -> bool:
    """Whether the postings of a word can be those of a segment of that many documents."""
    found, at = segments.postings(entries), np.frombuffer(places or b"", dtype=segments.PLACE)
    fields = found["field"] < len(segments.CODE)
    return bool(len(found) and fields.all() and (found["number"] < size).all() and (at >> 16 < size).all())
