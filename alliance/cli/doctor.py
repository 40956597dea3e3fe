"""`alliance doctor`: what is wrong with this installation. It looks and changes nothing."""

from __future__ import annotations

import os
import shutil
import stat
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta

import click
import redis
from sqlalchemy import Select, func, select
from sqlalchemy.exc import SQLAlchemyError

from alliance import app
from alliance.accounts import oidc
from alliance.attachments import store
from alliance.attachments.models import Attachment
from alliance.cli import several
from alliance.cli.base import main
from alliance.core import backups, clock, db, outbox, schema, transports
from alliance.core.errors import AllianceError
from alliance.core.mail import MailError
from alliance.core.settings import Settings
from alliance.discussions import recounting
from alliance.mailing.models import IncomingMail, OutgoingMail
from alliance.moderation import log as moderation_log
from alliance.search import services as search

SHORT_SECRET = 32
LOW_DISK = 200 * 2**20
LATE = timedelta(minutes=5)
LATE_MAIL = timedelta(hours=1)
RECENT_MAIL = timedelta(days=30)
OLD_BACKUP = timedelta(hours=50)  # of a night's, one may fail


class Wrong(Exception):
    """A check found something wrong; the argument says what, and what to do."""


Check = Callable[[Settings], str]


@main.command()
def doctor() -> None:
    """Say what is wrong with this installation; exit code 1 when something is."""
    try:
        settings = app.start()
    except AllianceError as error:
        _tell(False, "settings", str(error))
        sys.exit(1)
    _tell(True, "settings", "all can be used")
    findings = [_examine(settings, name, check) for name, check in _checks(settings)]
    db.disconnect()
    sys.exit(0 if all(findings) else 1)


def _tell(fine: bool, name: str, finding: str) -> None:
    click.echo(f"{'✓' if fine else '✗'} {name}: {finding}")


def _examine(settings: Settings, name: str, check: Check) -> bool:
    try:
        finding = check(settings)
    except Wrong as wrong:
        _tell(False, name, str(wrong))
        return False
    _tell(True, name, finding)
    return True


def _checks(settings: Settings) -> Iterator[tuple[str, Check]]:
    yield "data directory", _data_directory
    yield "secret key", _secret_key
    yield "database", _database
    if settings.redis_url:
        yield "Redis", _redis
    yield "processes", _processes
    yield "figures", _figures
    if settings.oidc_issuer:
        yield "account elsewhere", _issuer
    yield "mail", _mail
    if _has_schema():
        yield "attachments", _attachments
        yield "counters", _counters
        yield "search index", _index
        yield "event log", _event_log
        yield "moderation log", _moderation_log
        yield "deliveries", _deliveries
        yield "outgoing mail", _outgoing
        yield "mail in", _mail_in
        yield "backups", _backups


def _has_schema() -> bool:
    try:
        return schema.revision() == schema.head()
    except SQLAlchemyError:
        return False


def _data_directory(settings: Settings) -> str:
    free = shutil.disk_usage(settings.data_dir).free
    if free < LOW_DISK:
        raise Wrong(f"{settings.data_dir} has only {free // 2**20} MB left")
    return f"{settings.data_dir} can be written, {free // 2**20} MB left"


def _secret_key(settings: Settings) -> str:
    if len(settings.secret_key) < SHORT_SECRET:
        raise Wrong(f"ALLIANCE_SECRET_KEY is shorter than {SHORT_SECRET} characters")
    file = settings.data_dir / "secret_key"
    if file.exists() and file.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        raise Wrong(f"{file} can be read by others: chmod 600 {file}")
    return "present"


def _database(_settings: Settings) -> str:
    try:
        found = schema.revision()
    except SQLAlchemyError as error:
        raise Wrong(f"does not answer: {str(error.args[0]).splitlines()[0]}") from error
    if found is not None and not schema.known(found):
        raise Wrong(f"at revision {found}, which belongs to a newer Alliance: install that version again, or bring back a backup")
    if found != schema.head():
        raise Wrong(f"at revision {found or 'nothing'}, this version needs {schema.head()}: alliance migrate")
    return f"{db.engine().dialect.name}, at revision {found}"


def _redis(settings: Settings) -> str:
    try:
        with redis.Redis.from_url(settings.redis_url, socket_timeout=5, socket_connect_timeout=5) as client:
            client.ping()
    except redis.RedisError as error:
        raise Wrong(f"does not answer: {error}") from error
    return "answers"


def _processes(settings: Settings) -> str:
    words = several.problem(settings)
    if words:
        raise Wrong(words)
    return "as many as wanted" if settings.redis_url else "one; more need ALLIANCE_REDIS_URL"


def _issuer(settings: Settings) -> str:
    try:
        oidc.begin()
    except oidc.Failed as error:
        raise Wrong(f"{settings.oidc_issuer} does not answer as it must ({error.__cause__}); see ALLIANCE_OIDC_ISSUER") from error
    return f"{settings.oidc_issuer} answers"


def _figures(settings: Settings) -> str:
    return {
        "off": "/metrics answers nobody; with ALLIANCE_METRICS=loopback it answers this machine",
        "loopback": "/metrics of each process answers this machine, asked directly",
        "on": "/metrics answers whoever reaches a process: have the proxy in front keep it from the public",
    }[settings.metrics]


def _mail(settings: Settings) -> str:
    if not settings.smtp_url:
        return f"written as files below {settings.data_dir / 'mail'}"
    try:
        transports.probe(settings)
    except MailError as error:
        raise Wrong(f"the server does not take mail: {error}") from error
    return "the server answers"


def _attachments(settings: Settings) -> str:
    folder = store.folder()
    if folder.exists() and not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise Wrong(f"{folder} cannot be written")
    keys = db.session().scalars(select(Attachment.key).order_by(Attachment.id)).all()
    missing = [key for key in keys if not store.path(key).is_file()]
    if missing:
        raise Wrong(
            f"{len(missing)} of {len(keys)} files are missing below {folder}, the first {missing[0]}: bring them back from a backup"
        )
    return f"{len(keys)} files below {settings.data_dir / 'attachments'}"


def _counters(_settings: Settings) -> str:
    wrong = recounting.check()
    if wrong:
        raise Wrong(
            f"{len(wrong.discussions)} discussions, {len(wrong.people)} people, {len(wrong.organizations)} organizations and"
            f" {len(wrong.spaces)} spaces are counted wrongly: alliance recount"
        )
    return "what is counted is what is there"


def _index(_settings: Settings) -> str:
    if not outbox.head():
        return "nothing to find yet"
    if not search.usable():
        raise Wrong("lacking, damaged or of another database: alliance search rebuild")
    return "can be read from end to end"


def _moderation_log(_settings: Settings) -> str:
    number, wrong = moderation_log.verify()
    if wrong is not None:
        raise Wrong(
            f"entry {wrong} of {number} does not fit the one before it: it was changed or something before it taken away; compare with a backup"
        )
    return f"{number} entries, each bound to the one before it"


def _event_log(_settings: Settings) -> str:
    oldest = outbox.oldest_unread()
    if oldest is not None and clock.now() - oldest > LATE:
        raise Wrong(f"what happened at {oldest:%Y-%m-%d %H:%M} UTC is not passed on yet: is `alliance serve` or `alliance worker` running?")
    return f"{outbox.head()} events, all passed on" if oldest is None else f"{outbox.head()} events, the last being passed on"


def _deliveries(_settings: Settings) -> str:
    failed = outbox.failures()
    given_up = [row for row in failed if row.next_at is None]
    if given_up:
        last = given_up[-1]
        raise Wrong(
            f"{len(given_up)} given up after {outbox.MAX_ATTEMPTS} attempts; the last: {last.listener}, event {last.event_id}: {last.error}"
        )
    return f"{len(failed)} being tried again" if failed else "none failed"


def _outgoing(_settings: Settings) -> str:
    session = db.session()
    failed = session.scalar(select(func.count()).where(OutgoingMail.status == "failed")) or 0
    if failed:
        raise Wrong(f"{failed} could not be delivered; the last: {session.scalar(_last_error())}")
    late = (
        session.scalar(select(func.count()).where(OutgoingMail.status == "waiting", OutgoingMail.created_at < clock.now() - LATE_MAIL)) or 0
    )
    if late:
        raise Wrong(f"{late} waiting for more than an hour; the last: {session.scalar(_last_error()) or 'not tried yet'}")
    return "none stuck"


def _mail_in(settings: Settings) -> str:
    if settings.mail_border:
        return f"believed as {settings.mail_border} finds it"
    session, since = db.session(), clock.now() - RECENT_MAIL
    came = session.scalar(select(IncomingMail.id).where(IncomingMail.created_at > since, IncomingMail.status != "ignored").limit(1))
    if settings.mail_imap_url or came is not None:
        raise Wrong(
            "comes in, and its From is believed whoever wrote it: have your mail server check SPF, DKIM and DMARC, and name it in"
            " ALLIANCE_MAIL_BORDER (docs/mail.md)"
        )
    return "none came within a month"


def _backups(settings: Settings) -> str:
    last = backups.last()
    if last is None:
        if settings.backup_dir:
            raise Wrong(
                f"none was made yet: the first comes next night; `alliance backup FILE` makes one now (in {settings.backup_dir}, say)"
            )
        return "none was made yet: ALLIANCE_BACKUP_DIR has one made every night, `alliance backup FILE` makes one now"
    at, where = last
    if clock.now() - at > OLD_BACKUP:
        raise Wrong(f"the last one is of {at:%Y-%m-%d %H:%M} UTC ({where}): alliance backup FILE")
    return f"the last one is of {at:%Y-%m-%d %H:%M} UTC ({where})"


def _last_error() -> Select[str]:
    return select(OutgoingMail.error).where(OutgoingMail.error != "").order_by(OutgoingMail.id.desc()).limit(1)
