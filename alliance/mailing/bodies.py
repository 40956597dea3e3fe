"""The text of a message: out of nested parts, HTML, flowed lines, signatures and attachments, within bounds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message

from alliance.mailing import charsets, hypertext

MAX_PARTS = 500
MAX_DEPTH = 40
MAX_TEXT = 2_000_000
_UUENCODED = re.compile(r"^begin(?:-base64)? [0-7]{3,4} .*\n(?:[\x20-\x60]{1,90}\n)*?(?:end|====)[ \t]*$", re.MULTILINE)
_PGP_HEAD = re.compile(r"\A\s*-----BEGIN PGP SIGNED MESSAGE-----\n(?:[A-Za-z-]+: .*\n)*\n?")
_PGP_TAIL = re.compile(r"^-----BEGIN PGP SIGNATURE-----\n[\s\S]*?(?:^-----END PGP SIGNATURE-----\s*|\Z)", re.MULTILINE)


@dataclass(slots=True)
class Body:
    """What a message says.

    Attributes:
        text: plain text, lines as written, quotes with ">".
        attachments: how many parts were left out.
    """

    text: str = ""
    attachments: int = 0
    _seen: int = field(default=0, repr=False)


def body(message: Message) -> Body:
    """The text of a message, whatever it is made of."""
    found = Body()
    pieces = [piece.strip("\n") for piece in _texts(message, found, 0)]
    found.text = "\n\n".join(piece for piece in pieces if piece.strip())[:MAX_TEXT]
    return found


def _texts(part: Message, found: Body, depth: int) -> Iterator[str]:
    found._seen += 1
    if depth > MAX_DEPTH or found._seen > MAX_PARTS:
        found.attachments += 1
        return
    payload = part.get_payload()
    kind = _content_type(part)
    if isinstance(payload, list):
        yield from _from_parts(kind, [one for one in payload if isinstance(one, Message)], found, depth)
    elif kind.startswith("text/") and not _is_attached(part):
        yield _written(part, kind)
    else:
        found.attachments += 1


def _from_parts(kind: str, parts: list[Message], found: Body, depth: int) -> Iterator[str]:
    if kind == "multipart/alternative":
        yield from _best(parts, found, depth)
    elif kind == "message/rfc822":
        for one in parts:
            quoted = "\n\n".join(_texts(one, found, depth + 1))
            yield "\n".join(f"> {line}".rstrip() for line in quoted.strip("\n").split("\n"))
    elif kind == "multipart/signed":
        yield from (text for one in parts[:1] for text in _texts(one, found, depth + 1))
    elif kind not in {"message/delivery-status", "message/external-body"}:
        for one in parts:
            yield from _texts(one, found, depth + 1)


def _best(parts: list[Message], found: Body, depth: int) -> Iterator[str]:
    """Of alternatives the plain text, unless it is empty or only says to look elsewhere."""
    plain_first = sorted(parts, key=lambda one: _content_type(one) != "text/plain")
    for one in plain_first:
        texts = list(_texts(one, found, depth + 1))
        said = "\n\n".join(texts)
        if said.strip() and not (one is not plain_first[-1] and _says_nothing(said)):
            yield from texts
            return


def _says_nothing(text: str) -> bool:
    return len(text) < 300 and bool(re.search(r"(?i)\b(html|mime)\b.*\b(mail|message|format|viewer|client|version)|<html", text, re.DOTALL))


def _content_type(part: Message) -> str:
    try:
        return part.get_content_type()
    except (ValueError, TypeError, AttributeError, LookupError):
        return "text/plain"


def _is_attached(part: Message) -> bool:
    try:
        return part.get_content_disposition() == "attachment" or (
            part.get_content_type() not in {"text/plain", "text/html"} and part.get_filename() is not None
        )
    except (ValueError, TypeError, AttributeError, LookupError):
        return False


def _parameter(part: Message, name: str) -> str:
    try:
        value = part.get_param(name, "")
    except (ValueError, TypeError, AttributeError, LookupError):
        return ""
    return value[2] if isinstance(value, tuple) else str(value or "")


def _written(part: Message, kind: str) -> str:
    try:
        data = part.get_payload(decode=True)
    except (ValueError, TypeError, AttributeError, LookupError):
        data = str(part.get_payload()).encode("utf-8", "surrogateescape")
    text = charsets.decode(data[: 2 * MAX_TEXT] if isinstance(data, bytes) else b"", _parameter(part, "charset"))
    if kind == "text/html":
        return hypertext.to_text(text)
    if kind in {"text/enriched", "text/richtext"}:
        text = hypertext.without_enrichment(text)
    if _parameter(part, "format").lower() == "flowed":
        text = flow(text, delete_space=_parameter(part, "delsp").lower() == "yes")
    return _without_armour(text)


def _without_armour(text: str) -> str:
    """The text without files written into it and without the marks of an inline signature."""
    text = _UUENCODED.sub("", text) if "begin" in text else text
    if "-----BEGIN PGP SIGN" in text:
        text = re.sub(r"^- (?=-)", "", _PGP_TAIL.sub("", _PGP_HEAD.sub("", text)), flags=re.MULTILINE)
    return text


def flow(text: str, *, delete_space: bool = False) -> str:
    """Lines that were broken only for the wire, joined again (RFC 3676)."""
    out: list[tuple[int, str]] = []
    open_depth = -1
    for line in text.split("\n"):
        depth = len(line) - len(line.lstrip(">"))
        said = line[depth:].removeprefix(" ")
        if open_depth == depth and said != "-- ":
            out[-1] = (depth, out[-1][1] + said)
        else:
            out.append((depth, said))
        soft = said.endswith(" ") and said != "-- "
        if soft and delete_space:
            out[-1] = (depth, out[-1][1][:-1])
        open_depth = depth if soft else -1
    return "\n".join(f"{'>' * depth} {said}".rstrip(" ") if depth else said for depth, said in out)
