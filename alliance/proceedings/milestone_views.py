"""Pages on which chairs set the milestones of a group; they are shown with its meetings."""

from __future__ import annotations

from collections.abc import Callable

from flask import url_for
from werkzeug.wrappers import Response

from alliance.groups import queries as groups
from alliance.groups.models import Group
from alliance.groups.views import answered
from alliance.policy import require
from alliance.proceedings import milestones, queries
from alliance.proceedings.forms import MilestoneForm
from alliance.proceedings.views import bp
from alliance.web import current_actor, limits
from alliance.web.access import signed_in

Page = str | tuple[str, int] | Response


def _chaired(slug: str) -> Group:
    actor = current_actor()
    require(actor, "milestone.set", groups.get_space(actor, slug))
    return groups.get_group(actor, slug)


def _answered(group: Group, form: MilestoneForm, act: Callable[[], object], title: str = "") -> Page:
    def done() -> str:
        act()
        return url_for("proceedings.of_group", slug=group.slug)

    return answered(("proceedings/milestone.html", group, "meetings"), form, done if form.validate_on_submit() else None, before=title)


@bp.route("/groups/<slug>/milestones/new", methods=["GET", "POST"])
@signed_in
@limits.limit("120/hour")
def new_milestone(slug: str) -> Page:
    """Plan a milestone."""
    group, form = _chaired(slug), MilestoneForm(state="planned")
    return _answered(group, form, lambda: milestones.add(current_actor(), group, form.stone()))


@bp.route("/groups/<slug>/milestones/<int:milestone_id>/edit", methods=["GET", "POST"])
@signed_in
@limits.limit("120/hour")
def edit_milestone(slug: str, milestone_id: int) -> Page:
    """Move a milestone, call it otherwise, say what became of it."""
    group = _chaired(slug)
    found = queries.get_milestone(current_actor(), group.space, milestone_id)
    form = MilestoneForm(obj=found)
    return _answered(group, form, lambda: milestones.change(current_actor(), group, milestone_id, form.stone()), found.title)
