"""Pages of the secretariat: the words that are watched; trying a rule against the archive, then putting it in force."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from alliance.core import i18n
from alliance.core.errors import Conflict, Invalid
from alliance.core.i18n import gettext as _
from alliance.core.i18n import ngettext
from alliance.moderation import forms, trial, watched
from alliance.moderation.trial import Trial
from alliance.moderation.views import Page, bp
from alliance.moderation.watched import Rule
from alliance.policy import require
from alliance.web import current_actor, limits, pages
from alliance.web.access import signed_in


@bp.get("/admin/moderation/words")
@signed_in
def watched_words() -> str:
    """The words that are watched, and those that were."""
    return pages.render("moderation/watched.html", rules=watched.every(current_actor()), most=watched.MAX_IN_FORCE)


@bp.route("/admin/moderation/words/new", methods=["GET", "POST"], defaults={"rule_id": None})
@bp.route("/admin/moderation/words/<int:rule_id>", methods=["GET", "POST"])
@signed_in
@limits.limit("60/hour", methods=("POST",))
def watched_rule(rule_id: int | None) -> Page:
    """Write a rule, see what it would have held, make it live."""
    actor = current_actor()
    require(actor, "moderation.configure")
    row = watched.get(actor, rule_id) if rule_id is not None else None
    said = watched.said(row) if row is not None else Rule(())
    form = forms.WordsForm(data={"words": "\n".join(said.words), "language": said.language or "", "everybody": "1" if said.everybody else "", "waits": "1" if said.waits else ""})  # fmt: skip
    tried: Trial | None = None
    token = ""
    if form.validate_on_submit():
        try:
            rule = watched.checked(
                form.words.data, form.language.data or "", everybody=form.everybody.data == "1", waits=form.waits.data == "1"
            )
            done = _made_live(rule, rule_id)
            if done is not None:
                return done
            tried, token = trial.of(actor, rule), trial.token(actor, rule)
        except Invalid as error:
            form.take(error)
    page = pages.render(
        "moderation/watched_rule.html", form=form, row=row, tried=tried, token=token, sentence=_sentence, how_far=_how_far, others=_others
    )
    return page, 422 if request.method == "POST" and tried is None else 200


def _made_live(rule: Rule, rule_id: int | None) -> Response | None:
    """Put in force what was tried, exactly as it was; anything else is tried first."""
    if request.form.get("step") != "live":
        return None
    if not trial.is_tried(current_actor(), rule, request.form.get("tried", "")):
        flash(_("The rule is not (or no longer) the one that was tried: look again at what it would have held."), "info")
        return None
    watched.keep(current_actor(), rule, rule_id)
    flash(_("Saved. It holds from now on."), "success")
    return redirect(url_for("moderation.watched_words"), 303)


@bp.post("/admin/moderation/words/<int:rule_id>/retire")
@signed_in
def retire_rule(rule_id: int) -> Response:
    """Have a rule hold nothing any more."""
    try:
        watched.retire(current_actor(), rule_id)
    except Conflict as late:
        flash(str(late), "info")
    else:
        flash(_("Retired: it holds nothing any more. You can put it in force again."), "success")
    return redirect(url_for("moderation.watched_words"), 303)


def _sentence(tried: Trial, *, waits: bool) -> str:
    """What the rule would have done."""
    said = (
        _("Would have held %(held)s of %(looked)s posts.") if waits else _("Would have shown %(held)s of %(looked)s posts to a moderator.")
    )
    return said % {"held": i18n.format_number(tried.held), "looked": i18n.format_number(tried.looked)}


def _how_far(tried: Trial) -> str:
    """How far the trial looked."""
    if tried.is_all:
        return _("These are all posts you can read.")
    return _("Only the newest %(looked)s posts were looked at; there are older ones.", looked=i18n.format_number(tried.looked))


def _others(tried: Trial) -> str:
    """What it would have let pass."""
    if not tried.others:
        return ""
    return ngettext(
        "%(num)s more post holds such a word; its author was not new.", "%(num)s more posts hold such words; their authors were not new.", tried.others
    )  # fmt: skip


@pages.section("moderation.words", 1)
def count(**_more: object) -> Markup:
    """How many words are watched, beside the other settings."""
    number = len(watched.in_force())
    said = ngettext("%(num)s word is watched.", "%(num)s words are watched.", number) if number else _("No word is watched.")
    return Markup("<p>{}</p>").format(said)
