"""Bytes to text whatever their label says, and encoded words in headers."""

from __future__ import annotations

import base64
import binascii
import codecs
import functools
import quopri
import re
import unicodedata

# What mail programs write and Python knows by another name, or knows as less than is meant.
_MEANT = {
    "gb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "ks_c_5601-1987": "cp949", "euc-kr": "cp949", "big5": "big5hkscs",
    "iso-8859-1": "cp1252", "latin1": "cp1252", "latin-1": "cp1252", "us-ascii": "ascii", "ansi_x3.4-1968": "ascii", "iso-8859-8-i": "iso-8859-8",
    "iso-8859-6-i": "iso-8859-6", "x-mac-roman": "mac-roman", "macintosh": "mac-roman", "shift_jis": "cp932", "x-sjis": "cp932", "unicode-1-1-utf-7": "utf-7",
    "unicode-1-1-utf-8": "utf-8", "utf8mb4": "utf-8", "windows-874": "cp874", "tis-620": "cp874",
}  # fmt: skip
_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=")
_BETWEEN = re.compile(r"(=\?[^?\s]+\?[bBqQ]\?[^?]*\?=)\s+(?==\?[^?\s]+\?[bBqQ]\?)")


@functools.lru_cache(maxsize=256)
def known(label: str) -> str:
    """Python's name for a charset label from a mail, "" when it has none that means text."""
    name = re.sub(r"[\"'\s\\].*$", "", label.strip().strip("\"'").lower())
    name = _MEANT.get(name, name)
    try:
        info = codecs.lookup(name)
    except (LookupError, ValueError, UnicodeError):
        return ""
    # hex, zip, rot13 … are codecs too, and not of text.
    return info.name if getattr(info, "_is_text_encoding", True) else ""


def decode(data: bytes, label: str = "") -> str:
    """Text from bytes: as labelled if that fits, else UTF-8 if that fits, else Windows Latin."""
    for name in (known(label) if label else "", "utf-8"):
        if name and name != "ascii":
            try:
                return tidy(data.decode(name))
            except (UnicodeError, ValueError):
                continue
    declared = known(label) if label else ""
    if declared in {"gb18030", "cp949", "big5hkscs", "cp932", "euc_jp", "iso2022_jp", "utf-16", "utf-16-le", "utf-16-be", "utf-7"}:
        # One bad byte in a thousand good ones: the label is right, the byte is lost.
        return tidy(data.decode(declared, "replace"))
    return tidy(data.decode("utf-8", "replace") if _mostly_utf8(data) else data.decode("cp1252", "replace"))


def _mostly_utf8(data: bytes) -> bool:
    text = data.decode("utf-8", "replace")
    return text.count("\ufffd") * 4 < sum(1 for c in text if ord(c) > 127)


def tidy(text: str) -> str:
    """Text without what no text has: control characters, lone surrogates, byte order marks; one kind of line end."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\ufeff", "")
    if text.isprintable():
        return text
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cs"})


def header(raw: str) -> str:
    """One line of text from a header as it stood in the message (undecodable bytes as surrogates)."""
    if not raw.isascii():
        raw = decode(raw.encode("utf-8", "surrogateescape"))
    joined = _BETWEEN.sub(r"\1", re.sub(r"[\r\n]+[ \t]*", " ", raw))
    return re.sub(r"\s+", " ", tidy(_words(joined))).strip()


def _words(text: str) -> str:
    """Decode encoded words; neighbours of one charset together, since some cut a character in two."""
    out: list[str] = []
    pending, charset, end = b"", "", 0
    for match in _WORD.finditer(text):
        data = _unpack(match[2].lower(), match[3])
        if pending and (match.start() != end or match[1] != charset):
            out.append(decode(pending, charset))
            pending = b""
        out.append(text[end : match.start()])
        pending, charset, end = pending + data, match[1], match.end()
    return "".join([*out, decode(pending, charset) if pending else "", text[end:]])


def _unpack(encoding: str, text: str) -> bytes:
    data = text.encode("utf-8", "surrogateescape")
    if encoding == "q":
        return quopri.decodestring(data, header=True)
    try:
        return base64.b64decode(data + b"=" * (-len(data) % 4))
    except (binascii.Error, ValueError):
        return data
