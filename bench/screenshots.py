"""Every page as people see it: 360 and 1280 px wide, light and dark, in a left-to-right and a right-to-left language.

python -m bench.screenshots FOLDER
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.conftest import CHROMIUM
from tests.servers import LiveServer

GUEST = (
    "/",
    "/action-lines",
    "/action-lines/c1",
    "/search?q=internet",
    "/digests",
    "/people",
    "/moderation/log",
    "/about",
    "/sign-in",
    "/register",
    "/nowhere",
)
SIGNED_IN = (
    "/",
    "/notifications",
    "/settings/profile",
    "/settings/affiliations",
    "/settings/tokens",
    "/moderation",
    "/admin/affiliations",
    "/admin/failures",
)
WIDTHS = (360, 1280)
EMAIL = "screenshots@example.org"
PASSWORD = "a password for screenshots only"


def name_of(path: str) -> str:
    """A file name for a path."""
    return re.sub(r"[^a-z0-9]+", "-", path.lower()).strip("-") or "home"


def take(page: Page, server: LiveServer, path: str, file: Path) -> None:
    """One picture of a whole page; says so when the page is wider than the window."""
    page.goto(server.url + path)
    page.screenshot(path=file, full_page=True)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if wide > 0:
        print(f"{file.name}: {wide} px wider than the window")


def sign_in(context: BrowserContext, server: LiveServer) -> None:
    """As anybody does."""
    page = context.new_page()
    page.goto(f"{server.url}/sign-in")
    page.fill("input[name=email]", EMAIL)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_load_state()
    page.close()


def first(page: Page, server: LiveServer, path: str, pattern: str) -> list[str]:
    """The first link on a page whose address matches."""
    page.goto(server.url + path)
    links = page.eval_on_selector_all("a[href]", "all => all.map(a => a.getAttribute('href'))")
    return [link for link in links if re.search(pattern, link)][:1]


def found(page: Page, server: LiveServer) -> list[str]:
    """A discussion, an organization, a person and a digest to look at."""
    discussion = first(page, server, "/action-lines/c1", r"^/d/\d+")
    inside = [link for path in discussion for pattern in (r"^/people/", r"^/organizations/") for link in first(page, server, path, pattern)]
    return [*discussion, *inside, *first(page, server, "/digests", r"^/digests/\d+$")]


def tour(browser: Browser, server: LiveServer, folder: Path) -> None:
    """All pages in all forms."""
    for width in WIDTHS:
        for scheme in ("light", "dark"):
            for signed_in in (False, True):
                context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
                if signed_in:
                    sign_in(context, server)
                page = context.new_page()
                paths = [*SIGNED_IN] if signed_in else [*GUEST, *found(page, server)]
                paths += [f"{path}?lang=ar" for path in paths if "?" not in path] if scheme == "light" else []
                for path in paths:
                    who = "signed-in" if signed_in else "guest"
                    take(page, server, path, folder / f"{who}-{name_of(path)}-{width}-{scheme}.png")
                context.close()


def main() -> None:
    """The command line."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "screenshots").absolute()
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="alliance-screens-") as data, sync_playwright() as playwright:
        server = LiveServer(Path(data) / "data", rate_limits="off")
        for command in (
            ("demo",),
            ("user", "create", EMAIL, "--name", "Somebody", "--stakeholder-type", "media", "--role", "secretariat", "--password", PASSWORD),
        ):
            done = server.run(*command)
            if done.returncode:
                sys.exit(done.stderr)
        server.start()
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
        try:
            tour(browser, server, folder)
        finally:
            browser.close()
            server.stop()
    print(f"{len(list(folder.glob('*.png')))} pictures in {folder}")


if __name__ == "__main__":
    main()
