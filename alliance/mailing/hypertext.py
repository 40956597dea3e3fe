"""Plain text of an HTML mail: paragraphs, lists, quotes and links kept, everything else left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

MAX_HTML = 300_000
_BLOCKS = frozenset(
    "address article aside center dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 header li main nav ol p pre section table tr ul".split()
)
_SPACED = frozenset("p h1 h2 h3 h4 h5 h6 ul ol table pre blockquote".split())
_TAG = re.compile(r"<(/?)([a-zA-Z!?][a-zA-Z0-9:-]{0,40})(?<!<!--)([^<>]*)>")
_HREF = re.compile(r"""href\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
# How mail programs mark a signature: it is shown below the line that has meant one for forty years.
_SIGNATURE = re.compile(
    r"""(?:class|id)\s*=\s*["']?[^"'>]{0,60}\b(?:gmail_signature(?!_prefix)|moz-signature|ms-outlook-mobile-signature|AppleMailSignature|Signature)\b""",
    re.IGNORECASE,
)
_SILENT = frozenset({"script", "style", "head", "title", "object", "select", "noscript", "template"})


class _Writer:
    """Collects lines, each with the quote depth it stood at."""

    def __init__(self) -> None:
        self.lines: list[tuple[int, str]] = [(0, "")]
        self._depth = self._silent = self._kept = 0
        self._link = ""
        self._link_from = (0, 0)

    def begin(self, tag: str, attributes: str) -> None:
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
            self._sign(attributes)
            self._kept += tag == "pre"
            self._say("- " if tag == "li" else "")
        elif tag == "a":
            href = _HREF.search(attributes)
            self._link = unescape(href[1] or href[2] or href[3] or "") if href else ""
            self._link_from = (len(self.lines), len(self.lines[-1][1]))

    def end(self, tag: str) -> None:
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

    def text(self, data: str) -> None:
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

    def _sign(self, attributes: str) -> None:
        if attributes and _SIGNATURE.search(attributes) and next((said for _depth, said in reversed(self.lines) if said), "--") != "--":
            self.lines[-1:] = [(self._depth, "--"), (self._depth, "")]

    def _end_link(self) -> None:
        """Name the address of a link when its text does not."""
        row, column = self._link_from
        shown = self.lines[-1][1][column:] if len(self.lines) == row else ""
        if (
            self._link.startswith(("http://", "https://"))
            and shown.strip()
            and self._link.rstrip("/") not in shown
            and shown.strip() not in self._link
        ):
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


def _tokens(html: str) -> Iterator[tuple[str, str, str]]:
    """(kind, name, text) of tags and text, in time linear in the length (the standard parser's is quadratic in what is broken)."""
    at = 0
    while at < len(html):
        match = _TAG.match(html, at)
        if match:
            at = match.end()
            yield "end" if match[1] else "begin", match[2].lower(), match[3]
            continue
        if html.startswith("<!--", at):
            closed = html.find("-->", at)
            # A comment never closed: all that follows is read as text rather than lost.
            at, text = (closed + 3, "") if closed >= 0 else (len(html), re.sub(r"<[^<>]*>?", " ", html[at + 4 :]))
        else:
            following = html.find("<", at + 1)
            text = html[at : following if following >= 0 else len(html)]
            at += len(text)
        yield "text", "", text


def to_text(html: str) -> str:
    """The plain text of an HTML document, quotes marked with ">"."""
    writer = _Writer()
    for kind, name, text in _tokens(html[:MAX_HTML]):
        if kind == "text":
            writer.text(unescape(text))
        elif kind == "begin":
            writer.begin(name, text)
        else:
            writer.end(name)
    lines = [f"{'>' * min(depth, 20)} {line.rstrip()}".rstrip() if depth else line.rstrip() for depth, line in writer.lines]
    made = re.sub(r"(?m)^>+\n(?!>)", "\n", "\n".join(lines).replace("\xa0", " "))
    return re.sub(r"\n{3,}", "\n\n", made).strip("\n")


def without_enrichment(text: str) -> str:
    """The plain text of text/enriched (RFC 1896)."""
    text = re.sub(r"(?is)<param>.{0,500}?</param>", "", text).replace("<<", "\0")
    text = re.sub(r"<[^>]{1,60}>", "", text).replace("\0", "<")
    return re.sub(r"\n(\n*)", lambda m: m[1] or " ", text)
