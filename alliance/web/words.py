"""What scripts say, in the languages of the pages: one small file for each language, so that no page carries it."""

from __future__ import annotations

import functools
import hashlib
import json
from typing import Any

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as AnyResponse

from alliance.core import i18n
from alliance.core.errors import NotFound

bp = Blueprint("words", __name__)
SECONDS = 3600
_words: dict[str, Any] = {}


def say(**messages: Any) -> None:
    """Declare what scripts say (lazily translated); `%%s` is the place of what they put in."""
    _words.update(messages)


@bp.get("/words/<language>.js")
def script(language: str) -> AnyResponse:
    """The module that `static/js/components/words.js` imports."""
    if language not in i18n.LANGUAGES:
        raise NotFound
    body = _script(language)
    response = Response(body, content_type="text/javascript; charset=utf-8")
    response.headers["Cache-Control"] = f"public, max-age={SECONDS}"
    response.set_etag(hashlib.sha256(body.encode()).hexdigest()[:20])
    return response.make_conditional(request)


@functools.cache
def _script(language: str) -> str:
    with i18n.use_locale(language):
        said = {name: str(message).replace("%%", "%") for name, message in sorted(_words.items())}
    return f"export default {json.dumps(said, ensure_ascii=False)};\n"
