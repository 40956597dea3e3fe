"""The page of what is kept of oneself, as a browser without script uses it."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from alliance.accounts import passwords
from alliance.privacy import services
from tests.people import PASSWORD, People


@pytest.fixture
def signed_in(client: FlaskClient, people: People) -> FlaskClient:
    """The browser of somebody who is signed in."""
    return enter(client, people, "ada@example.org")


def enter(client: FlaskClient, people: People, email: str) -> FlaskClient:
    people.person(email=email, password_hash=passwords.make(PASSWORD))
    assert client.post("/sign-in", data={"email": email, "password": PASSWORD}).status_code == 303
    return client


def test_from_asking_to_fetching(app: Flask, people: People, signed_in: FlaskClient, drain: Callable[[], int]) -> None:
    assert "Make an archive" in signed_in.get("/settings/data").text
    assert signed_in.post("/settings/data/archive", data={"password": PASSWORD}).status_code == 303
    assert "is being made" in signed_in.get("/settings/data").text
    assert signed_in.post("/settings/data/archive", data={"password": PASSWORD}).status_code == 409
    drain()
    link = re.search(r"/settings/data/[\w-]+\.zip", signed_in.get("/settings/data").text)
    assert link is not None
    fetched = signed_in.get(link[0])
    assert fetched.status_code == 200
    assert fetched.headers["Cache-Control"] == "no-store, private"
    assert "attachment" in fetched.headers["Content-Disposition"]
    assert "README.txt" in zipfile.ZipFile(io.BytesIO(fetched.data)).namelist()
    assert enter(app.test_client(), people, "eve@example.org").get(link[0]).status_code == 404
    assert "/sign-in" in app.test_client().get(link[0]).headers["Location"]


@pytest.mark.parametrize("password", [None, "", "wrong", "x" * 5000, "\x00", "ünïcode \U0001f600"])
def test_a_password_that_is_none_is_refused_and_nothing_is_made(signed_in: FlaskClient, password: str | None) -> None:
    answer = signed_in.post("/settings/data/archive", data={} if password is None else {"password": password})
    assert answer.status_code == 422
    assert not services.folder().exists()
    assert "is being made" not in signed_in.get("/settings/data").text


@pytest.mark.parametrize("key", ["x", "..%2f..%2falliance.db", "%00", "é" * 50, "x" * 3000])
def test_no_other_file_is_fetched(signed_in: FlaskClient, key: str) -> None:
    assert signed_in.get(f"/settings/data/{key}.zip").status_code == 404
