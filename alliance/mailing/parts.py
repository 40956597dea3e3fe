"""Files in a mail that comes in, taken as on the page: same kinds, same limits; what is not taken is told."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message

from alliance.attachments import naming
from alliance.attachments import services as attachments
from alliance.core.errors import AllianceError
from alliance.core.i18n import gettext as _
from alliance.mailing import bodies, charsets
from alliance.policy import Actor, can

MAX_PARTS = 500
_SILENT = (
    "application/pgp-signature",
    "application/pkcs7-signature",
    "application/x-pkcs7-signature",
    "application/pgp-encrypted",
    "text/calendar",
)
_SUFFIX = {"image/jpeg": ".jpg", "image/png": ".png", "image/gif": ".gif", "image/webp": ".webp", "application/pdf": ".pdf"}


@dataclass(slots=True)
class Taken:
    """Files of a mail: references to those taken, and sentences about the others."""

    references: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def take(actor: Actor, message: Message) -> Taken:
    """Keep the files of a mail for the post it becomes."""
    taken = Taken()
    for number, (name, data) in enumerate(_files(message)):
        if number >= attachments.MOST_PER_POST:
            taken.refused.append(_("A post may have at most %(most)s attached files.", most=attachments.MOST_PER_POST))
            break
        if not can(actor, "attachment.upload"):
            break
        try:
            made = attachments.receive(actor, name, io.BytesIO(data))
            taken.references.append(naming.reference(made.key, made.name, picture=made.kind == "image", alternative=made.alternative))
        except AllianceError as error:
            taken.refused.append(f"\u2068{charsets.header(name)[:80]}\u2069: {error}")
    return taken


def _files(message: Message) -> Iterator[tuple[str, bytes]]:
    for number, part in enumerate(_leaves(message)):
        if number > MAX_PARTS:
            return
        kind = bodies._content_type(part)
        if kind in _SILENT or kind.startswith("multipart/") or (kind.startswith("text/") and not bodies._is_attached(part)):
            continue
        try:
            data = part.get_payload(decode=True)
            name = charsets.header(str(part.get_filename() or ""))
        except (ValueError, TypeError, AttributeError, LookupError):
            continue
        if isinstance(data, bytes) and data:
            yield name or f"file{_SUFFIX.get(kind, '')}", data


def _leaves(message: Message) -> Iterator[Message]:
    """The parts that hold something, without going into a mail that is attached; not by recursion, for they may be nested without end."""
    stack = [message]
    while stack:
        part = stack.pop()
        payload = part.get_payload()
        if isinstance(payload, list) and bodies._content_type(part) != "message/rfc822":
            stack.extend(one for one in reversed(payload) if isinstance(one, Message))
        elif not isinstance(payload, list):
            yield part
