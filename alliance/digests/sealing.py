"""What was signed, so that a copy in hand can be compared with it, and what was since retracted can leave it without breaking the seal.

The signature is that of the canonical form: the document in which every sentence and every quotation is replaced by its
salted SHA-256 (`seal`). Who holds the text can check it against the seal; a text that is gone, with its salt, tells nothing.
"""

from __future__ import annotations

import copy
import hashlib
import json
import secrets
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from alliance.core import i18n
from alliance.core.errors import Invalid
from alliance.core.i18n import gettext as _
from alliance.digests import closed, queries, render, signing
from alliance.digests.models import Digest

FORMAT = "alliance-digest/1"
OUTSIDE = ("signature", "standing")  # of the signed document: what may change after it was signed
_SENTENCE, _CITATION, _TITLE = ("text", "shown"), ("quote",), ("title",)
MARK = b"\n%ALLIANCE-DIGEST "


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a file in hand is: `symbol` of the digest, whether it is what was signed, why not, how much was since retracted."""

    symbol: str
    genuine: bool
    reason: str = ""
    retracted: int = 0


def seal(digest: Digest) -> None:
    """Keep the document as it reads now, with its signature (inside the transaction that signs)."""
    with i18n.use_locale(digest.language):
        document = render.as_dict(digest)
    for name in ("id", "status", "transmitted_at", "version"):
        document.pop(name)
    document["format"], document["language"] = FORMAT, digest.language
    for point in _parts(document):
        for one, fields in _texts(point):
            one["salt"] = secrets.token_hex(16)
            one["seal"] = _seal(one, fields)
    digest.sealed = json.dumps(document, ensure_ascii=False)
    digest.signature = signing.sign(canonical(document))


def _parts(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Its key points, and what it tells of closed discussions."""
    return [*document["points"], *document.get("closed", [])]


def _texts(point: dict[str, Any]) -> Iterator[tuple[dict[str, Any], tuple[str, ...]]]:
    if "title" in point:
        yield point, _TITLE
    yield from ((one, _SENTENCE) for one in point.get("sentences", []))
    yield from ((one, _CITATION) for one in point.get("citations", []))


def _seal(one: dict[str, Any], fields: tuple[str, ...]) -> str:
    return hashlib.sha256("\0".join([str(one["salt"]), *(str(one[name]) for name in fields)]).encode()).hexdigest()


def canonical(document: dict[str, Any]) -> bytes:
    """The bytes that are signed: keys sorted, texts replaced by their seals."""
    bare = copy.deepcopy({name: value for name, value in document.items() if name not in OUTSIDE})
    for point in _parts(bare):
        for name in ("text", "shown", "retracted"):
            point.pop(name, None)
        for one, fields in _texts(point):
            for name in (*fields, "salt", "sha256"):
                one.pop(name, None)
    return json.dumps(bare, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def checksum(digest: Digest) -> str:
    """The SHA-256 of the canonical form of what was signed ("" before that)."""
    return hashlib.sha256(canonical(json.loads(digest.sealed))).hexdigest() if digest.sealed else ""


def published(digest: Digest) -> dict[str, Any]:
    """The signed document with its signature, without what may no longer be read; before it is signed, the document as it is."""
    if not digest.sealed:
        return render.as_dict(digest)
    document: dict[str, Any] = json.loads(digest.sealed)
    readable = queries.still_visible(cited["post_id"] for point in document["points"] for cited in point.get("citations", []))
    for point in document["points"]:
        _redact(point, readable)
    closed.redact(document.get("closed", []))
    document["signature"] = {"algorithm": "Ed25519", "key": signing.key_id(), "value": digest.signature}
    document["standing"] = {
        "id": digest.id,
        "status": digest.status,
        "transmitted_at": digest.transmitted_at.isoformat() if digest.transmitted_at else None,
    }
    return document


def _redact(point: dict[str, Any], readable: AbstractSet[int]) -> None:
    gone = {cited["note"] for cited in point.get("citations", []) if cited["post_id"] not in readable}
    for cited in point.get("citations", []):
        if cited["note"] in gone:
            cited["quote"] = cited["salt"] = cited["sha256"] = None
    for one in point.get("sentences", []):
        rests = [note in gone for note in one["notes"]]
        if rests and (all(rests) if one["own"] else rests[0]):
            one["text"] = one["shown"] = one["salt"] = None
    kept = [one for one in point.get("sentences", []) if one["text"] is not None]
    point["text"], point["shown"] = " ".join(one["text"] for one in kept), " ".join(one["shown"] for one in kept)
    point["retracted"] = not kept


def stamp(digest: Digest, pdf: bytes, language: str) -> bytes:
    """A PDF with its signature behind its end, where readers do not look."""
    if not digest.sealed:
        return pdf
    told = {"symbol": digest.symbol, "language": language, "document": checksum(digest), "pdf": hashlib.sha256(pdf).hexdigest()}
    signature = signing.sign(_plain(told))
    return pdf + MARK + _plain(told | {"signature": signature}) + b"\n%%EOF\n"


def _plain(told: dict[str, Any]) -> bytes:
    return json.dumps(told, sort_keys=True, separators=(",", ":")).encode()


def verify(content: bytes, pem: bytes) -> Verdict:
    """Whether a PDF or JSON in hand is what was signed.

    Raises:
        Invalid: it is neither, or carries no signature.
    """
    kind: Callable[[bytes, bytes], Verdict] = _verify_pdf if content.startswith(b"%PDF") else _verify_json
    try:
        return kind(content, pem)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise Invalid.field("file", _("This is no digest with a signature: give its PDF or its JSON, as it was published.")) from error


def _verify_pdf(content: bytes, pem: bytes) -> Verdict:
    body, _mark, rest = content.rpartition(MARK)
    told = json.loads(rest.removesuffix(b"\n%%EOF\n"))
    signature = told.pop("signature")
    if hashlib.sha256(body).hexdigest() != told["pdf"]:
        return Verdict(told["symbol"], genuine=False, reason=_("the file was changed after it was signed"))
    if not signing.holds(_plain(told), signature, pem):
        return Verdict(told["symbol"], genuine=False, reason=_("the signature is not one of this key"))
    return Verdict(told["symbol"], genuine=True)


def _verify_json(content: bytes, pem: bytes) -> Verdict:
    document = json.loads(content)
    signature = document["signature"]["value"]
    if not signing.holds(canonical(document), signature, pem):
        return Verdict(document["symbol"], genuine=False, reason=_("what it says is not what was signed, or not with this key"))
    retracted = 0
    for point in _parts(document):
        for one, fields in _texts(point):
            if one["salt"] is None and all(one[name] is None for name in fields):
                retracted += 1
            elif _seal(one, fields) != one["seal"]:
                return Verdict(document["symbol"], genuine=False, reason=_("a text was changed: “%(text)s”", text=str(one[fields[0]])[:80]))
        kept = [one for one in point.get("sentences", []) if one["text"] is not None]
        if any(point[name] != " ".join(one[name] for one in kept) for name in _SENTENCE):
            return Verdict(document["symbol"], genuine=False, reason=_("the text of a key point was changed"))
    return Verdict(document["symbol"], genuine=True, retracted=retracted)
