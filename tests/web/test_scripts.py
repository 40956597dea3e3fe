"""Scripts joined to files: every module is in one, none twice, each behind what it imports, with what it says."""

from __future__ import annotations

import json
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from alliance.core import shipped
from alliance.core.i18n import LANGUAGES
from alliance.web import scripts

FOLDER = shipped.path("static") / "js"
EVERY = sorted(str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.js"))


def test_every_module_is_in_a_file() -> None:
    assert {module for bundle in scripts.bundles() for module in scripts.modules_of(bundle)} == set(EVERY)


@pytest.mark.parametrize("bundle", ["reading", "writing", "socket", "polling", "tools", "offline", "keys"])
class TestAFile:
    def test_a_module_stands_behind_what_it_imports(self, app: Flask, bundle: str) -> None:
        modules = scripts.modules_of(bundle)
        assert len(modules) == len(set(modules))
        for place, module in enumerate(modules):
            text = (FOLDER / module).read_text(encoding="utf-8")
            for path in re.findall(r'from "([^"]+)"', text):
                wanted = (FOLDER / module).parent.joinpath(path).resolve().relative_to(FOLDER.resolve())
                assert str(wanted) in modules[:place]

    def test_nothing_of_the_modules_is_left_to_the_browser(self, app: Flask, bundle: str) -> None:
        text = scripts.joined(bundle, "en").decode()
        assert not re.search(r"^\s*(?:import|export)\b", text, re.MULTILINE)

    def test_it_says_what_it_needs_in_every_language(self, app: Flask, bundle: str) -> None:
        used = {
            name
            for module in scripts.modules_of(bundle)
            for name in re.findall(r"\bwords\.(?!js\b)(\w+)", (FOLDER / module).read_text("utf-8"))
        }
        for language in LANGUAGES:
            table = json.loads(re.match(r"const WORDS = (\{.*?\}), FILES", scripts.joined(bundle, language).decode()).group(1))  # type: ignore[union-attr]
            assert set(table) == used

    def test_its_address_changes_with_its_words(self, app: Flask, client: FlaskClient, bundle: str) -> None:
        english, arabic = scripts.address(bundle, "en"), scripts.address(bundle, "ar")
        assert english != arabic
        assert client.get(english).status_code == client.get(arabic).status_code == 200


def test_there_is_nothing_else(client: FlaskClient) -> None:
    assert client.get("/static/scripts/en/nothing.js").status_code == 404
    assert client.get("/static/scripts/xx/reading.js").status_code == 404
