"""Pages about people: the record for moderators and what can be decided, and what the person reads of it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from flask import flash, redirect, request
from markupsafe import Markup
from wtforms import RadioField, TextAreaField
from wtforms.validators import Length, Optional

from alliance.accounts import queries as accounts
from alliance.accounts.models import Person
from alliance.core import clock
from alliance.core.errors import Conflict, Invalid, NotFound
from alliance.core.i18n import gettext as _
from alliance.core.i18n import lazy_gettext as _l
from alliance.moderation import acts, appeals, measures, people, reasons, record
from alliance.moderation.appealing import AppealForm
from alliance.moderation.forms import ActForm
from alliance.moderation.views import Page, bp
from alliance.policy import can, require, why_not
from alliance.web import current_actor, limits, outlines, pages
from alliance.web.access import signed_in
from alliance.web.forms import MomentField

_APPEAL = re.compile(r"(/moderation/measures/\d+)")
DAYS = {"1": _l("one day"), "3": _l("three days"), "7": _l("a week"), "30": _l("thirty days"), "90": _l("ninety days")}


class JudgeForm(ActForm):
    """Why, in words for the person too, and until when."""

    words = TextAreaField(
        _l("In your words, to the person"), validators=[Optional(), Length(max=people.MAX_WORDS)],
        description=_l("Read by the person and by moderators, and by nobody else."), render_kw={"rows": 4, "dir": "auto"},
    )  # fmt: skip
    days = RadioField(_l("For"), choices=[*DAYS.items(), ("", _l("until the moment below"))], default="7", validators=[Optional()])
    until = MomentField(_l("Until (UTC)"), validators=[Optional()])

    def end(self) -> datetime | None:
        """When it ends by itself, as far as the form says."""
        if self.days.data in DAYS:
            return clock.now() + timedelta(days=int(self.days.data))
        return self.until.moment


@bp.get("/moderation/people/<handle>")
@signed_in
def person(handle: str) -> str:
    """The record of a person, and what can be decided."""
    actor = current_actor()
    require(actor, "moderation.people")
    found = accounts.get_person(actor, handle)
    return pages.render(
        "moderation/person.html",
        person=found,
        record=record.of(actor, found),
        posts=record.posts_of(actor, found),
        waits=record.items_of(actor, found),
        measures=measures.of_person(actor, found.id),
        may=can(actor, "person.moderate", found),
        may_take_back=people.may_take_back,
        **_words(),
    )


def _words() -> dict[str, Any]:
    return {"act_label": acts.label, "label": measures.label, "why": measures.why, "reasons": reasons.titles()}


@bp.route("/moderation/people/<handle>/<kind>", methods=["GET", "POST"])
@signed_in
def judge(handle: str, kind: str) -> Page:
    """Warn, silence, suspend, remove."""
    actor = current_actor()
    require(actor, "moderation.people")
    found = accounts.get_person(actor, handle)
    if kind not in measures.KINDS:
        raise NotFound
    require(actor, "person.moderate", found)
    form = JudgeForm()
    if form.validate_on_submit() and _judged(form, found, kind):
        flash(_("Done, and noted in the public log."), "success")
        return redirect(f"/moderation/people/{handle}", 303)
    page = pages.render(
        "moderation/judge.html", form=form, person=found, kind=kind, timed=kind in measures.TIMED, posts=record.readable_posts(actor, found)
    )
    return page, 422 if request.method == "POST" else 200


def _judged(form: JudgeForm, found: Person, kind: str) -> bool:
    """Whether it was decided; if not, the form says why."""
    why = people.Why(form.code.data or "", form.reason.data or "", form.words.data or "")
    try:
        people.decide(current_actor(), found.id, kind, why, form.end())
    except Invalid as error:
        form.take(error)
        return False
    except Conflict as late:
        form.form_errors.append(str(late))
        return False
    return True


@bp.route("/moderation/measures/<int:measure_id>/take-back", methods=["GET", "POST"])
@signed_in
def take_back(measure_id: int) -> Page:
    """Take back what was decided about a person."""
    actor = current_actor()
    one = measures.get(actor, measure_id)
    require(actor, "person.moderate", one.person)
    form, handle = ActForm(), one.person.handle
    if form.validate_on_submit():
        try:
            people.take_back(actor, measure_id, form.reason.data or "", form.code.data or "")
        except Invalid as error:
            form.take(error)
        except Conflict as late:
            flash(str(late), "info")
            return redirect(f"/moderation/people/{handle}", 303)
        else:
            flash(_("Done, and noted in the public log."), "success")
            return redirect(f"/moderation/people/{handle}", 303)
    return pages.render("moderation/take_back.html", form=form, one=one, **_words()), 422 if request.method == "POST" else 200


@bp.get("/moderation/measures/<int:measure_id>")
@signed_in
def measure(measure_id: int) -> str:
    """What was decided about oneself: until when, which rule, why, and how to appeal."""
    actor = current_actor()
    one = measures.get(actor, measure_id)
    people.note_seen(actor, one)
    made = appeals.of_entry(one.entry_id)
    return pages.render("moderation/measure.html", one=one, made=made, may=made is None and _may_appeal(one.id), **_words())


def _may_appeal(measure_id: int) -> bool:
    try:
        appeals.against_measure(current_actor(), measure_id)
    except NotFound:
        return False
    return True


@bp.route("/moderation/measures/<int:measure_id>/appeal", methods=["GET", "POST"])
@signed_in
@limits.limit("20/hour")
def appeal_measure(measure_id: int) -> Page:
    """Ask for a second look at what was decided about oneself."""
    actor = current_actor()
    one = appeals.against_measure(actor, measure_id)
    require(actor, "appeal.make", one)
    form = AppealForm()
    if form.validate_on_submit():
        try:
            appeals.appeal_measure(actor, measure_id, form.text.data)
        except (Invalid, Conflict) as error:
            form.take(error if isinstance(error, Invalid) else Invalid.field("text", str(error)))
        else:
            flash(_("Your appeal waits for somebody else than who decided."), "success")
            return redirect(f"/moderation/measures/{measure_id}", 303)
    back = f"/moderation/measures/{measure_id}"
    page = pages.render("moderation/appeal.html", form=form, entry=one.entry, back=back, **_words() | {"label": acts.label})
    return page, 422 if request.method == "POST" else 200


@pages.section("person.side", 90)
def record_link(person: Person, **_more: Any) -> Markup:
    """On the page of a person, for moderators: the way to the record."""
    if not can(current_actor(), "moderation.people"):
        return Markup()
    return pages.markup("moderation/_record_link.html", person=person)


@pages.section("home.head", 1)
def told(**_more: Any) -> Markup:
    """The place of what moderators decided about oneself, for people signed in."""
    return outlines.own("measures") if current_actor().is_authenticated else Markup()


@outlines.filler("measures")
def unseen() -> Markup:
    """What moderators decided about oneself, until one has opened it; and as long as one may not write."""
    actor = current_actor()
    found = measures.unseen(actor)
    standing = why_not(actor)
    if not (found or standing):
        return Markup()
    return pages.markup("moderation/_told.html", found=found, standing=linked(standing), label=measures.label)


def linked(sentence: str) -> Markup:
    """Why one may not write, with a link where it says how to appeal (in mail and in the API it is an address)."""
    before, address, after = _APPEAL.split(sentence, maxsplit=1) if _APPEAL.search(sentence) else (sentence, "", "")
    return Markup("{}{}{}").format(before, Markup('<a href="{0}">{0}</a>').format(address) if address else "", after)


@pages.section("mine.head", 5)
def decided(**_more: Any) -> Markup:
    """What was decided about oneself, above one's posts that wait."""
    found = measures.of_person(current_actor(), current_actor().person_id or 0)
    return pages.markup("moderation/_measures.html", measures=found, **_words()) if found else Markup()


@pages.section("reply.refused", 10)
def refused(**_more: Any) -> Markup:
    """Where one could reply: until when and why one may not."""
    return outlines.own("standing")


@outlines.filler("standing")
def standing() -> Markup:
    """Until when and why one may not write."""
    said = why_not(current_actor())
    return Markup(" {}").format(linked(said)) if said else Markup()
