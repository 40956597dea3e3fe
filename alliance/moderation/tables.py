"""The figures of moderation as tables, each with its chart, in the present language; and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from alliance.core import clock, i18n, reviews
from alliance.core.i18n import gettext as _
from alliance.core.vocabulary import stakeholder_label
from alliance.moderation import acts
from alliance.moderation.figures import Activity, Response, Statistics
from alliance.moderation.reasons import FLAGS
from alliance.web.charts import Bar, Chart, Strip, Strips

NAMES = ("activity", "responses", "flags", "decisions", "balance")
BOM = "\ufeff"  # by which spreadsheets know that it is UTF-8


@dataclass(frozen=True, slots=True)
class Table:
    """A figure: what a page shows of it (`rows`, `foot`), and the same as it is counted (`raw`, with a code in front of each row)."""

    name: str
    title: str
    caption: str
    head: list[str]
    rows: list[list[Any]]
    raw: list[list[Any]]
    charts: list[Chart | Strips]
    foot: list[Any] | None = None
    is_long: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing in it."""
        return not self.rows

    @property
    def drawn(self) -> list[Chart | Strips]:
        """Those of its charts that show anything."""
        return [one for one in self.charts if isinstance(one, Strips) or any(bar.number for bar in one.bars)]

    def csv(self) -> str:
        """The table for a spreadsheet: plain numbers, times in seconds, days as 2026-05-31."""
        made = io.StringIO()
        writer = csv.writer(made)
        writer.writerow([_("Code"), *self.head])
        writer.writerows(["" if cell is None else cell for cell in row] for row in self.raw)
        return BOM + made.getvalue()


def tables(found: Statistics) -> list[Table]:
    """Every table, in the order of a page."""
    return [_activity(found), _responses(found), _flags(found), _decisions(found), _balance(found)]


def _activity(found: Statistics) -> Table:
    daily = found.wanted.step == 1
    head = [_("Day") if daily else _("Week from"), _("Discussions"), _("Posts"), _("People"), _("Flags"), _("Held"), _("Decided")]
    counted = [[one.discussions, one.posts, one.people, one.flags, one.held, one.decided] for one in found.activity]
    totals = [sum(row[place] for row in counted) for place in range(6)]
    totals[2] = found.people
    days = [i18n.format_date(one.begins) for one in found.activity]
    title = _("Activity by day") if daily else _("Activity by week")
    return Table(
        "activity",
        title,
        _("Numbers by day") if daily else _("Numbers by week"),
        head,
        [[day, *row] for day, row in zip(days, counted, strict=True)],
        [[one.begins.isoformat(), day, *row] for one, day, row in zip(found.activity, days, counted, strict=True)],
        [Strips("activity", title, _over_time(found.activity, head, days), _strips(head, counted, totals))],
        [_("Altogether"), *totals],
        is_long=True,
    )


def _strips(head: Sequence[str], counted: Sequence[Sequence[int]], totals: Sequence[int]) -> list[Strip]:
    return [Strip(label, [row[place] for row in counted], totals[place]) for place, label in enumerate(head[1:])]


def _over_time(found: Sequence[Activity], head: Sequence[str], days: Sequence[str]) -> str:
    """What the strips show, in words: the first day, the last, and when most was said."""
    most = max(range(len(found)), key=lambda place: (found[place].posts, -place))
    return _(
        "Columns from %(first)s to %(last)s for: %(what)s. Most posts: %(number)s, %(day)s.",
        first=days[0], last=days[-1], what=i18n.format_list(list(head[1:])), number=i18n.format_number(found[most].posts), day=days[most],
    )  # fmt: skip


def _kind_label(name: str) -> str:
    kind = reviews.kind(name)
    return str(kind.label) if kind is not None else name


def _duration(seconds: int | None) -> str:
    return "–" if seconds is None else i18n.format_duration(seconds)


def _age(one: Response) -> int | None:
    return None if one.oldest is None else max(0, int((clock.now() - one.oldest).total_seconds()))


def _responses(found: Statistics) -> Table:
    head = [_("What waits"), _("Decided"), _("Half of them within"), _("Nine of ten within"), _("Waiting now"), _("The oldest for")]
    title = _("Time from arrival to decision")
    bars = []
    for one in found.responses:
        if one.median is not None and one.ninety is not None:
            kind = _kind_label(one.kind)
            bars.append(Bar(kind, one.median, said=_("half within %(time)s", time=_duration(one.median))))
            bars.append(Bar(kind, one.ninety, "none", said=_("nine of ten within %(time)s", time=_duration(one.ninety))))
    return Table(
        "responses",
        title,
        _("How long decisions took, by kind; and what waits at this moment"),
        head,
        [
            [_kind_label(one.kind), one.decided, _duration(one.median), _duration(one.ninety), one.waiting, _duration(_age(one))]
            for one in found.responses
        ],
        [[one.kind, _kind_label(one.kind), one.decided, one.median, one.ninety, one.waiting, _age(one)] for one in found.responses],
        [Chart("responses", title, bars)],
    )


def _flags(found: Statistics) -> Table:
    given = [one for one in found.flags if one.flags]
    labels = [str(FLAGS.get(one.reason, one.reason)) for one in given]
    counted = [[one.flags, one.upheld, one.dismissed, one.open, one.closed] for one in given]
    title = _("Flags by reason")
    return Table(
        "flags",
        title,
        _("Flags put in the period, and what has become of them"),
        [_("Reason"), _("Flags"), _("Upheld"), _("Found without reason"), _("Waiting"), _("Post withdrawn")],
        [[label, *row] for label, row in zip(labels, counted, strict=True)],
        [[one.reason, label, *row] for one, label, row in zip(given, labels, counted, strict=True)],
        [Chart("flags", title, [Bar(label, row[0]) for label, row in zip(labels, counted, strict=True)])],
        [_("Altogether"), *(sum(column) for column in zip(*counted, strict=True))] if counted else None,
    )


def _decisions(found: Statistics) -> Table:
    title = _("Decisions")
    rows: list[list[Any]] = [[acts.label(one.act), one.number, one.undone, one.appealed, one.reversed] for one in found.decisions]
    return Table(
        "decisions",
        title,
        _("What moderators decided in the period; of it, what was taken back, appealed against and reversed on appeal since"),
        [_("Decision"), _("Number"), _("Taken back"), _("Appealed against"), _("Reversed on appeal")],
        rows,
        [[one.act, *row] for one, row in zip(found.decisions, rows, strict=True)],
        [Chart("decisions", title, [Bar(row[0], row[1]) for row in rows])],
        [_("Altogether"), *(sum(row[place] for row in rows) for place in range(1, 5))] if rows else None,
    )


def _balance(found: Statistics) -> Table:
    posts, against = sum(one.posts for one in found.balance), sum(one.against for one in found.balance)
    rows, raw = [], []
    for one in found.balance:
        counted = [one.posts, one.people, one.flags, one.left, one.against]
        label, shares = stakeholder_label(one.type), (_share(one.posts, posts), _share(one.against, against))
        rows.append([label, counted[0], _percent(shares[0]), *counted[1:], _percent(shares[1])])
        raw.append([one.type or "", label, counted[0], shares[0], *counted[1:], shares[1]])
    return Table(
        "balance",
        _("Balance by stakeholder type"),
        _("Posts by stakeholder type, and decisions about posts of that type"),
        [
            _("Stakeholder type"), _("Posts"), _("Share of posts"), _("People"), _("Flags"), _("Left or published"),
            _("Decided against"), _("Share of these"),
        ],
        rows if found.people or against or any(one.flags or one.left for one in found.balance) else [],
        raw,
        [
            Chart("posts", _("Posts by stakeholder type"), [_voice(one.type, one.posts) for one in found.balance]),
            Chart("against", _("Decisions against posts, by stakeholder type"), [_voice(one.type, one.against) for one in found.balance]),
        ],
    )  # fmt: skip


def _voice(kind: str | None, number: int) -> Bar:
    return Bar(stakeholder_label(kind), number, kind or "none")


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _percent(share: float | None) -> str:
    return "–" if share is None else i18n.format_percent(share)
