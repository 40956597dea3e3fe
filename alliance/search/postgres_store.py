"""The tables of an index in PostgreSQL: each generation in a schema of its own, and one row that names the one in use.

They are no part of the database's own schema: a copy that may be thrown away, made and dropped by the engine alone.
Sums and orders are left to `scan`; here rows come and go.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from typing import Any

import numpy as np
import psycopg
from psycopg import sql

from alliance.search import segments
from alliance.search.segments import Builder

FORMAT = 4  # raise it whenever tables, schema or analysis change: the index is then built again

_TABLES = """
CREATE TABLE state (position bigint NOT NULL);
INSERT INTO state VALUES (0);
CREATE TABLE segments (
    id serial PRIMARY KEY, size integer NOT NULL, gone_count integer NOT NULL DEFAULT 0, version integer NOT NULL DEFAULT 0,
    records bytea NOT NULL, lengths bytea NOT NULL, keys bytea NOT NULL, gone bytea NOT NULL
);
CREATE TABLE postings (
    segment integer NOT NULL, term text COLLATE "C" NOT NULL, entries bytea NOT NULL, places bytea, PRIMARY KEY (segment, term)
);
CREATE TABLE documents (
    key text COLLATE "C" PRIMARY KEY, segment integer NOT NULL, number integer NOT NULL, stamp text NOT NULL
);
ALTER TABLE segments ALTER records SET STORAGE EXTERNAL, ALTER lengths SET STORAGE EXTERNAL, ALTER gone SET STORAGE EXTERNAL;
ALTER TABLE postings ALTER entries SET STORAGE EXTERNAL, ALTER places SET STORAGE EXTERNAL;
"""


def pattern(name: str) -> re.Pattern[str]:
    """What the schemas of generations are called, and what is kept in the pointer."""
    return re.compile(rf"{name}_v{FORMAT}_[0-9a-f]+")


def prepare(cursor: Any, name: str) -> None:
    """Have a place that names the generation in use."""
    cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {name}")
    cursor.execute(f"CREATE TABLE IF NOT EXISTS {name}.current (generation text NOT NULL)")


def use(cursor: Any, schema: str) -> None:
    """Have the tables of a generation meant until the end of the transaction."""
    cursor.execute("SELECT set_config('search_path', %s, true)", (schema,))


def current(cursor: Any, name: str) -> str | None:
    """The generation in use, if there is one; its tables are meant until the end of the transaction."""
    used = "SELECT generation, CASE WHEN generation ~ '^[a-z0-9_]+$' THEN set_config('search_path', generation, true) END FROM {}"
    asked = sql.SQL(used).format(sql.Identifier(name, "current"))  # whatever else stands there is damage
    try:
        row = cursor.execute(asked).fetchone()
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
        return None
    return str(row[0]) if row else None


def put_in_place(cursor: Any, name: str, schema: str) -> None:
    """Have this generation used from now on."""
    pointer = sql.Identifier(name, "current")
    cursor.execute(sql.SQL("DELETE FROM {}").format(pointer))
    cursor.execute(sql.SQL("INSERT INTO {} VALUES (%s)").format(pointer), (schema,))


def drop(cursor: Any, schema: str) -> None:
    """Remove a schema and all that is in it."""
    cursor.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(schema)))


def create(cursor: Any, name: str) -> str:
    """The schema of a new, empty generation."""
    made = f"{name}_v{FORMAT}_{secrets.token_hex(6)}"
    cursor.execute(f"CREATE SCHEMA {made}")
    use(cursor, made)
    for statement in _TABLES.strip().split(";\n"):
        cursor.execute(statement.rstrip(";"))
    return made


def generations(cursor: Any, name: str) -> list[str]:
    """The schemas of all generations, of other formats too."""
    rows = cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE %s", (f"{name}\\_v%",))
    return [found for (found,) in rows]


def add_segment(cursor: Any, builder: Builder) -> int:
    """Write a segment; the documents' places are not told yet."""
    size = len(builder)
    row = cursor.execute(
        "INSERT INTO segments (size, records, lengths, keys, gone) VALUES (%s, %s, %s, %s, %s) RETURNING id",
        (size, builder.records(), builder.lengths(), "\n".join(builder.keys).encode(), bytes((size + 7) // 8)),
    ).fetchone()
    with cursor.copy("COPY postings (segment, term, entries, places) FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types(["int4", "text", "bytea", "bytea"])
        for term, entries, places in builder.rows():
            copy.write_row((row[0], term, entries, places))
    return int(row[0])


def settle(cursor: Any, segment: int, builder: Builder) -> None:
    """Tell where the documents of a segment are; where they were before, they are gone."""
    take_out(cursor, builder.keys)
    with cursor.copy("COPY documents (key, segment, number, stamp) FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types(["text", "int4", "int4", "text"])
        for number, (key, stamp) in enumerate(zip(builder.keys, builder.stamps, strict=True)):
            copy.write_row((key, segment, number, stamp))


def take_out(cursor: Any, keys: Iterable[str]) -> None:
    """Take documents out of the segments they are in."""
    rows = cursor.execute("DELETE FROM documents WHERE key = ANY(%s) RETURNING segment, number", (list(keys),)).fetchall()
    by_segment: dict[int, list[int]] = {}
    for segment, number in rows:
        by_segment.setdefault(segment, []).append(number)
    for segment, numbers in by_segment.items():
        mark_gone(cursor, segment, numbers)


def mark_gone(cursor: Any, segment: int, numbers: list[int]) -> None:
    """Note that documents of a segment are there no more; a segment that holds nothing else goes."""
    size, blob = cursor.execute("SELECT size, gone FROM segments WHERE id = %s", (segment,)).fetchone()
    gone = unpacked(blob, size)
    gone[numbers] = True
    count = int(gone.sum())
    if count == size:
        drop_segments(cursor, [segment])
    else:
        cursor.execute(
            "UPDATE segments SET gone = %s, gone_count = %s, version = version + 1 WHERE id = %s",
            (np.packbits(gone).tobytes(), count, segment),
        )


def unpacked(blob: bytes, size: int) -> np.ndarray:
    """Bits as booleans."""
    return np.unpackbits(np.frombuffer(blob, dtype=np.uint8), count=size).astype(bool)


def drop_segments(cursor: Any, ids: list[int]) -> None:
    """Remove segments with their postings."""
    cursor.execute("DELETE FROM postings WHERE segment = ANY(%s)", (ids,))
    cursor.execute("DELETE FROM segments WHERE id = ANY(%s)", (ids,))


def crowded(rows: list[tuple[int, int, int]]) -> list[int]:
    """Segments (id, size, gone) to be made one: ten of about a size, or those more than half of which is gone."""
    for bound in (64, 512, 4096, segments.MOST // 2):
        alike = [number for number, size, gone in rows if size - gone < bound]
        if len(alike) >= 10:
            return alike[: max(10, segments.MOST // bound)]
    return [number for number, size, gone in rows if gone * 2 > size][:1]
