"""Statements asked through the driver: the same rows and the same errors as through SQLAlchemy."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from alliance.core import clock, db, plain
from alliance.core.own import OwnVersion
from alliance.web.models import GivenAnswer
from tests.people import People

_TABLE: Any = GivenAnswer.__table__
_NEW = insert(_TABLE).returning(_TABLE.c.id)
_PLAIN = select(_TABLE.c.key, _TABLE.c.status)
_NUMBER = insert(OwnVersion.__table__).returning(OwnVersion.__table__.c.version)  # type: ignore[arg-type]


def _values(person_id: int | None, key: str) -> dict[str, Any]:
    return {"person_id": person_id, "key": key, "fingerprint": "f", "status": 201, "location": None, "body": "é", "created_at": clock.now()}


def test_what_is_written_is_read_as_by_sqlalchemy(people: People) -> None:
    me = people.participant().person_id
    with db.transaction() as session:
        ((number,),) = plain.run(_NEW, _values(me, "one"))
        found = session.get_one(GivenAnswer, number)
        assert (found.key, found.body, found.location) == ("one", "é", None)
        assert abs((clock.now() - found.created_at).total_seconds()) < 3600
        assert plain.run(_PLAIN, {}) == [("one", 201)]
        assert plain.run(_NUMBER, {"id": 10**6}) == [(1,)]  # what the model gives where nothing is said


def test_a_row_that_is_there_is_an_integrity_error_and_nothing_is_kept(people: People) -> None:
    me = people.participant().person_id
    values = _values(me, "two")
    with pytest.raises(IntegrityError), db.transaction():
        assert (plain.run(_NEW, values), plain.run(_NEW, values)) is None
    assert db.session().scalars(select(GivenAnswer)).all() == []


def test_it_belongs_inside_a_transaction(db: Any) -> None:
    with pytest.raises(RuntimeError):
        plain.run(_PLAIN, {})
