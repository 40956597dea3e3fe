"""Who may send more than a page of text: views that take files, to people who may act."""

from __future__ import annotations

from typing import Any

from flask import Flask, request

from alliance.core import settings
from alliance.web import actors

_files: dict[str, int] = {}


def allow(endpoint: str, files: int) -> None:
    """Let the view of an endpoint take that many files of the size the settings allow, besides its form."""
    _files[endpoint] = files


def _raise_limit(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Before anything of the body is read (the token of a form is in it)."""
    files = _files.get(endpoint or "")
    if files is None or request.method != "POST":
        return
    actors.load_actor()
    if actors.current_actor().may_act:
        request.max_content_length = (request.max_content_length or 0) + files * settings.current().upload_megabytes * 2**20


def install(app: Flask) -> None:
    """Have an app do so."""
    app.url_value_preprocessor(_raise_limit)
