"""Every page on a telephone and on a screen, in both directions and both themes, with the keyboard and without script."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
import requests
from playwright.sync_api import Browser, Page

from tests.servers import LiveServer

pytestmark = pytest.mark.browser
EMAIL, PASSWORD = "secretariat@example.org", "a long enough password"
OPENING = (
    "We need `a_rather_long_identifier_without_any_break_in_it_at_all` and a table:\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nhttps://example.org/"
    + "path/" * 30
)
PAGES = (
    "/", "/about", "/about/design", "/settings/display", "/settings/live", "/action-lines", "/action-lines/c7", "/action-lines/c2/new", "/latest", "/d/1", "/p/1/edit", "/p/1/history",
    "/p/1/withdraw", "/search?q=table", "/digests", "/digests/1", "/digests/new", "/people", "/people/{handle}", "/moderation", "/moderation/log", "/notifications", "/drafts", "/bookmarks", "/latest?sort=week&type=media",
    "/settings/profile", "/settings/affiliations", "/settings/watching", "/settings/notifications", "/settings/password", "/settings/tokens", "/settings/data", "/settings/sessions", "/settings/two-step", "/moderation/statistics", "/admin/affiliations",
    "/admin", "/admin/people", "/admin/failures", "/admin/groups", "/admin/mail", "/topics", "/admin/topics", "/admin/topics/new", "/moderation/discussions/1/topics", "/latest?topic=skills", "/admin/moderation", "/admin/moderation/words/new", "/moderation?kind=held_mail", "/moderation/mine", "/groups", "/groups/new", "/searches",
    "/digests/distribution", "/digests/schedules", "/settings/mail", "/nowhere",
)  # fmt: skip
FOR_GUESTS = ("/", "/sign-in", "/register", "/forgotten-password", "/d/1", "/search")

# Controls must be 24 px high, except links within sentences (WCAG 2.2, 2.5.8).
FLAWS = """() => {
  const flaws = [];
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) flaws.push(`scrolls sideways: ${root.scrollWidth} > ${root.clientWidth}`);
  if (document.querySelectorAll("h1").length !== 1) flaws.push("not one h1");
  if (document.querySelectorAll("main").length !== 1) flaws.push("not one main");
  const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
  for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) flaws.push(`two of #${id}`);
  for (const e of document.querySelectorAll("[aria-describedby], [aria-labelledby]"))
    for (const id of `${e.getAttribute("aria-describedby") ?? ""} ${e.getAttribute("aria-labelledby") ?? ""}`.split(" "))
      if (id && !document.getElementById(id)) flaws.push(`nothing is #${id}`);
  for (const e of document.querySelectorAll("input:not([type=hidden]), select, textarea"))
    if (!e.labels.length && !e.ariaLabel) flaws.push(`no label: ${e.name}`);
  for (const e of document.querySelectorAll("a, button, summary, input:not([type=hidden]), select, textarea")) {
    const box = e.getBoundingClientRect();
    if (box.width && box.height < 23.5 && getComputedStyle(e).display !== "inline") flaws.push(`low: ${e.outerHTML.slice(0, 80)}`);
    if (box.width && e.matches("a, button, summary") && !e.textContent.trim() && !e.ariaLabel) flaws.push(`nameless: ${e.outerHTML.slice(0, 80)}`);
  }
  return [...new Set(flaws)];
}"""


@pytest.fixture(scope="module")
def server(servers: Callable[..., LiveServer]) -> Iterator[LiveServer]:
    """A server with a member of the secretariat, and a discussion that is hard to set."""
    made = filled(servers().start())
    yield made
    made.kill()


def filled(made: LiveServer) -> LiveServer:
    """The same server with a member of the secretariat, a discussion that is hard to set and a digest."""
    created = made.run(
        "user", "create", EMAIL, "--name", "Amina-Marie Diallo-Featherstonehaugh", "--stakeholder-type", "government", "--country", "SN",
        "--organization", "Ministry of Communications and Digital Economy", "--role", "secretariat", "--verified", "--password", PASSWORD,
    )  # fmt: skip
    assert created.returncode == 0, created.stderr
    token = made.run("token", "create", EMAIL, "--scope", "write").stdout.strip()
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {token}"
    opened = {"space": "c2", "title": "Interoperability-frameworks-for-e-government-services " * 3, "body": OPENING, "language": "en"}
    answer = session.post(f"{made.url}/api/v1/discussions", json=opened, timeout=30)
    assert answer.status_code == 201, answer.text
    parent = None
    for _ in range(7):
        reply = {"body": "نرى في WSIS أن الصندوق يجب أن ينشر تقاريره.", "language": "ar", "parent_id": parent}
        answer = session.post(f"{made.url}/api/v1/discussions/1/posts", json=reply, timeout=30)
        assert answer.status_code == 201, answer.text
        parent = answer.json()["id"]
    today = datetime.now(UTC).date().isoformat()
    compiled = made.run("digest", "compile", "--from", today, "--to", today)
    assert compiled.returncode == 0, compiled.stderr
    return made


@pytest.fixture
def window(browser: Browser, server: LiveServer, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A window of a width and theme; what its console complains of (the policy against inline style too) fails the test."""
    width, theme = request.param
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=theme, base_url=server.url)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" and "404" not in said.text else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert complaints == []


def sign_in(page: Page) -> None:
    """Come in by the door."""
    page.goto("/sign-in")
    page.fill("[name=email]", EMAIL)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_selector(".site-me .menu")


def flaws_of(page: Page, paths: tuple[str, ...], language: str) -> dict[str, list[str]]:
    """What is wrong on each page that has something wrong."""
    found = {}
    for path in paths:
        answer = page.goto(f"{path}{'&' if '?' in path else '?'}lang={language}")
        assert answer
        assert answer.status == (404 if path == "/nowhere" else 200), path
        assert page.get_attribute("html", "dir") == ("rtl" if language == "ar" else "ltr")
        if flaws := page.evaluate(FLAWS):
            found[path] = flaws
    return found


@pytest.mark.parametrize("window", [(320, "dark"), (1280, "light")], indirect=True, ids=["telephone", "screen"])
@pytest.mark.parametrize("language", ["en", "ar"])
class TestEveryPage:
    def test_it_holds_together_for_a_member(self, window: Page, language: str) -> None:
        sign_in(window)
        handle = str(window.get_attribute('.site-me .menu-list a[href^="/people/"]', "href")).rsplit("/", 1)[1]
        assert flaws_of(window, tuple(path.format(handle=handle) for path in PAGES), language) == {}

    def test_it_holds_together_for_a_guest(self, window: Page, language: str) -> None:
        assert flaws_of(window, FOR_GUESTS, language) == {}


LONG_NAMES = ("Her Excellency Wilhelmina-Konstantina Papadimitriou-Vandenberghe", "وزارة الاتصالات وتكنولوجيا المعلومات والتحول الرقمي")
APART = """() => {
    const [brand, notes, name] = ['.brand', '.site-me a', '.site-me summary'].map(one => document.querySelector(one).getBoundingClientRect())
    const meet = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1
    return !meet(brand, notes) && !meet(brand, name) && !meet(notes, name) && name.width > 48
}"""


@pytest.mark.parametrize("window", [(320, "light"), (360, "dark")], indirect=True)
@pytest.mark.parametrize("language", ["en", "ar", "ru"])
def test_a_long_name_is_cut_and_nothing_in_the_head_is_covered(window: Page, language: str) -> None:
    sign_in(window)
    window.goto(f"/latest?lang={language}")
    for name in LONG_NAMES:
        window.evaluate("name => { document.querySelector('.site-me summary bdi').textContent = name }", name)
        assert window.evaluate(APART), name
        assert window.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize("window", [(360, "light")], indirect=True)
class TestByKeyboard:
    def test_one_can_skip_to_the_content(self, window: Page) -> None:
        window.goto("/latest")
        window.keyboard.press("Tab")
        assert window.evaluate("document.activeElement.className") == "skip"
        assert window.evaluate("document.activeElement.getBoundingClientRect().top") >= 0
        window.keyboard.press("Enter")
        assert window.evaluate("document.activeElement.id") == "main"

    def test_what_has_the_focus_is_seen(self, window: Page) -> None:
        window.goto("/d/1")
        for _ in range(25):
            window.keyboard.press("Tab")
            assert window.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"

    def test_a_menu_closes_with_escape(self, window: Page) -> None:
        sign_in(window)
        menu = window.locator(".site-me .menu")
        menu.locator("summary").click()
        assert menu.get_attribute("open") is not None
        window.keyboard.press("Escape")
        assert menu.get_attribute("open") is None
        assert window.evaluate("document.activeElement.tagName") == "SUMMARY"


class TestWithoutScript:
    def test_the_theme_is_chosen_and_kept(self, browser: Browser, server: LiveServer) -> None:
        context = browser.new_context(java_script_enabled=False, base_url=server.url, color_scheme="light")
        page = context.new_page()
        page.goto("/latest")
        page.click("footer a[href='/settings/display']")
        page.click("button[name=theme][value=dark]")
        assert page.url.endswith("/settings/display")
        assert page.get_attribute("html", "data-theme") == "dark"
        page.goto("/about")
        assert page.get_attribute("html", "data-theme") == "dark"
        page.goto("/settings/display")
        page.click('button[name=theme][value=""]')
        assert page.get_attribute("html", "data-theme") is None
        context.close()

    def test_a_rejected_form_says_what_is_wrong_and_keeps_what_was_written(self, browser: Browser, server: LiveServer) -> None:
        context = browser.new_context(java_script_enabled=False, base_url=server.url)
        page = context.new_page()
        page.goto("/register")
        page.fill("[name=name]", "Amina")
        page.click("main button[type=submit]")
        assert page.locator(".error-summary a").count() > 0
        assert page.input_value("[name=name]") == "Amina"
        target = str(page.get_attribute(".error-summary a", "href"))
        assert page.locator(target).count() == 1
        context.close()
