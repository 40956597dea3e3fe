"""Every error as an answer: a page for browsers, problem details (RFC 9457) for programs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import structlog
from flask import Flask, Response, make_response, redirect, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.http import HTTP_STATUS_CODES

from alliance.core import db
from alliance.core.errors import AllianceError, Conflict, Invalid, Moved, NotFound, Refused, TooLarge, TooMany
from alliance.core.i18n import gettext as _
from alliance.web import actors, languages

log = structlog.get_logger(__name__)
Rescuer = Callable[[], Response | None]
_rescuers: list[Rescuer] = []
STATUS: dict[type[AllianceError], int] = {NotFound: 404, Refused: 403, TooLarge: 413, Invalid: 422, Conflict: 409, TooMany: 429}


def sentence(status: int) -> str:
    """What to say when nothing more precise is known."""
    known = {
        400: _("The request could not be understood. Go back and try again."),
        401: _("Sign in first, or send a valid token."),
        403: _("You may not do this."),
        404: _("There is no such page, or it is not open to you."),
        405: _("This address does not take this kind of request."),
        413: _("What was sent is too large."),
        422: _("Some of what was sent cannot be taken. See the messages at the fields."),
        429: _("Too many requests in a short time. Please wait a little."),
        500: _("Something went wrong on our side. Nothing you had saved is lost; please try again."),
        503: _("The service is not available at the moment. Please try again soon."),
    }
    return known.get(status, HTTP_STATUS_CODES.get(status, ""))


def title(status: int) -> str:
    """A heading for an error page."""
    known = {
        400: _("Not understood"), 401: _("Sign in"), 403: _("Not allowed"), 404: _("Not found"), 409: _("Changed meanwhile"), 413: _("Too large"),
        422: _("Please correct"), 429: _("Too many requests"), 500: _("An error on our side"), 503: _("Not available"),
    }  # fmt: skip
    return known.get(status, HTTP_STATUS_CODES.get(status, ""))


def problem(status: int, detail: str, errors: dict[str, list[str]] | None = None) -> Response:
    """A problem-details answer."""
    body: dict[str, Any] = {"type": "about:blank", "title": HTTP_STATUS_CODES.get(status, "Error"), "status": status, "detail": detail}
    if errors:
        body["errors"] = errors
    return Response(json.dumps(body, ensure_ascii=False), status, content_type="application/problem+json")


def wants_json() -> bool:
    """Whether the request came in by the API's door."""
    return request.path.startswith("/api/")


def answer(status: int, detail: str, errors: dict[str, list[str]] | None = None) -> Response:
    """An error as page or problem, by the door it came in."""
    if wants_json():
        return problem(status, detail, errors)
    messages = [m for lines in (errors or {}).values() for m in lines]
    return make_response(render_template("errors/error.html", status=status, title=title(status), detail=detail, messages=messages), status)


def said(error: AllianceError) -> str:
    """What an error itself has to say, "" where its status says it all."""
    if isinstance(error, TooMany):
        return error.sentence
    return str(error) if isinstance(error, Refused | Conflict) else ""


def _ours(error: AllianceError) -> Response:
    if isinstance(error, Moved):
        # 308 keeps the method: a reply written before it moved arrives where the discussion is now.
        path = re.sub(rf"(/d/|/discussions?/){error.old}(?=[/.]|$)", rf"\g<1>{error.new}", request.path)
        if path != request.path:
            return make_response(redirect(path, 308))
    status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 500)
    if isinstance(error, Refused) and not actors.current_actor().is_authenticated and wants_json():
        status = 401
    detail = said(error) or sentence(status)
    response = answer(status, detail, error.errors if isinstance(error, Invalid) else None)
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.retry_after)
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _http(error: HTTPException) -> Response:
    if error.code is None or error.code < 400:
        return make_response(error.get_response())
    response = answer(error.code, sentence(error.code))
    if error.code == 405:
        response.headers["Allow"] = error.get_response().headers.get("Allow", "")
    return response


def rescue(function: Rescuer) -> Rescuer:
    """Decorator: asked when a form's token is refused (its session has ended); an answer that saves what was written, or None."""
    if function not in _rescuers:
        _rescuers.append(function)
    return function


def _csrf(_error: CSRFError) -> Response:
    # The token is checked before anything else is known of the request.
    actors.load_actor()
    languages.choose()
    for rescuer in _rescuers:
        if (saved := rescuer()) is not None:
            return saved
    detail = _(
        "This form is too old or was opened before you signed in. Your text is still in it: go back, reload the page, and send it again."
    )
    return answer(400, detail)


def _unexpected(error: Exception) -> Response:
    log.error("request.failed", error=repr(error), exc_info=error)
    db.release()
    return answer(500, sentence(500))


def install(app: Flask) -> None:
    """Have the app answer errors this way."""
    app.register_error_handler(AllianceError, _ours)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)
