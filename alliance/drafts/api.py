"""The API of drafts."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from alliance.drafts import places, queries, services
from alliance.drafts.models import Draft
from alliance.web import api


class DraftFields(api.Schema):
    """The fields of a form of writing."""

    title: str = ""
    body: str = ""
    language: str = Field(default="", max_length=8)
    capacity: str = Field(default="", max_length=20)
    parent_id: str = Field(default="", max_length=12)
    quotes: str = Field(default="", max_length=2000)
    revision: str = Field(default="", max_length=12)


class DraftIn(api.Schema):
    """A text to be kept, and the revision of the draft it was made from (0: there was none)."""

    fields: DraftFields
    revision: int = Field(default=0, ge=0, lt=2**31, strict=True)


class DraftOut(api.Out):
    """A draft."""

    place: str
    fields: dict[str, str]
    revision: int
    created_at: datetime
    updated_at: datetime


def _out(draft: Draft) -> DraftOut:
    return DraftOut.model_validate(draft)


@api.get("/drafts", query=api.ListQuery, returns=api.Page[DraftOut])
def drafts(query: api.ListQuery) -> api.Page[DraftOut]:
    """One's drafts, the latest first."""
    rows, following = queries.mine(api.known(), query.after, query.limit)
    return api.Page[DraftOut](items=[_out(row) for row in rows], next=following)


@api.get("/drafts/<place>", returns=DraftOut)
def get_draft(place: str) -> DraftOut:
    """What one is writing at a place: "d:45" a reply in discussion 45, "s:c1" a new discussion in c1, "p:123" post 123."""
    return _out(queries.get(api.known(), place))


@api.put("/drafts/<place>", body=DraftIn, returns=DraftOut, status=200)
def put_draft(place: str, body: DraftIn) -> DraftOut:
    """Keep a text; 409 when a newer draft was saved elsewhere (read it, then save with its revision)."""
    return _out(services.save(api.known(), place, body.fields.model_dump(), revision=body.revision))


@api.delete("/drafts/<place>")
def delete_draft(place: str) -> None:
    """Discard a draft."""
    services.discard(api.known(), places.check(place))
