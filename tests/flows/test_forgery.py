"""Forms sent from elsewhere, and links made of a forged Host header."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from alliance.accounts import passwords
from alliance.mailing import services
from tests.people import PASSWORD, People

# A mail program sends these without ever having seen a form; the address is a signed secret.
ONE_CLICK = {"/unsubscribe/<token>", "/searches/stop/<token>"}
# How this browser shows the site: pages that are kept for everybody carry these forms, and nobody gains by sending them.
DISPLAY = {"/settings/theme", "/settings/language", "/settings/live", "/settings/offline"}


def test_no_form_is_taken_without_its_token(app: Flask, people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    client = app.test_client()
    person = people.person(role="secretariat", password_hash=passwords.make(PASSWORD))
    assert client.post("/sign-in", data={"email": person.email, "password": PASSWORD}).status_code == 303
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)  # the guard that is off for tests
    taken, asked = [], 0
    for rule in app.url_map.iter_rules():
        if (
            "POST" not in (rule.methods or ())
            or rule.rule.startswith(("/api/", "/static/", "/socket.io"))
            or rule.rule in ONE_CLICK | DISPLAY
        ):
            continue
        address = app.url_map.bind("localhost").build(rule.endpoint, dict.fromkeys(rule.arguments, 1), append_unknown=False)
        asked += 1
        if client.post(address, data={"csrf_token": "made-up"}).status_code != 400:
            taken.append(rule.rule)
    assert asked > 60
    assert not taken


def test_links_in_mail_never_come_from_the_host_header(app: Flask, people: People, drain: Callable[[], int], settings: Any) -> None:
    client: FlaskClient = app.test_client()
    people.person(email="asked@example.org", password_hash=passwords.make(PASSWORD))
    forged = {"Host": "elsewhere.example", "X-Forwarded-Host": "elsewhere.example"}
    assert client.post("/forgotten-password", data={"email": "asked@example.org"}, headers=forged).status_code == 303
    drain()
    assert services.send_due() == 1
    (written,) = (settings.data_dir / "mail").iterdir()
    message = written.read_text()
    assert settings.base_url in message
    assert "elsewhere" not in message
