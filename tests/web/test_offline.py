"""Reading without a connection: what the worker may keep, whose it is, and what an installed application is called."""

from __future__ import annotations

import json
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from alliance.accounts import passwords
from alliance.core import shipped
from alliance.core.i18n import LANGUAGES
from alliance.web import offline
from tests.doors import READING
from tests.people import PASSWORD, People

SECRET = re.compile(
    r"^/(sign-|register|confirm|forgotten|reset|settings|admin|moderation|drafts|unsubscribe|searches|search|healthz|readyz|api|static|worker|offline|groups/(new|invitations))"
)


def readable(path: str) -> bool:
    return any(re.fullmatch(one, path) for one in offline.READABLE)


def test_no_secret_page_may_be_kept(app: Flask) -> None:
    paths = {re.sub(r"<[^>]+>", "1", rule.rule) for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    kept = {path for path in paths if readable(path)}
    assert len(kept) > 20
    assert {path for path in kept if SECRET.match(path) or re.search(r"/(new|edit|invitations|requests|withdraw)$", path)} == set()
    public = {re.sub(r"<[^>]+>", "1", rule) for rule in READING}
    assert kept - public == {"/notifications", "/bookmarks"}


def test_the_worker_is_asked_for_anew_and_names_what_is_there(client: FlaskClient) -> None:
    answer = client.get("/worker.js")
    assert answer.mimetype == "text/javascript"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    text = answer.get_data(as_text=True)
    files = json.loads(re.search(r"^const FILES = (.*);$", text, re.MULTILINE).group(1))  # type: ignore[union-attr]
    assert set(files) == {*LANGUAGES, ""}
    for address in {one for some in files.values() for one in some}:
        assert client.get(address).status_code == 200, address
    said = json.loads(re.search(r"^const WORDS = (.*);$", text, re.MULTILINE).group(1))  # type: ignore[union-attr]
    assert all(set(said[language]) == set(offline.IN_WORKER) and "%s" in said[language]["kept_of"] for language in LANGUAGES)
    assert client.get("/worker.js", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_manifest_and_its_icons(client: FlaskClient, language: str) -> None:
    answer = client.get(f"/manifest/{language}")
    told = json.loads(answer.get_data(as_text=True))
    assert answer.mimetype == "application/manifest+json"
    assert told["lang"] == language
    assert told["dir"] == ("rtl" if language == "ar" else "ltr")
    assert {icon["sizes"] for icon in told["icons"]} == {"192x192", "512x512"}
    for icon in told["icons"]:
        drawn = client.get(icon["src"]).get_data()
        assert f"{int.from_bytes(drawn[16:20])}x{int.from_bytes(drawn[20:24])}" == icon["sizes"]
    assert f'href="/manifest/{language}"' in client.get(f"/about?lang={language}").get_data(as_text=True)
    assert (shipped.path("static") / "icons" / "alliance-192.png").exists()


def test_there_is_no_manifest_in_another_language(client: FlaskClient) -> None:
    assert client.get("/manifest/xx").status_code == 404


class TestWhose:
    @staticmethod
    def told(client: FlaskClient) -> str | None:
        found = re.search(r'<form id="own"[^>]* data-keep="(\w+)"', client.get("/about").get_data(as_text=True))
        return found.group(1) if found else None

    def test_a_page_says_another_value_with_each_sign_in(self, app: Flask, people: People) -> None:
        person = people.person(password_hash=passwords.make(PASSWORD))
        address = person.email
        values = []
        for _time in range(2):
            client = app.test_client()
            assert self.told(client) is None
            client.post("/sign-in", data={"email": address, "password": PASSWORD})
            values.append(self.told(client))
            assert self.told(client) == values[-1]
        assert values[0] != values[1]
        assert "guest" not in values

    def test_signing_out_clears_the_storage_of_the_browser(self, client: FlaskClient) -> None:
        assert client.post("/sign-out").headers["Clear-Site-Data"] == '"storage"'


@pytest.mark.parametrize(("given", "kept"), [("off", "off"), ("on", None), ("\x00", None), (None, None)])
def test_the_choice_is_a_cookie(client: FlaskClient, given: str | None, kept: str | None) -> None:
    answer = client.post("/settings/offline", data={"offline": given} if given else {})
    assert answer.status_code == 303
    cookie = client.get_cookie("offline")
    assert (cookie.value if cookie else None) == kept
    page = client.get("/settings/display").get_data(as_text=True)
    assert f'value="{"off" if kept else "on"}" aria-pressed="true"' in page


def test_the_list_is_there_for_everybody(client: FlaskClient) -> None:
    page = client.get("/offline").get_data(as_text=True)
    assert "data-kept" in page
