"""Pages of no room: about, choice of theme and language, health."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, redirect, request
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response as AnyResponse

from alliance.core import channels, clock, db, i18n, schema, settings
from alliance.web import pages
from alliance.web.languages import COOKIE, YEAR
from alliance.web.security import csrf, inside

bp = Blueprint("web", __name__)


@bp.get("/about")
def about() -> str:
    """What this is, who is here, how it works."""
    return pages.render("web/about.html")


@bp.get("/about/design")
def design() -> str:
    """The parts pages are made of, live."""
    return pages.render("web/design.html", now=clock.now())


@bp.get("/settings/display")
def display() -> str:
    """How this browser shows the site."""
    return pages.render("web/display.html", offline_off=request.cookies.get("offline") == "off")


@bp.post("/settings/theme")
def theme() -> AnyResponse:
    """Light, dark, or as the system has it."""
    chosen = request.form.get("theme", "")
    response = redirect(inside(request.form.get("next"), "/"), 303)
    if chosen in {"light", "dark"}:
        response.set_cookie("theme", chosen, max_age=YEAR, samesite="Lax", secure=request.is_secure)
    else:
        response.delete_cookie("theme")
    return response


@bp.post("/settings/language")
def language() -> AnyResponse:
    """Choose the language of the interface."""
    chosen = request.form.get("lang", "")
    response = redirect(inside(request.form.get("next"), "/"), 303)
    if chosen in i18n.LANGUAGES:
        response.set_cookie(COOKIE, chosen, max_age=YEAR, samesite="Lax", secure=request.is_secure)
    return response


# Anybody may send these from anywhere: they change how this browser shows the site and nothing else. Without a token, guests need no session.
csrf.exempt(theme)
csrf.exempt(language)


@bp.get("/healthz")
def healthz() -> Response:
    """The process answers."""
    return jsonify(status="ok")


@bp.get("/readyz")
def readyz() -> tuple[Response, int]:
    """The process can work: the database answers and has the schema of this version; so does Redis, where it is used."""
    problems = []
    try:
        db.session().execute(text("SELECT 1"))
        if (found := schema.revision()) != schema.head():
            problems.append(f"the database is at revision {found}, this version needs {schema.head()}")
    except SQLAlchemyError:
        problems.append("the database does not answer")
    if (url := settings.current().redis_url) and not channels.answers(url):
        problems.append("the Redis server does not answer")
    return jsonify(status="not ready" if problems else "ok", problems=problems), 503 if problems else 200
