"""The API of the charters of working groups."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from alliance.groups import charters, founding, queries
from alliance.web import api, current_actor


class CharterOut(api.Out):
    """A revision of a charter."""

    number: int
    body: str
    html: str
    note: str
    created_at: datetime


class NewCharter(api.Schema):
    """A new revision of a charter, written by who has read revision `number`."""

    body: str
    number: int = Field(ge=0, lt=2**31)
    note: str = ""


@api.get("/groups/<slug>/charter", returns=CharterOut)
def charter(slug: str) -> CharterOut:
    """The charter as it is now."""
    return CharterOut.model_validate(charters.current(queries.get_group(current_actor(), slug)))


@api.put("/groups/<slug>/charter", body=NewCharter, returns=CharterOut, status=200)
def revise_charter(slug: str, body: NewCharter) -> CharterOut:
    """Write a new revision of the charter."""
    found = queries.get_group(current_actor(), slug)
    founding.revise(current_actor(), found, body.body, body.note, body.number)
    return CharterOut.model_validate(charters.current(queries.get_group(current_actor(), slug)))
