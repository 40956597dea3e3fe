"""Small charts of who took part: by stakeholder type, by regional group, over time. Drawn here for pages, by the typesetter for PDF.

Each says in words what it shows, and a table of the annex gives the same numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from markupsafe import Markup

from alliance.core import i18n
from alliance.core.i18n import gettext as _
from alliance.core.vocabulary import REGIONS, STAKEHOLDER_TYPES, region_label, stakeholder_label

WIDTH, BAR, WORDS, GAP = 320, 8, 14, 6


@dataclass(frozen=True, slots=True)
class Bar:
    """A number with its label; `kind` gives the colour: that of a stakeholder type, none, or the one of all."""

    label: str
    number: int
    kind: str = "all"


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars under a title."""

    name: str
    title: str
    bars: list[Bar]

    @property
    def words(self) -> str:
        """What it shows, as a sentence."""
        told = i18n.format_list([f"{one.label}: {i18n.format_number(one.number)}" for one in self.bars])
        return f"{self.title}. {told}."

    @property
    def shares(self) -> list[float]:
        """How long each bar is, the longest being 1."""
        most = max((one.number for one in self.bars), default=0) or 1
        return [one.number / most for one in self.bars]

    def svg(self) -> Markup:
        """The chart, in the direction of the present language."""
        rtl, rows, y = i18n.direction(i18n.current_locale()) == "rtl", [], 0
        for one, share in zip(self.bars, self.shares, strict=True):
            rows.append(_drawn(one, share, y, rtl=rtl))
            y += WORDS + BAR + GAP
        return Markup(
            '<svg class="poll-chart" role="img" aria-labelledby="chart-{0}-title chart-{0}-desc" viewBox="0 0 {1} {2}">'
            '<title id="chart-{0}-title">{3}</title><desc id="chart-{0}-desc">{4}</desc>{5}</svg>'
        ).format(self.name, WIDTH, y, self.title, self.words, Markup("").join(rows))


def _drawn(one: Bar, share: float, y: int, *, rtl: bool) -> Markup:
    length = max(1, round(WIDTH * share)) if one.number else 0
    said = f"{one.label} · {i18n.format_number(one.number)}"
    return Markup('<text class="poll-share" x="{}" y="{}">{}</text><rect class="bar-{}" x="{}" y="{}" width="{}" height="{}"/>').format(
        WIDTH if rtl else 0, y + WORDS - 4, said, one.kind, WIDTH - length if rtl else 0, y + WORDS, length, BAR
    )


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
