"""Topics of a Discourse forum become discussions."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from alliance.accounts.models import Person
from alliance.core import db as database
from alliance.discussions.models import Discussion, Post
from alliance.mailing import discourse

Cli = Callable[..., Result]


def post(number: int, text: str, **more: Any) -> dict[str, Any]:
    return {
        "id": 100 + number, "post_number": number, "post_type": 1, "username": f"user{number % 2}", "name": f"User {number % 2}", "raw": text,
        "created_at": f"2019-03-0{number}T10:00:00.000Z", "avatar_template": "/user_avatar/forum.example.org/user/{size}/1.png", **more,
    }  # fmt: skip


def topic(*posts: dict[str, Any], number: int = 7, **more: Any) -> dict[str, Any]:
    return {"id": number, "title": "Fibre to schools", "posts_count": len(posts), "post_stream": {"posts": list(posts)}, **more}


TREE = topic(
    post(1, "Who pays for *fibre*? Write to jane@example.org"),
    post(2, '[quote="User 1, post:1, topic:7"]\nWho pays for *fibre*?\n[/quote]\n\nThe state.'),
    post(3, "Not in mine.", reply_to_post_number=2),
    post(4, "Locked", post_type=3),
    post(5, "gone", deleted_at="2019-03-05T10:00:00Z"),
    post(6, "", cooked="<p>Made of <b>HTML</b>: <a href='https://a.example/x'>there</a></p>", raw=None, reply_to_post_number=4),
)


def last(result: Result) -> str:
    assert result.exit_code == 0, result.output
    return result.stdout.splitlines()[-1]


def bodies() -> list[tuple[int, int | None, str]]:
    found = database.session().scalars(select(Post).order_by(Post.discussion_id, Post.number))
    return [(one.number, one.parent_number, one.body) for one in found]


def test_a_topic_becomes_a_discussion_and_coming_again_adds_nothing(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "7.json"
    file.write_text(json.dumps(TREE), encoding="utf-8")
    result = cli("import", "discourse", str(file), "--space", "c5")
    assert last(result) == "imported 4, duplicates 0, skipped 2"
    assert "7.json, post 104 skipped: it is a note of the staff" in result.stderr
    assert "7.json, post 105 skipped: it was deleted or hidden" in result.stderr
    assert bodies() == [
        (1, None, "Who pays for *fibre*? Write to j…@example.org"),
        (2, 1, "> User 1:\n>\n> Who pays for *fibre*?\n\nThe state."),
        (3, 2, "Not in mine."),
        (4, 1, "Made of HTML: there <https://a.example/x>"),
    ]
    opened = database.session().scalars(select(Discussion)).one()
    assert (opened.title, opened.created_at.isoformat(), opened.imported) == ("Fibre to schools", "2019-03-01T10:00:00+00:00", True)
    people = database.session().scalars(select(Person).order_by(Person.id)).all()
    assert [(one.name, one.claimed, one.archive_email) for one in people] == [
        ("User 1", False, "user1@forum.example.org.invalid"),
        ("User 0", False, "user0@forum.example.org.invalid"),
    ]
    assert last(cli("import", "discourse", str(file), "--space", "c5")) == "imported 0, duplicates 4, skipped 2"


def test_topics_go_to_the_space_of_their_category(cli: Cli, tmp_path: Path) -> None:
    lines = [
        topic(post(1, "Of c5"), category_slug="C5"),
        topic(post(2, "Of c6"), number=8, category={"slug": "c6"}),
        topic(post(3, "Of no space"), number=9),
    ]
    file = tmp_path / "all.jsonl"
    file.write_text("\n".join([*map(json.dumps, lines), "{broken", "[1]"]), encoding="utf-8")
    result = cli("import", "discourse", str(file))
    assert last(result) == "imported 2, duplicates 0, skipped 3"
    assert "all.jsonl, line 3 skipped: no space is called as its category is: say where it goes with --space" in result.stderr
    assert "all.jsonl, line 4 skipped: it is no JSON" in result.stderr
    assert "all.jsonl, line 5 skipped: it is no topic" in result.stderr
    assert {found.space.code for found in database.session().scalars(select(Discussion))} == {"c5", "c6"}


def test_folders_and_archives_of_topics(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "1.json").write_text(
        json.dumps({"topics": [topic(post(1, "One")), topic(post(2, "Two"), number=8)]}), encoding="utf-8"
    )
    (tmp_path / "in" / "2.json").write_text(json.dumps([topic(post(3, "Three"), number=9)]), encoding="utf-8")
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as packed:
        for file in sorted((tmp_path / "in").iterdir()):
            packed.write(file, file.name)
    assert last(cli("import", "discourse", str(tmp_path / "in"), "--space", "c5", "--dry-run")) == "imported 3, duplicates 0, skipped 0"
    assert bodies() == []
    assert last(cli("import", "discourse", str(tmp_path / "in.zip"), "--space", "c5")) == "imported 3, duplicates 0, skipped 0"
    assert last(cli("import", "discourse", str(tmp_path / "in"), "--space", "c5")) == "imported 0, duplicates 3, skipped 0"


def test_what_is_private_or_incomplete_is_told(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "t.json"
    file.write_text(
        json.dumps([topic(post(1, "Hush"), archetype="private_message"), topic(post(2, "Half"), posts_count=3)]), encoding="utf-8"
    )
    result = cli("import", "discourse", str(file), "--space", "c5")
    assert last(result) == "imported 1, duplicates 0, skipped 3"
    assert "t.json, topic 1, post 101 skipped: it is a private message" in result.stderr
    assert result.stderr.count("its text is not in the file: fetch the topic with ?print=true") == 2
    assert [body for _number, _parent, body in bodies()] == ["Half"]


def test_forums_are_told_apart(cli: Cli, tmp_path: Path) -> None:
    for name in ("one.example", "two.example"):
        (tmp_path / f"{name}.json").write_text(json.dumps(topic(post(1, "Same number"))), encoding="utf-8")
        result = cli("import", "discourse", str(tmp_path / f"{name}.json"), "--space", "c5", "--forum", name)
        assert last(result) == "imported 1, duplicates 0, skipped 0"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("x.json", b"no json", "none of its messages could be taken"),
        ("x.zip", b"PK\x03\x04broken", "x.zip cannot be read: it is damaged"),
        ("missing.json", None, "missing.json cannot be read: No such file or directory"),
    ],
)
def test_bad_input_is_told(cli: Cli, tmp_path: Path, name: str, content: bytes | None, said: str) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    result = cli("import", "discourse", str(tmp_path / name), "--space", "c5")
    assert result.exit_code != 0
    assert said in result.stderr
    assert "Traceback" not in result.output
    assert "there is no space “c99”" in cli("import", "discourse", str(tmp_path / name), "--space", "c99").stderr


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20), lambda inner: st.lists(inner, max_size=3), max_leaves=5
)
FIELDS = [
    "id",
    "post_number",
    "post_type",
    "username",
    "name",
    "raw",
    "cooked",
    "created_at",
    "avatar_template",
    "reply_to_post_number",
    "hidden",
]


@given(st.lists(st.dictionaries(st.sampled_from(FIELDS), VALUES)), VALUES, VALUES)
def test_whatever_stands_in_a_topic_each_post_has_an_outcome(posts: list[dict[str, Any]], title: Any, archetype: Any) -> None:
    made = topic(*posts) | {"title": title, "archetype": archetype}
    assert len(list(discourse.write(made, "forum.example", io.BytesIO()))) == len(posts)
    assert discourse.forum_of(made)


@pytest.mark.parametrize(
    ("raw", "made"),
    [
        ("before [quote]a[/quote]", "before\n\n> a\n\n"),
        ("\nbefore\n[quote]a[/quote]", "\nbefore\n\n> a\n\n"),
        ("[quote]a[/quote]b", "> a\n\nb"),
        ('[quote="x, post:1"]\n[quote]\na\n[/quote]\nb\n[/quote]', "> x:\n>\n> > a\n>\n> b\n\n"),
        ("[quote]never closed", "[quote]never closed"),
        ("closed only[/quote]", "closed only[/quote]"),
    ],
)
def test_quotes(raw: str, made: str) -> None:
    assert discourse.quoted(raw) == made
