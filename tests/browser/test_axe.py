"""Every page under axe-core (WCAG 2.2 AA), in six languages, light and dark, at 360 and 1280 px: no violation."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page

from alliance.core.i18n import LANGUAGES
from tests.browser.test_look import FOR_GUESTS, PAGES, filled, sign_in
from tests.servers import LiveServer

pytestmark = pytest.mark.browser
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What the same document can have in one style and not in another; everything else is asked once a page and language.
OF_STYLE = ["color-contrast", "link-in-text-block", "target-size", "scrollable-region-focusable"]
RUN = """async (options) => (await axe.run(document, options)).violations
  .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 120)} ${node.any[0]?.message?.slice(0, 140) ?? ""}`))"""


@pytest.fixture(scope="module")
def server(servers: Callable[..., LiveServer]) -> Iterator[LiveServer]:
    """A server whose pages have something on them."""
    made = filled(servers().start())
    yield made
    made.kill()


def violations(page: Page, runs: dict[str, list[str]]) -> list[str]:
    """What axe says of the page as it stands."""
    if not page.evaluate("typeof window.axe === 'object'"):
        page.evaluate(AXE_SCRIPT + "; undefined")
    options = {"runOnly": runs, "resultTypes": ["violations"]}
    return [str(found) for found in page.evaluate(RUN, options)]


def all_styles(page: Page) -> dict[str, list[str]]:
    """What axe says of the page in both themes and widths."""
    found = {}
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 900})
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            whole = (width, theme) in {(1280, "light"), (360, "dark")}
            said = violations(page, {"type": "tag", "values": TAGS} if whole else {"type": "rule", "values": OF_STYLE})
            if said:
                found[f"{width} {theme}"] = said
    return found


def tour(page: Page, paths: tuple[str, ...], language: str) -> dict[str, dict[str, list[str]]]:
    """Every page that has a violation, with them."""
    found = {}
    for path in paths:
        page.goto(f"{path}{'&' if '?' in path else '?'}lang={language}")
        if said := all_styles(page):
            found[path] = said
    return found


@pytest.mark.parametrize("language", LANGUAGES)
class TestNothingIsInAnybodysWay:
    def test_of_a_member(self, browser: Browser, server: LiveServer, language: str) -> None:
        context = browser.new_context(base_url=server.url)
        page = context.new_page()
        sign_in(page)
        handle = str(page.get_attribute('.site-me .menu-list a[href^="/people/"]', "href")).rsplit("/", 1)[1]
        found = tour(page, tuple(path.format(handle=handle) for path in PAGES), language)
        context.close()
        assert found == {}

    def test_of_a_guest(self, browser: Browser, server: LiveServer, language: str) -> None:
        context = browser.new_context(base_url=server.url)
        found = tour(context.new_page(), FOR_GUESTS, language)
        context.close()
        assert found == {}
