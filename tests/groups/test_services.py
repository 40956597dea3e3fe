"""The action lines come with the house, and what somebody edited here is left alone."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from alliance.core import clock
from alliance.core import db as database
from alliance.groups import services
from alliance.groups.models import Space


def line(code: str) -> Space:
    return database.session().scalars(select(Space).where(Space.code == code)).one()


def test_loading_again_changes_nothing(db: Any) -> None:
    assert services.load_reference() == 0


@pytest.mark.parametrize("edited", [True, False])
def test_what_was_edited_is_never_overwritten(db: Any, edited: bool) -> None:
    with database.transaction():
        held = line("c7-egov")
        held.descriptions = held.descriptions | {"en": "Said anew by the secretariat."}
        held.edited_at = clock.now() if edited else None
    assert services.load_reference() == (0 if edited else 1)
    database.release()
    assert (line("c7-egov").descriptions["en"] == "Said anew by the secretariat.") is edited
