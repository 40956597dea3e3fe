"""Mail archives, read so that nothing in them can stop the reading: each message becomes an entry, or a reason why not.

Two passes keep memory flat: `entries` reads the headers of every message (enough to thread them), `load` reads one
message in full when its turn comes.
"""

from __future__ import annotations

import email.message
import email.policy
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.parser import BytesParser
from email.utils import getaddresses, mktime_tz, parsedate_tz
from typing import BinaryIO

from alliance.core import addresses, clock
from alliance.mailing import bodies, charsets, mbox
from alliance.mailing.masking import hide_addresses
from alliance.mailing.plaintext import to_markdown, trimmed

MAX_MESSAGE = 30 * 2**20
MAX_HEADERS = 256 * 2**10
MAX_BOUNDARIES = 200
MAX_REFERENCES = 200
_BOUNDARY = re.compile(rb"(?i)boundary=[^\r\n]{1,100}")
_HEADER_END = re.compile(rb"\r?\n\r?\n")
_ID = re.compile(r"<\s*([^<>\s]{1,240})\s*(?:>|$)")
_PREFIX = re.compile(
    r"^\s*(?:(?:re|aw|antw|sv|vs|r|rif|res|ref|fw|fwd|wg|tr|rv|enc|отв|ответ|пересл|رد|回复|答复|转发)\s*(?:\[\d+\]|\(\d+\)|\^\d+)?\s*[:：]\s*)",
    re.IGNORECASE,
)
TAG = re.compile(r"^\s*\[([^\]]{1,60})\]\s*")
_ANGLE = re.compile(r"<\s*([^<>]*@[^<>]*?|[^<>@]+ at [^<>]+?)\s*>")
_SPELLED = re.compile(r"^([^\s@()<>]+)(?: at |@)([^\s@()<>]+)\s*(?:\((.*)\))?$")
_MAILTO = re.compile(r"mailto:([^>?,\s]+)", re.IGNORECASE)
_VIA = re.compile(r"['\"]?\s+via\s+\S.*$", re.IGNORECASE)  # so lists, and Google's groups, say for whom they write
_RECEIVED_DATE = re.compile(r";\s*([^;]+)$")
_EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)


class Unreadable(Exception):
    """A message cannot be taken; the argument is the reason."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What the headers of a message say.

    Attributes:
        number: its place in the file, from 1.
        span: where it lies.
        key: its Message-ID, or a hash of it when it has none.
        references: ids it answers, oldest first.
        subject: in full, one line.
        name: of the author, never an address.
        address: of the author, lower case, never shown; "" when there is none.
        at: when it was written; None when no header tells.
        problem: why it cannot be taken, "" when it can.
        title: of the discussion, where an export of ours says it.
    """

    number: int
    span: mbox.Span
    key: str
    references: tuple[str, ...]
    subject: str
    name: str
    address: str
    at: datetime | None
    problem: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A message in full: Markdown, and how many attachments were left out."""

    body: str
    attachments: int


def entries(file: BinaryIO) -> Iterator[Entry]:
    """Every message of the file, by its headers.

    Raises:
        mbox.NotAnArchive: there is none.
    """
    for span in list(mbox.spans(file)):
        yield _entry(file, span)


def load(file: BinaryIO, entry: Entry, known: frozenset[str] = frozenset()) -> Loaded:
    """The message of an entry, in full, as Markdown without addresses.

    Raises:
        Unreadable: with the reason.
    """
    message = whole(file, entry)
    try:
        body = bodies.body(message)
    except RecursionError:
        raise Unreadable("its parts are nested too deeply") from None
    except (ValueError, TypeError, AttributeError, LookupError, AssertionError) as error:
        raise Unreadable(f"it cannot be parsed ({type(error).__name__})") from error
    if _is_ours(message):  # as it was written
        return Loaded(body.text, body.attachments)
    text = hide_addresses(trimmed(body.text), known)
    if not text.strip():
        raise Unreadable("there is no text in it")
    return Loaded(to_markdown(text), body.attachments)


def whole(file: BinaryIO, entry: Entry) -> email.message.Message:
    """The message of an entry, as a tree of its parts.

    Raises:
        Unreadable: with the reason.
    """
    return tree(mbox.read(file, entry.span))


def tree(raw: bytes) -> email.message.Message:
    """A message as a tree of its parts.

    Raises:
        Unreadable: with the reason.
    """
    if len(set(_BOUNDARY.findall(raw))) > MAX_BOUNDARIES:
        raise Unreadable("its parts are nested too deeply")
    try:
        return BytesParser(policy=email.policy.compat32).parsebytes(raw)
    except RecursionError:
        raise Unreadable("its parts are nested too deeply") from None
    except (ValueError, TypeError, AttributeError, LookupError, AssertionError) as error:
        raise Unreadable(f"it cannot be parsed ({type(error).__name__})") from error


def _is_ours(message: email.message.Message) -> bool:
    """Whether it is a post of an export of ours: Markdown, alone or with files behind it."""
    inner = message.get_payload()
    first = inner[0] if isinstance(inner, list) and inner and message.get_content_type() == "multipart/mixed" else message
    return isinstance(first, email.message.Message) and first.get_content_type() == "text/markdown"


def _entry(file: BinaryIO, span: mbox.Span) -> Entry:
    if span.end - span.start > MAX_MESSAGE:
        return _refused(span, f"it is larger than {MAX_MESSAGE // 2**20} MB")
    raw = mbox.read(file, span)
    end = _HEADER_END.search(raw)
    head = raw[: end.end()] if end else raw
    if len(head) > MAX_HEADERS:
        return _refused(span, f"its headers are larger than {MAX_HEADERS // 2**10} kB")
    try:
        headers = _Headers(head)
    except (ValueError, TypeError, AttributeError, LookupError, AssertionError, RecursionError) as error:
        return _refused(span, f"its headers cannot be parsed ({type(error).__name__})")
    name, address = _writer(headers, span.from_line)
    return Entry(
        number=span.number,
        span=span,
        key=_key(headers.raw("message-id"), raw),
        references=_references(headers),
        subject=hide_addresses(headers.first("subject"))[:300],
        name=name,
        address=address,
        at=_date(headers, span.from_line),
        title=_title(headers.raw("x-alliance-title")),
    )


def _writer(headers: _Headers, from_line: bytes) -> tuple[str, str]:
    """Who wrote a message. Lists that write their own address over that of the sender are nobody: their members would be taken for one."""
    name, address = author(headers.first("from") or headers.first("sender") or headers.first("reply-to"))
    lists = {addresses.kept(one) for value in headers.all("list-post") for one in _MAILTO.findall(value)}
    if address not in lists and not (_VIA.search(name) and headers.first("list-id")):
        return name, address or _sender(from_line)
    name = _VIA.sub("", name).strip(" '")
    for header in ("x-original-from", "reply-to"):
        for value in headers.all(header):
            for said, one in getaddresses([value]):
                _none, found = author(one)
                if found and found not in lists and found != address:
                    return name or said, found
    return name, ""


def _title(value: str) -> str:
    try:
        said = json.loads(value) if value else ""
    except ValueError:
        return ""
    return said[:200] if isinstance(said, str) else ""


def _refused(span: mbox.Span, problem: str) -> Entry:
    return Entry(span.number, span, f"unread:{span.number}", (), "", "", "", None, problem)


class _Headers:
    """The headers of a message as they stood there, decoded when asked for."""

    def __init__(self, head: bytes) -> None:
        parsed = BytesParser(policy=email.policy.compat32).parsebytes(head, headersonly=True)
        self._values: dict[str, list[str]] = {}
        for name, value in parsed.raw_items():
            self._values.setdefault(name.strip().lower(), []).append(str(value))

    def all(self, name: str) -> list[str]:
        return [charsets.header(value) for value in self._values.get(name, [])]

    def first(self, name: str) -> str:
        return next((value for value in self.all(name) if value), "")

    def raw(self, name: str) -> str:
        return " ".join(self._values.get(name, []))[: 64 * 1024]


def _key(message_id: str, raw: bytes) -> str:
    found = _ID.search(message_id) or re.search(r"([^\s<>]{1,240}@[^\s<>]{1,240})", message_id)
    if found:
        return found[1][:240].encode("ascii", "backslashreplace").decode()[:255]
    return "sha256:" + hashlib.sha256(raw.replace(b"\r\n", b"\n").strip()).hexdigest()


def _references(headers: _Headers) -> tuple[str, ...]:
    """What is answered, oldest first; In-Reply-To last, for it names the very message."""
    ids = _ID.findall(headers.raw("references")) or re.findall(r"[^\s<>,]+@[^\s<>,]+", headers.raw("references"))
    # Old programs write a sentence there; what looks like an id in it is the last thing in brackets.
    answered = [one for one in _ID.findall(headers.raw("in-reply-to")) if "@" in one][-1:]
    chain = [one for one in ids if one not in answered] + answered
    return tuple(dict.fromkeys(one.encode("ascii", "backslashreplace").decode()[:255] for one in chain[-MAX_REFERENCES:]))


def author(value: str) -> tuple[str, str]:
    """(name, address as it is kept) of a From header, however it is written; the name is never an address."""
    angle = list(_ANGLE.finditer(value))
    if angle:
        name, address = value[: angle[-1].start()] or value[angle[-1].end() :], angle[-1][1]
    elif spelled := _SPELLED.match(value.strip()):
        name, address = spelled[3] or "", f"{spelled[1]}@{spelled[2]}"
    else:
        name, address = value, ""
    address = re.sub(r" at ", "@", address, count=1).strip()[:320]
    address = addresses.kept(address) if re.fullmatch(r"[^\s@<>]+@[^\s@<>]+", address) else ""
    name = re.sub(r"\\(.)", r"\1", name.strip()).strip(" \t\"'<>,;")
    name = re.sub(r"\s*\((?:via|by way of)[^)]*\)$", "", name, flags=re.IGNORECASE)
    if "@" in name or " at " in name or not re.search(r"\w", name):
        name = re.split(r"@| at ", name if re.search(r"\w", name) else address)[0].strip(" \t\"'<>,;")
    return name[:120], address


def _sender(from_line: bytes) -> str:
    found = re.match(rb"From ([^\s@]+)(?:@| at )([^\s@]+) ", from_line)
    return f"{found[1].decode('ascii', 'replace')}@{found[2].decode('ascii', 'replace')}".lower()[:320] if found else ""


def _date(headers: _Headers, from_line: bytes) -> datetime | None:
    told = [*headers.all("date")[:1], *headers.all("resent-date")[:1]]
    received = [match[1] for value in headers.all("received")[:1] if (match := _RECEIVED_DATE.search(value))]
    separator = re.search(rb"\w{3} +\w{3} +\d.*$", from_line.strip())
    last = [separator[0].decode("ascii", "replace")] if separator else []
    return next((moment for text in [*told, *received, *last] if (moment := moment_of(text))), None)


def moment_of(text: str) -> datetime | None:
    """The moment a date header means, None when it means none that can be."""
    try:
        parsed = parsedate_tz(text)
        if parsed is None:
            return None
        if parsed[9] is not None and abs(parsed[9]) > 15 * 3600:
            parsed = (*parsed[:9], 0)  # no such zone: the clock time is still the best that is known
        moment = datetime.fromtimestamp(mktime_tz(parsed), UTC)
    except (ValueError, OverflowError, OSError, TypeError, IndexError):
        return None
    return moment if _EARLIEST < moment < clock.now() + timedelta(days=2) else None


def bare_subject(subject: str) -> tuple[str, bool]:
    """(the subject without "Re:" and list tags before one, whether there was a "Re:")."""
    answered = False
    text = subject.strip()
    if len(text) > 2 and text[0] == text[-1] == "'":
        text = text[1:-1]
    while match := _PREFIX.match(TAG.sub("", text)) or _PREFIX.match(text):
        tagless = TAG.sub("", text)
        text = tagless[match.end() :] if _PREFIX.match(tagless) else text[match.end() :]
        answered = True
    return text.strip(), answered
