"""The rapporteur's desk: the paragraphs of a draft with their sources beside them, and what one does to them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from alliance.core import ids
from alliance.core.errors import Invalid, NotFound
from alliance.core.i18n import gettext as _
from alliance.core.vocabulary import language_choices
from alliance.digests import chapters, checking, document, editing, queries, states, wording
from alliance.digests.models import SECTIONS, Digest, KeyPoint
from alliance.digests.sourcing import MOST_SENTENCES, Worded
from alliance.digests.views import bp
from alliance.groups.queries import spaces
from alliance.policy import Actor, require
from alliance.web import current_actor, limits, pages

_POST = re.compile(r"(?:/p/|\b)(\d{1,10})\b")
Page = str | tuple[str, int] | Response


def _draft(digest_id: int) -> tuple[Actor, Digest]:
    actor = current_actor()
    digest = queries.get_digest(actor, digest_id)
    require(actor, "digest.edit", digest)
    return actor, digest


@bp.get("/digests/<int:digest_id>/edit")
def desk(digest_id: int) -> str:
    """A draft, to be edited."""
    _actor, digest = _draft(digest_id)
    return _desk(digest)


def _desk(digest: Digest, errors: Sequence[str] = ()) -> str:
    seen = checking.readable(digest)
    warned: dict[int | None, list[checking.Warned]] = {}
    for one in checking.warnings(digest, seen):
        warned.setdefault(one.point_id, []).append(one)
    return pages.render(
        "digests/desk.html", digest=digest, paragraphs=document.by_point(digest), warned=warned, sections=chapters.section_titles(),
        order=SECTIONS, errors=errors, state=states.label, reason=wording.reason, shown=wording.shown,
    )  # fmt: skip


@bp.post("/digests/<int:digest_id>/edit")
@limits.limit("600/hour")
def edit(digest_id: int) -> Page:
    """Move, drop, take in, merge, or put into another section."""
    actor, digest = _draft(digest_id)
    point_id = ids.given(request.form.get("point"))
    if point_id is None:
        raise NotFound
    try:
        _change(actor, digest, point_id)
    except (editing.Overtaken, Invalid) as error:
        told = [str(error)] if isinstance(error, editing.Overtaken) else [m for some in error.errors.values() for m in some]
        return _desk(queries.get_digest(actor, digest_id), told), 409 if isinstance(error, editing.Overtaken) else 422
    return redirect(url_for("digests.desk", digest_id=digest_id, _anchor=f"k{point_id}"), 303)


def _change(actor: Actor, digest: Digest, point_id: int) -> None:
    act, seen = request.form.get("act"), ids.given(request.form.get("seen")) or 0
    if act in {"up", "down"}:
        editing.move(actor, digest, point_id, -1 if act == "up" else 1)
    elif act == "drop":
        editing.drop(actor, digest, point_id, seen)
    elif act == "take":
        editing.take_in(actor, digest, point_id)
    elif act == "section":
        editing.place(actor, digest, point_id, request.form.get("section", ""))
    elif act == "merge":
        other, _colon, version = request.form.get("other", "").partition(":")
        editing.merge(actor, digest, point_id, seen, ids.given(other) or 0, ids.given(version) or 0)
    else:
        raise NotFound


@bp.route("/digests/<int:digest_id>/paragraphs/<int:point_id>", methods=["GET", "POST"])
def words(digest_id: int, point_id: int) -> Page:
    """Reword a paragraph: its sentences, their order, and what they cite."""
    actor, digest = _draft(digest_id)
    point = editing.find(digest, point_id)
    if request.method == "GET":
        return _words(digest, point)
    given, seen = _sentences(request.form), ids.given(request.form.get("seen")) or 0
    try:
        editing.reword(actor, digest, point_id, seen, given)
    except editing.Overtaken as error:
        digest = queries.get_digest(actor, digest_id)
        return _words(digest, editing.find(digest, point_id), given, [str(error)], overtaken=True), 409
    except Invalid as error:
        digest = queries.get_digest(actor, digest_id)
        return _words(digest, editing.find(digest, point_id), given, [m for some in error.errors.values() for m in some], seen=seen), 422
    flash(_("The paragraph is saved."), "success")
    return redirect(url_for("digests.desk", digest_id=digest_id, _anchor=f"k{point_id}"), 303)


def _words(
    digest: Digest, point: KeyPoint, given: Sequence[Worded] = (), errors: Sequence[str] = (), *, seen: int = 0, overtaken: bool = False
) -> str:
    held = [Worded(str(one["text"]), one["language"], place) for place, one in enumerate(point.sentences, start=1)]
    return pages.render(
        "digests/words.html", digest=digest, point=point, sentences=given or held, errors=errors, overtaken=overtaken,
        seen=seen or point.version, languages=language_choices(), readable=checking.readable(digest), citation=wording.citation,
    )  # fmt: skip


@bp.route("/digests/<int:digest_id>/paragraphs/new", methods=["GET", "POST"])
def new_paragraph(digest_id: int) -> Page:
    """A paragraph of the rapporteur's own."""
    actor, digest = _draft(digest_id)
    errors: list[str] = []
    given = _sentences(request.form)
    if request.method == "POST":
        try:
            editing.add(actor, digest, request.form.get("section", ""), _space(actor, digest), given)
            return redirect(url_for("digests.desk", digest_id=digest_id), 303)
        except Invalid as error:
            errors = [m for some in error.errors.values() for m in some]
    page = pages.render(
        "digests/paragraph_new.html", digest=digest, sentences=given, errors=errors, languages=language_choices(),
        sections=chapters.section_titles(), order=SECTIONS, spaces=spaces(actor), space_title=wording.space_title,
    )  # fmt: skip
    return page, 422 if errors else 200


def _space(actor: Actor, digest: Digest) -> int | None:
    if digest.space_id is not None:
        return digest.space_id
    wanted = request.form.get("space", "")
    return next((space.id for space in spaces(actor) if space.code == wanted), None)


def _sentences(form: Mapping[str, Any]) -> list[Worded]:
    """The sentences of a form, in the order their places tell."""
    found: list[tuple[float, int, Worded]] = []
    without = frozenset(number for value in request.form.getlist("without") if (number := ids.given(value)))
    for index in range(1, MOST_SENTENCES + 2):
        text = str(form.get(f"text-{index}", ""))
        if f"text-{index}" not in form or (not text.strip() and not form.get(f"was-{index}")):
            continue
        cites = tuple(number for one in _POST.findall(str(form.get(f"cites-{index}", ""))) if (number := ids.given(one)))
        was = ids.given(form.get(f"was-{index}")) or 0
        place = str(form.get(f"place-{index}", ""))
        found.append(
            (
                float(place) if re.fullmatch(r"\d{1,4}", place) else index,
                index,
                Worded(text, form.get(f"language-{index}") or None, was, without, cites),
            )
        )
    return [one[2] for one in sorted(found, key=lambda one: one[:2])]
