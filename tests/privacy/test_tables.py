"""A new table cannot be forgotten."""

from __future__ import annotations

from alliance.core.db import Base
from alliance.privacy.tables import TABLES, UNREFERENCED


def of_people() -> dict[str, set[str]]:
    """Every column that names a person, by table."""
    found: dict[str, set[str]] = {}
    for name, table in Base.metadata.tables.items():
        named = {column.name for column in table.c if any(key.column.table.name == "people" for key in column.foreign_keys)}
        named |= {column.name for column in table.c if column.name == "person_id" or (name, column.name) in UNREFERENCED}
        if name == "people":
            named.add("id")
        if named:
            found[name] = named
    return found


def test_every_table_that_names_a_person_is_exported_or_says_why_not() -> None:
    """A new table: say in alliance/privacy/tables.py whose a row is and what of it they are given."""
    declared = {name: {*one.own, *one.others} for name, one in TABLES.items()}
    assert declared == of_people()
    assert {name for name, one in TABLES.items() if bool(one.file) == bool(one.why_not)} == set()


def test_what_is_left_out_is_there_to_be_left_out() -> None:
    for name, one in TABLES.items():
        assert {*one.without} <= set(Base.metadata.tables[name].c.keys()), name
        assert "id" not in one.without
    files = [one.file for one in TABLES.values() if one.file]
    assert len(files) == len(set(files))


def test_no_secret_is_given_away() -> None:
    for name, one in TABLES.items():
        given = set(Base.metadata.tables[name].c.keys()) - {*one.without} if one.file else set()
        assert not {column for column in given if column.endswith("hash") or column in {"secret", "epoch", "raw"}}, name
