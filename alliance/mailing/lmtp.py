"""The door for a mail server: LMTP, one answer for each recipient, so that nothing is lost and nothing comes twice.

250: it has an outcome. 451: try again (the database is away). 550: there is no such address. 552: too large.
"""

from __future__ import annotations

import asyncio
from typing import Any

import structlog
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope
from sqlalchemy.exc import SQLAlchemyError

from alliance.core import db
from alliance.mailing import addressing, incoming
from alliance.mailing.archive import MAX_MESSAGE

log = structlog.get_logger(__name__)
MAX_RECIPIENTS = 50
IDLE_SECONDS = 120


class Door:
    """What aiosmtpd asks."""

    def __init__(self) -> None:
        self._one_at_a_time = asyncio.Semaphore(4)

    async def handle_RCPT(self, _server: SMTP, _session: Any, envelope: Envelope, address: str, options: list[str]) -> str:  # noqa: N802 - aiosmtpd's name
        """Refuse at once what is not ours: the server that hands it in tells the sender."""
        target = addressing.target_of(address)
        if not target.kind:
            return "550 5.1.1 There is no such address here, or it is no longer good; answer a newer mail, or write on the page"
        if len(envelope.rcpt_tos) >= MAX_RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: SMTP, _session: Any, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """One line for each recipient."""
        content = envelope.original_content or b""
        answers = []
        for recipient in envelope.rcpt_tos:
            async with self._one_at_a_time:
                answers.append(await asyncio.to_thread(_dealt, content, envelope.mail_from or "", recipient))
        return "\r\n".join(answers)


def _dealt(content: bytes, envelope_from: str, recipient: str) -> str:
    try:
        outcome = incoming.receive(content, envelope_from=envelope_from.lower(), recipients=[recipient])[0]
    except (SQLAlchemyError, OSError) as error:
        log.exception("mail.in_failed", error=type(error).__name__)
        return "451 4.3.0 Try again later"
    except Exception as error:  # whatever it is, the mail stays with the server that has it
        log.exception("mail.in_broken", error=type(error).__name__)
        return "451 4.3.0 Try again later"
    finally:
        db.release()
    return f"250 2.0.0 {outcome.status}{f' ({outcome.reason})' if outcome.reason else ''}"


async def serve(host: str, port: int, ready: Any = None) -> None:
    """Listen until cancelled.

    Args:
        host: the address, or the path of a socket when it holds a "/".
        port: of TCP.
        ready: called with the address once it listens.
    """
    door = Door()
    loop = asyncio.get_running_loop()

    def session() -> LMTP:
        return LMTP(door, data_size_limit=MAX_MESSAGE, hostname=addressing.domain(), enable_SMTPUTF8=True, timeout=IDLE_SECONDS, loop=loop)

    made = await (loop.create_unix_server(session, host) if "/" in host else loop.create_server(session, host, port))
    async with made:
        if ready is not None:
            ready(host if "/" in host else "{}:{}".format(*made.sockets[0].getsockname()[:2]))
        await made.serve_forever()
