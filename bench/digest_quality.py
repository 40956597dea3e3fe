"""How well the digest's selection does on corpora with human judgement, with bootstrap intervals.

    python bench/digest_quality.py FOLDER      a folder with qmsum/, convosumm_email/ and argkp_kpa2021/

QMSum: share of human topics touched in 150 words. ConvoSumm: ROUGE-1 F (stemmed) in 75 words. ArgKP: share of the
experts' key points covered by as many picks.
"""

from __future__ import annotations

import collections
import csv
import functools
import io
import json
import random
import re
import statistics
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import snowballstemmer

from alliance.digests.evaluate import evaluate

Case = tuple[dict[str, Any], Callable[[list[dict[str, Any]]], float]]
WORD = re.compile(r"[a-z0-9]+")
PORTER = snowballstemmer.stemmer("porter")


def qmsum(folder: Path) -> Iterator[Case]:
    """Committee meetings."""
    for line in (folder / "qmsum/committee_train.jsonl").read_text("utf-8").splitlines():
        meeting = json.loads(line)
        messages = [{"id": n, "author": turn["speaker"], "text": turn["content"]} for n, turn in enumerate(meeting["meeting_transcripts"])]
        spans = [
            {n for begin, end in topic["relevant_text_span"] for n in range(int(begin), int(end) + 1)} for topic in meeting["topic_list"]
        ]
        yield {"messages": messages, "budget_words": 150}, functools.partial(_touched, spans)


def _touched(spans: list[set[int]], chosen: list[dict[str, Any]]) -> float:
    turns = {one["message"] for one in chosen}
    return sum(bool(span & turns) for span in spans) / len(spans)


def convosumm(folder: Path) -> Iterator[Case]:
    """Mail threads."""
    for line in (folder / "convosumm_email/val_shared.jsonl").read_text("utf-8").splitlines():
        thread = json.loads(line)
        messages = [{"id": n, "author": one["name"], "text": one["body"]} for n, one in enumerate(thread["messages"])]
        yield {"messages": messages, "budget_words": 75}, functools.partial(_rouge, thread["summary"])


def _rouge(summary: str, chosen: list[dict[str, Any]]) -> float:
    ours, theirs = _stems(" ".join(one["text"] for one in chosen)), _stems(summary)
    same = sum((ours & theirs).values())
    return 2 * same / (sum(ours.values()) + sum(theirs.values())) if same else 0.0


def _stems(text: str) -> collections.Counter[str]:
    return collections.Counter(PORTER.stemWord(word) if len(word) > 3 else word for word in WORD.findall(text.lower()))


def argkp(folder: Path) -> Iterator[Case]:
    """Crowd arguments, by topic and stance."""
    tables = {name: _rows(folder / f"argkp_kpa2021/kpm_data/{name}_train.csv") for name in ("arguments", "key_points", "labels")}
    matches: dict[str, set[str]] = collections.defaultdict(set)
    for row in tables["labels"]:
        if row["label"] == "1":
            matches[row["arg_id"]].add(row["key_point_id"])
    points: dict[tuple[str, str], set[str]] = collections.defaultdict(set)
    for row in tables["key_points"]:
        points[row["topic"], row["stance"]].add(row["key_point_id"])
    for (topic, stance), wanted in sorted(points.items()):
        messages = [
            {"id": row["arg_id"], "author": row["arg_id"], "text": row["argument"]}
            for row in tables["arguments"]
            if (row["topic"], row["stance"]) == (topic, stance)
        ]
        yield {"messages": messages, "n_points": len(wanted)}, functools.partial(_covered, wanted, matches)


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source))


def _covered(wanted: set[str], matches: dict[str, set[str]], chosen: list[dict[str, Any]]) -> float:
    return len(set().union(*(matches[one["message"]] for one in chosen)) & wanted) / len(wanted)


def main() -> None:
    """Print a line for each corpus."""
    folder = Path(sys.argv[1])
    for corpus in (qmsum, convosumm, argkp):
        scores = [score(next(evaluate(io.StringIO(json.dumps(thread))))["sentences"]) for thread, score in corpus(folder)]
        draw = random.Random(2006)
        means = sorted(statistics.mean(draw.choices(scores, k=len(scores))) for _ in range(1000))
        print(f"{corpus.__name__}: {statistics.mean(scores):.3f} (95 %: {means[25]:.3f} to {means[975]:.3f}), {len(scores)} cases")


if __name__ == "__main__":
    main()
