"""Reading when the connection is gone, in a real browser."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.weighing import weigh
from tests.people import PASSWORD
from tests.servers import LiveServer

pytestmark = pytest.mark.browser
KEPT = """async () => {
  const kept = {};
  for (const name of await caches.keys())
    kept[name] = (await (await caches.open(name)).keys()).map((one) => new URL(one.url).pathname + new URL(one.url).search);
  return kept;
}"""


@pytest.fixture(scope="module")
def server(servers: Any) -> Iterator[LiveServer]:
    """A server with two people and a discussion."""
    made: LiveServer = servers().start()
    for name in ("amina", "boris"):
        words = ["--name", name.title(), "--stakeholder-type", "media", "--password", PASSWORD]
        assert made.run("user", "create", f"{name}@example.org", *words).returncode == 0
    token = made.run("token", "create", "boris@example.org", "--scope", "write").stdout.strip()
    body = {"space": "c2", "title": "Who pays for the last mile?", "body": "We ask because nobody knows.", "language": "en"}
    answer = requests.post(f"{made.url}/api/v1/discussions", json=body, headers={"Authorization": f"Bearer {token}"}, timeout=30)
    assert answer.status_code == 201, answer.text
    yield made
    made.kill()


@pytest.fixture
def context(browser: Browser, server: LiveServer) -> Iterator[BrowserContext]:
    """A browser that had nothing; what goes wrong in a page fails the test."""
    made = browser.new_context(base_url=server.url, viewport={"width": 900, "height": 800})
    complaints: list[str] = []
    made.on("weberror", lambda error: complaints.append(str(error.error)))
    yield made
    made.set_offline(False)
    made.close()
    assert complaints == []


def kept(page: Page) -> list[str]:
    """The addresses of pages on the device, of whomever."""
    return [path for name, paths in page.evaluate(KEPT).items() if name.startswith("alliance.pages.") for path in paths]


def until(page: Page, condition: Any) -> None:
    """Wait for what comes behind a page's back."""
    end = time.monotonic() + 30
    while not condition(page):
        assert time.monotonic() < end, page.evaluate(KEPT)
        page.wait_for_timeout(100)


def whole(page: Page) -> bool:
    """Whether the list is there, which comes last."""
    return any(path.startswith("/offline?") for path in kept(page))


def sign_in(page: Page, name: str) -> None:
    page.goto("/sign-in")
    page.fill("[name=email]", f"{name}@example.org")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_selector(".site-me .menu")


def asked(server: LiveServer, name: str, method: str, path: str, **body: Any) -> Any:
    """What the API answers somebody."""
    token = server.run("token", "create", f"{name}@example.org", "--scope", "admin" if name == "chair" else "write").stdout.strip()
    answer = requests.request(
        method, f"{server.url}/api/v1{path}", json=body or None, headers={"Authorization": f"Bearer {token}"}, timeout=30
    )
    assert answer.ok, answer.text
    return answer.json() if answer.content else None


def private_group(server: LiveServer) -> tuple[str, tuple[str, ...]]:
    """A private group of two, its slug, and the addresses of its pages."""
    words = ["--name", "Chair", "--stakeholder-type", "government", "--password", PASSWORD, "--role", "secretariat"]
    assert server.run("user", "create", "chair@example.org", *words).returncode == 0
    body = {
        "title": "Closed circle",
        "language": "en",
        "summary": "Nobody else knows.",
        "charter": "We meet.",
        "visibility": "private",
        "joining": "invitation",
    }
    slug = asked(server, "chair", "post", "/groups", **body)["slug"]
    asked(server, "chair", "post", f"/groups/{slug}/members", handle="boris")
    said = {"title": "Among ourselves", "body": "SECRET of the circle.", "language": "en"}
    made = asked(server, "boris", "post", "/discussions", space=slug, **said)
    return slug, (f"/d/{made['id']}", f"/groups/{slug}")


def sign_out(page: Page) -> None:
    page.locator(".site-me .menu summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_selector(".site-me a[href='/register']")


def discussion(page: Page) -> str:
    """The address of the discussion, when it is kept."""
    page.goto("/d/1")
    path = page.evaluate("location.pathname")
    until(page, lambda page: path in kept(page) and whole(page))
    return str(path)


class TestReading:
    def test_what_was_read_stays_readable(self, context: BrowserContext) -> None:
        page = context.new_page()
        path = discussion(page)  # the very first page, which came before there was a worker
        page.goto("/people")
        until(page, lambda page: "/people" in kept(page))
        context.set_offline(True)
        page.goto(path)
        expect(page.locator("main .notice").first).to_contain_text("You are offline: this page is of")
        expect(page.locator("#posts")).to_contain_text("We ask because nobody knows.")
        assert page.evaluate("getComputedStyle(document.querySelector('.notice')).borderInlineStartWidth") == "4px"
        page.goto("/d/1")  # another way to it
        expect(page.locator("#posts")).to_contain_text("We ask because nobody knows.")
        page.goto("/groups")  # never read
        expect(page.locator("h1")).to_have_text("Without a connection")
        expect(page.locator("[data-kept] a")).to_have_text(["People", "Who pays for the last mile?"])
        page.get_by_role("link", name="Who pays").click()
        expect(page.locator("#posts")).to_contain_text("We ask because nobody knows.")
        context.set_offline(False)
        page.reload()
        expect(page.locator("main")).not_to_contain_text("You are offline")

    def test_the_page_of_now_comes_first(self, context: BrowserContext, server: LiveServer) -> None:
        page = context.new_page()
        path = discussion(page)
        page.goto("/about")
        until(page, lambda page: "/about" in kept(page))
        assert page.evaluate(f"fetch('{path}', {{method: 'HEAD'}}).then((answer) => answer.status)") == 200
        page.goto(path)
        expect(page.locator("main")).not_to_contain_text("You are offline")

    def test_the_oldest_pages_go(self, context: BrowserContext) -> None:
        page = context.new_page()
        path = discussion(page)
        page.evaluate(
            """async () => {
              const pages = await caches.open((await caches.keys()).find((one) => one.startsWith("alliance.pages.")));
              for (let n = 0; n < 99; n += 1) await pages.put(`/people/made-up-${n}`, new Response(""));
            }"""
        )
        page.goto("/topics")
        until(page, lambda page: "/topics" in kept(page) and path not in kept(page))
        assert len([one for one in kept(page) if not one.startswith("/offline")]) == 100

    def test_nothing_stays_of_a_group_one_is_no_longer_in(self, context: BrowserContext, server: LiveServer) -> None:
        slug, paths = private_group(server)
        page = context.new_page()
        sign_in(page, "boris")
        for path in ("/people", *paths):
            page.goto(path)
            until(page, lambda page: any(one.startswith(path) for one in kept(page)))  # noqa: B023 - asked at once
        asked(server, "chair", "delete", f"/groups/{slug}/members/boris")
        page.goto(paths[0])  # one page of it is enough
        until(page, lambda page: not any(one.startswith(paths) for one in kept(page)))
        assert "/people" in kept(page)
        context.set_offline(True)
        for path in paths:
            page.goto(path)
            expect(page.locator("h1")).to_have_text("Without a connection")

    def test_secret_pages_are_never_kept(self, context: BrowserContext) -> None:
        page = context.new_page()
        discussion(page)
        sign_in(page, "amina")
        discussion(page)
        for path in ("/settings/password", "/settings/sessions", "/settings/tokens", "/drafts", "/moderation/by-mail/x", "/sign-in"):
            page.goto(path)
        page.goto("/latest")
        until(page, lambda page: "/latest" in kept(page))
        assert {one.split("?")[0] for one in kept(page)} <= {"/", "/d/1/who-pays-for-the-last-mile", "/latest", "/offline"}


class TestWhose:
    def test_signing_out_wipes_it(self, context: BrowserContext) -> None:
        page = context.new_page()
        sign_in(page, "amina")
        discussion(page)
        (name,) = [one for one in page.evaluate(KEPT) if one.startswith("alliance.pages.")]
        assert name != "alliance.pages.guest"
        sign_out(page)
        assert name not in page.evaluate(KEPT)
        context.set_offline(True)
        with pytest.raises(Exception, match="net::ERR"):
            page.goto("/d/1")

    def test_somebody_else_finds_nothing_of_it(self, context: BrowserContext) -> None:
        page = context.new_page()
        sign_in(page, "amina")
        discussion(page)
        before = set(page.evaluate(KEPT))
        context.clear_cookies()  # the session ended elsewhere: nobody signed out here
        sign_in(page, "boris")
        page.goto("/people")
        until(page, lambda page: "/people" in kept(page) and whole(page))
        assert "/d/1/who-pays-for-the-last-mile" not in kept(page)
        assert before & set(page.evaluate(KEPT)) <= {"alliance.files"}

    def test_whoever_wants_nothing_kept_has_nothing_kept(self, context: BrowserContext) -> None:
        page = context.new_page()
        discussion(page)
        page.goto("/settings/display")
        page.get_by_role("button", name="Keep nothing").click()
        until(page, lambda page: page.evaluate(KEPT) == {})
        until(page, lambda page: page.evaluate("navigator.serviceWorker.getRegistrations().then((all) => all.length)") == 0)
        page.goto("/d/1")
        page.wait_for_timeout(1500)
        assert page.evaluate(KEPT) == {}

    def test_a_device_that_asks_to_be_spared_keeps_nothing(self, context: BrowserContext) -> None:
        context.add_init_script("Object.defineProperty(navigator, 'connection', {value: {saveData: true}})")
        page = context.new_page()
        page.goto("/d/1")
        page.wait_for_timeout(1500)
        assert page.evaluate("navigator.serviceWorker.getRegistrations().then((all) => all.length)") == 0


def test_it_costs_a_first_visit_nothing(context: BrowserContext, server: LiveServer) -> None:
    weight, page = weigh(context, f"{server.url}/d/1", "#posts[data-live='on']")
    assert weight.requests <= 6
    until(page, whole)
    assert not [url for url in weight.bytes_of if "/worker.js" in url or "/offline" in url]


def test_it_can_be_installed(context: BrowserContext) -> None:
    page = context.new_page()
    page.goto("/?lang=ar")
    wire = context.new_cdp_session(page)
    found = wire.send("Page.getAppManifest")
    assert found["errors"] == []
    assert '"dir": "rtl"' in found["data"]
    discussion(page)
    assert wire.send("Page.getInstallabilityErrors")["installabilityErrors"] in ([], [{"errorId": "in-incognito", "errorArguments": []}])
