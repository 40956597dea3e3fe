"""What may come in: addresses with ids the database can hold and without NUL, and in forms and queries only what it can store."""

from __future__ import annotations

from typing import Any

from flask import Flask, Request, abort, request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.routing import IntegerConverter, Map

from alliance.core import text
from alliance.core.ids import MAX_ID


class Id(IntegerConverter):
    """A number of a row; a greater one than any can have leads nowhere (404) instead of to the database."""

    def __init__(self, url_map: Map, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max", MAX_ID)
        super().__init__(url_map, *args, **kwargs)


class Storable(ImmutableMultiDict[str, Any]):
    """Fields of a form or a query; what no database can hold of them is replaced (see `text.storable`), at this one door."""

    def __init__(self, mapping: Any = None) -> None:
        given = list(ImmutableMultiDict(mapping).items(multi=True))
        stored = [(name, text.storable(value) if isinstance(value, str) else value) for name, value in given]
        self.replaced = stored != given
        super().__init__(stored)


class StorableRequest(Request):
    """A request whose fields can be stored."""

    parameter_storage_class = Storable


def refuse_nul() -> None:
    """PostgreSQL takes no NUL in text, and no address of ours has one (before every request)."""
    if "\x00" in request.path:
        abort(404)


def install(app: Flask) -> None:
    """Have `<int:…>` in the rules of an app mean an id."""
    app.url_map.converters["int"] = Id
    app.request_class = StorableRequest
    app.before_request(refuse_nul)
