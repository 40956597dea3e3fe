"""What an address may hold: ids the database can hold, and no NUL; anything else is an address of nothing."""

from __future__ import annotations

from typing import Any

from flask import Flask, abort, request
from werkzeug.routing import IntegerConverter, Map

MAX_ID = 2**31 - 1


class Id(IntegerConverter):
    """A number of a row; a greater one than any can have leads nowhere (404) instead of to the database."""

    def __init__(self, url_map: Map, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max", MAX_ID)
        super().__init__(url_map, *args, **kwargs)


def refuse_nul() -> None:
    """PostgreSQL takes no NUL in text, and no address of ours has one (before every request)."""
    if "\x00" in request.path:
        abort(404)


def install(app: Flask) -> None:
    """Have `<int:…>` in the rules of an app mean an id."""
    app.url_map.converters["int"] = Id
    app.before_request(refuse_nul)
