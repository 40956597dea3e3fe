"""How well messages are put into discussions: `python -m bench.threads [FILE …]` (needs ALLIANCE_CORPORA, or files given, and pyarrow for .parquet).

A file has a message a row (message_id, in_reply_to, subject, date, from_name) and its thread as others found it (thread_id).
Pairs of messages in one thread are compared: F1 of ours, and of the two simple rules, In-Reply-To alone and the subject alone.
"""

from __future__ import annotations

import importlib
import io
import json
import os
import sys
from collections import Counter
from datetime import datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from alliance.mailing import archive
from alliance.mailing.archive import Entry, bare_subject
from alliance.mailing.threading_ import arrange

Threads = dict[str, str]  # message → thread


def rows_of(file: Path) -> list[dict[str, Any]]:
    """The messages of a file."""
    if file.suffix == ".parquet":
        found: list[dict[str, Any]] = importlib.import_module("pyarrow.parquet").read_table(file).to_pylist()
        return found
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def entries_of(rows: list[dict[str, Any]]) -> list[Entry]:
    """The messages as an archive would have them."""
    lines = []
    for row in rows:
        at = row["date"] if isinstance(row["date"], datetime) else datetime.fromisoformat(row["date"])
        answers = f"In-Reply-To: {_line(row['in_reply_to'])}\n" if row["in_reply_to"] else ""
        head = f"From: {_line(row['from_name'])} <a@example.org>\nMessage-ID: {row['message_id']}\nDate: {format_datetime(at)}\n"
        lines.append(f"From a@example.org  Thu Aug 22 12:36:23 2002\n{head}Subject: {_line(row['subject'])}\n{answers}\nText.\n\n")
    return list(archive.entries(io.BytesIO("".join(lines).encode("utf-8", "replace"))))


def _line(value: Any) -> str:
    return " ".join(str(value or "").split())


def ours(entries: list[Entry]) -> Threads:
    """Each message under the one that opens its discussion."""
    root: Threads = {}
    for one in arrange(list({entry.key: entry for entry in entries}.values())):
        root[one.entry.key] = root[one.parent] if one.parent is not None else one.entry.key
    return root


def by_answer(entries: list[Entry]) -> Threads:
    """By In-Reply-To alone, also to a message that is not there."""
    above = {entry.key: entry.references[-1] for entry in entries if entry.references}
    return {entry.key: _top(above, entry.key) for entry in entries}


def _top(above: Threads, key: str) -> str:
    seen = {key}
    while key in above and above[key] not in seen:
        key = above[key]
        seen.add(key)
    return key


def by_subject(entries: list[Entry]) -> Threads:
    """By the subject alone, without "Re:" and the list's tag."""
    return {entry.key: " ".join(archive.TAG.sub("", bare_subject(entry.subject)[0]).casefold().split()) for entry in entries}


def f1(found: Threads, right: Threads) -> float:
    """Of pairs of messages in one thread."""
    both, mine, theirs = (
        sum(n * (n - 1) // 2 for n in Counter(one).values())
        for one in ([(found[key], right[key]) for key in right], [found[key] for key in right], list(right.values()))
    )
    return 2 * both / (mine + theirs) if mine + theirs else 1.0


def score(file: Path) -> bool:
    """Print the figures of a file; whether ours are below neither simple rule."""
    rows = rows_of(file)
    entries = entries_of(rows)
    right = {entry.key: str(row["thread_id"]) for entry, row in zip(entries, rows, strict=True)}
    figures = [f1(threads, right) for threads in (ours(entries), by_answer(entries), by_subject(entries))]
    print(f"{file.stem}: {len(rows)} messages; ours {figures[0]:.3f}, In-Reply-To alone {figures[1]:.3f}, subject alone {figures[2]:.3f}")
    return figures[0] >= max(figures[1:])


def main() -> None:
    """Score every list there is."""
    folder = Path(os.environ.get("ALLIANCE_CORPORA", "")) / "mail_r_lists"
    files = [Path(one) for one in sys.argv[1:]] or sorted(folder.glob("*.parquet"))
    if not files:
        sys.exit("name files, or set ALLIANCE_CORPORA to the folder of collections")
    try:
        fine = [score(file) for file in files]
    except ModuleNotFoundError:
        sys.exit("to read .parquet: pip install pyarrow")
    if not all(fine):
        sys.exit("below a simple rule")


if __name__ == "__main__":
    main()
