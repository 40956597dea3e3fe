"""The API of the digests."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import ConfigDict, Field

from alliance.core import settings
from alliance.core.errors import Invalid, NotFound
from alliance.core.i18n import gettext as _
from alliance.digests import queries, render, services, states
from alliance.digests.models import Digest
from alliance.groups.models import Space
from alliance.groups.queries import get_space
from alliance.policy import Actor
from alliance.web import api, current_actor


class NewDigest(api.Schema):
    """Which days (both included, UTC) and which space; without a space: all."""

    start: date = Field(alias="from")
    end: date = Field(alias="to")
    space: str | None = Field(default=None, max_length=60)


class DigestSummary(api.Out):
    """A digest in a list."""

    model_config = ConfigDict(from_attributes=True, serialize_by_alias=True)

    id: int
    url: str
    symbol: str
    status: str
    space: str | None
    start: date = Field(serialization_alias="from")
    end: date = Field(serialization_alias="to")
    compiled_at: datetime


class DigestOut(api.Out):
    """A digest: key points with citations, figures, and how it was made."""

    model_config = ConfigDict(serialize_by_alias=True)

    id: int
    url: str
    symbol: str
    title: str
    status: str
    space: str | None
    start: date = Field(alias="from")
    end: date = Field(alias="to")
    compiled_at: datetime
    version: int
    edition: int
    corrects: str | None
    signed_at: datetime | None
    transmitted_at: datetime | None
    summary: list[str]
    points: list[dict[str, Any]]
    figures: dict[str, Any]
    settings: dict[str, Any]
    method: list[str]
    chapters: list[dict[str, Any]]
    scale: list[dict[str, Any]]


@api.get("/digests", query=api.ListQuery, returns=api.Page[DigestSummary])
def list_digests(query: api.ListQuery) -> api.Page[DigestSummary]:
    """Digests, the latest first."""
    found, following = queries.digests(current_actor(), query.limit, query.after)
    return api.Page[DigestSummary](items=[_summary(digest) for digest in found], next=following)


@api.post("/digests", body=NewDigest, returns=DigestOut)
def compile_digest(body: NewDigest) -> DigestOut:
    """Compile one."""
    actor = current_actor()
    digest = services.compile_digest(actor, body.start, body.end, _space(actor, body.space))
    return DigestOut.model_validate(render.as_dict(queries.get_digest(actor, digest.id)))


@api.get("/digests/<int:digest_id>", returns=DigestOut)
def get_digest(digest_id: int) -> DigestOut:
    """A digest."""
    return DigestOut.model_validate(render.as_dict(queries.get_digest(current_actor(), digest_id)))


class Note(api.Schema):
    """What is said along with it; needed when a digest is returned."""

    note: str = Field(default="", max_length=4000)


def _done(digest: Digest) -> DigestOut:
    return DigestOut.model_validate(render.as_dict(queries.get_digest(current_actor(), digest.id)))


@api.post("/digests/<int:digest_id>/submit", body=Note, returns=DigestOut, status=200)
def submit_digest(digest_id: int, body: Note) -> DigestOut:
    """Hand a draft over for review and signature."""
    actor = current_actor()
    return _done(states.submit(actor, queries.get_digest(actor, digest_id), body.note))


@api.post("/digests/<int:digest_id>/return", body=Note, returns=DigestOut, status=200)
def return_digest(digest_id: int, body: Note) -> DigestOut:
    """Return it to its rapporteur; `note` says why."""
    actor = current_actor()
    return _done(states.send_back(actor, queries.get_digest(actor, digest_id), body.note))


@api.post("/digests/<int:digest_id>/sign", body=Note, returns=DigestOut, status=200)
def sign_digest(digest_id: int, body: Note) -> DigestOut:
    """Sign it, as a second person."""
    actor = current_actor()
    return _done(states.sign(actor, queries.get_digest(actor, digest_id), body.note))


@api.post("/digests/<int:digest_id>/transmit", body=Note, returns=DigestOut, status=200, act="digest.transmit")
def transmit_digest(digest_id: int, body: Note) -> DigestOut:
    """Send a signed digest on its way."""
    actor = current_actor()
    return _done(states.transmit(actor, queries.get_digest(actor, digest_id), body.note))


def _space(actor: Actor, code: str | None) -> Space | None:
    try:
        return get_space(actor, code) if code else None
    except NotFound as error:
        raise Invalid.field("space", _("There is no such space.")) from error


def _summary(digest: Digest) -> DigestSummary:
    return DigestSummary(
        id=digest.id,
        url=f"{settings.current().base_url}/digests/{digest.id}",
        symbol=digest.symbol,
        status=digest.status,
        space=digest.space.code if digest.space else None,
        start=digest.period_start,
        end=digest.period_end,
        compiled_at=digest.compiled_at,
    )
