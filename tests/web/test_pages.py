"""The day on a page, of a moment and of a date that has no hour (the period of a digest)."""

from __future__ import annotations

from datetime import UTC, date, datetime

from alliance.web import pages


def test_a_date_is_shown_without_an_hour() -> None:
    assert pages.day_tag(date(2026, 6, 15)) == '<time datetime="2026-06-15">15 June 2026</time>'


def test_a_moment_keeps_its_hour_for_machines() -> None:
    made = str(pages.day_tag(datetime(2026, 6, 15, 14, 5, tzinfo=UTC)))
    assert made.startswith('<time datetime="2026-06-15T14:05:00+00:00" title="')
    assert ">15 June 2026</time>" in made
