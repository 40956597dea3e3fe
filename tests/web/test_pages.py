"""What every page has: days, of a moment and of a date that has no hour (the period of a digest), and links to itself in other languages."""

from __future__ import annotations

from datetime import UTC, date, datetime
from urllib.parse import parse_qs, urlsplit

from flask.testing import FlaskClient
from lxml import html

from alliance.core.i18n import LANGUAGES
from alliance.web import pages


def test_a_date_is_shown_without_an_hour() -> None:
    assert pages.day_tag(date(2026, 6, 15)) == '<time datetime="2026-06-15">15 June 2026</time>'


def test_a_moment_keeps_its_hour_for_machines() -> None:
    made = str(pages.day_tag(datetime(2026, 6, 15, 14, 5, tzinfo=UTC)))
    assert made.startswith('<time datetime="2026-06-15T14:05:00+00:00" title="')
    assert ">15 June 2026</time>" in made


def test_each_page_leads_to_itself_in_every_language_however_long_its_address(client: FlaskClient) -> None:
    page = html.fromstring(client.get("/search", query_string={"q": "ж" * 100_000, "sort": "new"}).text)
    links = page.xpath('//nav[@class="languages"]//a')
    assert [link.get("hreflang") for link in links] == [link.get("lang") for link in links] == list(LANGUAGES)
    for link in links:
        said = parse_qs(urlsplit(link.get("href")).query)
        assert (said["lang"], said["sort"], len(said["q"][0])) == ([link.get("lang")], ["new"], pages.LONGEST_SAID)
