"""Health, and the choices every page offers."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from typing import Any

import brotli
import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from alliance.core import schema
from alliance.web import assets, scripts


def test_healthz_asks_nobody(client: FlaskClient) -> None:
    assert client.get("/healthz").json == {"status": "ok"}


def test_readyz_when_all_is_well(client: FlaskClient) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json == {"status": "ok", "problems": []}


def test_readyz_when_the_schema_is_another_one(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "head", lambda: "of-tomorrow")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    found = schema.revision()
    assert answer.json["problems"] == [f"the database is at revision {found}, this version needs of-tomorrow"]


def test_readyz_when_the_database_is_gone(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> None:
        raise sa.exc.OperationalError("SELECT 1", None, Exception("gone"))

    monkeypatch.setattr(schema, "revision", gone)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json["problems"] == ["the database does not answer"]


def test_every_answer_has_an_id_of_its_own_and_the_security_headers(client: FlaskClient) -> None:
    first, second = client.get("/healthz"), client.get("/nowhere")
    assert first.headers["X-Request-ID"] != second.headers["X-Request-ID"]
    for answer in (first, second):
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "\t//evil.example", ""]
)
def test_choosing_never_leads_elsewhere(client: FlaskClient, target: str) -> None:
    for path in ("/settings/theme", "/settings/language"):
        answer = client.post(path, data={"theme": "dark", "lang": "fr", "next": target})
        assert answer.status_code == 303
        assert answer.headers["Location"] == "/"


def test_the_language_that_was_chosen_stays(client: FlaskClient) -> None:
    client.post("/settings/language", data={"lang": "ar"})
    page = client.get("/about").get_data(as_text=True)
    assert '<html lang="ar" dir="rtl"' in page


def test_the_theme_that_was_chosen_stays_until_it_is_given_back(client: FlaskClient) -> None:
    def theme(page: Any) -> bool:
        return 'data-theme="dark"' in page.get_data(as_text=True)

    client.post("/settings/theme", data={"theme": "dark"})
    assert theme(client.get("/about"))
    client.post("/settings/theme", data={"theme": "system"})
    assert not theme(client.get("/about"))


@pytest.mark.parametrize(("asked", "unpack"), [("gzip", gzip.decompress), ("br", brotli.decompress), ("identity", bytes)])
@pytest.mark.parametrize("address", [scripts.address("reading", "fr"), "/static/alliance.css"])
def test_scripts_and_styles_are_packed_for_every_browser(
    client: FlaskClient, address: str, asked: str, unpack: Callable[[bytes], bytes]
) -> None:
    answer = client.get(address, headers={"Accept-Encoding": asked})
    assert (answer.headers.get("Content-Encoding") or "identity") == asked
    assert unpack(answer.data) == (scripts.joined("reading", "fr") if "reading" in address else assets.bundle())
    assert ("immutable" in answer.headers["Cache-Control"]) == ("v=" in address)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    again = client.get(address, headers={"Accept-Encoding": asked, "If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
