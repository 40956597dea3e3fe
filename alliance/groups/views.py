"""Pages of spaces as such; a space with its discussions is a page of `discussions`."""

from __future__ import annotations

from flask import Blueprint

from alliance.groups import queries
from alliance.web import current_actor, pages

bp = Blueprint("groups", __name__)


@bp.get("/action-lines")
def action_lines() -> str:
    """The eleven action lines and the sub-lines of C7."""
    spaces = [space for space in queries.spaces(current_actor()) if space.kind == "action_line"]
    return pages.render("groups/action_lines.html", spaces=spaces)
