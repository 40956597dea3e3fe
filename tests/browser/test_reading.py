"""Reading a discussion in a browser: posts become read, on every device; branches are hidden; keys lead on."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from alliance.reading.numbers import Numbers
from tests.people import PASSWORD
from tests.servers import LiveServer

pytestmark = pytest.mark.browser
SMALL = {"width": 800, "height": 600}
House = tuple[LiveServer, dict[str, dict[str, str]]]


@pytest.fixture(scope="module")
def house(servers: Any) -> Iterator[House]:
    """A server with a writer and a reader, and the API headers of both."""
    server = servers().start()
    headers = {}
    for name in ("Amina", "Rita"):
        address = f"{name.lower()}@example.org"
        run(server, "user", "create", address, "--name", name, "--stakeholder-type", "media", "--password", PASSWORD)
        headers[name] = {"Authorization": f"Bearer {run(server, 'token', 'create', address)}"}
    yield server, headers
    server.kill()


def run(server: LiveServer, *words: str) -> str:
    command = [sys.executable, "-m", "alliance", *words]
    return subprocess.run(command, env=server.env, cwd=server.folder.parent, check=True, capture_output=True, text=True).stdout.strip()


def call(house: House, method: str, path: str, body: Any = None, who: str = "Amina") -> Any:
    server, headers = house
    answer = requests.request(method, f"{server.url}/api/v1{path}", json=body, headers=headers[who], timeout=10)
    assert answer.ok, answer.text
    return answer.json()


def say(house: House, discussion: dict[str, Any], body: str, parent: int | None = None) -> int:
    return int(call(house, "POST", f"/discussions/{discussion['id']}/posts", {"body": body, "parent_id": parent})["id"])


def left(house: House, discussion: dict[str, Any]) -> int:
    """How many posts are unread, as the server knows."""
    return int(call(house, "GET", f"/discussions/{discussion['id']}/read", who="Rita")["unread"])


@pytest.fixture
def discussion(house: House) -> dict[str, Any]:
    """1, 2 > 3 > 4, 5, 6: each longer than half a window."""
    body = {"space": "c2", "title": "Who pays for the last mile?", "body": "We ask because nobody knows. " * 40}
    made = dict(call(house, "POST", "/discussions", body))
    second = say(house, made, "The users. " * 100)
    third = say(house, made, "Which users? " * 100, second)
    say(house, made, "All of them. " * 100, third)
    say(house, made, "Nobody. " * 130)
    say(house, made, "The state. " * 100)
    return made


def window(browser: Browser, house: House, discussion: dict[str, Any], *, guest: bool = False, **options: Any) -> Page:
    server = house[0]
    page = browser.new_context(viewport=SMALL, reduced_motion="reduce", **options).new_page()
    path = f"/d/{discussion['id']}/{discussion['slug']}"
    if guest:
        page.goto(f"{server.url}{path}")
    else:
        page.goto(f"{server.url}/sign-in?next={path}")
        page.get_by_label("E-mail address").fill("rita@example.org")
        page.get_by_label("Password").fill(PASSWORD)
        page.locator("main").get_by_role("button", name="Sign in").click()
    page.wait_for_load_state("load")
    return page


def test_posts_on_the_screen_become_read_and_others_do_not(browser: Browser, house: House, discussion: dict[str, Any]) -> None:
    page = window(browser, house, discussion)
    expect(page.locator(".unread-mark:visible")).to_have_count(6)
    page.locator("article").nth(1).scroll_into_view_if_needed()
    page.locator("article").nth(1).evaluate("post => post.scrollIntoView()")
    with page.expect_response(lambda answer: answer.url.endswith("/read"), timeout=15_000):
        pass
    expect(page.locator("article").nth(1).locator(".unread-mark")).to_be_hidden()
    expect(page.locator("article").nth(5).locator(".unread-mark")).to_be_visible()
    assert 0 < left(house, discussion) < 6
    expect(page.locator(".reading-first")).to_contain_text(str(left(house, discussion)))


def test_what_was_seen_just_before_leaving_is_kept(browser: Browser, house: House, discussion: dict[str, Any]) -> None:
    page = window(browser, house, discussion)
    page.locator("article").nth(4).evaluate("post => post.scrollIntoView()")
    expect(page.locator("article").nth(4).locator(".unread-mark")).to_be_hidden(timeout=10_000)
    page.goto(f"{house[0].url}/about")
    for _try in range(600):  # what a page sends while it goes may arrive after the next one was given
        if 5 in Numbers.parse(call(house, "GET", f"/discussions/{discussion['id']}/read", who="Rita")["read"]):
            break
        page.wait_for_timeout(100)
    page.goto(f"{house[0].url}/d/{discussion['id']}/{discussion['slug']}")
    expect(page.locator("article").nth(4).locator(".unread-mark")).to_have_count(0)


def test_a_notification_that_arrives_leaves_the_links_to_what_is_unread(browser: Browser, house: House, discussion: dict[str, Any]) -> None:
    page = window(browser, house, discussion)
    page.wait_for_selector("#posts[data-live='on']", timeout=10_000)
    say(house, discussion, "What does @rita say?")
    expect(page.locator("header [data-unread]")).to_have_text(re.compile(r"^\d+$"), timeout=20_000)
    expect(page.get_by_role("link", name=re.compile("unread posts: go to the first"))).to_be_visible()


def test_what_another_device_has_read_is_read_here(browser: Browser, house: House, discussion: dict[str, Any]) -> None:
    call(house, "PUT", f"/discussions/{discussion['id']}/read", {"numbers": [1, 2, 3, 4]}, who="Rita")
    page = window(browser, house, discussion)
    expect(page.locator(".unread-mark")).to_have_count(2)
    page.get_by_role("link", name="2 unread posts: go to the first").click()
    expect(page.locator("article:has(.post-head > a:text-is('#5'))")).to_be_in_viewport()


def test_keys_lead_on_and_leave_what_one_types_alone(browser: Browser, house: House, discussion: dict[str, Any]) -> None:
    call(house, "PUT", f"/discussions/{discussion['id']}/read", {"numbers": [1, 2, 3, 5]}, who="Rita")
    page = window(browser, house, discussion)

    def focused() -> str | None:
        found = page.evaluate("document.activeElement.closest('article')?.querySelector('.post-head a').textContent.slice(1) ?? null")
        return str(found) if found is not None else None

    page.wait_for_selector(".orders-keys", state="attached", timeout=10_000)  # said once the keys are listened to
    page.keyboard.press("n")
    assert focused() == "4"
    page.keyboard.press("n")
    assert focused() == "6"
    page.keyboard.press("p")
    assert focused() == "4"
    page.keyboard.press("k")
    assert focused() == "3"
    page.keyboard.press("j")
    assert focused() == "4"
    text = page.get_by_label("Text", exact=True)
    text.click()
    page.keyboard.type("jknp")
    assert text.input_value() == "jknp"


def test_a_branch_is_hidden_and_shown_and_takes_new_replies_along(browser: Browser, house: House, discussion: dict[str, Any]) -> None:
    page = window(browser, house, discussion, guest=True)
    page.wait_for_selector("#posts[data-live='on']", timeout=10_000)
    second = page.locator("article:has(.post-head > a:text-is('#2'))")
    second.locator(".post-fold").click()
    expect(page.locator("article:visible")).to_have_count(4)
    expect(page.locator(".folded")).to_contain_text("Replies hidden: 2")
    post_id = second.get_attribute("id")
    assert post_id
    say(house, discussion, "A late reply.", int(post_id[1:]))
    expect(page.locator(".folded")).to_contain_text("Replies hidden: 3", timeout=10_000)
    expect(page.locator("article:visible")).to_have_count(4)
    page.locator(".folded").get_by_role("button", name="Show").click()
    expect(page.locator("article:visible")).to_have_count(7)
    expect(second.locator(".post-fold")).to_be_focused()


def test_by_time_what_is_new_comes_last(browser: Browser, house: House, discussion: dict[str, Any]) -> None:
    page = window(browser, house, discussion, guest=True)
    page.get_by_role("link", name="By time").click()
    page.wait_for_selector("#posts[data-order='time'][data-live='on']", timeout=10_000)
    first_reply = page.locator("article:has(.post-head > a:text-is('#2'))").get_attribute("id")
    assert first_reply
    say(house, discussion, "To the second, at last.", int(first_reply[1:]))
    expect(page.locator("article").last).to_contain_text("To the second, at last.", timeout=10_000)


def test_a_post_that_arrives_is_read_where_it_is_seen(browser: Browser, house: House, discussion: dict[str, Any]) -> None:
    call(house, "PUT", f"/discussions/{discussion['id']}/read", {"all": True}, who="Rita")
    page = window(browser, house, discussion)
    page.wait_for_selector("#posts[data-live='on']", timeout=10_000)
    say(house, discussion, "Just now.")
    expect(page.locator("article", has_text="Just now.")).to_have_count(1, timeout=10_000)
    assert left(house, discussion) == 1
    with page.expect_response(lambda answer: answer.url.endswith("/read"), timeout=15_000):
        page.locator("article", has_text="Just now.").evaluate("post => post.scrollIntoView()")
    assert left(house, discussion) == 0


def test_all_of_it_without_script(browser: Browser, house: House, discussion: dict[str, Any]) -> None:
    page = window(browser, house, discussion, java_script_enabled=False)
    page.locator("article:has(.post-head > a:text-is('#2')) .post-fold").click()
    expect(page.locator("article")).to_have_count(4)
    expect(page.locator(".folded")).to_contain_text("2 replies folded")
    page.locator(".folded").get_by_role("link", name="show").click()
    expect(page.locator("article")).to_have_count(6)
    page.get_by_role("button", name="Mark this page as read").click()
    expect(page.get_by_text("You have read everything here.")).to_be_visible()
    page.locator("article:has(.post-head > a:text-is('#5'))").get_by_role("button", name="Unread from here").click()
    expect(page.locator(".unread-mark")).to_have_count(2)
    page.get_by_role("button", name="By time").click()
    expect(page.locator("#posts[data-order='time']")).to_have_count(1)
    page.get_by_role("button", name="As a tree").click()
    expect(page.locator("#posts[data-order='tree']")).to_have_count(1)
    # On paper a date is a date, whether a script has shortened it or not.
    page.goto(f"{house[0].url}/d/{discussion['id']}/{discussion['slug']}/all")
    page.emulate_media(media="print")
    assert page.locator("article time").first.evaluate("time => getComputedStyle(time).fontSize") != "0px"
