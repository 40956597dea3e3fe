"""Pages of the digests."""

from __future__ import annotations

import json

from flask import Blueprint, Response, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from alliance.core.errors import Invalid
from alliance.core.i18n import current_locale
from alliance.core.vocabulary import STAKEHOLDER_TYPES
from alliance.digests import queries, render, services
from alliance.digests.document import build
from alliance.digests.forms import CompileForm
from alliance.groups.queries import get_space, spaces
from alliance.policy import Actor, require
from alliance.web import current_actor, limits, once, pages

bp = Blueprint("digests", __name__)


@bp.get("/digests")
def index() -> str:
    """Every digest."""
    found, following = queries.digests(current_actor(), after=request.args.get("after"))
    return pages.render("digests/index.html", digests=found, next=following, spaces=queries.spaces_by_id())


@pages.provide("latest_digest")
def latest_digest() -> Markup:
    """What came of the discussions last (a section of the front page)."""
    found, _following = queries.digests(current_actor(), limit=1)
    digest = found[0] if found else None
    counts = digest.figures["posts_by_type"] if digest else {}
    return pages.markup("digests/_latest.html", digest=digest, heard=[(kind, counts.get(kind, 0)) for kind in STAKEHOLDER_TYPES])


@bp.route("/digests/new", methods=["GET", "POST"])
@limits.limit("20/hour")
def new() -> tuple[str, int] | AnyResponse:
    """Compile one."""
    actor = current_actor()
    require(actor, "digest.compile")
    form = CompileForm()
    form.offer(spaces(actor))
    if form.validate_on_submit():
        try:
            return once.redirect_once(actor, form.nonce.data, lambda: _compile(actor, form))
        except Invalid as error:
            form.take(error)
    return pages.render("digests/new.html", form=form), 422 if request.method == "POST" else 200


def _compile(actor: Actor, form: CompileForm) -> str:
    space = get_space(actor, form.space.data) if form.space.data else None
    digest = services.compile_digest(actor, form.first_day, form.last_day, space)
    return url_for("digests.show", digest_id=digest.id)


@bp.get("/digests/<int:digest_id>")
def show(digest_id: int) -> str:
    """A digest."""
    digest = queries.get_digest(current_actor(), digest_id)
    return pages.render("digests/digest.html", digest=digest, document=build(digest), lead=render.lead)


@bp.get("/digests/<int:digest_id>.pdf")
@limits.limit("60/minute")
def as_pdf(digest_id: int) -> Response:
    """The digest as PDF."""
    digest = queries.get_digest(current_actor(), digest_id)
    return _file(render.pdf(digest), "application/pdf", digest.symbol, "pdf")


@bp.get("/digests/<int:digest_id>.json")
def as_json(digest_id: int) -> Response:
    """The digest as JSON."""
    digest = queries.get_digest(current_actor(), digest_id)
    body = json.dumps(render.as_dict(digest), ensure_ascii=False, indent=1)
    return _file(body.encode(), "application/json", digest.symbol, "json")


@bp.get("/digests/<int:digest_id>.txt")
def as_text(digest_id: int) -> Response:
    """The digest as plain text."""
    digest = queries.get_digest(current_actor(), digest_id)
    return _file(render.text(digest).encode(), "text/plain; charset=utf-8", digest.symbol, "txt")


def _file(body: bytes, kind: str, symbol: str, ending: str) -> Response:
    name = f"{symbol.replace('/', '-')}-{current_locale()}.{ending}"
    return Response(body, content_type=kind, headers={"Content-Disposition": f'inline; filename="{name}"'})
