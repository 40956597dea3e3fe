"""Files with script: chosen, pasted and dropped, described, published; and the same form without script."""

from __future__ import annotations

import base64
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.attachments import samples
from tests.people import PASSWORD
from tests.servers import LiveServer

pytestmark = pytest.mark.browser
PICTURE = {"name": "Map of masts.png", "mimeType": "image/png", "buffer": samples.picture("PNG", (300, 200))}
DOCUMENT = {"name": "Plan.pdf", "mimeType": "application/pdf", "buffer": samples.PDF}
GIVE = """([kind, selector, type]) => {
  const bytes = Uint8Array.from(atob(window.given), (one) => one.charCodeAt(0));
  const data = new DataTransfer();
  data.items.add(new File([bytes], "image.png", { type: "image/png" }));
  if (type) data.setData(type, "as text");
  const options = { bubbles: true, cancelable: true, clipboardData: data, dataTransfer: data };
  const event = kind === "paste" ? new ClipboardEvent(kind, options) : new DragEvent(kind, options);
  return document.querySelector(selector).dispatchEvent(event);
}"""


@pytest.fixture(scope="module")
def server(servers: Any) -> Iterator[LiveServer]:
    """A server on which Amina may write."""
    made = servers().start()
    command = [sys.executable, "-m", "alliance", "user", "create", "amina@example.org", "--name", "Amina"]
    command += ["--stakeholder-type", "media", "--password", PASSWORD]
    subprocess.run(command, env=made.env, cwd=made.folder.parent, check=True, capture_output=True)
    yield made
    made.kill()


def signed_in(browser: Browser, server: LiveServer, **options: Any) -> BrowserContext:
    made = browser.new_context(base_url=server.url, viewport={"width": 900, "height": 800}, **options)
    page = made.new_page()
    page.goto("/sign-in")
    page.get_by_label("E-mail address").fill("amina@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Sign in").click()
    page.wait_for_selector(".site-me .menu")
    page.goto("/action-lines/c2/new")
    page.fill("[name=title]", "Where the masts stand")
    page.fill("[name=body]", "Here is a map.")
    return made


@pytest.fixture
def page(browser: Browser, server: LiveServer) -> Iterator[Page]:
    """A form of Amina's, a title and a text begun."""
    context = signed_in(browser, server)
    errors: list[str] = []
    context.on("weberror", lambda error: errors.append(str(error.error)))
    yield context.pages[0]
    context.close()
    assert errors == []


def test_chosen_described_and_published(page: Page) -> None:
    page.set_input_files("#files", [PICTURE, DOCUMENT])  # type: ignore[list-item]
    expect(page.locator(".attached li")).to_have_count(2)
    expect(page.locator(".attaching-says")).to_have_text("Plan.pdf is attached.")
    page.get_by_label("What does the picture show?").fill("A map of [all] masts")
    text = page.input_value("[name=body]")
    written = r"Here is a map\.\n\n!\[A map of \\\[all\\\] masts\]\(/attachments/\w+/map-of-masts\.png\)\n\n\[Plan\.pdf\]\(/attachments/\w+/plan\.pdf\)\n"
    assert re.fullmatch(written, text), text
    page.get_by_role("button", name="Publish").click()
    picture = page.locator(".post-body img")
    expect(picture).to_have_attribute("alt", "A map of [all] masts")
    assert picture.evaluate("(image) => image.decode().then(() => image.naturalWidth)") == 300
    expect(page.get_by_role("link", name="Plan.pdf (PDF, 1 kB)")).to_be_visible()


def test_pasted_and_dropped(page: Page) -> None:
    page.evaluate("(given) => { window.given = given }", _base64(samples.picture()))
    for kind, selector in (("paste", "[name=body]"), ("drop", "[data-attaching]")):
        assert page.evaluate(GIVE, [kind, selector, ""]) is False  # the browser does nothing of its own
    expect(page.locator(".attaching-says")).to_have_text("image.png is attached.")
    expect(page.locator(".attached li")).to_have_count(1)  # the same picture twice is one
    # What a text processor puts on the clipboard is text with a picture of it: the text is meant.
    assert page.evaluate(GIVE, ["paste", "[name=body]", "text/plain"]) is True


def test_what_is_not_taken_is_said_and_the_text_stays(page: Page) -> None:
    page.set_input_files("#files", {"name": "run.pdf", "mimeType": "application/pdf", "buffer": samples.EXE})
    expect(page.locator(".attaching-says")).to_contain_text("run.pdf: A file of this type is not taken.")
    page.set_input_files("#files", {"name": "big.pdf", "mimeType": "application/pdf", "buffer": samples.PDF + bytes(10 * 2**20)})
    expect(page.locator(".attaching-says")).to_have_text("big.pdf: The file is larger than 10 MB.")
    assert page.input_value("[name=body]") == "Here is a map."
    page.context.set_offline(True)
    page.set_input_files("#files", DOCUMENT)  # type: ignore[arg-type]
    expect(page.locator(".attaching-says")).to_have_text("Plan.pdf could not be sent. Try again.")
    page.context.set_offline(False)


def test_a_text_waits_for_its_files(page: Page) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/attachments?*", hold)
    page.set_input_files("#files", DOCUMENT)  # type: ignore[arg-type]
    expect(page.locator(".attaching-says progress")).to_be_visible()
    page.get_by_role("button", name="Publish").click()
    page.wait_for_timeout(300)
    assert page.url.endswith("/new")
    held[0].continue_()
    expect(page.get_by_role("link", name="Plan.pdf (PDF, 1 kB)")).to_be_visible()


def test_without_script(browser: Browser, server: LiveServer) -> None:
    context = signed_in(browser, server, java_script_enabled=False)
    page = context.pages[0]
    page.set_input_files("#files", [PICTURE, DOCUMENT])  # type: ignore[list-item]
    page.get_by_role("button", name="Attach").click()
    page.get_by_label("What does the picture show?").fill("A map")
    page.get_by_role("button", name="Publish").click()
    expect(page.locator(".post-body img")).to_have_attribute("alt", "A map")
    expect(page.get_by_role("link", name="Plan.pdf (PDF, 1 kB)")).to_be_visible()
    context.close()


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
