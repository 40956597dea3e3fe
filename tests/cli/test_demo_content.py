"""The demonstration content is whole: everybody exists, trees are trees, time runs forward, nothing is said twice."""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

DATA = Path(__file__).resolve().parents[2] / "alliance" / "data"
DEMO = DATA / "demo"
FILES = sorted((DEMO / "discussions").glob("*.json"))
LANGUAGES = {"ar", "zh", "en", "fr", "ru", "es"}
DAYS = 56
SENTENCE = re.compile(r"(?<=[.!?؟])\s+|[。！？\n]+")


@cache
def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _people() -> dict[str, dict[str, Any]]:
    return {person["handle"]: person for person in _read(DEMO / "people.json")}


def _organizations() -> dict[str, dict[str, Any]]:
    return {organization["slug"]: organization for organization in _read(DEMO / "organizations.json")}


def _spaces() -> set[str]:
    lines = {line["code"] for line in _read(DATA / "reference" / "action_lines.json")}
    return lines | {f"group:{group['key']}" for group in _read(DATA / "demo" / "groups.json")}


def _discussions() -> list[dict[str, Any]]:
    return [discussion for file in FILES for discussion in _read(file)]


def _posts(discussion: dict[str, Any]) -> list[dict[str, Any]]:
    """The opening post and the replies, in one shape."""
    opening = discussion | {"id": None, "parent": None, "author": discussion["opened_by"]}
    return [opening, *discussion["posts"]]


def _moment(post: dict[str, Any]) -> tuple[int, int]:
    hour, minute = map(int, post["time"].split(":"))
    assert 0 <= hour < 24
    assert 0 <= minute < 60
    return post["day"], hour * 60 + minute


def test_people_are_enough_and_belong_somewhere() -> None:
    people, organizations = _people(), _organizations()
    assert len(people) == len(_read(DEMO / "people.json")) >= 60
    assert len(organizations) == len(_read(DEMO / "organizations.json")) >= 20
    assert len({person["country"] for person in people.values()}) >= 25
    assert len({person["stakeholder_type"] for person in people.values()}) == 6
    assert len({person["region"] for person in people.values()}) == 5
    for handle, person in people.items():
        assert re.fullmatch(r"[a-z0-9-]+", handle)
        assert person["organization"] is None or person["organization"] in organizations, handle
        assert {*person["languages"], person["interface_language"]} <= LANGUAGES, handle
        assert not person["affiliation_verified"] or person["organization"], handle


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_discussions_are_trees_in_which_time_runs_forward(file: Path) -> None:
    people = _people()
    for discussion in _read(file):
        assert discussion["space"] in _spaces()
        seen: dict[str | None, dict[str, Any]] = {}
        for post in _posts(discussion):
            where = (discussion["title"], post["id"])
            assert post["id"] not in seen, where
            author = people[post["author"]]
            assert post["language"] in LANGUAGES & set(author["languages"]), where
            assert post["capacity"] in ("personal", "organization"), where
            assert post["capacity"] == "personal" or author["organization"], where
            assert post["body"].strip(), where
            assert 0 <= post["day"] < DAYS, where
            if seen:
                assert post["parent"] in seen, where
                assert _moment(seen[post["parent"]]) < _moment(post), where
            seen[post["id"]] = post


def test_every_action_line_and_language_is_spoken() -> None:
    discussions = _discussions()
    posts = [post for discussion in discussions for post in _posts(discussion)]
    assert len(posts) >= 300
    languages = Counter(post["language"] for post in posts)
    assert {language for language, count in languages.items() if count >= 12} == LANGUAGES
    assert {discussion["space"] for discussion in discussions} == _spaces()


def test_no_sentence_is_said_twice() -> None:
    said = Counter(
        sentence
        for discussion in _discussions()
        for post in _posts(discussion)
        for sentence in {part.strip(" *>-") for part in SENTENCE.split(post["body"])}
        if len(sentence) >= 40
    )
    assert [sentence for sentence, count in said.items() if count > 1] == []
