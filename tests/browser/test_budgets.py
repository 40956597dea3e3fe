"""What a discussion may cost on the slowest link: bytes and requests, weighed by a real browser over HTTP.

Without the worker that keeps pages: what comes through it is not counted as what came over the wire. That it costs a first visit
nothing is in test_offline.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.browser.weighing import Weight, open_discussion, weigh
from tests.people import PASSWORD
from tests.servers import LiveServer

pytestmark = pytest.mark.browser
REQUESTS = 6
# Bytes, headers included: a first visit, a next page, a first visit without script. Signed in, what one may do with each post, and the
# forms, are three kB more.
FIRST = {"guest": 40_000, "member": 40_000}
NEXT = {"guest": 12_000, "member": 13_500}
WITHOUT_SCRIPT = {"guest": 20_000, "member": 24_000}
WORDS, LONG = 80, 350
HEARING = "#posts[data-live='on']"


@pytest.fixture(scope="module")
def forum(servers: Any) -> Iterator[dict[str, str]]:
    """Addresses of discussions: two of thirty posts, and one of thirty long posts in each of some languages."""
    server: LiveServer = servers().start()
    tokens = []
    for number, kind in enumerate(("government", "private_sector", "civil_society", "media")):
        address = f"person{number}@example.org"
        words = ["--name", f"Person {number}", "--stakeholder-type", kind, "--country", "KE", "--password", PASSWORD]
        assert server.run("user", "create", address, *words).returncode == 0
        tokens.append(server.run("token", "create", address, "--scope", "write").stdout.strip())
    made = {"server": server.url, "one": open_discussion(server, tokens, "en", 30, WORDS)}
    made["other"] = open_discussion(server, tokens, "en", 30, WORDS)
    made |= {language: open_discussion(server, tokens, language, 30, LONG) for language in ("ru", "ar")}
    yield made
    server.kill()


@pytest.fixture(scope="module")
def signed_in(browser: Browser, forum: dict[str, str]) -> Any:
    """What a browser has when somebody signed in, besides what it keeps of pages."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{forum['server']}/sign-in")
    page.fill("[name=email]", "person0@example.org")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_selector(".site-me .menu")
    state = context.storage_state()
    context.close()
    return state


def visits(context: BrowserContext, *urls: str, settled: str | None = HEARING) -> list[Weight]:
    """The weights of pages opened one after another by a browser that had nothing."""
    weights = [weigh(context, url, settled)[0] for url in urls]
    context.close()
    return weights


@pytest.mark.parametrize("who", ["guest", "member"])
class TestADiscussionOfThirtyPosts:
    def test_with_everything(self, browser: Browser, forum: dict[str, str], signed_in: Any, who: str) -> None:
        context = browser.new_context(storage_state=signed_in if who == "member" else None, service_workers="block")
        first, following = visits(context, forum["one"], forum["other"])
        assert first.bytes <= FIRST[who], first
        assert first.requests <= REQUESTS, first
        assert following.bytes <= NEXT[who], following

    def test_without_script(self, browser: Browser, forum: dict[str, str], signed_in: Any, who: str) -> None:
        context = browser.new_context(storage_state=signed_in if who == "member" else None, java_script_enabled=False)
        first, following = visits(context, forum["one"], forum["other"], settled="#posts article:nth-of-type(30)")
        assert first.bytes <= WITHOUT_SCRIPT[who], first
        assert first.requests <= REQUESTS, first
        assert following.bytes <= NEXT[who], following


@pytest.mark.parametrize("language", ["ru", "ar"])
class TestLongPosts:
    def test_a_page_is_cut_by_bytes(self, browser: Browser, forum: dict[str, str], language: str) -> None:
        context = browser.new_context(locale=language, service_workers="block")
        weigh(context, forum["one"], HEARING)
        (following,) = visits(context, forum[language])
        assert following.bytes <= NEXT["guest"], following

    def test_nothing_is_left_out_between_pages(self, browser: Browser, forum: dict[str, str], language: str) -> None:
        context = browser.new_context(java_script_enabled=False)
        page = context.new_page()
        page.goto(forum[language])
        forward = [shown(page)]
        while page.locator("a[rel=next]").count():
            page.click("a[rel=next]")
            forward.append(shown(page))
        assert len(forward) > 2
        there = [number for numbers in forward for number in numbers]
        assert sorted(there) == list(range(1, 31))
        backward = set(shown(page))
        while page.locator("a[rel=prev]").count():
            page.click("a[rel=prev]")
            backward |= set(shown(page))
        assert backward == set(there)
        context.close()


def shown(page: Any) -> list[int]:
    """The numbers of the posts on a page."""
    return [int(text[1:]) for text in page.locator("#posts article .post-head > a:first-child").all_text_contents()]


def test_a_device_that_asks_to_be_spared_fetches_nothing_beyond_reading(browser: Browser, forum: dict[str, str], signed_in: Any) -> None:
    context = browser.new_context(storage_state=signed_in)
    context.add_init_script("Object.defineProperty(navigator, 'connection', {value: {saveData: true}})")
    weight, page = weigh(context, forum["one"])
    scripts = sorted(url.rsplit("/", 1)[1].split("?")[0] for url in weight.bytes_of if "/scripts/" in url)
    assert scripts == ["reading.js"]
    with page.expect_response(lambda answer: "/writing.js" in answer.url):  # whoever begins to write is helped with it
        page.get_by_label("Text", exact=True).click()
    page.wait_for_selector(".toolbar")
    context.close()


def test_whoever_wants_no_news_fetches_nothing_for_it(browser: Browser, forum: dict[str, str]) -> None:
    context = browser.new_context()
    context.add_cookies([{"name": "live", "value": "off", "url": forum["server"]}])
    (weight,) = visits(context, forum["one"], settled=None)
    assert not [url for url in weight.bytes_of if "/socket.js" in url or "/polling.js" in url]
