"""alliance mail: everything that reads and writes works without a browser."""

from __future__ import annotations

import asyncio
import sys

import click
from sqlalchemy.exc import DBAPIError
from tqdm import tqdm

from alliance import app
from alliance.cli.base import main, with_database
from alliance.core import clock, db, settings
from alliance.core.errors import AllianceError, Invalid
from alliance.mailing import incoming, incoming_text, lmtp, mailbox, previews, queries, services, weekly
from alliance.mailing.archive import MAX_MESSAGE, Unreadable

TRY_AGAIN = 75  # EX_TEMPFAIL: the mail server keeps the message


@main.group()
def mail() -> None:
    """Mail in and out."""


@mail.command()
def trim() -> None:
    """Print what the person wrote of the message on standard input, as it would be posted."""
    try:
        reply = incoming_text.read(sys.stdin.buffer.read(MAX_MESSAGE + 1))
    except Unreadable as reason:
        raise Invalid.field("message", f"the message cannot be read: {reason}") from None
    click.echo(reply.text.encode("utf-8", "replace"))


@mail.command()
@click.option("--sender", "envelope_from", default=None, help="Who handed it in (the mail server's $sender); empty for a bounce.")
@click.option("--recipient", "recipients", multiple=True, help="For whom ($recipient); otherwise its headers say.")
def receive(envelope_from: str | None, recipients: tuple[str, ...]) -> None:
    """Deal with one message on standard input, and print its outcome. Exit code 75: try again later."""
    raw = sys.stdin.buffer.read(MAX_MESSAGE + 1)
    if not raw.strip():
        raise Invalid.field("message", "there is no message on standard input")
    try:
        app.start()
        app.migrate()
        made = incoming.receive(raw, envelope_from=envelope_from, recipients=recipients)
        services.send_soon.enqueue()
    except (DBAPIError, OSError, AllianceError) as error:
        click.echo(f"alliance: try again later: {str(error).splitlines()[0]}", err=True)
        sys.exit(TRY_AGAIN)
    finally:
        db.disconnect()
    for outcome in made:
        what = f" {outcome.reason}" if outcome.reason else ""
        number = f" post {outcome.post_id}" if outcome.post_id else ""
        click.echo(
            f"{outcome.status}{what}{number}{' (again)' if outcome.repeated else ''}{f': {outcome.sentence}' if outcome.sentence else ''}"
        )


@mail.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at, or the path of a socket.")
@click.option("--port", default=8024, show_default=True, type=click.IntRange(0, 65535))
@with_database
def listen(host: str, port: int) -> None:
    """Take mail from a mail server by LMTP, until stopped."""
    try:
        asyncio.run(lmtp.serve(host, port, lambda where: click.echo(f"Alliance takes mail by LMTP at {where}")))
    except KeyboardInterrupt:
        click.echo("stopped")
    except OSError as error:
        raise Invalid.field("port", f"cannot listen at {host}:{port}: {error.strerror}") from error


@mail.command("weekly")
@click.option("--dry-run", is_flag=True, help="Only say how many would get it, and how many have nothing to be told.")
@with_database
def send_weekly(dry_run: bool) -> None:
    """Send the weekly e-mail of this week to everybody who gets one and has not had it; run again, it goes on where it was."""
    if dry_run:
        with tqdm(total=weekly.how_many(), unit=" people", disable=None) as bar:
            told, silent = previews.count(bar.update)
        click.echo(f"{told} would get the weekly e-mail, {silent} have nothing to be told; nothing was sent (--dry-run)")
        return
    with tqdm(total=weekly.how_many(), unit=" people", disable=None) as bar:
        noted = weekly.note_all(clock.now(), everybody=True, tick=bar.update)
    with tqdm(total=queries.waiting(), unit=" mails", disable=None) as bar:
        sent = services.send_due(bar.update, alone=True)
    click.echo(f"new {noted}, sent {sent}, waiting {queries.waiting()}, failed {queries.failed_count()}")


@mail.command()
@with_database
def fetch() -> None:
    """Fetch mail from the mailbox ALLIANCE_MAIL_IMAP_URL names, now (a worker does it every minute)."""
    url = settings.current().mail_imap_url
    if not url:
        raise Invalid.field("mail_imap_url", "ALLIANCE_MAIL_IMAP_URL is not set; see `alliance settings`")
    click.echo(f"{mailbox.fetch(mailbox.Box.parse(url))} messages")
