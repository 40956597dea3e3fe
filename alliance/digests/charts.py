"""Small charts of who took part: by stakeholder type, by regional group, over time. Drawn for pages (`web.charts`), by the typesetter for PDF.

Each says in words what it shows, and a table of the annex gives the same numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from alliance.core import i18n
from alliance.core.i18n import gettext as _
from alliance.core.vocabulary import REGIONS, STAKEHOLDER_TYPES, region_label, stakeholder_label
from alliance.web.charts import Bar, Chart


def charts(figures: Mapping[str, Any]) -> list[Chart]:
    """Every chart of a digest, in the current language."""
    if not figures["posts"]:
        return []
    types, regions = figures["posts_by_type"], figures.get("posts_by_region") or {}
    by_type = [
        Bar(stakeholder_label(kind), types.get(kind, 0), kind or "none") for kind in (*STAKEHOLDER_TYPES, "") if kind or types.get("")
    ]
    by_region = [Bar(region_label(one), regions.get(one, 0)) for one in (*REGIONS, "") if one or regions.get("")]
    found = [Chart("types", _("Contributions by stakeholder type"), by_type)]
    if regions:
        found.append(Chart("regions", _("Contributions by regional group"), by_region))
    if len(figures.get("over_time") or []) > 1:
        found.append(Chart("time", _("Contributions over time"), [Bar(label, number) for label, number in over_time(figures)]))
    return found


def over_time(figures: Mapping[str, Any]) -> list[tuple[str, int]]:
    """The stretches of the period by their first day, with how much was said in each."""
    return [(i18n.format_date(date.fromisoformat(day)), int(number)) for day, number in figures.get("over_time") or []]
