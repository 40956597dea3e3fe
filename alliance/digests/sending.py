"""A digest on its way to the distribution list: each mail noted with the act, sent by a job, tracked, tried again, once.

A mail leaves between two transactions. Killed in between, it is sent once more after the restart under the same
Message-ID. Only one process sends at a time. What was withdrawn meanwhile is not sent.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from datetime import timedelta

import structlog
from sqlalchemy import select

from alliance.core import clock, db, deliveries, i18n, jobs, locks, mail, settings, transports
from alliance.core.i18n import gettext as _
from alliance.digests import queries, render, sealing, word, wording
from alliance.digests.models import Digest, DigestDelivery, DigestRecipient
from alliance.policy import Actor

log = structlog.get_logger(__name__)
ROUND = 50
GIVE_UP = timedelta(days=7)
MAX_FAILURES_IN_A_ROW = 3
PDF, DOCX = ("application", "pdf"), ("application", "vnd.openxmlformats-officedocument.wordprocessingml.document")
Files = dict[tuple[int, str], list[mail.Attachment]]


def note(digest: Digest, kind: str, to: Sequence[tuple[str, str, str]]) -> None:
    """Mails about a digest are to go to (address, name, language); inside the transaction of what caused them, once per address."""
    now = clock.now()
    same = {"digest_id": digest.id, "kind": kind, "status": "waiting", "attempts": 0, "error": "", "created_at": now, "next_at": now}
    rows = [{**same, "email": email, "name": name, "language": language} for email, name, language in to]
    if rows:
        db.session().execute(db.insert_missing(DigestDelivery), rows)


def recipients() -> list[DigestRecipient]:
    """The distribution list."""
    return list(db.session().scalars(select(DigestRecipient).order_by(DigestRecipient.email)))


def distribute(digest: Digest) -> None:
    """A digest is to go to everybody on the distribution list."""
    note(digest, "digest", [(one.email, one.name, one.language) for one in recipients()])


@jobs.task()
def send_soon() -> None:
    """Send what waits."""
    send_due()


@jobs.periodic("* * * * *")
def send_later() -> None:
    """Send what waits for another attempt, or what a crash left behind."""
    send_due()


def send_due() -> int:
    """Send every mail that is due; returns how many left. Does nothing while another process is at it."""
    due = select(DigestDelivery.id).where(DigestDelivery.status == "waiting", DigestDelivery.next_at <= clock.now()).limit(ROUND)
    waiting = list(db.session().scalars(due.order_by(DigestDelivery.next_at, DigestDelivery.id)))
    if not waiting:
        return 0
    sent = failures = 0
    files: Files = {}
    with locks.exclusive("digest-mail") as mine, transports.connect(settings.current()) as door:
        for delivery_id in waiting if mine else []:
            outcome = _send(delivery_id, door, files)
            sent += outcome == "sent"
            failures = failures + 1 if outcome == "waiting" else 0
            if failures >= MAX_FAILURES_IN_A_ROW:
                break
    return sent


def _send(delivery_id: int, door: transports.Transport, files: Files) -> str:
    db.release()
    row = db.session().get_one(DigestDelivery, delivery_id)
    if row.status != "waiting":
        return row.status
    try:
        draft = _draft(row, files)
        message = mail.compose(draft, settings.current()) if draft else None
        db.release()  # no transaction stays open while a server takes its time
        if message is None:
            return _outcome(delivery_id, "dropped")
        door.send(message)
    except mail.PermanentFailure as error:
        return _outcome(delivery_id, "failed", str(error))
    except mail.TemporaryFailure as error:
        return _again(delivery_id, str(error))
    except Exception as error:  # one mail that cannot be written (a full disk, say) must not hold up the others
        log.exception("digest.mail.broken", delivery_id=delivery_id)
        db.release()
        return _again(delivery_id, f"{type(error).__name__}: {error}"[:400])
    return _outcome(delivery_id, "sent")


def _draft(row: DigestDelivery, files: Files) -> mail.Draft | None:
    """What to send; None when by now nothing is to be sent."""
    digest = queries.get_digest(Actor.system(), row.digest_id)
    if digest.status not in ({"transmitted"} if row.kind == "digest" else {"draft"}):
        return None
    with i18n.use_locale(row.language):
        attached = files.get((digest.id, row.language)) or (_files(digest) if row.kind == "digest" else [])
        files[digest.id, row.language] = attached
        lines = _letter(digest, row.kind)
        return mail.Draft(
            to=row.email, to_name=row.name, subject=f"{digest.symbol}: {wording.title(digest.space)}", text="\n\n".join(lines),
            html="".join(f"<p>{html.escape(line)}</p>" for line in lines), language=row.language, attachments=attached,
            message_id=mail.message_id(f"digest-{digest.id}-{row.kind}.{row.id}", settings.current().mail_reply_domain),
        )  # fmt: skip


def _letter(digest: Digest, kind: str) -> list[str]:
    address = f"{settings.current().base_url}/digests/{digest.id}"
    period = _("Digest of %(start)s to %(end)s", start=i18n.format_date(digest.period_start), end=i18n.format_date(digest.period_end))
    if kind == "draft":
        return [period, _("It was compiled by itself, as the schedule says, and waits for its rapporteur:"), f"{address}/edit"]
    signed = _("Checksum of the signed text (SHA-256): %(checksum)s", checksum=sealing.checksum(digest))
    return [period, *wording.summary(digest), _("Attached as PDF and DOCX. It can be read, and its sources followed, at:"), address, signed]


def _files(digest: Digest) -> list[mail.Attachment]:
    name = f"{digest.symbol.replace('/', '-')}-{i18n.current_locale()}"
    pdf = sealing.stamp(digest, render.pdf(digest), i18n.current_locale())
    return [mail.Attachment(f"{name}.pdf", *PDF, pdf), mail.Attachment(f"{name}.docx", *DOCX, word.docx_of(digest))]


def _outcome(delivery_id: int, status: str, error: str = "") -> str:
    with db.transaction() as session:
        row = session.get_one(DigestDelivery, delivery_id)
        deliveries.settled(row, status, error)
    log.info("digest.mail", delivery_id=delivery_id, status=status, error=error)
    return status


def _again(delivery_id: int, error: str) -> str:
    """Try again later: after 1, 2, 4 … minutes, at most six hours, for a week."""
    with db.transaction() as session:
        row = session.get_one(DigestDelivery, delivery_id)
        status = deliveries.try_again(row, error, GIVE_UP)
    log.warning("digest.mail", delivery_id=delivery_id, status=status, error=error)
    return status
