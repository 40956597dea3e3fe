"""Pages of the documents and links of a group."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from alliance.core.errors import Invalid
from alliance.core.i18n import gettext as _
from alliance.groups import queries as groups
from alliance.groups.models import Group
from alliance.groups.views import answered, framed
from alliance.library import forms, queries, services
from alliance.library.models import LibraryItem
from alliance.policy import require
from alliance.web import current_actor, limits, uploads
from alliance.web.access import signed_in

bp = Blueprint("library", __name__)
Page = str | tuple[str, int] | Response
uploads.allow("library.new", files=1)
uploads.allow("library.replace", files=1)


def _group(slug: str) -> Group:
    """A group whose documents one may read."""
    actor = current_actor()
    groups.get_space(actor, slug)
    return groups.get_group(actor, slug)


def _kept(slug: str) -> Group:
    """A group whose documents one may change."""
    group = _group(slug)
    require(current_actor(), "library.keep", group.space)
    return group


@bp.get("/groups/<slug>/documents")
def of_group(slug: str) -> str:
    """The documents and links of a group, or those that are retired."""
    actor, group, retired = current_actor(), _group(slug), request.args.get("show") == "retired"
    found = queries.items(actor, group.space, retired=retired)
    return framed(
        "library/index.html",
        group,
        "documents",
        items=found,
        current=queries.current(found),
        retired=retired,
        has_retired=queries.has_retired(actor, group.space),
    )


@bp.route("/groups/<slug>/documents/new", methods=["GET", "POST"])
@signed_in
@limits.limit("60/hour")
def new(slug: str) -> Page:
    """Add a document."""
    actor, group, form = current_actor(), _kept(slug), forms.DocumentForm()

    def add() -> str:
        made = services.add_document(
            actor, group, form.key.data or "", form.title.data or "", form.summary.data or "", form.note.data or ""
        )
        return _page(slug, made)

    return answered(("library/new.html", group, "documents"), form, add if form.take_file() else None)


@bp.route("/groups/<slug>/documents/new-link", methods=["GET", "POST"])
@signed_in
@limits.limit("120/hour")
def new_link(slug: str) -> Page:
    """Add a link."""
    actor, group, form = current_actor(), _kept(slug), forms.LinkForm()

    def add() -> str:
        services.add_link(actor, group, form.title.data or "", form.address.data or "", form.summary.data or "")
        return url_for("library.of_group", slug=slug)

    return answered(("library/link.html", group, "documents"), form, add if form.validate_on_submit() else None)


def _page(slug: str, item: LibraryItem) -> str:
    return url_for("library.show", slug=slug, document_id=item.id)


@bp.get("/groups/<slug>/documents/<int:document_id>")
def show(slug: str, document_id: int) -> str:
    """A document with all its versions, or a link."""
    group = _group(slug)
    item = queries.get(current_actor(), group.space, document_id)
    return framed("library/item.html", group, "documents", item=item, versions=queries.versions(item))


@bp.route("/groups/<slug>/documents/<int:document_id>/version", methods=["GET", "POST"])
@signed_in
@limits.limit("60/hour")
def replace(slug: str, document_id: int) -> Page:
    """Add a newer version of a document."""
    actor, group, form = current_actor(), _kept(slug), forms.VersionForm()
    item = queries.get(actor, group.space, document_id)

    def add() -> str:
        return _page(slug, services.add_version(actor, group, document_id, form.key.data or "", form.note.data or ""))

    return answered(("library/version.html", group, "documents"), form, add if form.take_file() else None, item=item)


@bp.route("/groups/<slug>/documents/<int:document_id>/edit", methods=["GET", "POST"])
@signed_in
@limits.limit("120/hour")
def edit(slug: str, document_id: int) -> Page:
    """Change what a document or link is called, what is said of it, where it leads."""
    actor, group = current_actor(), _kept(slug)
    item = queries.get(actor, group.space, document_id)
    form = forms.LinkForm(obj=item) if item.kind == "link" else forms.ChangeForm(obj=item)

    def save() -> str:
        where = form["address"].data if "address" in form else ""
        services.change(actor, group, document_id, form["title"].data or "", form["summary"].data or "", where or "")
        return _page(slug, item)

    return answered(("library/link.html", group, "documents"), form, save if form.validate_on_submit() else None, item=item)


@bp.post("/groups/<slug>/documents/<int:document_id>")
@signed_in
def act(slug: str, document_id: int) -> Response:
    """Move something up or down, retire it, or bring it back."""
    actor, group, what = current_actor(), _group(slug), request.form.get("act", "")
    if what in {"up", "down"}:
        services.move(actor, group, document_id, up=what == "up")
    elif what in {"retire", "restore"}:
        services.set_retired(actor, group, document_id, retired=what == "retire")
        flash(_("It is retired.") if what == "retire" else _("It is at hand again."), "success")
    else:
        raise Invalid.field("act", _("Choose one of the list."))
    return redirect(url_for("library.of_group", slug=slug) + (f"#item-{document_id}" if what in {"up", "down"} else ""), 303)


@bp.post("/groups/<slug>/documents/<int:document_id>/versions/<int:number>/remove")
@signed_in
def take_away(slug: str, document_id: int, number: int) -> Response:
    """Take the file of a version away."""
    group = _group(slug)
    services.take_away(current_actor(), group, document_id, number)
    flash(_("The file is taken away."), "success")
    return redirect(url_for("library.show", slug=slug, document_id=document_id), 303)
