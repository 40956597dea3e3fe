"""alliance search: rebuild the index, compare it with the database, measure how well it finds."""

from __future__ import annotations

import secrets
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from sqlalchemy import create_engine
from tqdm import tqdm

from alliance.cli.base import main, with_database
from alliance.core import settings
from alliance.core.errors import Invalid, SettingsError
from alliance.search import evaluation, services, sources
from alliance.search.engine import Document, IndexUnavailable, SearchEngine
from alliance.search.postgres_engine import PostgresEngine
from alliance.search.whoosh_engine import WhooshEngine

NAMED = 20


@main.group()
def search() -> None:
    """The search index."""


def _bar(documents: Iterable[Document], total: int | None = None) -> Iterator[Document]:
    yield from tqdm(documents, total=total, unit=" documents", disable=None)


@search.command()
@with_database
def rebuild() -> None:
    """Build a new index beside the old one, and put it in its place."""
    total = sources.count()
    count = services.rebuild(lambda documents: _bar(documents, total))
    click.echo(f"{count} documents indexed")


@search.command()
@with_database
def check() -> None:
    """Compare the index with the database; exit code 1 and the differences when they differ."""
    try:
        found = services.compare(lambda documents: _bar(documents, sources.count()))
    except IndexUnavailable as error:
        raise IndexUnavailable(f"{error}; `alliance search rebuild` makes one") from error
    for name, keys in (
        ("missing in the index", found.missing),
        ("other in the index", found.changed),
        ("only in the index", found.surplus),
    ):
        if keys:
            click.echo(f"{name}: {', '.join(keys[:NAMED])}{f' and {len(keys) - NAMED} more' if len(keys) > NAMED else ''}")
    different = len(found.missing) + len(found.changed) + len(found.surplus)
    click.echo(f"{found.checked} documents compared, {different} differences")
    sys.exit(1 if found else 0)


@search.command()
@click.argument("folder", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--engine", type=click.Choice(["whoosh", "postgres"]), default="whoosh", show_default=True, help="The engine to measure.")
@click.option("--run", "run_file", type=click.Path(dir_okay=False, path_type=Path), help="Write the rankings in TREC's run format.")
def evaluate(folder: Path, engine: str, run_file: Path | None) -> None:
    """Measure how well search finds on a collection with judged queries.

    DIR holds documents.jsonl, queries.jsonl and qrels.tsv; nothing of this installation is touched. PostgreSQL is that of
    ALLIANCE_DATABASE_URL, in a schema that is removed at the end.
    """
    collection = evaluation.Collection(folder)
    judged, questions = collection.judgements(), collection.questions()
    if not set(judged) & {question.id for question in questions}:
        raise Invalid.field("", f"no query of {folder} is judged: do the ids in queries and qrels agree?")
    found: dict[str, list[tuple[str, float]]] = {}
    with _scratch(engine) as built:
        built.rebuild(_bar(collection.documents()), 0).adopt()
        for question, ranking in tqdm(evaluation.rankings(built, questions), total=len(questions), unit=" queries", disable=None):
            found[question.id] = ranking
    if run_file:
        _write_run(run_file, found, engine)
    measures = evaluation.measure({query: [key for key, _score in ranking] for query, ranking in found.items()}, judged)
    click.echo(f"engine {engine}, {measures.queries} judged queries")
    for name, value in (
        ("MAP", measures.map),
        ("nDCG@10", measures.ndcg10),
        ("MRR@10", measures.mrr10),
        ("recall@100", measures.recall100),
    ):
        click.echo(f"{name:<10} {value:.4f}")


@contextmanager
def _scratch(engine: str) -> Iterator[SearchEngine]:
    """An engine without an index, gone afterwards."""
    if engine == "whoosh":
        with tempfile.TemporaryDirectory(prefix="alliance-evaluate-") as folder:
            yield WhooshEngine(Path(folder))
        return
    url = settings.load().database
    if not url.startswith("postgresql"):
        raise SettingsError("set ALLIANCE_DATABASE_URL to a PostgreSQL database (postgresql+psycopg://…) to measure its engine")
    opened = create_engine(url)
    built = PostgresEngine(lambda: opened, f"alliance_scratch_{secrets.token_hex(4)}")
    try:
        yield built
    finally:
        built.drop_all()
        opened.dispose()


def _write_run(file: Path, found: dict[str, list[tuple[str, float]]], engine: str) -> None:
    try:
        with file.open("w", encoding="utf-8") as out:
            for query, ranking in found.items():
                out.writelines(f"{query} Q0 {key} {rank} {score:.6f} {engine}\n" for rank, (key, score) in enumerate(ranking, 1))
    except OSError as error:
        raise Invalid.field("", f"{file} cannot be written: {error.strerror}") from error
