"""Two windows on one discussion: what is done in one appears in the other, in place, without a reload."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from tests.people import PASSWORD
from tests.servers import LiveServer

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def house(servers: Any) -> Iterator[tuple[LiveServer, dict[str, str]]]:
    """A server with two participants and a moderator, and the API headers of each."""
    server = servers().start()
    headers = {}
    for name, role in (("Amina", "participant"), ("Boris", "participant"), ("Clara", "moderator")):
        address = f"{name.lower()}@example.org"
        options = ["--name", name, "--stakeholder-type", "media", "--role", role, "--password", PASSWORD]
        run(server, "user", "create", address, *options)
        headers[name] = {"Authorization": f"Bearer {run(server, 'token', 'create', address)}"}
    yield server, headers
    server.kill()


def run(server: LiveServer, *words: str) -> str:
    command = [sys.executable, "-m", "alliance", *words]
    return subprocess.run(command, env=server.env, cwd=server.folder.parent, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def discussion(house: tuple[LiveServer, dict[str, str]]) -> dict[str, Any]:
    """A discussion with three replies."""
    server, headers = house
    body = {"space": "c2", "title": "Who pays for the last mile?", "body": "We ask because nobody knows."}
    made = requests.post(f"{server.url}/api/v1/discussions", json=body, headers=headers["Amina"], timeout=10).json()
    for number in range(3):
        say(house, "Amina", made, f"Answer number {number}, of some length, so that the page has something to show.")
    return dict(made)


def say(house: Any, who: str, discussion: dict[str, Any], body: str, parent: int | None = None) -> dict[str, Any]:
    server, headers = house
    url = f"{server.url}/api/v1/discussions/{discussion['id']}/posts"
    answer = requests.post(url, json={"body": body, "parent_id": parent}, headers=headers[who], timeout=10)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def window(browser: Browser, house: Any, discussion: dict[str, Any], who: str | None = None, **options: Any) -> Page:
    """A window on the discussion, signed in or not, with its socket connected."""
    server = house[0]
    page = browser.new_context(**options).new_page()
    if who:
        page.goto(f"{server.url}/sign-in?next=/d/{discussion['id']}/{discussion['slug']}")
        page.get_by_label("E-mail address").fill(f"{who.lower()}@example.org")
        page.get_by_label("Password").fill(PASSWORD)
        page.locator("main").get_by_role("button", name="Sign in").click()
    else:
        page.goto(f"{server.url}/d/{discussion['id']}/{discussion['slug']}")
    page.wait_for_load_state("load")
    return page


def listening(page: Page) -> None:
    """Wait until the page hears: it says so on its section."""
    page.wait_for_selector("#posts[data-live='on']", timeout=10_000)


def test_a_post_in_one_window_appears_in_the_other(browser: Browser, house: Any, discussion: dict[str, Any]) -> None:
    reader, writer = window(browser, house, discussion), window(browser, house, discussion, "Boris")
    listening(reader)
    writer.get_by_label("Text", exact=True).fill("Said in the other window.")
    writer.get_by_role("button", name="Publish").click()
    expect(reader.locator("article", has_text="Said in the other window.")).to_be_visible(timeout=5000)
    expect(reader.locator("article")).to_have_count(5)
    expect(reader.locator("#live-says")).to_contain_text("Boris")
    expect(reader.locator("#live-count")).to_have_text("5 posts")
    reader.reload()
    expect(reader.locator("article")).to_have_count(5)


def test_a_reply_appears_in_its_place_in_the_tree(browser: Browser, house: Any, discussion: dict[str, Any]) -> None:
    first = requests.get(f"{house[0].url}/api/v1/discussions/{discussion['id']}/posts", timeout=10).json()["items"][1]
    reader = window(browser, house, discussion)
    listening(reader)
    say(house, "Boris", discussion, "To the first answer.", first["id"])
    # It belongs between posts one looks at: nothing moves before one wants it to.
    expect(reader.locator("#live-below")).to_contain_text("1", timeout=5000)
    expect(reader.locator("article")).to_have_count(4)
    reader.locator("#live-below").click()
    expect(reader.locator("article").nth(2)).to_contain_text("To the first answer.", timeout=5000)


def test_what_one_reads_does_not_move(browser: Browser, house: Any, discussion: dict[str, Any]) -> None:
    for number in range(12):
        say(house, "Amina", discussion, f"A longer answer {number}. " * 12)
    first = requests.get(f"{house[0].url}/api/v1/discussions/{discussion['id']}/posts", timeout=10).json()["items"][1]
    reader = window(browser, house, discussion, viewport={"width": 800, "height": 600})
    listening(reader)
    anchor = reader.locator(f"#{reader.locator('article').nth(9).get_attribute('id')}")
    anchor.evaluate("element => element.scrollIntoView({block: 'start', behavior: 'instant'})")
    before = anchor.bounding_box()
    say(house, "Boris", discussion, "Above what one reads. " * 30, first["id"])
    expect(reader.locator("article", has_text="Above what one reads.")).to_have_count(1, timeout=5000)
    after = anchor.bounding_box()
    assert before is not None
    assert after is not None
    assert abs(before["y"] - after["y"]) < 3
    say(house, "Boris", discussion, "Far below.")
    expect(reader.locator("#live-below")).to_be_visible(timeout=5000)
    expect(reader.locator("#live-below")).to_contain_text("1")
    reader.locator("#live-below").click()
    expect(reader.locator("article", has_text="Far below.")).to_be_in_viewport()
    expect(reader.locator("#live-below")).to_be_hidden()


def test_edits_and_withdrawals_appear(browser: Browser, house: Any, discussion: dict[str, Any]) -> None:
    server, headers = house
    post = say(house, "Boris", discussion, "First words.")
    reader = window(browser, house, discussion)
    listening(reader)
    url = f"{server.url}/api/v1/posts/{post['id']}"
    requests.patch(url, json={"body": "Second words.", "revision": 1}, headers=headers["Boris"], timeout=10)
    expect(reader.locator(f"#p{post['id']}")).to_contain_text("Second words.", timeout=5000)
    requests.delete(url, headers=headers["Boris"], timeout=10)
    expect(reader.locator(f"#p{post['id']}")).not_to_contain_text("Second words.", timeout=5000)


def test_what_was_missed_arrives_once_after_the_link_returns(browser: Browser, house: Any, discussion: dict[str, Any]) -> None:
    reader = window(browser, house, discussion)
    listening(reader)
    reader.context.set_offline(True)
    reader.wait_for_selector("#posts[data-live='off']", timeout=60_000)
    missed = [say(house, "Boris", discussion, f"Missed {number}.")["id"] for number in range(3)]
    reader.context.set_offline(False)
    for post_id in missed:
        expect(reader.locator(f"#p{post_id}")).to_have_count(1, timeout=40_000)
    say(house, "Boris", discussion, "And after.")
    expect(reader.locator("article", has_text="And after.")).to_have_count(1, timeout=5000)
    expect(reader.locator("article")).to_have_count(8)


def test_who_writes_is_not_pushed_away_and_keeps_the_focus(browser: Browser, house: Any, discussion: dict[str, Any]) -> None:
    writer = window(browser, house, discussion, "Boris")
    listening(writer)
    writer.get_by_label("Text", exact=True).click()
    writer.keyboard.type("Half a thou")
    writer.wait_for_timeout(2500)  # until the line of who is here has come
    before, scrolled = writer.get_by_label("Text", exact=True).bounding_box(), writer.evaluate("scrollY")
    for number in range(3):
        say(house, "Amina", discussion, f"Meanwhile {number}.")
    expect(writer.locator("#live-below")).to_contain_text("3", timeout=5000)
    assert writer.get_by_label("Text", exact=True).bounding_box() == before
    assert writer.evaluate("scrollY") == scrolled
    assert writer.evaluate("document.activeElement.tagName") == "TEXTAREA"
    # Spoken once for the first, and once for what came right after it.
    expect(writer.locator("#live-says")).to_have_text("New replies: 2", timeout=12_000)
    writer.locator("#live-below").click()
    expect(writer.locator("article")).to_have_count(7)
    expect(writer.get_by_label("Text", exact=True)).to_have_value("Half a thou")


def test_who_is_here_is_told_by_name_or_number(browser: Browser, house: Any, discussion: dict[str, Any]) -> None:
    reader = window(browser, house, discussion)
    boris = window(browser, house, discussion, "Boris")
    expect(reader.locator("#live-here")).to_contain_text("Here now: 1 (Boris) · Guests: 1", timeout=15_000)
    boris.goto(f"{house[0].url}/settings/live")
    boris.get_by_label("Show others that I am reading a discussion").uncheck()
    boris.locator("form[action='/settings/presence'] button").click()
    expect(reader.locator("#live-here")).to_contain_text("Here now: 0 · Guests: 1", timeout=15_000)
    boris.goto(f"{house[0].url}/d/{discussion['id']}/{discussion['slug']}")
    listening(boris)
    boris.wait_for_timeout(3500)
    expect(reader.locator("#live-here")).to_contain_text("Here now: 0")
    boris.goto(f"{house[0].url}/settings/live")
    boris.get_by_label("Show others that I am reading a discussion").check()
    boris.locator("form[action='/settings/presence'] button").click()


def test_where_no_socket_can_be_held_the_page_asks(browser: Browser, house: Any, discussion: dict[str, Any]) -> None:
    context = browser.new_context()
    context.add_cookies([{"name": "live", "value": "poll", "url": house[0].url}])
    reader = context.new_page()
    reader.clock.install()
    asked: list[int] = []
    reader.on("response", lambda answer: asked.append(answer.status) if "/news?" in answer.url else None)
    reader.goto(f"{house[0].url}/d/{discussion['id']}/{discussion['slug']}")
    reader.wait_for_selector("#posts[data-live='poll']")
    say(house, "Boris", discussion, "Told without a socket.")
    reader.clock.run_for(16_000)
    expect(reader.locator("article", has_text="Told without a socket.")).to_have_count(1)
    for _round in range(3):
        with reader.expect_response(lambda answer: "/news?" in answer.url):
            reader.clock.run_for(60_000)
    assert asked[0] == 200
    assert asked[-1] == 304


def test_without_script_the_page_is_complete(browser: Browser, house: Any, discussion: dict[str, Any]) -> None:
    reader = window(browser, house, discussion, "Boris", java_script_enabled=False)
    expect(reader.locator("article")).to_have_count(4)
    reader.get_by_label("Text", exact=True).fill("Sent without script.")
    reader.get_by_role("button", name="Publish").click()
    expect(reader.locator("article", has_text="Sent without script.")).to_be_visible()
