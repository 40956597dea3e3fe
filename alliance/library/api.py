"""The API of the documents and links of groups."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from alliance.attachments.naming import address
from alliance.groups import queries as groups
from alliance.library import queries
from alliance.library.models import LibraryItem, LibraryVersion
from alliance.web import api, current_actor


class VersionOut(api.Out):
    """A version of a document. `handle`: who added it, null where the group names no authors; without a file when it was taken away."""

    number: int
    note: str
    created_at: datetime
    handle: str | None
    name: str | None
    media_type: str | None
    size: int | None
    sha256: str | None
    address: str | None


class ItemOut(api.Out):
    """A document (`current`: its newest version) or a link (`address`)."""

    id: int
    kind: Literal["document", "link"]
    title: str
    summary: str
    address: str | None
    versions_count: int
    current: VersionOut | None
    retired_at: datetime | None
    created_at: datetime
    changed_at: datetime


class WholeItemOut(ItemOut):
    """A document or link with all versions, the newest first."""

    versions: list[VersionOut]


class ItemsQuery(api.Schema):
    """Those at hand, or those retired."""

    retired: bool = False


@api.get("/groups/<slug>/documents", returns=api.Page[ItemOut], query=ItemsQuery)
def documents(slug: str, query: ItemsQuery) -> api.Page[ItemOut]:
    """The documents and links of a group, in its order; at most three hundred, which come whole."""
    actor = current_actor()
    found = queries.items(actor, groups.get_space(actor, slug), retired=query.retired)
    current = queries.current(found)
    return api.Page[ItemOut](items=[ItemOut.model_validate(_item(one, current.get(one.id))) for one in found])


@api.get("/groups/<slug>/documents/<int:document_id>", returns=WholeItemOut)
def document(slug: str, document_id: int) -> WholeItemOut:
    """A document with all its versions, or a link."""
    actor = current_actor()
    found = queries.get(actor, groups.get_space(actor, slug), document_id)
    item = _item(found, queries.current([found]).get(found.id))
    return WholeItemOut.model_validate(item | {"versions": [_version(one) for one in queries.versions(found)]})


def _item(item: LibraryItem, current: LibraryVersion | None) -> dict[str, object]:
    names = ("id", "kind", "title", "summary", "versions_count", "retired_at", "created_at", "changed_at")
    return {name: getattr(item, name) for name in names} | {
        "address": item.address or None,
        "current": _version(current) if current else None,
    }


def _version(one: LibraryVersion) -> VersionOut:
    file = one.attachment
    return VersionOut(
        number=one.number,
        note=one.note,
        created_at=one.created_at,
        handle=one.person.handle if one.named else None,
        name=file.name if file else None,
        media_type=file.media_type if file else None,
        size=file.size if file else None,
        sha256=file.sha256 if file else None,
        address=address(file.key, file.name) if file else None,
    )
