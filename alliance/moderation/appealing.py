"""The page on which one appeals, and what stands of it on the page of a post of one's own."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request
from markupsafe import Markup
from wtforms import TextAreaField
from wtforms.validators import InputRequired, Length

from alliance.core.errors import Invalid, NotFound
from alliance.core.i18n import gettext as _
from alliance.core.i18n import lazy_gettext as _l
from alliance.moderation import acts, appeals, reasons
from alliance.moderation.views import Page, bp
from alliance.policy import require
from alliance.web import current_actor, limits, pages
from alliance.web.access import signed_in
from alliance.web.forms import Form


class AppealForm(Form):
    """Why it should be looked at again."""

    text = TextAreaField(
        _l("Why should it be looked at again?"), validators=[InputRequired(), Length(max=appeals.MAX_TEXT)],
        description=_l("At most 2,000 characters. Somebody else than who decided reads it, and has to answer with a reason."),
        render_kw={"rows": 8, "dir": "auto"},
    )  # fmt: skip


@bp.route("/p/<int:post_id>/appeal", methods=["GET", "POST"])
@signed_in
@limits.limit("20/hour")
def appeal(post_id: int) -> Page:
    """Ask for a second look at what was decided about a post of one's own."""
    actor = current_actor()
    entry = appeals.against(actor, post_id)
    require(actor, "appeal.make", entry.post)
    form = AppealForm()
    if form.validate_on_submit():
        try:
            appeals.appeal(actor, post_id, form.text.data)
        except Invalid as error:
            form.take(error)
        else:
            flash(_("Your appeal waits for somebody else than who decided."), "success")
            return redirect(f"/p/{post_id}/waiting", 303)
    page = pages.render(
        "moderation/appeal.html", form=form, entry=entry, back=f"/p/{post_id}/waiting", label=acts.label, reasons=reasons.titles()
    )
    return page, 422 if request.method == "POST" else 200


@pages.section("post.waiting", 10)
def standing(post: Any, **_more: Any) -> Markup:
    """On the page of a post of one's own: the way to appeal, or what became of the appeal."""
    made = appeals.of_post(post.id)
    try:
        entry = appeals.against(current_actor(), post.id)
    except NotFound:
        entry = None
    may = entry is not None and (made is None or made.entry_id != entry.id)
    return pages.markup("moderation/_appeal.html", made=made, may=may, post=post) if may or made is not None else Markup()
