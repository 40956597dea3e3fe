"""The chart of a poll: for each answer a bar per stakeholder type, as a share of that type's own voters.

So a type with three voters is drawn as large as one with three hundred; the numbers stand in the table beside it.
"""

from __future__ import annotations

from markupsafe import Markup

from alliance.core import i18n, vocabulary
from alliance.core.i18n import gettext as _
from alliance.polls.queries import Results

WIDTH, BAR, WORDS, GAP, LABEL = 320, 6, 14, 4, 20
LETTERS = 42


def draw(post_id: int, question: str, options: list[str], results: Results) -> Markup:
    """An SVG with title and description, in the direction of the present language."""
    rtl = i18n.direction(i18n.current_locale()) == "rtl"
    rows, y = [], 0
    top = max(1, len(options) - 1)
    for number, option in enumerate(options):
        y += LABEL
        rows.append(_label(f"{number + 1}. {option}", y - 6, rtl=rtl))
        for one in results.types:
            rows.append(_bar(_share(results, number, one, top), one, y, rtl=rtl))
            y += WORDS + BAR + GAP
        y += GAP
    name = f"poll-{post_id}"
    return Markup(
        '<svg class="poll-chart" role="img" aria-labelledby="{0}-title {0}-desc" viewBox="0 0 {1} {2}">'
        '<title id="{0}-title">{3}</title><desc id="{0}-desc">{4}</desc>{5}</svg>'
    ).format(
        name, WIDTH, y, question, _("Shares by stakeholder type; the table that follows says the same in numbers."), Markup("").join(rows)
    )


def _share(results: Results, option: int, one: str | None, top: int) -> float:
    """How much of what a type could give an option it gave (ranked: points of the most there could be)."""
    if results.points:
        return results.points[option][one] / (results.voters[one] * top)
    return results.votes[option][one] / results.voters[one]


def _label(text: str, y: int, *, rtl: bool) -> Markup:
    short = text if len(text) <= LETTERS else text[: LETTERS - 1] + "…"
    return Markup('<text x="{}" y="{}">{}</text>').format(WIDTH if rtl else 0, y, short)


def _bar(share: float, one: str | None, y: int, *, rtl: bool) -> Markup:
    """Whose share and how much, and the bar below it."""
    length = max(1, round(WIDTH * share))
    said = f"{vocabulary.stakeholder_label(one)} · {i18n.format_percent(share)}"
    return Markup('<text class="poll-share" x="{}" y="{}">{}</text><rect class="bar-{}" x="{}" y="{}" width="{}" height="{}"/>').format(
        WIDTH if rtl else 0, y + WORDS - 4, said, one or "none", WIDTH - length if rtl else 0, y + WORDS, length, BAR
    )
