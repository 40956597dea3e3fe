"""Every page as people see it: each language, light and dark, 360 and 1280 px wide, for a member of the secretariat and a guest; and an
index of the pictures.

python -m bench.screenshots FOLDER [LANGUAGE …]
"""

from __future__ import annotations

import re
import sys
import tempfile
from html import escape
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from alliance.core.i18n import LANGUAGES
from tests.browser.test_look import FOR_GUESTS, PAGES
from tests.conftest import CHROMIUM
from tests.servers import LiveServer

MORE_FOR_GUESTS = ("/action-lines", "/groups", "/latest", "/digests", "/people", "/moderation/log", "/about", "/nowhere")
WIDTHS = (360, 1280)
THEMES = ("light", "dark")
EMAIL = "screenshots@example.org"
PASSWORD = "a password for screenshots only"


def name_of(path: str) -> str:
    """A file name for a path."""
    return re.sub(r"[^a-z0-9]+", "-", path.lower()).strip("-") or "home"


def file_of(who: str, path: str, language: str, width: int, theme: str) -> str:
    """The name of a picture."""
    return f"{who}-{name_of(path)}-{language}-{width}-{theme}.png"


def take(page: Page, folder: Path, who: str, path: str, language: str) -> None:
    """The pictures of a page in a language: it is loaded once, and drawn in each width and theme."""
    page.goto(f"{path}{'&' if '?' in path else '?'}lang={language}")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        for theme in THEMES:
            page.emulate_media(color_scheme="dark" if theme == "dark" else "light", reduced_motion="reduce")
            file = folder / file_of(who, path, language, width, theme)
            page.screenshot(path=file, full_page=True)
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if wide > 0:
                print(f"{file.name}: {wide} px wider than the window")


def sign_in(context: BrowserContext) -> str:
    """As anybody does; the handle of who signed in."""
    page = context.new_page()
    page.goto("/sign-in")
    page.fill("input[name=email]", EMAIL)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_selector(".site-me .menu")
    handle = str(page.get_attribute('.site-me .menu-list a[href^="/people/"]', "href")).rsplit("/", 1)[1]
    page.close()
    return handle


def links(page: Page, path: str, pattern: str) -> list[str]:
    """The first link on a page whose address matches."""
    page.goto(path)
    found = page.eval_on_selector_all("a[href]", "all => all.map(a => a.getAttribute('href'))")
    return [link for link in found if re.search(pattern, link)][:1]


def found(page: Page) -> list[str]:
    """A discussion, an organization, a person, a group, a consensus call and a digest to look at."""
    discussion = links(page, "/action-lines/c1", r"^/d/\d+")
    inside = [link for path in discussion for pattern in (r"^/people/", r"^/organizations/") for link in links(page, path, pattern)]
    groups = links(page, "/groups", r"^/groups/(?!new)[^/]+$")
    calls = [link for path in groups for link in links(page, path, r"^/consensus/\d+$")]
    return [*discussion, *inside, *groups, *calls, *links(page, "/digests", r"^/digests/\d+$")]


def allowed(page: Page, paths: list[str]) -> list[str]:
    """Those that are there (another installation has other numbers), each once."""
    answers = {path: page.goto(path) for path in paths}
    return [path for path, answer in answers.items() if answer is not None and (answer.status == 200 or path == "/nowhere")]


def tour(browser: Browser, server: LiveServer, folder: Path, languages: tuple[str, ...]) -> dict[str, list[str]]:
    """All pages in all forms; returns which pages they were."""
    shown: dict[str, list[str]] = {}
    for who in ("guest", "member"):
        context = browser.new_context(base_url=server.url)
        handle = sign_in(context) if who == "member" else ""
        page = context.new_page()
        listed = [path.format(handle=handle) for path in PAGES] if who == "member" else [*FOR_GUESTS, *MORE_FOR_GUESTS]
        shown[who] = allowed(page, [*listed, *found(page)])
        for path in shown[who]:
            for language in languages:
                take(page, folder, who, path, language)
        context.close()
    return shown


def index(folder: Path, shown: dict[str, list[str]], languages: tuple[str, ...]) -> None:
    """A page that shows all of them, page by page."""
    parts = ['<!doctype html><html lang="en"><meta charset="utf-8"><title>Every page</title>']
    parts += [
        "<style>body{font-family:sans-serif}img{inline-size:12rem;block-size:16rem;object-fit:cover;object-position:top;border:1px solid}</style>"
    ]
    for who, paths in shown.items():
        for path in paths:
            parts.append(f"<h2>{who}: {escape(path)}</h2>")
            for language in languages:
                files = [file_of(who, path, language, width, theme) for width in WIDTHS for theme in THEMES]
                pictures = "".join(f'<a href="{file}"><img loading="lazy" src="{file}" alt="{file}"></a> ' for file in files)
                parts.append(f"<p>{language}<br>{pictures}</p>")
    (folder / "index.html").write_text("\n".join(parts), encoding="utf-8")


def main() -> None:
    """The command line."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "screenshots").absolute()
    languages = tuple(sys.argv[2:]) or LANGUAGES
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="alliance-screens-") as data, sync_playwright() as playwright:
        server = LiveServer(Path(data) / "data", rate_limits="off")
        words = ("--name", "Somebody", "--stakeholder-type", "media", "--role", "secretariat", "--password", PASSWORD)
        for command in (("demo",), ("user", "create", EMAIL, *words)):
            done = server.run(*command)
            if done.returncode:
                sys.exit(done.stderr)
        server.start()
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
        try:
            index(folder, tour(browser, server, folder, languages), languages)
        finally:
            browser.close()
            server.stop()
    print(f"{len(list(folder.glob('*.png')))} pictures in {folder}, shown by {folder / 'index.html'}")


if __name__ == "__main__":
    main()
