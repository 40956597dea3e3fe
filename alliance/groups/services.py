"""The reference data of spaces: the eleven action lines and the sub-lines of C7, with their official titles."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select

from alliance.core import db, shipped
from alliance.groups.models import Space


def load_reference() -> int:
    """Bring the action lines into the database; returns how many rows were added or changed.

    May run any number of times. What somebody has edited here (`edited_at`) is left alone.
    """
    lines = json.loads(shipped.data("reference", "action_lines.json").read_text(encoding="utf-8"))
    descriptions = json.loads(shipped.data("reference", "descriptions.json").read_text(encoding="utf-8"))
    changed = 0
    with db.transaction() as session:
        known = {space.code: space for space in session.scalars(select(Space).where(Space.kind == "action_line"))}
        for line in lines:
            space = known.get(line["code"]) or Space(code=line["code"], kind="action_line", discussions_count=0, posts_count=0)
            known[space.code] = space
            changed += _apply(space, _columns(line, descriptions, known))
            session.add(space)
            session.flush()
    return changed


def _columns(line: dict[str, Any], descriptions: dict[str, Any], known: dict[str, Space]) -> dict[str, Any]:
    parent = known.get(line["parent"]) if line["parent"] else None
    return {
        "position": line["order"],
        "parent_id": parent.id if parent else None,
        "titles": line["title"],
        "descriptions": descriptions[line["code"]],
        "sources": line["title_source"],
        "facilitators": line["focal_point_now"] or line["tunis_annex_facilitators"],
    }


def _apply(space: Space, columns: dict[str, Any]) -> bool:
    """Set what differs; returns whether anything did."""
    if space.edited_at is not None:
        return False
    different = {name: value for name, value in columns.items() if getattr(space, name) != value}
    for name, value in different.items():
        setattr(space, name, value)
    return bool(different)
