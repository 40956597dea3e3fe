"""Documents and links of working groups as something to be found, by their titles and by what stands in the newest version."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from alliance.core import db
from alliance.core.text import detect_language
from alliance.library import queries as library
from alliance.library.models import LibraryItem
from alliance.policy import Actor, visible
from alliance.search.engine import ATTACHMENT, Document
from alliance.search.models import AttachmentText


def statement() -> Select[*tuple[Any, ...]]:
    """Those at hand."""
    return select(LibraryItem).where(LibraryItem.retired_at.is_(None)).options(joinedload(LibraryItem.space))


def documents(rows: Sequence[Any]) -> list[Document]:
    """Each with the text of its newest version, as far as that was read."""
    items = [row[0] for row in rows]
    texts = _texts(items)
    return [_document(one, texts.get(one.id, "")) for one in items]


def _document(item: LibraryItem, text: str) -> Document:
    said = "\n".join(part for part in (item.summary, item.host, text) if part)
    return Document(
        key=f"d{item.id}",
        title=item.title,
        body=said,
        language=detect_language(f"{item.title}\n{item.summary}\n{text[:2000]}"),
        spaces=(item.space.code,),
        created_at=item.changed_at,
        kind="document",
        space_id=item.space_id,
        flags=ATTACHMENT if item.kind == "document" else 0,
    )


def _texts(items: Sequence[LibraryItem]) -> dict[int, str]:
    files = {one.attachment_id: item_id for item_id, one in library.current(items).items()}
    query = select(AttachmentText.attachment_id, AttachmentText.text).where(AttachmentText.attachment_id.in_(files))
    return {files[row[0]]: row[1] for row in db.session().execute(query)} if files else {}


def shown(item: LibraryItem) -> tuple[str, None, str]:
    """What a result shows of it: the title, and the text."""
    return item.title, None, "\n".join(part for part in (item.summary, item.host, _texts([item]).get(item.id, "")) if part)


def rows(actor: Actor) -> Select[Any]:
    """Those an actor may read, with what a result shows of them."""
    return select(LibraryItem).where(visible(actor, LibraryItem), LibraryItem.retired_at.is_(None)).options(joinedload(LibraryItem.space))
