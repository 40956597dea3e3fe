"""A document as Whoosh keeps it: lists of terms and a record, no text."""

from __future__ import annotations

from typing import Any

from whoosh import fields
from whoosh.columns import FixedBytesColumn

from alliance.search import columns, indexing
from alliance.search.engine import Document
from alliance.search.whoosh_codec import Bag, Places, Words


def schema() -> fields.Schema:
    """What is kept of a document. No text is stored: a result is shown from the database."""
    return fields.Schema(
        key=fields.ID(unique=True, stored=True),
        stamp=fields.STORED(),
        title=Words(Bag()),
        body=Words(Bag()),
        about=Words(Bag()),
        tags=Words(Bag()),
        accented=Words(Bag()),
        author=Words(Bag()),
        exact=Words(Places()),
        spaces=Words(Bag()),
        handle=Words(Bag()),
        slug=Words(Bag()),
        organization=Words(Bag()),
        topics=Words(Bag()),
        record=fields.COLUMN(FixedBytesColumn(columns.RECORD.itemsize, columns.EMPTY)),
    )


def as_fields(document: Document) -> dict[str, Any]:
    """A document as Whoosh takes it."""
    every: dict[str, Any] = {name: list(texts) for name, texts in indexing.texts(document).items() if texts}
    return {"key": document.key, "stamp": document.stamp, "record": columns.record(document), **every}
