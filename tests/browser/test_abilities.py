"""What axe cannot see: pages at 400 %, with wide text, in forced colours, with more contrast and less motion, and walked through by keyboard."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.test_look import FOR_GUESTS, PAGES, filled, sign_in
from tests.servers import LiveServer
from tests.test_css import contrast

pytestmark = pytest.mark.browser
WALKED = ("/d/1", "/action-lines/c2/new", "/search?q=table", "/settings/profile", "/settings/notifications", "/moderation")
WALKED_BY_GUESTS = ("/sign-in", "/register", "/search", "/d/1", "/")

SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"

# WCAG 1.4.12; a sheet made by script is no inline style, and the policy of the pages lets it be.
SPACED = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important; }
    p { margin-block-end: 2em !important; }`);
  document.adoptedStyleSheets = [sheet];
}"""
PLAIN = "document.adoptedStyleSheets = []"

# Whatever shows less than it holds. An excerpt is the beginning of a text that is one link away.
CUT = """() => [...document.querySelectorAll("body *")].filter((e) => {
  const style = getComputedStyle(e);
  if (style.overflowX === "visible" && style.overflowY === "visible") return false;
  if (style.clipPath !== "none" || !e.textContent.trim() || !e.checkVisibility() || e.closest(".discussion-excerpt")) return false;
  const scrolls = (way) => way === "auto" || way === "scroll";
  return (!scrolls(style.overflowX) && e.scrollWidth > e.clientWidth + 1) || (!scrolls(style.overflowY) && e.scrollHeight > e.clientHeight + 1);
}).map((e) => e.outerHTML.slice(0, 100))"""

# WCAG 2.5.8: 24 px both ways, or in a sentence, or 24 px away from any other.
SMALL = """() => {
  const all = [...document.querySelectorAll("a[href], button, summary, input:not([type=hidden]), select, textarea")]
    .filter((e) => e.checkVisibility({ visibilityProperty: true }) && !e.closest(".visually-hidden, .skip"));
  const boxes = all.map((e) => {
    const label = e.matches("input[type=checkbox], input[type=radio]") ? e.labels[0]?.getBoundingClientRect() : null;
    const box = e.getBoundingClientRect();
    return label?.width ? { x: Math.min(box.x, label.x), y: Math.min(box.y, label.y), right: Math.max(box.right, label.right), bottom: Math.max(box.bottom, label.bottom) } : box;
  });
  const wide = (box) => box.right - box.x, high = (box) => box.bottom - box.y;
  const small = (box) => wide(box) < 23.5 || high(box) < 23.5;
  const middle = (box) => [(box.x + box.right) / 2, (box.y + box.bottom) / 2];
  const meets = (box, other) => {
    const [x, y] = middle(box);
    const dx = Math.max(other.x - x, 0, x - other.right), dy = Math.max(other.y - y, 0, y - other.bottom);
    const [ox, oy] = middle(other);
    return Math.hypot(dx, dy) < 12 || (small(other) && Math.hypot(ox - x, oy - y) < 24);
  };
  return all.filter((e, n) => small(boxes[n]) && getComputedStyle(e).display !== "inline"
    && boxes.some((other, m) => m !== n && !all[m].contains(e) && !e.contains(all[m]) && meets(boxes[n], other))).map((e) => e.outerHTML.slice(0, 100));
}"""

# In forced colours a control is told by its border or an underline, a mark by something drawn in a colour of the system.
LOST = """() => {
  const lost = [];
  for (const e of document.querySelectorAll("main button, main .button, main input:not([type=hidden], [type=checkbox], [type=radio], [type=file]), main select, main textarea")) {
    const style = getComputedStyle(e);
    if (!e.checkVisibility()) continue;
    if (style.borderStyle === "none" && !style.textDecorationLine.includes("underline")) lost.push(e.outerHTML.slice(0, 100));
  }
  const ground = getComputedStyle(document.body).backgroundColor;
  for (const e of document.querySelectorAll(".stakeholder")) {
    const mark = getComputedStyle(e, "::before");
    if (mark.backgroundColor === ground && mark.backgroundImage === "none" && mark.borderStyle === "none") lost.push(e.outerHTML.slice(0, 100));
  }
  return lost;
}"""

MOVING = """() => [document.documentElement, ...document.querySelectorAll("body *")].filter((e) => {
  const style = getComputedStyle(e);
  const lasting = (times) => times.split(",").some((time) => parseFloat(time) > 0.01);
  return style.scrollBehavior === "smooth" || (style.animationName !== "none" && lasting(style.animationDuration)) || lasting(style.transitionDuration);
}).map((e) => e.outerHTML.slice(0, 60))"""

# Where the keyboard is: what has the focus, whether one sees it and that, and where it stands in the document.
HERE = """() => {
  const e = document.activeElement;
  if (!e || e === document.body || e === document.documentElement) return null;
  e.dataset.stop ??= String(document.querySelectorAll("[data-stop]").length);
  const style = getComputedStyle(e), box = e.getBoundingClientRect();
  const flaws = [];
  if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2) flaws.push("no outline");
  if (box.bottom <= 0 || box.top >= innerHeight || box.right <= 0 || box.left >= innerWidth) flaws.push("not on the screen");
  const top = document.elementFromPoint(Math.min(Math.max(box.x + box.width / 2, 1), innerWidth - 1), Math.min(Math.max(box.y + box.height / 2, 1), innerHeight - 1));
  if (!flaws.length && top && !e.contains(top) && !top.contains(e) && !e.labels?.[0]?.contains(top)) flaws.push("covered");
  if (e.tabIndex > 0) flaws.push("out of order by number");
  return { flaws: flaws.map((flaw) => `${flaw}: ${e.outerHTML.slice(0, 100)}`), stop: Number(e.dataset.stop),
    place: [...document.querySelectorAll("*")].indexOf(e) };
}"""
# What must be reached: everything one can act on, of radio buttons one of each group, of a toolbar one.
REACHED = """() => {
  const wanted = [...document.querySelectorAll("a[href], button:not([disabled]), summary, input:not([type=hidden], [disabled]), select, textarea")]
    .filter((e) => e.checkVisibility({ visibilityProperty: true }) && e.tabIndex >= 0);
  const grouped = (e) => e.type === "radio" && [...document.getElementsByName(e.name)].some((one) => one.dataset.stop !== undefined);
  return wanted.filter((e) => e.dataset.stop === undefined && !grouped(e)).map((e) => e.outerHTML.slice(0, 100));
}"""


@pytest.fixture(scope="module")
def server(servers: Callable[..., LiveServer]) -> Iterator[LiveServer]:
    """A server whose pages have something on them."""
    made = filled(servers().start())
    yield made
    made.kill()


@pytest.fixture(params=["member", "guest"])
def reader(browser: Browser, server: LiveServer, request: pytest.FixtureRequest) -> Iterator[tuple[Page, tuple[str, ...], str]]:
    """A window, the pages to look at, and who looks."""
    context = browser.new_context(base_url=server.url, viewport={"width": 1280, "height": 1024})
    # Who is here is told when it is known: it would change the page while one walks.
    context.add_cookies([{"name": "live", "value": "off", "url": server.url}])
    page = context.new_page()
    paths: tuple[str, ...] = FOR_GUESTS
    if request.param == "member":
        sign_in(page)
        handle = str(page.get_attribute('.site-me .menu-list a[href^="/people/"]', "href")).rsplit("/", 1)[1]
        paths = tuple(path.format(handle=handle) for path in PAGES)
    yield page, paths, request.param
    context.close()


def test_every_page_in_every_way_of_reading(reader: tuple[Page, tuple[str, ...], str]) -> None:
    page, paths, _who = reader
    found: dict[str, dict[str, Any]] = {}
    for path in paths:
        page.goto(path)
        looked = {"at 400 %": at_400_percent(page), "targets": page.evaluate(SMALL), "spaced": spaced(page), "media": in_other_media(page)}
        if flaws := {name: said for name, said in looked.items() if said}:
            found[path] = flaws
    assert not found, json.dumps(found, indent=1)


def at_400_percent(page: Page) -> int:
    """How far the page scrolls sideways where a window of 1280 px is magnified four times."""
    page.set_viewport_size({"width": 320, "height": 256})
    return int(page.evaluate(SIDEWAYS))


def spaced(page: Page) -> list[str]:
    """What is cut by wider text that was not before, on a telephone and on a screen."""
    found = []
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        before = set(page.evaluate(CUT))
        page.evaluate(SPACED)
        found += [cut for cut in page.evaluate(CUT) if cut not in before]
        if (wide := page.evaluate(SIDEWAYS)) > 0:
            found.append(f"scrolls sideways at {width} px: {wide}")
        page.evaluate(PLAIN)
    return found


def in_other_media(page: Page) -> list[str]:
    """What is lost in forced colours, and what moves though nothing should."""
    page.emulate_media(forced_colors="active")
    found = [f"lost: {one}" for one in page.evaluate(LOST)]
    page.emulate_media(forced_colors="none", reduced_motion="reduce")
    found += [f"moves: {one}" for one in page.evaluate(MOVING)]
    page.emulate_media(reduced_motion="no-preference")
    return found


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_more_contrast_is_given_to_whoever_asks(browser: Browser, server: LiveServer, theme: Any) -> None:
    context = browser.new_context(base_url=server.url, color_scheme=theme, contrast="more")
    page = context.new_page()
    page.goto("/d/1")
    token = "name => getComputedStyle(document.documentElement).getPropertyValue(name).trim()"
    muted, paper, control = (page.evaluate(token, f"--{name}") for name in ("muted", "paper", "control"))
    assert contrast(muted, paper) >= 7
    assert contrast(control, paper) >= 7
    context.close()


def walk(page: Page, most: int = 400) -> tuple[list[str], list[int]]:
    """Every stop of Tab: what is wrong there, and the places of the stops in the document."""
    flaws: list[str] = []
    places: list[int] = []
    seen: set[int] = set()
    for _ in range(most):
        page.keyboard.press("Tab")
        here = page.evaluate(HERE)
        if here is None or here["stop"] in seen:
            break
        seen.add(here["stop"])
        flaws += here["flaws"]
        places.append(here["place"])
    return flaws, places


@pytest.mark.parametrize("width", [1280, 360])
def test_the_keyboard_reaches_everything_in_order_and_one_sees_where(reader: tuple[Page, tuple[str, ...], str], width: int) -> None:
    page, _paths, who = reader
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(reduced_motion="reduce")
    found: dict[str, Any] = {}
    for path in WALKED if who == "member" else WALKED_BY_GUESTS:
        page.goto(path)
        if page.locator("[data-writing]").count():
            page.wait_for_selector(".toolbar")  # scripts that add to the page have come
        flaws, places = walk(page)
        said = {"flaws": flaws, "not reached": page.evaluate(REACHED), "out of order": [] if places == sorted(places) else places}
        if any(said.values()):
            found[path] = {name: one for name, one in said.items() if one}
    assert not found, json.dumps(found, indent=1)
