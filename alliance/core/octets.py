"""How many bytes a text takes, asked of the database (its characters are one to four each)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Integer
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class Octets(FunctionElement[int]):
    """`Octets(column)`: the bytes of its text in UTF-8."""

    type = Integer()
    name = "octets"
    inherit_cache = True


@compiles(Octets)
def _octets(element: Octets, compiler: Any, **more: Any) -> str:
    return f"octet_length({compiler.process(element.clauses, **more)})"


@compiles(Octets, "sqlite")
def _octets_of_sqlite(element: Octets, compiler: Any, **more: Any) -> str:
    return f"length(CAST({compiler.process(element.clauses, **more)} AS BLOB))"
