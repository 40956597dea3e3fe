"""The tables of the annex: who took part, by action line, stakeholder type and region, and what changed against the period before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from alliance.core.i18n import gettext as _
from alliance.core.vocabulary import REGIONS, STAKEHOLDER_TYPES, region_label, stakeholder_label
from alliance.digests import charts, wording
from alliance.groups.models import Space


@dataclass(slots=True)
class Table:
    """A table of the annex; the last row may be totals."""

    caption: str
    head: list[str]
    rows: list[list[Any]]
    foot: list[Any] | None = None


def tables(figures: Mapping[str, Any], spaces: Mapping[int, Space]) -> list[Table]:
    """Every table, in the current language."""
    if not figures["posts"]:
        return []
    before: dict[str, Any] = figures.get("before") or {}
    types = [*STAKEHOLDER_TYPES, *([""] if figures["posts_by_type"].get("") else [])]
    found = [_by_space(figures, spaces, types, before), _by_type(figures, types, before)]
    if figures.get("posts_by_region"):
        found.append(_by_region(figures, before))
    return [*found, _over_time(figures)] if len(figures.get("over_time") or []) > 1 else found


def change(now: int, then: int) -> str:
    """The difference to the period before, with its sign."""
    return "±0" if now == then else f"{now - then:+d}".replace("-", "\u2212")


def _by_space(figures: Mapping[str, Any], spaces: Mapping[int, Space], types: list[str], before: Mapping[str, Any]) -> Table:
    rows, then = [], before.get("posts_by_space", {})
    for row in figures["participation"]:
        space = spaces.get(row["space"])
        if space is not None:
            counts = [row["types"].get(kind, 0) for kind in types]
            changed = [change(sum(counts), then.get(str(space.id), 0))] if before else []
            rows.append([wording.space_title(space), *counts, sum(counts), *changed])
    totals = [figures["posts_by_type"].get(kind, 0) for kind in types]
    head = [_("Action line"), *(stakeholder_label(kind) for kind in types), _("Total"), *([_("Change")] if before else [])]
    foot = [_("Total"), *totals, sum(totals), *([change(sum(totals), before["posts"])] if before else [])]
    return Table(_("Contributions by action line and stakeholder type"), head, rows, foot)


def _by_type(figures: Mapping[str, Any], types: list[str], before: Mapping[str, Any]) -> Table:
    head = [_("Stakeholder type"), _("Participants"), _("Contributions"), *([_("Change")] if before else [])]
    rows = []
    for kind in types:
        posts = figures["posts_by_type"].get(kind, 0)
        changed = [change(posts, before["posts_by_type"].get(kind, 0))] if before else []
        rows.append([stakeholder_label(kind), figures["people_by_type"].get(kind, 0), posts, *changed])
    return Table(_("Participants by stakeholder type"), head, rows)


def _by_region(figures: Mapping[str, Any], before: Mapping[str, Any]) -> Table:
    there: Mapping[str, int] = figures["posts_by_region"]
    head = [_("Regional group"), _("Contributions"), *([_("Change")] if before else [])]
    rows = []
    for region in [*REGIONS, *([""] if there.get("") else [])]:
        changed = [change(there.get(region, 0), before["posts_by_region"].get(region, 0))] if before else []
        rows.append([region_label(region), there.get(region, 0), *changed])
    return Table(_("Contributions by regional group"), head, rows)


def _over_time(figures: Mapping[str, Any]) -> Table:
    rows: list[list[Any]] = [[day, number] for day, number in charts.over_time(figures)]
    return Table(_("Contributions over time"), [_("From"), _("Contributions")], rows)
