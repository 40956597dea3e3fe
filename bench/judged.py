"""Judged collections out of the public corpora, as `alliance search evaluate` reads them.

    python -m bench.judged CORPORA FOLDER

CORPORA holds ir_xquad/ and udhr_six_languages/; FOLDER gets `xquad_en` (each question's paragraph is to be found) and, of the
Universal Declaration, `udhr` (the title of each article in each of six languages, its language told) and `udhr_untold` (the
same, the language left to be guessed): all six languages lie in one index, and only the article in the query's own language is right.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

Row = dict[str, Any]


def write(folder: Path, documents: Iterable[Row], queries: list[Row], judged: Iterable[tuple[str, str]]) -> None:
    """A collection: its documents, its queries, and which document answers which query."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in (("documents", documents), ("queries", queries)):
        (folder / f"{name}.jsonl").write_text("".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows), encoding="utf-8")
    (folder / "qrels.tsv").write_text("".join(f"{query}\t{document}\t1\n" for query, document in judged), encoding="utf-8")
    print(f"{folder}: {len(queries)} queries")


def xquad(corpora: Path, folder: Path) -> None:
    """English questions on paragraphs of Wikipedia."""
    given = json.loads((corpora / "ir_xquad" / "xquad.en.json").read_text(encoding="utf-8"))["data"]
    paragraphs = [paragraph for article in given for paragraph in article["paragraphs"]]
    documents = [{"id": f"d{number}", "text": one["context"], "lang": "en"} for number, one in enumerate(paragraphs)]
    asked = [(qa["id"], qa["question"], f"d{number}") for number, one in enumerate(paragraphs) for qa in one["qas"]]
    write(
        folder / "xquad_en",
        documents,
        [{"id": name, "text": text} for name, text, _right in asked],
        [(name, right) for name, _text, right in asked],
    )


def declaration(corpora: Path, folder: Path) -> None:
    """Titles of articles, and the articles."""
    given = json.loads((corpora / "udhr_six_languages" / "udhr_six.json").read_text(encoding="utf-8"))
    articles = [(code, f"{code}{one['n']}", one) for code, text in given.items() for one in text["articles"]]
    documents = [{"id": name, "title": one["title"], "text": "\n".join(one["paras"]), "lang": code} for code, name, one in articles]
    asked = [(code, name, one["title"]) for code, name, one in articles if one["n"]]
    for called, told in (("udhr", True), ("udhr_untold", False)):
        queries = [{"id": name, "text": title, **({"lang": code} if told else {})} for code, name, title in asked]
        write(folder / called, documents, queries, [(name, name) for _code, name, _title in asked])


def main() -> None:
    """Write them all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", type=Path)
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    xquad(given.corpora, given.folder)
    declaration(given.corpora, given.folder)


if __name__ == "__main__":
    main()
