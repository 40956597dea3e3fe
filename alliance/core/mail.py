"""One mail: how it is put together, so that no name or title can add a header. How it leaves is in `core.transports`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.errors import HeaderParseError
from email.header import Header
from email.headerregistry import Address, BaseHeader, HeaderRegistry, SingleAddressHeader, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime, parseaddr, quote
from typing import Any, cast
from urllib.parse import quote as percent_encoded

from alliance.core import clock
from alliance.core.addresses import ascii_domain
from alliance.core.settings import Settings

MAX_LINE = 200
_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


class MailError(Exception):
    """A mail did not leave; the argument says why, in words for the log."""


class TemporaryFailure(MailError):
    """Worth trying again later."""


class Unreached(TemporaryFailure):
    """No server took any part in it: the next mail would fare no better."""


class PermanentFailure(MailError):
    """This mail to this address will never be taken."""


class _Verbatim(UnstructuredHeader):
    """A header of ids or links: folded at spaces only (the standard library would write long ones as encoded words)."""

    name: str

    def fold(self, *, policy: Any) -> str:
        """`name: value`, one id or link a line when there are several."""
        newline: str = policy.linesep
        return f"{self.name}: " + str(self).replace(" ", newline + " ") + newline


def _encoded(name: str, text: str, linesep: str) -> str:
    """Text of a header, encoded where it is not plain ASCII (the standard library's new way loses spaces when it folds)."""
    plain = text.isascii() and "=?" not in text
    return Header(text, None if plain else "utf-8", maxlinelen=76, header_name=name).encode(linesep=linesep)


class _Text(UnstructuredHeader):
    """A header of words."""

    name: str  # of the header, set by the registry

    @classmethod
    def parse(cls, value: str, kwds: dict[str, Any]) -> None:
        """Keep what was given: an encoded word somebody typed is those characters, and may hide line ends."""
        super().parse(value, kwds)
        kwds["decoded"] = one_line(value)

    def fold(self, *, policy: Any) -> str:
        """The words, encoded where needed."""
        newline: str = policy.linesep
        return f"{self.name}: {_encoded(str(self.name), str(self), newline)}{newline}"


class _Person(SingleAddressHeader):
    """A header of one name and address."""

    name: str  # of the header, set by the registry

    def fold(self, *, policy: Any) -> str:
        """`Name <address>`; the name encoded or quoted where needed."""
        newline: str = policy.linesep
        one = self.address
        if not one.display_name:
            return f"{self.name}: {one.addr_spec}{newline}"
        if one.display_name.isascii() and "=?" not in one.display_name:
            shown = f'"{quote(one.display_name)}"'
        else:
            shown = _encoded(str(self.name), one.display_name, newline)
        return f"{self.name}: {shown}{newline} <{one.addr_spec}>{newline}"


def _policy() -> EmailPolicy[EmailMessage]:
    registry = HeaderRegistry()
    for name, kind in (("subject", _Text), ("from", _Person), ("to", _Person)):
        registry.map_to_type(name, cast(type[BaseHeader], kind))
    for name in (
        "message-id",
        "in-reply-to",
        "references",
        "reply-to",
        "feedback-id",
        "list-id",
        "list-unsubscribe",
        "list-unsubscribe-post",
        "list-archive",
    ):
        registry.map_to_type(name, cast(type[BaseHeader], _Verbatim))  # made one by the registry
    return SMTP.clone(header_factory=registry, cte_type="7bit")


POLICY = _policy()


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes along: its name, its kind ("application", "pdf"), what it holds."""

    name: str
    maintype: str
    subtype: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Draft:
    """What a mail is made of; every string may come from anywhere.

    Attributes:
        to: the address.
        to_name: the person's name.
        subject: one line.
        text: the part that must read well alone.
        html: the light part.
        message_id: without brackets, see `message_id()`.
        in_reply_to: id of the mail answered.
        references: ids of the mails before, oldest first.
        list_id: of the list this belongs to, e.g. "c5.example.org".
        archive_url: where the list can be read.
        unsubscribe_url: takes a POST without sign-in (RFC 8058).
        language: of the mail.
        reply_to: where an answer goes.
        feedback_id: by which a provider counts complaints about mails of one kind.
        from_name: whose words these are, where a list sends them on.
        answered: to what somebody wrote: the mail is an answer, and says so.
        attachments: files that go along.
    """

    to: str
    to_name: str
    subject: str
    text: str
    html: str
    message_id: str
    in_reply_to: str = ""
    references: Sequence[str] = ()
    list_id: str = ""
    archive_url: str = ""
    unsubscribe_url: str = ""
    language: str = "en"
    reply_to: str = ""
    feedback_id: str = ""
    from_name: str = ""
    answered: bool = False
    attachments: Sequence[Attachment] = ()


def one_line(text: str, limit: int = MAX_LINE) -> str:
    """`text` as one line that cannot add a header: no control or line characters, no lone surrogates, bounded."""
    clean = "".join(" " if unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} else c for c in text)
    clean = re.sub(r"\s+", " ", clean).strip()
    return clean if len(clean) <= limit else clean[: limit - 1].rstrip() + "…"


def message_id(local: str, domain: str) -> str:
    """A Message-ID (without brackets) that is the same whenever it is asked for: the reason a mail sent twice shows once."""
    return f"{re.sub(r'[^A-Za-z0-9.-]', '-', local)}@{re.sub(r'[^A-Za-z0-9.-]', '-', domain) or 'localhost'}"


def address(name: str, spec: str) -> Address:
    """A header address.

    Raises:
        PermanentFailure: nothing can be sent to such an address.
    """
    local, at, domain = spec.strip().rpartition("@")
    if not (at and local and domain) or re.search(r"[\s\x00-\x1f\x7f<>,;:\"()\[\]\\]", local + domain):
        raise PermanentFailure("the address is not one that mail can be sent to")
    try:
        return Address(display_name=one_line(name, 100), username=local, domain=ascii_domain(domain))
    except (ValueError, HeaderParseError, IndexError) as error:
        raise PermanentFailure("the address is not one that mail can be sent to") from error


def compose(draft: Draft, settings: Settings, at: datetime | None = None) -> EmailMessage:
    """The mail as it goes out: text and HTML part, threaded, with one-click unsubscribe where it belongs to a list.

    Raises:
        PermanentFailure: nothing can be sent to such an address.
    """
    mail = EmailMessage(policy=POLICY)
    house, sender = parseaddr(settings.mail_from)
    mail["From"] = address(draft.from_name or house, sender)
    mail["To"] = address(draft.to_name, draft.to)
    mail["Subject"] = one_line(draft.subject)
    mail["Date"] = format_datetime(at or clock.now())
    mail["Message-ID"] = f"<{draft.message_id}>"
    for name, value in _optional(draft):
        mail[name] = value
    mail["Auto-Submitted"] = "auto-replied" if draft.answered else "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail["X-Alliance-Loop"] = one_line(re.sub(r"[^A-Za-z0-9.-]", "-", settings.mail_reply_domain))
    mail.set_content(_writable(draft.text))
    mail.add_alternative(_writable(draft.html), subtype="html")
    for one in draft.attachments:
        mail.add_attachment(one.content, maintype=one.maintype, subtype=one.subtype, filename=one_line(one.name, 100))
    mail["Content-Language"] = one_line(draft.language, 20)  # last: what begins with Content- moves into the first part
    return mail


def _optional(draft: Draft) -> Iterator[tuple[str, str]]:
    if draft.in_reply_to:
        yield "In-Reply-To", f"<{draft.in_reply_to}>"
    if draft.references:
        yield "References", " ".join(f"<{one}>" for one in draft.references)
    if draft.list_id:
        yield "List-Id", f"<{re.sub(r'[^A-Za-z0-9.-]', '-', draft.list_id)}>"
    if draft.reply_to:
        yield "Reply-To", f"<{_in_ascii(draft.reply_to)}>"
    if draft.feedback_id:
        yield "Feedback-ID", re.sub(r"[^A-Za-z0-9.:-]", "-", draft.feedback_id)
    if draft.archive_url:
        yield "List-Archive", f"<{_in_ascii(draft.archive_url)}>"
    if draft.unsubscribe_url:
        yield "List-Unsubscribe", f"<{_in_ascii(draft.unsubscribe_url)}>"
        yield "List-Unsubscribe-Post", "List-Unsubscribe=One-Click"


def _in_ascii(url: str) -> str:
    """An address of a page as a header takes it: a slug may be in any script."""
    return percent_encoded(url, safe="%/:?#@!$&'()*+,;=-._~")


def _writable(text: str) -> str:
    """Text every mail program takes: no lone surrogates, no control characters but tab and line end."""
    kept = _UNWRITABLE.sub("", text)
    return kept if kept.endswith("\n") else kept + "\n"
