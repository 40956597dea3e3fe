"""A document as Whoosh keeps it: lists of terms and a record, no text."""

from __future__ import annotations

from typing import Any

from whoosh import fields, formats
from whoosh.columns import FixedBytesColumn

from alliance.search import columns, indexing
from alliance.search.engine import Document


def schema() -> fields.Schema:
    """What is kept of a document. No text is stored: a result is shown from the database."""
    return fields.Schema(
        key=fields.ID(unique=True, stored=True),
        stamp=fields.STORED(),
        title=_bag(),
        body=_bag(),
        about=_bag(),
        tags=_bag(),
        accented=_bag(),
        author=_bag(),
        exact=_Given(formats.Positions()),
        spaces=_bag(),
        handle=_bag(),
        slug=_bag(),
        organization=_bag(),
        topics=_bag(),
        record=fields.COLUMN(FixedBytesColumn(columns.RECORD.itemsize, columns.EMPTY)),
    )


class _Given(fields.FieldType):  # type: ignore[misc]
    """A field given as a list of terms, in order."""

    def __init__(self, kind: formats.Format) -> None:
        super().__init__(kind, analyzer=None, scorable=True)


def _bag() -> fields.FieldType:
    return _Given(formats.Frequency())


def as_fields(document: Document) -> dict[str, Any]:
    """A document as Whoosh takes it."""
    every: dict[str, Any] = {name: list(texts) for name, texts in indexing.texts(document).items() if texts}
    return {"key": document.key, "stamp": document.stamp, "record": columns.record(document), **every}
