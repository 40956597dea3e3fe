"""Pages of the review queue: the list, an item in its context, claiming, deciding, taking back, many at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from alliance.core import clock, ids, reviews, vocabulary
from alliance.core.errors import Conflict, Invalid
from alliance.core.i18n import gettext as _
from alliance.core.i18n import ngettext
from alliance.discussions.models import Post
from alliance.moderation import acts, counting, desk, forms, items, queries, reasons, record
from alliance.moderation.models import ReviewItem
from alliance.moderation.views import Page, bp
from alliance.policy import require
from alliance.web import current_actor, pages
from alliance.web.access import signed_in


@bp.get("/moderation")
@signed_in
def queue() -> str:
    """The review queue, or what was decided."""
    return _list(forms.ActForm(formdata=None))


def _list(form: forms.ActForm, chosen: list[int] | None = None) -> str:
    actor = current_actor()
    require(actor, "moderation.review", queries.is_responsible(actor))
    wanted = _wanted()
    found, following = queries.queue(actor, request.args.get("after"), wanted=wanted)
    return pages.render(
        "moderation/queue.html",
        items=found,
        next=following,
        wanted=wanted,
        numbers=queries.numbers(actor),
        most=queries.MOST,
        spaces=counting.spaces(actor),
        languages=[code for code, _name in vocabulary.language_choices()],
        form=form,
        chosen=chosen or [],
        **_words(),
    )


def _words() -> dict[str, Any]:
    """What pages of the queue need to word an item."""
    return {"flag_reasons": reasons.FLAGS, "reasons": reasons.titles(), "rule_words": desk.words, "can_undo": items.can_undo, "now": clock.now(),
            "act_label": acts.label, "kinds": reviews.kinds()}  # fmt: skip


def _wanted() -> queries.Wanted:
    """The filters of an address; what is none is passed over."""
    given = request.args
    return queries.Wanted(
        kind=given.get("kind") if given.get("kind") in reviews.kinds() else None,
        space_id=ids.given(given.get("space")),
        language=given.get("language") if given.get("language") in vocabulary.LANGUAGES else None,
        status="decided" if given.get("status") == "decided" else "open",
    )


@bp.get("/moderation/items/<int:item_id>")
@signed_in
def item(item_id: int) -> str:
    """An item: the post in its context, beside the person's record."""
    return _item(item_id, forms.ActForm(formdata=None), forms.NoteForm(formdata=None))


def _item(item_id: int, form: forms.ActForm, note: forms.NoteForm) -> str:
    actor = current_actor()
    require(actor, "moderation.review", queries.is_responsible(actor))
    found = queries.get_item(actor, item_id)
    [shown] = queries.presented(actor, [found])
    person = found.person
    return pages.render(
        "moderation/item.html",
        one=shown,
        item=found,
        kind=reviews.kind(found.kind),
        record=record.of(actor, person) if person is not None else None,
        parent=_answered(found),
        own=found.person_id == actor.person_id,
        earlier=[one for one in queries.items_about(found.post_id) if one.id != found.id] if found.post_id else [],
        notes=_notes(found),
        form=form,
        note=note,
        **_words(),
    )


def _answered(found: ReviewItem) -> Post | None:
    """The post that the one in question answers, as far as one reads it (an appeal shows its post alone to the secretariat)."""
    parent = found.post.parent if found.post is not None else None
    return parent if parent is not None and queries.is_readable(current_actor(), parent.id) else None


def _notes(found: ReviewItem) -> list[tuple[str, str, datetime]]:
    """Notes with the names of those who left them, and when."""
    writers = queries.names([one["by"] for one in found.notes])
    return [(one["text"], writers.get(one["by"], ""), datetime.fromisoformat(one["at"])) for one in found.notes]


@bp.post("/moderation/items/<int:item_id>")
@signed_in
def decide(item_id: int) -> Page:
    """Decide about an item, and go on with the next one (or back to where one was)."""
    form = forms.ActForm()
    if form.validate_on_submit():
        try:
            done = items.decide(current_actor(), item_id, request.form.get("decision", ""), form.code.data or "", form.reason.data or "")
        except Invalid as error:
            form.take(error)
        except Conflict as late:
            return _late(item_id, late)
        else:
            flash(_done(done), "success")
            return redirect(_onward(item_id), 303)
    return _item(item_id, form, forms.NoteForm(formdata=None)), 422


def _done(item: ReviewItem) -> str:
    if items.can_undo(item):
        return _("Decided, and noted in the log. For 24 hours you can take it back under “Decided”.")
    return _("Decided, and noted in the log.")


def _late(item_id: int, late: Conflict) -> Response:
    """Somebody was faster: one sees what they decided; that is no error."""
    flash(str(late), "info")
    return redirect(url_for("moderation.item", item_id=item_id), 303)


def _onward(item_id: int) -> str:
    """The next open item when one asked for it, else the list."""
    if request.form.get("then") == "next":
        following = queries.next_item(current_actor(), queries.Wanted(), item_id)
        if following is not None:
            return url_for("moderation.item", item_id=following)
    return url_for("moderation.queue")


def _step(name: str, act: Callable[[int], Any], said: Any) -> None:
    """A button on an item that asks for nothing more."""

    @bp.post(f"/moderation/items/<int:item_id>/{name}", endpoint=f"item_{name}")
    @signed_in
    def view(item_id: int) -> Response:
        try:
            act(item_id)
        except Conflict as late:
            return _late(item_id, late)
        flash(said(), "success")
        return redirect(url_for("moderation.item", item_id=item_id), 303)


_step("claim", lambda item_id: items.claim(current_actor(), item_id), lambda: _("It is yours for half an hour."))
_step("take", lambda item_id: items.claim(current_actor(), item_id, take_over=True), lambda: _("It is yours for half an hour."))
_step("release", lambda item_id: items.release(current_actor(), item_id), lambda: _("Others can decide it now."))
_step("undo", lambda item_id: items.undo(current_actor(), item_id), lambda: _("The decision is taken back; it waits again."))


@bp.post("/moderation/items/<int:item_id>/note")
@signed_in
def add_note(item_id: int) -> Page:
    """Leave a note for other moderators."""
    form = forms.NoteForm()
    if form.validate_on_submit():
        try:
            items.note(current_actor(), item_id, form.note.data)
        except Invalid as error:
            form.take(error)
        else:
            return redirect(url_for("moderation.item", item_id=item_id), 303)
    return _item(item_id, forms.ActForm(formdata=None), form), 422


@bp.post("/moderation/bulk")
@signed_in
def decide_all() -> Page:
    """Decide many the same way."""
    form = forms.ActForm()
    chosen = [number for value in request.form.getlist("item") if (number := ids.given(value)) is not None]
    if form.validate_on_submit():
        decision = request.form.get("decision", "")
        try:
            done, left = items.decide_all(current_actor(), chosen, decision, form.code.data or "", form.reason.data or "")
        except Invalid as error:
            form.take(error)
        else:
            flash(ngettext("%(num)s entry decided.", "%(num)s entries decided.", done), "success")
            if left:
                flash(ngettext("%(num)s entry was left.", "%(num)s entries were left.", left), "info")
            return redirect(f"/moderation?{request.query_string.decode()}".rstrip("?"), 303)
    return _list(form, chosen), 422
