"""Moderators and chairs with the keyboard alone, on a telephone's width, with script and without: the review queue, founding a group."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, Page

from tests.people import PASSWORD
from tests.servers import LiveServer

pytestmark = pytest.mark.browser
SECRETARIAT = "secretariat@example.org"
MANY = 120  # stops of the Tab key on a page: whatever lies behind more is out of reach


class House:
    """A server, and the API as each of its people."""

    def __init__(self, server: LiveServer) -> None:
        self.server = server
        self.headers = {}
        for name, role in (("secretariat", "secretariat"), ("writer", "participant"), ("flagger", "participant")):
            address = f"{name}@example.org"
            made = server.run(
                "user",
                "create",
                address,
                "--name",
                name.title(),
                "--stakeholder-type",
                "media",
                "--role",
                role,
                "--verified",
                "--password",
                PASSWORD,
            )
            assert made.returncode == 0, made.stderr
            token = server.run("token", "create", address, "--scope", "write").stdout.strip()
            self.headers[name] = {"Authorization": f"Bearer {token}"}

    def call(self, who: str, method: str, path: str, body: Any = None) -> Any:
        answer = requests.request(method, f"{self.server.url}/api/v1{path}", json=body, headers=self.headers[who], timeout=30)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def flagged(self) -> int:
        """A post that waits in the queue, flagged."""
        opened = self.call("secretariat", "POST", "/discussions", {"space": "c2", "title": "The last mile", "body": "Who pays?"})
        post = self.call("writer", "POST", f"/discussions/{opened['id']}/posts", {"body": "Buy watches."})["id"]
        self.call("flagger", "POST", f"/posts/{post}/flags", {"reason": "spam"})
        return int(post)

    def status(self, post: int) -> str:
        return str(self.call("secretariat", "GET", f"/posts/{post}")["status"])


@pytest.fixture(scope="module")
def house(servers: Callable[..., LiveServer]) -> Iterator[House]:
    server = servers().start()
    yield House(server)
    server.kill()


@pytest.fixture(params=[True, False], ids=["script", "no-script"])
def page(browser: Browser, house: House, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 360, "height": 740}, base_url=house.server.url, java_script_enabled=request.param)
    yield context.new_page()
    context.close()


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until something has the focus; it is then to be seen."""
    for _ in range(MANY):
        page.keyboard.press("Tab")
        if page.locator(f"{selector}:focus").count():
            box = page.locator(f"{selector}:focus").bounding_box()
            assert box is not None
            assert (box["width"] > 0, box["x"] >= -1, box["x"] + box["width"] <= 361) == (True, True, True), selector
            return
    raise AssertionError(f"{selector} cannot be reached with the Tab key")


def press(page: Page, selector: str) -> None:
    """Reach a link or a button, and press it; the next page is there afterwards."""
    tab_to(page, selector)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def sign_in(page: Page) -> None:
    page.goto("/sign-in")
    tab_to(page, "[name=email]")
    page.keyboard.type(SECRETARIAT)
    tab_to(page, "[name=password]")
    page.keyboard.type(PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def is_too_wide(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


def test_an_entry_is_noted_upon_decided_and_taken_back(page: Page, house: House) -> None:
    post = house.flagged()
    sign_in(page)
    page.goto("/moderation?kind=flag")
    assert not is_too_wide(page)
    press(page, ".queue > .card a[href^='/moderation/items/']")
    assert not is_too_wide(page)
    where = page.url
    press(page, "form[action$='/claim'] button")
    tab_to(page, "[name=note]")
    page.keyboard.type("Seen before.")
    press(page, "form[action$='/note'] button")
    assert "Seen before." in page.inner_text("main")
    press(page, "form[action*='/moderation/items/'] button[value=hide]")  # without a reason: the page says so, and nothing is done
    assert (page.locator(".error-summary").count(), house.status(post)) == (1, "visible")
    tab_to(page, "[name=code]")
    page.keyboard.type("Adv")
    press(page, "button[value=hide]")
    assert "For 24 hours you can take it back" in page.inner_text("body")
    page.goto(where)
    press(page, "form[action$='/undo'] button")
    assert house.status(post) == "visible"
    tab_to(page, "[name=reason]")
    page.keyboard.type("Within the rules.")
    press(page, "button[value=keep]")
    assert house.status(post) == "visible"


def test_a_wave_is_decided_together(page: Page, house: House) -> None:
    posts = [house.flagged() for _ in range(2)]
    sign_in(page)
    page.goto("/moderation?kind=flag")
    for number in range(2):
        tab_to(page, f".queue > .card:nth-child({number + 1}) input[name=item]")
        page.keyboard.press("Space")
    tab_to(page, "summary")
    while page.locator("details:has([form=bulk]) > summary:focus").count() == 0:
        tab_to(page, "summary")
    page.keyboard.press("Enter")
    tab_to(page, "[name=code][form=bulk]")
    page.keyboard.type("Adv")
    press(page, "button[form=bulk][value=hide]")
    found = [requests.get(f"{house.server.url}/api/v1/posts/{post}", timeout=30).json().get("body", "") for post in posts]
    assert "Buy watches." not in found
    assert "2 entries decided" in page.inner_text("body")


def test_a_group_is_founded(page: Page, house: House) -> None:
    sign_in(page)
    page.goto("/groups/new")
    assert not is_too_wide(page)
    tab_to(page, "[name=title]")
    page.keyboard.type("Measuring access")
    press(page, "form.form button[type=submit]")  # without a charter
    assert page.locator(".error-summary a").count() > 0
    assert page.input_value("[name=title]") == "Measuring access"
    tab_to(page, "[name=charter]")
    page.keyboard.type("To agree on one text.")
    tab_to(page, "[name=visibility]")
    page.keyboard.press("ArrowDown")
    press(page, "form.form button[type=submit]")
    assert "/groups/" in page.url
    assert page.inner_text("h1").strip() == "Measuring access"
