"""Pages of consensus calls and meetings."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from alliance.core import vocabulary
from alliance.core.errors import Conflict, Invalid
from alliance.core.i18n import current_locale
from alliance.core.i18n import gettext as _
from alliance.discussions import queries as discussions
from alliance.discussions.views import address
from alliance.groups import queries as groups
from alliance.groups.views import framed
from alliance.policy import can, require
from alliance.proceedings import attending, calendar, consensus, forms, meetings, queries
from alliance.proceedings.models import ConsensusCall
from alliance.web import current_actor, limits, pages
from alliance.web.access import signed_in
from alliance.web.once import redirect_once

bp = Blueprint("proceedings", __name__)
Page = str | tuple[str, int] | AnyResponse


def _status() -> int:
    return 422 if request.method == "POST" else 200


@bp.route("/d/<int:discussion_id>/consensus/new", methods=["GET", "POST"])
@signed_in
@limits.limit("30/hour")
def new_call(discussion_id: int) -> Page:
    """Put a text to a consensus call."""
    actor = current_actor()
    found = discussions.get_discussion(actor, discussion_id)
    require(actor, "consensus.call", found)
    form = forms.CallForm()
    if form.validate_on_submit():
        try:
            return redirect_once(actor, form.nonce.data, lambda: _called(discussion_id, form))
        except Invalid as error:
            form.take(error)
    return pages.render("proceedings/new_call.html", discussion=found, form=form), _status()


def _called(discussion_id: int, form: forms.CallForm) -> str:
    found = discussions.get_discussion(current_actor(), discussion_id)
    made = consensus.call(current_actor(), found, form.body.data or "", forms.utc(form.closes_at.data))
    return url_for("proceedings.call", call_id=made.id)


@bp.get("/consensus/<int:call_id>")
def call(call_id: int) -> str:
    """A consensus call: the text, and the answers or the result."""
    return _page(queries.get_call(current_actor(), call_id))


def _page(found: ConsensusCall, form: forms.AnswerForm | None = None) -> str:
    actor = current_actor()
    mine = queries.own_answer(found.id, actor.person_id)
    if form is None and can(actor, "consensus.answer", found):
        form = forms.AnswerForm(formdata=None, answer=mine.answer if mine else None, reason=mine.reason if mine else "")
    return pages.render(
        "proceedings/call.html",
        call=found,
        form=form,
        mine=mine,
        answered=queries.answered(found),
        table=result_table(found),
        words=forms.ANSWERS,
    )


def result_table(found: ConsensusCall) -> list[list[object]]:
    """A line for each answer: its label, then the number of each stakeholder type, then all."""
    if found.closed_at is None:
        return []
    answers = found.result["answers"]
    kinds = [kind for kind in (*vocabulary.STAKEHOLDER_TYPES, "") if any(kind in counted for counted in answers.values())]
    head: list[object] = [_("Answer"), *(vocabulary.stakeholder_label(kind) for kind in kinds), _("Together")]
    lines: list[list[object]] = [
        [str(label), *(answers[code].get(kind, 0) for kind in kinds), sum(answers[code].values())] for code, label in forms.ANSWERS.items()
    ]
    return [head, *lines]


@bp.post("/consensus/<int:call_id>")
@signed_in
@limits.limit("120/hour")
def answer(call_id: int) -> Page:
    """Answer a call, or change one's answer."""
    actor = current_actor()
    found, form = queries.get_call(actor, call_id), forms.AnswerForm()
    if form.validate_on_submit():
        try:
            consensus.answer(actor, call_id, form.answer.data or "", form.reason.data or "")
        except Invalid as error:
            form.take(error)
        except Conflict as error:
            flash(str(error), "error")
            return redirect(url_for("proceedings.call", call_id=call_id), 303)
        else:
            flash(_("Your answer is noted. You can change it until the call ends."), "success")
            return redirect(url_for("proceedings.call", call_id=call_id), 303)
    require(actor, "consensus.answer", found)
    return _page(found, form), 422


@bp.route("/d/<int:discussion_id>/meeting", methods=["GET", "POST"])
@signed_in
@limits.limit("60/hour")
def hold(discussion_id: int) -> Page:
    """Give a discussion the date of a meeting, or another one."""
    actor = current_actor()
    found = discussions.get_discussion(actor, discussion_id)
    require(actor, "meeting.hold", found)
    form = forms.MeetingForm(obj=queries.meeting_of(discussion_id))
    if form.validate_on_submit():
        try:
            meetings.hold(actor, found, forms.utc(form.starts_at.data), forms.utc(form.ends_at.data), form.place.data or "")
        except Invalid as error:
            form.take(error)
        else:
            return redirect(address(discussions.get_discussion(actor, discussion_id)), 303)
    return pages.render("proceedings/meeting.html", discussion=found, form=form), _status()


@bp.post("/meetings/<int:meeting_id>/cancel")
@signed_in
@limits.limit("60/hour")
def cancel(meeting_id: int) -> AnyResponse:
    """Cancel a meeting, or (`again=yes`) let it take place after all."""
    actor = current_actor()
    found, again = queries.get_meeting(actor, meeting_id), request.form.get("again") == "yes"
    try:
        meetings.cancel(actor, found, again=again)
    except Conflict as late:
        flash(str(late), "info")
    else:
        flash(
            _("The meeting takes place; the members are told.") if again else _("The meeting is cancelled; the members are told."),
            "success",
        )
    return redirect(address(found.discussion), 303)


@bp.route("/meetings/<int:meeting_id>/minutes", methods=["GET", "POST"])
@signed_in
@limits.limit("60/hour")
def minutes(meeting_id: int) -> Page:
    """Write the minutes of a meeting."""
    actor = current_actor()
    found = queries.get_meeting(actor, meeting_id)
    require(actor, "meeting.record", found)
    form = forms.MinutesForm(obj=found)
    if form.validate_on_submit():
        try:
            meetings.record(actor, found, form.minutes.data or "")
        except Invalid as error:
            form.take(error)
        else:
            return redirect(address(found.discussion), 303)
    return pages.render("proceedings/minutes.html", meeting=found, discussion=found.discussion, form=form), _status()


@bp.get("/groups/<slug>/meetings")
def of_group(slug: str) -> str:
    """The milestones, the meetings and the consensus calls of a group."""
    actor = current_actor()
    space = groups.get_space(actor, slug)
    return framed(
        "proceedings/group.html",
        groups.get_group(actor, slug),
        "meetings",
        coming=queries.meetings_in(actor, space, coming=True),
        past=queries.meetings_in(actor, space, coming=False),
        calls=queries.calls_in(actor, space),
        milestones=queries.milestones(actor, space),
        states=forms.STATES,
        key=calendar.key_for(actor, space) if space.visibility != "public" else "",
    )


@bp.get("/groups/<slug>/meetings.ics")
def feed(slug: str) -> Response:
    """The meetings and milestones of a group for calendar programs; one that is not public is asked for with the key on its page."""
    actor = current_actor()
    if not actor.is_authenticated and (key := request.args.get("key", "")):
        actor = calendar.reader_of(key, slug)
    space = groups.get_space(actor, slug)
    made = calendar.calendar(space.title(current_locale()), queries.meetings_in(actor, space, limit=500), queries.milestones(actor, space))
    return Response(made, content_type="text/calendar; charset=utf-8")


@bp.get("/admin/groups")
@signed_in
def unattended() -> str:
    """Groups without a chair who is there, and chairs whom no mail reaches, for the secretariat."""
    actor = current_actor()
    require(actor, "group.found")
    return pages.render("proceedings/unattended.html", unattended=attending.unattended(actor))
