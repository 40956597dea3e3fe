"""Files in a mail that comes in, taken as on the page: same kinds, same limits; what is not taken is told."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import Message

from alliance.attachments import naming
from alliance.attachments import services as attachments
from alliance.attachments.models import Attachment
from alliance.core.attached import KEY, PREFIX, keys_in
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
_KEY = re.compile(rf"<({KEY})@files>")
_SUFFIX = {"image/jpeg": ".jpg", "image/png": ".png", "image/gif": ".gif", "image/webp": ".webp", "application/pdf": ".pdf"}


@dataclass(slots=True)
class Taken:
    """Files of a mail: references to those taken, sentences about the others, and (of an export of ours) key then → key now."""

    references: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    again: dict[str, str] = field(default_factory=dict)

    def joined(self, body: str) -> str:
        """A text with its files: where it shows them already, or else below it."""
        for before, now in self.again.items():
            body = body.replace(f"{PREFIX}{before}/", f"{PREFIX}{now}/")
        below = [one for one in self.references if not any(key in body for key in keys_in(one))]
        return "\n\n".join([body, *below])


@dataclass(frozen=True, slots=True)
class File:
    """A file in a mail; `key`: the one it had where it was exported."""

    name: str
    data: bytes
    key: str


def take(actor: Actor, message: Message) -> Taken:
    """Keep the files of a mail for the post it becomes."""
    return (
        _take(message, lambda file: attachments.receive(actor, file.name, io.BytesIO(file.data)))
        if can(actor, "attachment.upload")
        else Taken()
    )


def bring(writer_id: int, message: Message) -> Taken:
    """Keep the files of a mail of long ago for the post it becomes."""
    return _take(message, lambda file: attachments.bring(writer_id, file.name, io.BytesIO(file.data)))


def _take(message: Message, keep: Callable[[File], Attachment]) -> Taken:
    taken = Taken()
    for number, file in enumerate(_files(message)):
        if number >= attachments.MOST_PER_POST:
            taken.refused.append(_("A post may have at most %(most)s attached files.", most=attachments.MOST_PER_POST))
            break
        try:
            made = keep(file)
        except AllianceError as error:
            taken.refused.append(f"\u2068{charsets.header(file.name)[:80]}\u2069: {error}")
            continue
        taken.again |= {file.key: made.key} if file.key else {}
        taken.references.append(naming.reference(made.key, made.name, picture=made.kind == "image", alternative=made.alternative))
    return taken


def _files(message: Message) -> Iterator[File]:
    for number, part in enumerate(_leaves(message)):
        if number > MAX_PARTS:
            return
        kind = bodies._content_type(part)
        if kind in _SILENT or kind.startswith("multipart/") or (kind.startswith("text/") and not bodies._is_attached(part)):
            continue
        try:
            data = part.get_payload(decode=True)
            name = charsets.header(str(part.get_filename() or ""))
            key = _KEY.fullmatch(str(part["Content-ID"] or ""))
        except (ValueError, TypeError, AttributeError, LookupError):
            continue
        if isinstance(data, bytes) and data:
            yield File(name or f"file{_SUFFIX.get(kind, '')}", data, key[1] if key else "")


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
