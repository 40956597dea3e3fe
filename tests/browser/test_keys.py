"""Passkeys and security keys in a real Chromium, with the authenticators it has for tests."""

from __future__ import annotations

import itertools
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect

from tests.people import PASSWORD
from tests.servers import LiveServer

pytestmark = pytest.mark.browser
TELEPHONE = {"transport": "internal", "hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True}
PEOPLE = f"""
from alliance import app
from alliance.accounts import services
from alliance.core import settings
app.start(settings.load())
for number in range(20):
    services.create(f"ada{{number}}@example.org", {PASSWORD!r}, services.Profile("Ada", "KE", stakeholder_type="media"))
"""
NUMBERS = itertools.count()
STICK = {"transport": "usb", "hasResidentKey": False, "hasUserVerification": False, "isUserVerified": False}


@pytest.fixture(scope="module")
def server(servers: Any) -> Iterator[LiveServer]:
    """A server whose address has a name: browsers tie keys to names."""
    made: LiveServer = servers()
    made.url = f"http://localhost:{made.port}"
    made.env["ALLIANCE_BASE_URL"] = made.url
    made.start()
    people = subprocess.run([made.python, "-c", PEOPLE], cwd=made.folder.parent, env=made.env, capture_output=True, text=True, check=False)
    assert people.returncode == 0, people.stderr
    yield made
    made.kill()


class Somebody:
    """A person with a browser of their own, and what authenticators it has."""

    def __init__(self, browser: Browser, server: LiveServer) -> None:
        self.email = f"ada{next(NUMBERS)}@example.org"
        self.page: Page = browser.new_context(base_url=server.url).new_page()
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda said: self.errors.append(said.text) if "Content Security" in said.text else None)
        self.wire: CDPSession = self.page.context.new_cdp_session(self.page)
        self.wire.send("WebAuthn.enable")

    def holds(self, kind: dict[str, Any]) -> str:
        options = {"protocol": "ctap2", "automaticPresenceSimulation": True, **kind}
        return str(self.wire.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"])

    def by_password(self) -> None:
        self.page.goto("/sign-in")
        self.page.fill("[name=email]", self.email)
        self.page.fill("[name=password]", PASSWORD)
        self.page.press("[name=password]", "Enter")

    def add(self, name: str) -> None:
        self.page.goto("/settings/two-step")
        self.page.click("text=Add a passkey or security key")
        self.page.fill("[name=name]", name)
        self.page.fill("[name=password]", PASSWORD)
        self.page.click("[data-key]")

    def out(self) -> None:
        self.page.click(".site-me summary")
        self.page.click('form[action="/sign-out"] button')
        expect(self.page.locator("text=You are signed out.")).to_be_visible()

    def is_in(self) -> None:
        expect(self.page.locator(".site-me .menu")).to_be_visible()


@pytest.fixture
def somebody(browser: Browser, server: LiveServer) -> Iterator[Any]:
    """Makes people with browsers; what goes wrong in one fails the test."""
    made: list[Somebody] = []

    def make() -> Somebody:
        made.append(Somebody(browser, server))
        return made[-1]

    yield make
    for one in made:
        one.page.context.close()
        assert one.errors == []


def test_a_passkey_is_added_signs_in_alone_is_a_second_step_and_is_removed(somebody: Any) -> None:
    ada = somebody()
    telephone = ada.holds(TELEPHONE)
    ada.by_password()
    ada.add("My telephone")
    expect(ada.page.locator("h2", has_text="Recovery codes")).to_be_visible()
    assert ada.page.locator("main code").count() == 10
    ada.page.click("text=I have kept them")
    expect(ada.page.locator("td:first-child", has_text="My telephone")).to_be_visible()
    ada.out()

    ada.page.goto("/sign-in?next=/settings/two-step")
    ada.page.click("text=Sign in with a passkey")
    ada.is_in()
    ada.page.wait_for_url("**/settings/two-step")
    ada.out()

    ada.by_password()
    ada.page.wait_for_url("**/sign-in/code")
    ada.page.click("text=Use a passkey or security key")
    ada.is_in()

    ada.page.goto("/settings/two-step")
    ada.page.click("td >> text=Remove")
    expect(ada.page.locator("text=It is your only second step")).to_be_visible()
    ada.page.fill("[name=password]", PASSWORD)
    ada.page.click("main button >> text=Remove")
    expect(ada.page.locator("text=The key is removed")).to_be_visible()
    ada.out()
    assert ada.wire.send("WebAuthn.getCredentials", {"authenticatorId": telephone})["credentials"]  # the device still has it
    ada.page.goto("/sign-in")
    ada.page.click("text=Sign in with a passkey")
    expect(ada.page.locator(".error-summary")).to_contain_text("This key was not accepted")


def test_a_stick_is_a_second_step_but_no_passkey_and_is_not_added_twice(somebody: Any) -> None:
    ada = somebody()
    ada.holds(STICK)
    ada.by_password()
    ada.add("Stick")
    ada.page.click("text=I have kept them")
    ada.add("Stick again")
    expect(ada.page.locator("[data-key-said]")).to_have_text("This device or key is added already.")
    ada.out()
    ada.by_password()
    ada.page.wait_for_url("**/sign-in/code")
    ada.page.click("text=Use a passkey or security key")
    ada.is_in()


def test_one_who_did_not_show_who_they_are_is_not_let_in(somebody: Any) -> None:
    ada = somebody()
    telephone = ada.holds(TELEPHONE)
    ada.by_password()
    ada.add("Telephone")
    ada.page.click("text=I have kept them")
    ada.out()
    ada.wire.send("WebAuthn.setUserVerified", {"authenticatorId": telephone, "isUserVerified": False})
    ada.page.goto("/sign-in")
    ada.page.click("text=Sign in with a passkey")
    expect(ada.page.locator("[data-key-said]")).to_contain_text("No key answered")
    ada.wire.send("WebAuthn.setUserVerified", {"authenticatorId": telephone, "isUserVerified": True})
    ada.page.click("text=Sign in with a passkey")
    ada.is_in()


def test_what_was_sent_once_is_no_good_again(somebody: Any) -> None:
    ada = somebody()
    ada.holds(TELEPHONE)
    ada.by_password()
    ada.add("Telephone")
    ada.page.click("text=I have kept them")
    ada.out()
    ada.page.goto("/sign-in")
    with ada.page.expect_request(lambda request: request.url.endswith("/sign-in/passkey") and request.method == "POST") as sent:
        ada.page.click("text=Sign in with a passkey")
    ada.is_in()
    ada.out()
    ada.page.goto("/sign-in")
    fields = dict(pair.split("=", 1) for pair in (sent.value.post_data or "").split("&"))
    token = ada.page.locator("main [name=csrf_token]").first.input_value()
    answer = ada.page.request.post(
        "/sign-in/passkey",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        data=f"csrf_token={token}&answer={fields['answer']}",
    )
    assert answer.status == 422
    assert "That took too long, or was sent twice" in answer.text()


def test_the_telephone_of_somebody_else_is_no_second_step(somebody: Any) -> None:
    ada, eve = somebody(), somebody()
    for one in (ada, eve):
        one.holds(TELEPHONE)
        one.by_password()
        one.add("Telephone")
        one.page.click("text=I have kept them")
        one.out()
    eve.email = ada.email  # whose password she has learned
    eve.by_password()
    eve.page.wait_for_url("**/sign-in/code")
    eve.page.click("text=Use a passkey or security key")
    expect(eve.page.locator("[data-key-said]")).to_contain_text("No key answered")
    eve.page.goto("/settings/profile")
    eve.page.wait_for_url("**/sign-in?**")


def test_a_page_of_another_name_gets_no_answer(somebody: Any, server: LiveServer) -> None:
    ada = somebody()
    ada.holds(TELEPHONE)
    ada.by_password()
    ada.add("Telephone")
    ada.page.click("text=I have kept them")
    ada.out()
    ada.page.goto(f"http://127.0.0.1:{server.port}/sign-in")
    ada.page.click("text=Sign in with a passkey")
    expect(ada.page.locator("[data-key-said]")).to_contain_text("No key answered")


def test_a_wrong_password_is_said_before_a_key_is_asked(somebody: Any) -> None:
    ada = somebody()
    telephone = ada.holds(TELEPHONE)
    ada.by_password()
    ada.is_in()
    ada.page.goto("/settings/two-step/keys/new")
    ada.page.fill("[name=name]", "Telephone")
    ada.page.fill("[name=password]", "not the password")
    ada.page.click("[data-key]")
    expect(ada.page.locator(".error-summary")).to_contain_text("This is not your present password.")
    assert ada.wire.send("WebAuthn.getCredentials", {"authenticatorId": telephone})["credentials"] == []


def test_without_script_a_password_and_a_recovery_code_are_enough(somebody: Any, browser: Browser, server: LiveServer) -> None:
    ada = somebody()
    ada.holds(TELEPHONE)
    ada.by_password()
    ada.add("Telephone")
    expect(ada.page.locator("main code")).to_have_count(10)
    code = ada.page.locator("main code").first.inner_text()
    context = browser.new_context(java_script_enabled=False, base_url=server.url)
    page = context.new_page()
    page.goto("/sign-in")
    assert page.locator("text=Sign in with a passkey").is_hidden()
    page.fill("[name=email]", ada.email)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    assert page.locator("text=Use a passkey or security key").is_hidden()
    expect(page.locator("text=Your keys need JavaScript, which is off.")).to_be_visible()
    page.fill("[name=code]", code)
    page.press("[name=code]", "Enter")
    expect(page.locator(".site-me .menu")).to_be_visible()
    context.close()
