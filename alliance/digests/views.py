"""Pages of the digests."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from flask import Blueprint, Response, flash, redirect, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from alliance.core import shipped
from alliance.core.errors import Invalid, NotFound
from alliance.core.i18n import current_locale
from alliance.core.i18n import gettext as _
from alliance.core.vocabulary import STAKEHOLDER_TYPES
from alliance.digests import departing, queries, render, sealing, services, signing, states, word, wording
from alliance.digests.document import build, unused_of
from alliance.digests.forms import CompileForm
from alliance.digests.models import Digest, DigestComment
from alliance.groups.queries import get_space, spaces
from alliance.policy import Actor, can, require
from alliance.web import current_actor, limits, once, pages

bp = Blueprint("digests", __name__)
MAKING = ("draft", "review", "returned")
MOST_AT_ONCE = 1000  # posts of a period that are compiled while one waits


@bp.get("/digests")
def index() -> str:
    """Every digest."""
    found, following = queries.digests(current_actor(), after=request.args.get("after"))
    return pages.render("digests/index.html", digests=found, next=following, spaces=queries.spaces_by_id())


@pages.provide("latest_digest")
def latest_digest() -> Markup:
    """What came of the discussions last (a section of the front page): signed, not what is still in work."""
    found = queries.signed(current_actor(), limit=1)
    digest = found[0] if found else None
    counts = digest.figures["posts_by_type"] if digest else {}
    return pages.markup("digests/_latest.html", digest=digest, heard=[(kind, counts.get(kind, 0)) for kind in STAKEHOLDER_TYPES])


@bp.route("/digests/new", methods=["GET", "POST"])
@limits.limit("20/hour")
def new() -> tuple[str, int] | AnyResponse:
    """Compile one."""
    actor = current_actor()
    offered = [space for space in spaces(actor) if can(actor, "digest.compile", space)]
    if not offered:
        require(actor, "digest.compile")
    form = CompileForm()
    form.offer(offered, whole=can(actor, "digest.compile"))
    if form.validate_on_submit():
        try:
            return _compiled(actor, once.redirect_once(actor, form.nonce.data, lambda: _compile(actor, form)))
        except Invalid as error:
            form.take(error)
    return pages.render("digests/new.html", form=form), 422 if request.method == "POST" else 200


def _compile(actor: Actor, form: CompileForm) -> str:
    space = get_space(actor, form.space.data) if form.space.data else None
    digest = services.begin(actor, form.first_day, form.last_day, space)
    return url_for("digests.show", digest_id=digest.id)


def _compiled(actor: Actor, there: AnyResponse) -> AnyResponse:
    """Compile it at once, if that does not keep anybody waiting: its digest was begun in a transaction of its own."""
    digest = queries.get_digest(actor, int(there.location.rsplit("/", 1)[1]))
    if digest.status == "compiling":
        if queries.posts_in(digest.period_start, digest.period_end, digest.space_id) > MOST_AT_ONCE:
            services.finish_soon.enqueue(digest.id)
        else:
            services.finish(actor, digest)
    return there


@bp.get("/digests/<int:digest_id>")
def show(digest_id: int) -> str:
    """A digest."""
    return page_of(queries.get_digest(current_actor(), digest_id))


def page_of(digest: Digest, errors: Sequence[str] = (), note: str = "") -> str:
    """The page of a digest: the document, where it stands, and what one may do to it."""
    actor = current_actor()
    comments: dict[int | None, list[DigestComment]] = {}
    if digest.status in MAKING and can(actor, "digest.comment", digest):
        for one in queries.comments(digest):
            comments.setdefault(one.point_id, []).append(one)
    return pages.render(
        "digests/digest.html", digest=digest, document=build(digest), lead=render.lead, acts=states.possible(actor, digest), state=states.label,
        making=digest.status in MAKING, comments=comments, editions=queries.editions(digest), checksum=sealing.checksum(digest), errors=errors, note=note,
        distribution=wording.distribution(digest), departed=departing.departed(digest),
    )  # fmt: skip


@bp.post("/digests/<int:digest_id>")
@limits.limit("60/hour")
def act(digest_id: int) -> tuple[str, int] | AnyResponse:
    """Submit, return, sign, transmit, withdraw or correct it."""
    actor = current_actor()
    digest = queries.get_digest(actor, digest_id)
    do, note = ACTS.get(request.form.get("act", "")), request.form.get("note", "")
    if do is None:
        raise NotFound
    try:
        done = do(actor, digest, note)
    except Invalid as error:
        return page_of(queries.get_digest(actor, digest_id), [m for messages in error.errors.values() for m in messages], note), 422
    flash(_("The digest is now %(state)s.", state=states.label(done.status)), "success")
    return redirect(url_for("digests.show", digest_id=done.id), 303)


ACTS: dict[str, Callable[[Actor, Digest, str], Digest]] = {
    "submit": states.submit,
    "return": states.send_back,
    "sign": states.sign,
    "transmit": states.transmit,
    "withdraw": states.withdraw,
    "correct": lambda actor, digest, _note: states.correct(actor, digest),
}


@bp.get("/digests/<int:digest_id>/unused")
def unused(digest_id: int) -> str:
    """What was gathered and not used."""
    digest = queries.get_digest(current_actor(), digest_id)
    return pages.render("digests/unused.html", digest=digest, document=build(digest), paragraphs=unused_of(digest), lead=render.lead)


@bp.get("/digests/<int:digest_id>.pdf")
@limits.limit("60/minute")
def as_pdf(digest_id: int) -> Response:
    """The digest as PDF."""
    digest = queries.get_digest(current_actor(), digest_id)
    return _file(sealing.stamp(digest, render.pdf(digest), current_locale()), "application/pdf", digest.symbol, "pdf")


@bp.get("/digests/<int:digest_id>.docx")
@limits.limit("60/minute")
def as_docx(digest_id: int) -> Response:
    """The digest as DOCX."""
    digest = queries.get_digest(current_actor(), digest_id)
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    return _file(word.docx_of(digest), kind, digest.symbol, "docx")


@bp.get("/.well-known/alliance-digest-key.pem")
def public_key() -> Response:
    """The public key digests are signed with."""
    return Response(signing.public_pem(), content_type="application/x-pem-file")


@bp.get("/digests/schema.json")
def schema() -> Response:
    """The JSON Schema of a signed digest."""
    return Response(shipped.data("reference", "digest.schema.json").read_bytes(), content_type="application/schema+json")


@bp.get("/digests/<int:digest_id>.json")
def as_json(digest_id: int) -> Response:
    """The digest as JSON."""
    digest = queries.get_digest(current_actor(), digest_id)
    body = json.dumps(sealing.published(digest), ensure_ascii=False, indent=1)
    return _file(body.encode(), "application/json", digest.symbol, "json")


@bp.get("/digests/<int:digest_id>.txt")
def as_text(digest_id: int) -> Response:
    """The digest as plain text."""
    digest = queries.get_digest(current_actor(), digest_id)
    return _file(render.text(digest).encode(), "text/plain; charset=utf-8", digest.symbol, "txt")


def _file(body: bytes, kind: str, symbol: str, ending: str) -> Response:
    name = f"{symbol.replace('/', '-')}-{current_locale()}.{ending}"
    return Response(body, content_type=kind, headers={"Content-Disposition": f'inline; filename="{name}"'})
