"""Plain text of an HTML mail: paragraphs, lists, quotes and links kept, everything else left out."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser

MAX_HTML = 300_000
_BLOCKS = frozenset("address article aside center dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 header li main nav ol p pre section table tr ul".split())
_SPACED = frozenset("p h1 h2 h3 h4 h5 h6 ul ol table pre blockquote".split())
_SILENT = frozenset({"script", "style", "head", "title", "object", "select", "noscript", "template"})


class _Writer(HTMLParser):
    """Collects lines, each with the quote depth it stood at."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[tuple[int, str]] = [(0, "")]
        self._depth = self._silent = self._kept = 0
        self._link = ""
        self._link_from = (0, 0)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A tag begins."""
        if tag in _SILENT and tag != "head":
            self._silent += 1
        elif tag == "blockquote":
            self._line(spaced=True)
            self._depth += 1
            self._line()
        elif tag == "br":
            self.lines.append((self._depth, ""))
        elif tag == "hr":
            self._line()
            self._say("* * *")
            self._line()
        elif tag in {"td", "th"}:
            self._say("\t" if self.lines[-1][1] else "")
        elif tag in _BLOCKS:
            self._line(spaced=tag in _SPACED)
            self._kept += tag == "pre"
            self._say("- " if tag == "li" else "")
        elif tag == "a":
            self._link = dict(attrs).get("href") or ""
            self._link_from = (len(self.lines), len(self.lines[-1][1]))

    def handle_endtag(self, tag: str) -> None:
        """A tag ends."""
        if tag in _SILENT and tag != "head":
            self._silent = max(0, self._silent - 1)
        elif tag == "blockquote":
            self._line()
            self._depth = max(0, self._depth - 1)
            self._line(spaced=True)
        elif tag in _BLOCKS:
            self._kept = max(0, self._kept - (tag == "pre"))
            self._line(spaced=tag in _SPACED)
        elif tag == "a":
            self._end_link()

    def handle_data(self, data: str) -> None:
        """Text."""
        if self._silent:
            return
        if self._kept:
            first, *others = data.split("\n")
            self._say(first)
            self.lines.extend((self._depth, one) for one in others)
            return
        said = re.sub(r"[ \t\r\n\f]+", " ", data)
        self._say(said.lstrip(" ") if not self.lines[-1][1] else said)

    def _end_link(self) -> None:
        """Name the address of a link when its text does not."""
        row, column = self._link_from
        shown = self.lines[-1][1][column:] if len(self.lines) == row else ""
        if self._link.startswith(("http://", "https://")) and shown.strip() and self._link.rstrip("/") not in shown and shown.strip() not in self._link:
            self._say(f" <{re.sub(r'[ <>]', '', self._link)[:2000]}>")
        self._link = ""

    def _say(self, text: str) -> None:
        depth, before = self.lines[-1]
        self.lines[-1] = (depth, before + text)

    def _line(self, *, spaced: bool = False) -> None:
        if self.lines[-1][1].strip():
            self.lines.append((self._depth, ""))
        if spaced and len(self.lines) > 1 and self.lines[-2][1].strip():
            self.lines.append((self._depth, ""))
        self.lines[-1] = (self._depth, "")


def to_text(html: str) -> str:
    """The plain text of an HTML document, quotes marked with ">"."""
    writer = _Writer()
    try:
        writer.feed(html[:MAX_HTML])
        writer.close()
    except (AssertionError, ValueError, RecursionError):
        # The parser gave up in the middle of broken markup: what it had read stays, the rest comes without tags.
        writer.lines.append((0, unescape(re.sub(r"<[^>]{0,2000}>", " ", html[:MAX_HTML]))))
    lines = [f"{'>' * min(depth, 20)} {line.rstrip()}".rstrip() if depth else line.rstrip() for depth, line in writer.lines]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines).replace("\xa0", " ")).strip("\n")


def without_enrichment(text: str) -> str:
    """The plain text of text/enriched (RFC 1896)."""
    text = re.sub(r"(?is)<param>.{0,500}?</param>", "", text).replace("<<", "\0")
    text = re.sub(r"<[^>]{1,60}>", "", text).replace("\0", "<")
    return re.sub(r"\n(\n*)", lambda m: m[1] or " ", text)
