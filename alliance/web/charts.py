"""Small charts, drawn here: bars under each other, and strips of columns over time. Each says in words what it shows.

They are drawn in the direction of the present language, coloured by classes (so that they are right in the dark, too), and never stand
alone: a table beside gives the same numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from alliance.core import i18n

WIDTH, BAR, WORDS, GAP = 320, 8, 14, 6
TALL = 36  # of a strip
MOST_BETWEEN = 2  # pixels between two columns


@dataclass(frozen=True, slots=True)
class Bar:
    """A number with its label; `kind` gives the colour: that of a stakeholder type, none, or the one of all. `said`: the number in words."""

    label: str
    number: float
    kind: str = "all"
    said: str = ""

    @property
    def words(self) -> str:
        """The number as it is told."""
        return self.said or i18n.format_number(self.number)


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars under a title."""

    name: str
    title: str
    bars: list[Bar]

    @property
    def words(self) -> str:
        """What it shows, as a sentence."""
        told = i18n.format_list([f"{one.label}: {one.words}" for one in self.bars])
        return f"{self.title}. {told}."

    @property
    def shares(self) -> list[float]:
        """How long each bar is, the longest being 1."""
        most = max((one.number for one in self.bars), default=0) or 1
        return [one.number / most for one in self.bars]

    def svg(self) -> Markup:
        """The chart."""
        rtl, rows, y = _is_rtl(), [], 0
        for one, share in zip(self.bars, self.shares, strict=True):
            rows.append(_drawn(one, share, y, rtl=rtl))
            y += WORDS + BAR + GAP
        return _framed(self.name, self.title, self.words, y, rows)


@dataclass(frozen=True, slots=True)
class Strip:
    """Numbers that follow each other in time, with what they are."""

    label: str
    numbers: Sequence[int]
    total: int | None = None  # where it is not their sum

    @property
    def said(self) -> str:
        """What they come to."""
        return f"{self.label} · {i18n.format_number(sum(self.numbers) if self.total is None else self.total)}"


@dataclass(frozen=True, slots=True)
class Strips:
    """Strips of columns below each other, each in its own measure, over the same stretches of time."""

    name: str
    title: str
    words: str
    strips: list[Strip]

    def svg(self) -> Markup:
        """The chart."""
        rtl, rows, y = _is_rtl(), [], 0
        for one in self.strips:
            rows.append(_strip(one, y, rtl=rtl))
            y += WORDS + TALL + GAP
        return _framed(self.name, self.title, self.words, y, rows)


def _is_rtl() -> bool:
    return i18n.direction(i18n.current_locale()) == "rtl"


def _framed(name: str, title: str, words: str, height: int, rows: Sequence[Markup]) -> Markup:
    return Markup(
        '<svg class="poll-chart" role="img" aria-labelledby="chart-{0}-title chart-{0}-desc" viewBox="0 0 {1} {2}">'
        '<title id="chart-{0}-title">{3}</title><desc id="chart-{0}-desc">{4}</desc>{5}</svg>'
    ).format(name, WIDTH, height, title, words, Markup("").join(rows))


def _said(text: str, y: int, *, rtl: bool) -> Markup:
    return Markup('<text class="poll-share" x="{}" y="{}">{}</text>').format(WIDTH if rtl else 0, y + WORDS - 4, text)


def _drawn(one: Bar, share: float, y: int, *, rtl: bool) -> Markup:
    length = max(1, round(WIDTH * share)) if one.number else 0
    return _said(f"{one.label} · {one.words}", y, rtl=rtl) + Markup('<rect class="bar-{}" x="{}" y="{}" width="{}" height="{}"/>').format(
        one.kind, WIDTH - length if rtl else 0, y + WORDS, length, BAR
    )


def _strip(one: Strip, y: int, *, rtl: bool) -> Markup:
    """What is told, and a column for each stretch (none where there was nothing), on one line."""
    most, step = max(one.numbers, default=0) or 1, WIDTH / max(1, len(one.numbers))
    wide, base = max(1.0, step - min(MOST_BETWEEN, step / 4)), y + WORDS + TALL
    columns = []
    for place, number in enumerate(one.numbers):
        tall = max(1, round(TALL * number / most)) if number else 0
        x = WIDTH - (place + 1) * step if rtl else place * step
        if tall:
            shape = Markup('<rect class="bar-all" x="{:.1f}" y="{}" width="{:.1f}" height="{}"/>')
            columns.append(shape.format(x, base - tall, wide, tall))
    line = Markup('<rect class="bar-none" x="0" y="{}" width="{}" height="1"/>').format(base, WIDTH)
    return _said(one.said, y, rtl=rtl) + Markup("").join(columns) + line
