"""What people write: read as plain text, shortened, quoted, cleaned for one line, made part of an address.

`render`, `detect_language` and what belongs to them are offered here too, so that rooms know one module.
"""

from __future__ import annotations

import re
import unicodedata
from html.parser import HTMLParser

from alliance.core.attached import Attached
from alliance.core.identify import detect_language
from alliance.core.markdown import MAX_BODY, RENDERER_VERSION, Rendered, render
from alliance.core.sanitising import FORBIDDEN, safe_url

__all__ = [
    "MAX_BODY",
    "RENDERER_VERSION",
    "Attached",
    "Rendered",
    "clean_line",
    "detect_language",
    "excerpt",
    "is_blank",
    "plain",
    "quote",
    "render",
    "safe_url",
    "slugify",
    "sort_key",
    "storable",
]

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_BIDI_CONTROLS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_INVISIBLE = re.compile("[\u00ad\u200b\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]")
_SPACES = re.compile(r"\s+")


class _Plain(HTMLParser):
    """Collects the text of HTML, a line per block."""

    # fmt: off
    BLOCKS = frozenset({
        "blockquote", "br", "div", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "table", "tr", "ul",
    })
    # fmt: on
    CELLS = frozenset({"td", "th"})

    def __init__(self, *, quotes: bool) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._quotes = quotes
        self._depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a line at a block."""
        self._depth += tag == "blockquote"
        if tag in self.BLOCKS:
            self.parts.append("\n")
        elif tag in self.CELLS:
            self.parts.append(" ")
        elif tag == "img":
            self.handle_data(dict(attrs).get("alt") or "")

    def handle_endtag(self, tag: str) -> None:
        """End the line of a block."""
        self._depth -= tag == "blockquote"
        if tag in self.BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        """Keep the text (of a quotation only when quotations are wanted)."""
        if self._quotes or self._depth == 0:
            self.parts.append(data)


def plain(html: str, *, quotes: bool = True) -> str:
    """The text of rendered HTML, a line per block, without markup.

    Args:
        html: what `render` returned.
        quotes: keep quoted passages; False leaves what the author wrote.
    """
    reader = _Plain(quotes=quotes)
    reader.feed(html)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.parts).split("\n"))
    return "\n".join(line for line in lines if line)


def excerpt(text: str, length: int = 200) -> str:
    """The beginning of a text on one line, cut between words (between characters in Chinese), with an ellipsis."""
    line = " ".join(text[: length * 4].split())
    if len(line) <= length and len(text) <= length * 4:
        return line
    cut = line[:length]
    blank = cut.rfind(" ")
    cut = cut[:blank] if blank > length * 0.6 else _whole_characters(cut, line[length : length + 1])
    return cut.rstrip(" .,;:،؛、，。") + "…"


def _whole_characters(cut: str, following: str) -> str:
    """`cut` without a last letter whose marks or joined parts would be left behind."""
    while cut and following and (unicodedata.category(following).startswith("M") or following == "\u200d" or cut[-1] == "\u200d"):
        following, cut = cut[-1], cut[:-1]
    return cut


def quote(markdown: str) -> str:
    """Markdown that quotes another text: `> ` before every line."""
    return "\n".join(f"> {line}".rstrip() for line in markdown.strip().splitlines())


def storable(text: str) -> str:
    """The text with what no database can hold (NUL, lone surrogates) replaced; all else is kept byte for byte."""
    return _UNSTORABLE.sub("\ufffd", text)


def is_blank(text: str) -> bool:
    """Whether there is nothing to see in a text: blanks, controls and invisible characters only."""
    return not any(unicodedata.category(character)[0] not in "CZM" for character in text)


def clean_line(text: str) -> str:
    """A name or title on one line: composed (NFC), without controls, invisible or direction-changing characters.

    Joiners and direction marks that Arabic, Persian and Indic writing and emoji need are kept. Templates isolate the
    result with `<bdi>` or `dir`.
    """
    line = _SPACES.sub(" ", text)
    for pattern in (FORBIDDEN, _BIDI_CONTROLS, _INVISIBLE):
        line = pattern.sub("", line)
    return _SPACES.sub(" ", unicodedata.normalize("NFC", line)).strip()


def sort_key(name: str, length: int = 80) -> str:
    """Where a name stands in a list: by its letters, whatever their case and accents, the same on every database."""
    letters = "".join(c for c in unicodedata.normalize("NFKD", name) if c.isalnum() or c == " ")
    return letters.casefold().strip()[:length]


def slugify(title: str, length: int = 80, fallback: str = "discussion") -> str:
    """The part of an address that reminds of a title; letters of every script stay letters."""
    words: list[str] = []
    word = ""
    for character in unicodedata.normalize("NFC", clean_line(title)).lower() + " ":
        if unicodedata.category(character)[0] in "LMN":
            word += character
        elif word:
            words.append(word)
            word = ""
    slug = ""
    for part in words:
        if slug and len(slug) + 1 + len(part) > length:
            break
        slug = f"{slug}-{part}" if slug else part[:length]
    return slug or fallback
