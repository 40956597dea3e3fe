from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from click.testing import Result
from sqlalchemy import func, select

from alliance.accounts.models import Person
from alliance.core import db
from alliance.core.settings import Settings
from alliance.groups.models import Space
from alliance.search import services
from tests.people import People
from tests.search.conftest import Forum

Cli = Callable[..., Result]


def collection(folder: Path) -> Path:
    documents = [
        {"id": "d1", "text": "Masts in villages"},
        {"id": "d2", "text": "Training of teachers", "title": "Skills", "lang": "en"},
        {"id": "d3", "text": "Nothing"},
    ]
    queries = [
        {"id": "q1", "text": "village mast"},
        {"id": "q2", "text": "who trains a teacher?", "lang": "en"},
        {"id": "q3", "text": "((("},
    ]
    (folder / "documents.jsonl").write_text("".join(json.dumps(row) + "\n" for row in documents))
    (folder / "queries.jsonl").write_text("".join(json.dumps(row) + "\n" for row in queries))
    (folder / "qrels.tsv").write_text("q1\td1\t1\nq2\td2\t1\nq3\td3\t1\n")
    return folder


def test_evaluate_prints_four_numbers_and_writes_a_run(cli: Cli, tmp_path: Path) -> None:
    result = cli("search", "evaluate", str(collection(tmp_path)), "--run", str(tmp_path / "run.txt"))
    assert result.exit_code == 0, result.output
    lines = dict(line.split() for line in result.stdout.splitlines()[1:])
    assert lines == {"MAP": "0.6667", "nDCG@10": "0.6667", "MRR@10": "0.6667", "recall@100": "0.6667"}
    run = [line.split() for line in (tmp_path / "run.txt").read_text().splitlines()]
    assert [(row[0], row[1], row[2], row[3], row[5]) for row in run] == [
        ("q1", "Q0", "d1", "1", "whoosh"),
        ("q2", "Q0", "d2", "1", "whoosh"),
    ]


def test_evaluate_says_what_is_lacking(cli: Cli, tmp_path: Path) -> None:
    result = cli("search", "evaluate", str(tmp_path))
    assert result.exit_code == 1
    assert "has no qrels.tsv" in result.stderr
    (collection(tmp_path) / "qrels.tsv").write_text("other\td1\t1\n")
    result = cli("search", "evaluate", str(tmp_path))
    assert (result.exit_code, "no query" in result.stderr) == (1, True)
    assert cli("search", "evaluate", str(tmp_path / "none")).exit_code != 0


def test_check_and_rebuild(cli: Cli, settings: Settings, people: People) -> None:
    forum = Forum(people)
    posts = [forum.open(f"Title {number}", "radio") for number in range(3)]
    result = cli("search", "check")
    assert result.exit_code == 1
    assert "alliance search rebuild" in result.stderr
    result = cli("search", "rebuild")
    # The posts, their author and the spaces.
    documents = 3 + sum(db.session().scalar(select(func.count()).select_from(model)) or 0 for model in (Person, Space))
    assert (result.exit_code, result.stdout) == (0, f"{documents} documents indexed\n")
    result = cli("search", "check")
    assert (result.exit_code, result.stdout) == (0, f"{documents} documents compared, 0 differences\n")
    with services.engine().writing():
        services.engine().update([], [f"p{posts[1]}"], services.engine().position())
    result = cli("search", "check")
    assert (result.exit_code, result.stdout) == (1, f"missing in the index: p{posts[1]}\n{documents} documents compared, 1 differences\n")
