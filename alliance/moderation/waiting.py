"""Pages of the author: what became of a post, and writing it anew."""

from __future__ import annotations

from flask import flash, redirect, request
from werkzeug.wrappers import Response

from alliance.core.errors import Invalid
from alliance.core.i18n import gettext as _
from alliance.moderation import acts, desk, forms, own, reasons
from alliance.moderation.views import Page, bp
from alliance.policy import can
from alliance.web import current_actor, limits, pages
from alliance.web.access import signed_in


@bp.route("/p/<int:post_id>/waiting", methods=["GET", "POST"])
@signed_in
@limits.limit("60/hour")
def waiting(post_id: int) -> Page:
    """Where a post of one's own stands: its text, the rule, the reason, the place in the queue; edit it and send it again."""
    actor = current_actor()
    standing = own.standing(actor, post_id)
    form = forms.RewriteForm(data={"body": standing.proposed or standing.post.body})
    if form.validate_on_submit():
        try:
            own.rewrite(actor, post_id, form.body.data)
        except Invalid as error:
            form.take(error)
        else:
            flash(_("The new text waits for a moderator."), "success")
            return redirect(request.path, 303)
    page = pages.render(
        "moderation/waiting.html",
        form=form,
        standing=standing,
        post=standing.post,
        title=own.titles(actor, [standing.post])(standing.post.discussion),
        label=acts.label,
        reasons=reasons.titles(),
        rule_words=desk.words,
        may_rewrite=standing.post.status != "visible" and can(actor, "post.rewrite", standing.post),
    )
    return page, 422 if request.method == "POST" else 200


@bp.get("/moderation/mine")
@signed_in
def mine() -> str | Response:
    """One's posts that wait or were hidden."""
    posts = own.mine(current_actor())
    return pages.render("moderation/mine.html", posts=posts, title=own.titles(current_actor(), posts))
