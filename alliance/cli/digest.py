"""alliance digest: compile, render and list digests; run the selection over threads in a file."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TextIO

import click

from alliance import app as application
from alliance.cli.base import main, with_database
from alliance.core import i18n
from alliance.core.errors import Invalid, NotFound
from alliance.digests import queries, render, sealing, services, signing, word
from alliance.digests.evaluate import evaluate as evaluate_threads
from alliance.digests.models import Digest
from alliance.groups.queries import get_space
from alliance.policy import Actor

ME = Actor.system(via="cli")
# A larger number is none the databases can even be asked for.
LARGEST = 2**31 - 1


@main.group()
def digest() -> None:
    """What is carried to the Secretary-General."""


@digest.command("compile")
@click.option("--from", "start", required=True, metavar="DATE", help="First day, as 2026-06-01.")
@click.option("--to", "end", required=True, metavar="DATE", help="Last day, included.")
@click.option("--space", "code", metavar="CODE", help="Only this space, as c7-egov.")
@with_database
def compile_(start: str, end: str, code: str | None) -> None:
    """Compile a digest of a period; prints its number, symbol and how much it rests on."""
    first, last = services.parse_day(start, "from"), services.parse_day(end, "to")
    try:
        space = get_space(ME, code) if code else None
    except NotFound as error:
        raise Invalid.field("space", f"there is no space “{code}”") from error
    made = services.compile_digest(ME, first, last, space)
    cited = sum(len(point.citations) for point in made.points)
    click.echo(f"{made.id} {made.symbol}: {made.figures['posts']} posts, {len(made.points)} key points, {cited} citations")


@digest.command("render")
@click.argument("number", type=int, metavar="ID")
@click.option("--format", "form", type=click.Choice(render.FORMATS), default="pdf", show_default=True)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The file to write.")
@click.option("--lang", type=click.Choice(i18n.LANGUAGES), default="en", show_default=True, help="Language of headings.")
@with_database
def render_(number: int, form: str, output: Path, lang: str) -> None:
    """Write a digest to a file."""
    try:
        found = queries.get_digest(ME, number if 0 < number <= LARGEST else 0)
    except NotFound as error:
        raise NotFound(f"there is no digest {number}") from error
    with i18n.use_locale(lang):
        content = _page(found, lang) if form == "html" else _content(found, form)
    _write(output, content)
    click.echo(f"{output}: {len(content)} bytes")


def _write(output: Path, content: bytes) -> None:
    """Whole or not at all: a full disk leaves what was there before."""
    temporary = output.with_name(f".{output.name}.{os.getpid()}")
    try:
        temporary.write_bytes(content)
        temporary.replace(output)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise Invalid.field("output", f"{output} cannot be written: {error.strerror}") from error


def _content(found: Digest, form: str) -> bytes:
    if form == "pdf":
        return sealing.stamp(found, render.pdf(found), i18n.current_locale())
    if form == "docx":
        return word.docx_of(found)
    if form == "json":
        return json.dumps(sealing.published(found), ensure_ascii=False, indent=1).encode()
    return render.text(found).encode()


def _page(found: Digest, lang: str) -> bytes:
    """The page as a guest gets it."""
    with application.create_app().test_client() as client:
        return bytes(client.get(f"/digests/{found.id}?lang={lang}").data)


@digest.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--key", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="The public key (PEM); of this installation by default."
)
@with_database
def verify(file: Path, key: Path | None) -> None:
    """Tell whether a PDF or JSON in hand is what was signed."""
    try:
        content, pem = file.read_bytes(), key.read_bytes() if key else signing.public_pem()
    except OSError as error:
        raise Invalid.field("file", f"{file} cannot be read: {error.strerror}") from error
    found = sealing.verify(content, pem)
    if not found.genuine:
        raise Invalid.field("file", f"{file} is not what was signed as {found.symbol}: {found.reason}")
    since = f"; {found.retracted} texts were retracted since" if found.retracted else ""
    click.echo(f"{file} is {found.symbol} as it was signed{since}")


@digest.command("list")
@with_database
def list_() -> None:
    """List the digests, the latest first."""
    after: str | None = None
    while True:
        found, after = queries.digests(ME, 100, after)
        for one in found:
            where = one.space.code if one.space else "all"
            click.echo(f"{one.id}\t{one.symbol}\t{one.period_start}\t{one.period_end}\t{where}\t{one.status}")
        if after is None:
            return


@digest.command()
@click.argument("file", type=click.File(encoding="utf-8"))
def evaluate(file: TextIO) -> None:
    """Run the selection over threads given as JSON lines; the chosen sentences go to standard output."""
    try:
        for answer in evaluate_threads(file):
            click.echo(json.dumps(answer, ensure_ascii=False))
    except UnicodeDecodeError as error:
        raise Invalid.field("file", f"{file.name} is not text in UTF-8") from error
