"""Writing with script: kept when the tab is closed, written with keys, sent once, completed, quoted; and offline."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.people import PASSWORD
from tests.servers import LiveServer

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def house(servers: Any) -> Iterator[tuple[LiveServer, dict[str, dict[str, str]]]]:
    """A server with two people, and the API headers of each."""
    server = servers().start()
    headers = {}
    for name in ("Amina", "Boris"):
        address = f"{name.lower()}@example.org"
        run(server, "user", "create", address, "--name", name, "--stakeholder-type", "media", "--password", PASSWORD)
        headers[name] = {"Authorization": f"Bearer {run(server, 'token', 'create', address)}"}
    yield server, headers
    server.kill()


def run(server: LiveServer, *words: str) -> str:
    command = [sys.executable, "-m", "alliance", *words]
    return subprocess.run(command, env=server.env, cwd=server.folder.parent, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def discussion(house: Any) -> dict[str, Any]:
    """A discussion opened by Boris."""
    server, headers = house
    body = {
        "space": "c2",
        "title": "Who pays for the last mile?",
        "body": "We **ask** because nobody knows. The fund pays ten per cent of it.",
    }
    answer = requests.post(f"{server.url}/api/v1/discussions", json=body, headers=headers["Boris"], timeout=10)
    assert answer.status_code == 201, answer.text
    return dict(answer.json()) | {"path": f"/d/{answer.json()['id']}/{answer.json()['slug']}"}


def posts(house: Any, discussion: dict[str, Any]) -> list[dict[str, Any]]:
    url = f"{house[0].url}/api/v1/discussions/{discussion['id']}/posts"
    return list(requests.get(url, timeout=10).json()["items"])


@pytest.fixture
def context(browser: Browser, house: Any) -> Iterator[BrowserContext]:
    """Amina's browser, signed in; what goes wrong in a console fails the test."""
    made = browser.new_context(base_url=house[0].url, viewport={"width": 900, "height": 800})
    complaints: list[str] = []
    made.on("weberror", lambda error: complaints.append(str(error.error)))
    page = made.new_page()
    page.goto("/sign-in")
    page.get_by_label("E-mail address").fill("amina@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Sign in").click()
    page.wait_for_selector(".site-me .menu")
    page.close()
    yield made
    made.close()
    assert complaints == []


def writing(context: BrowserContext, discussion: dict[str, Any]) -> Page:
    page = context.new_page()
    page.goto(discussion["path"])
    page.wait_for_selector(".toolbar")
    return page


def saved(page: Page) -> None:
    expect(page.locator(".writing-says")).to_contain_text("Draft saved", timeout=6000)


def test_a_draft_is_there_again_after_the_tab_was_closed(context: BrowserContext, house: Any, discussion: dict[str, Any]) -> None:
    page = writing(context, discussion)
    page.locator("#body").press_sequentially("Half a thought")
    saved(page)
    page.close()
    page = writing(context, discussion)
    expect(page.locator("#body")).to_have_value("Half a thought")
    page.goto("/drafts")
    expect(page.locator(".drafts")).to_contain_text("Half a thought")
    page.locator(".drafts").get_by_role("link", name="Who pays").first.click()
    expect(page.locator("#body")).to_have_value("Half a thought")
    page.locator("#reply").get_by_role("button", name="Publish").click()
    page.wait_for_selector("article:has(.post-head > a:text-is('#2'))")
    page.wait_for_load_state("networkidle")
    page.reload()
    expect(page.locator("#body")).to_have_value("")
    assert [one["body"] for one in posts(house, discussion)[1:]] == ["Half a thought"]


def test_closing_at_once_loses_nothing(context: BrowserContext, house: Any, discussion: dict[str, Any]) -> None:
    server, headers = house
    page = writing(context, discussion)
    page.locator("#body").press_sequentially("Typed and gone")
    page.goto("/about")
    # Saved on its way out, for every device.
    end = time.monotonic() + 20
    while "Typed and gone" not in requests.get(f"{server.url}/api/v1/drafts", headers=headers["Amina"], timeout=10).text:
        assert time.monotonic() < end
        time.sleep(0.1)
    page.close(run_before_unload=False)
    page = writing(context, discussion)
    expect(page.locator("#body")).to_have_value("Typed and gone")


def test_a_double_click_makes_one_post(context: BrowserContext, house: Any, discussion: dict[str, Any]) -> None:
    page = writing(context, discussion)
    page.locator("#body").fill("Only once, please.")
    page.locator("#reply").get_by_role("button", name="Publish").dblclick()
    page.wait_for_selector("article:has(.post-head > a:text-is('#2'))")
    assert [one["body"] for one in posts(house, discussion)[1:]] == ["Only once, please."]


def test_ctrl_enter_sends_once(context: BrowserContext, house: Any, discussion: dict[str, Any]) -> None:
    page = writing(context, discussion)
    page.locator("#body").fill("By keyboard.")
    page.locator("#body").focus()
    page.keyboard.down("Control")
    for _time in range(3):
        page.keyboard.press("Enter")
    page.keyboard.up("Control")
    page.wait_for_selector("article:has(.post-head > a:text-is('#2'))")
    assert [one["body"] for one in posts(house, discussion)[1:]] == ["By keyboard."]


def test_the_toolbar_by_keyboard(context: BrowserContext, discussion: dict[str, Any]) -> None:
    page = writing(context, discussion)
    bar = page.get_by_role("toolbar", name="Format the text")
    assert bar.get_attribute("aria-controls") == "body"
    body = page.locator("#body")
    body.fill("one two")
    body.focus()
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.textContent") == "Bold"
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.textContent") == "Italic"
    page.keyboard.press("End")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.textContent") == "Bold"
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("document.activeElement.textContent") == "Code"
    body.focus()
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+b")
    expect(body).to_have_value("**one two**")
    page.keyboard.press("Control+b")
    expect(body).to_have_value("one two")
    page.keyboard.press("Control+z")
    expect(body).to_have_value("**one two**")
    page.keyboard.press("Control+a")
    bar.get_by_role("button", name="Quotation").click()
    expect(body).to_have_value("> **one two**")
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+k")
    expect(body).to_have_value("[> **one two**](https://)")


def test_names_are_completed(context: BrowserContext, discussion: dict[str, Any]) -> None:
    page = writing(context, discussion)
    body = page.locator("#body")
    body.focus()
    page.keyboard.type("Ask @bo")
    option = page.get_by_role("option", name=re.compile("@boris"))
    expect(option).to_contain_text("notifies 1 person")
    assert body.get_attribute("aria-activedescendant") == option.get_attribute("id")
    page.keyboard.press("Enter")
    expect(body).to_have_value("Ask @boris ")
    expect(page.locator(".completion")).to_be_hidden()
    page.keyboard.type("in #c1")
    expect(page.locator(".completion li").first).to_contain_text("notifies nobody")
    page.keyboard.press("Escape")
    expect(page.locator(".completion")).to_be_hidden()
    expect(body).to_have_value("Ask @boris in #c1")


def test_the_preview_is_made_by_the_server(context: BrowserContext, discussion: dict[str, Any]) -> None:
    page = writing(context, discussion)
    page.locator("#body").fill("Some *words*.")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator(".preview em")).to_have_text("words")
    assert page.url.endswith(discussion["path"])


def test_a_selection_is_quoted_and_kept_as_a_reference(context: BrowserContext, house: Any, discussion: dict[str, Any]) -> None:
    page = writing(context, discussion)
    page.evaluate(
        "() => { const body = document.querySelector('.post-body p'); getSelection().setBaseAndExtent(body.firstChild, 0, body.lastChild, 8); }"
    )
    page.locator(".quote-selection").click()
    body = page.locator("#body")
    expect(body).to_have_value(re.compile(r"\[#1\]\(/p/\d+\) Boris:\n> We \*\*ask\*\* because\n\n"))
    body.press("Control+End")
    page.keyboard.type("So do we.")
    page.locator("#reply").get_by_role("button", name="Publish").click()
    page.wait_for_selector("article:has(.post-head > a:text-is('#2'))")
    assert "> We **ask** because" in posts(house, discussion)[1]["body"]
    expect(page.locator("article:has(.post-head > a:text-is('#2')) blockquote strong")).to_have_text("ask")


def test_a_newer_draft_elsewhere_is_shown(context: BrowserContext, discussion: dict[str, Any]) -> None:
    desk, telephone = writing(context, discussion), writing(context, discussion)
    telephone.locator("#body").fill("On the telephone")
    saved(telephone)
    desk.locator("#body").fill("At the desk")
    notice = desk.get_by_role("alert")
    expect(notice).to_contain_text("On the telephone", timeout=6000)
    expect(desk.locator("#body")).to_have_value("At the desk")
    desk.get_by_role("button", name="Keep mine").click()
    saved(desk)
    telephone.reload()
    expect(telephone.locator("#body")).to_have_value("At the desk")


def test_offline_it_is_kept_on_the_device_and_wiped_on_signing_out(context: BrowserContext, discussion: dict[str, Any]) -> None:
    page = writing(context, discussion)
    context.set_offline(True)
    page.locator("#body").fill("Written in the train")
    expect(page.locator(".writing-says")).to_contain_text("kept on this device", timeout=6000)
    page.close()
    context.set_offline(False)
    page = writing(context, discussion)
    expect(page.locator("#body")).to_have_value("Written in the train")
    expect(page.locator(".writing-says")).to_contain_text("is here again")
    context.set_offline(True)
    page.locator("#body").fill("Written in the tunnel")
    expect(page.locator(".writing-says")).to_contain_text("kept on this device", timeout=6000)
    assert page.evaluate("Object.keys(localStorage).length") == 1
    context.set_offline(False)
    page.locator(".site-me .menu summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/")
    assert page.evaluate("Object.keys(localStorage).length") == 0


def test_signed_out_elsewhere_the_text_survives_signing_in(context: BrowserContext, house: Any, discussion: dict[str, Any]) -> None:
    page = writing(context, discussion)
    page.locator("#body").fill("A long text.")
    context.clear_cookies()
    page.locator("#reply").get_by_role("button", name="Publish").click()
    expect(page.get_by_label("Your text")).to_have_value("A long text.")
    page.get_by_label("E-mail address").fill("amina@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Sign in").click()
    expect(page.locator("#body")).to_have_value("A long text.")
    page.locator("#reply").get_by_role("button", name="Publish").click()
    page.wait_for_selector("article:has(.post-head > a:text-is('#2'))")
    assert [one["body"] for one in posts(house, discussion)[1:]] == ["A long text."]


def test_without_script_the_buttons_do_it(browser: Browser, house: Any, discussion: dict[str, Any]) -> None:
    made = browser.new_context(base_url=house[0].url, java_script_enabled=False)
    page = made.new_page()
    page.goto(f"/sign-in?next={discussion['path']}")
    page.get_by_label("E-mail address").fill("amina@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Sign in").click()
    assert page.locator(".toolbar").count() == 0
    page.locator("#body").fill("Saved by a button")
    page.get_by_role("button", name="Save draft").click()
    expect(page.locator("#body")).to_have_value("Saved by a button")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator(".preview")).to_contain_text("Saved by a button")
    page.goto(discussion["path"])
    page.get_by_role("button", name="Discard draft").click()
    expect(page.locator("#body")).to_have_value("")
    made.close()


def test_the_back_button_makes_no_second_post(context: BrowserContext, house: Any, discussion: dict[str, Any]) -> None:
    page = writing(context, discussion)
    page.locator("#body").fill("Once, whatever I press.")
    page.locator("#reply").get_by_role("button", name="Publish").click()
    page.wait_for_selector("article:has(.post-head > a:text-is('#2'))")
    page.go_back()
    expect(page.locator("#body")).to_have_value("Once, whatever I press.")  # browsers put it back, with another nonce
    page.locator("#reply").get_by_role("button", name="Publish").click()
    page.wait_for_selector("article:has(.post-head > a:text-is('#2'))")
    assert [one["body"] for one in posts(house, discussion)[1:]] == ["Once, whatever I press."]


def test_whoever_does_not_stop_typing_is_saved_after_15_seconds(context: BrowserContext, discussion: dict[str, Any]) -> None:
    page = context.new_page()
    page.clock.install()
    page.goto(discussion["path"])
    page.wait_for_selector(".toolbar")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.post_data or "") if request.method == "PUT" else None)
    page.locator("#body").focus()
    for second in range(14):
        page.keyboard.press("x")
        page.clock.run_for(1000)
        assert sent == [], second
    for _second in range(3):
        page.keyboard.press("x")
        page.clock.run_for(1000)
    assert len(sent) == 1
    for _try in range(40):  # the first answer may still be on its way
        if '"body":"xxxxxxxxxxxxxxxxx"' in sent[-1]:
            break
        page.clock.run_for(2500)
        page.wait_for_timeout(100)
    assert '"body":"xxxxxxxxxxxxxxxxx"' in sent[-1]
