"""Markdown to safe HTML: the only door through which user text becomes HTML.

Markdown is rendered with raw HTML off (it shows as text), then sanitised (`sanitising`). The time is bounded: by MAX_BODY,
by the nesting the parser follows (deeper text is shown as it was typed, never dropped), and by sanitising block by block,
because html5lib's walk is quadratic in the number of siblings.
"""

from __future__ import annotations

import functools
import html as html_entities
import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from alliance.core.attached import FILES, Attached, show_files
from alliance.core.errors import Invalid
from alliance.core.i18n import gettext
from alliance.core.names import NAMES, link_names
from alliance.core.sanitising import FORBIDDEN, REL, Cleaner, safe_url

RENDERER_VERSION = 2
MAX_BODY = 100_000
MAX_NESTING = 30
MAX_ADDRESS = 2_000
MAX_BLOCK_TOKENS = 20_000
HEADING_SHIFT = 2


@dataclass(frozen=True, slots=True)
class Rendered:
    """HTML made of Markdown, and the version of the renderer that made it."""

    html: str
    version: int


def render(markdown: str, names: Mapping[str, str] | None = None, files: Mapping[str, Attached] | None = None) -> Rendered:
    """The safe HTML of Markdown as people write it.

    Args:
        markdown: as it was written.
        names: where names such as "@amina" and "#c1" (in lower case) lead; others stay text.
        files: those of ours, by key, that are shown as pictures or say their type and size.

    Raises:
        Invalid: it is longer than MAX_BODY characters.
    """
    if len(markdown) > MAX_BODY:
        raise Invalid.field("body", gettext("A text may have at most %(most)s characters.", most=MAX_BODY))
    source = FORBIDDEN.sub("\ufffd", markdown.replace("\r\n", "\n").replace("\r", "\n"))
    tools = _tools()
    tokens = tools.parser.parse(source, {NAMES: names, FILES: files})
    blocks = _blocks(tokens)
    if any(len(block) > MAX_BLOCK_TOKENS or any(token.level >= MAX_NESTING for token in block) for block in blocks):
        return Rendered(_as_typed(source), RENDERER_VERSION)
    made = (tools.parser.renderer.render(block, tools.parser.options, {}) for block in blocks)
    return Rendered("".join(map(tools.cleaner.clean, made)).strip(), RENDERER_VERSION)


def _blocks(tokens: list[Token]) -> list[list[Token]]:
    """The tokens in groups of some hundred that can be rendered alone: what begins at the top level ends in the group."""
    blocks: list[list[Token]] = [[]]
    for token in tokens:
        if token.level == 0 and token.nesting >= 0 and len(blocks[-1]) >= 300:
            blocks.append([])
        blocks[-1].append(token)
    return blocks


def _as_typed(source: str) -> str:
    """Text nested beyond any reading, exactly as it was typed."""
    return f"<pre>{html_entities.escape(source, quote=False)}</pre>"


class _Tools(threading.local):
    """The parser and the sanitiser of a thread (neither may be used by two at once)."""

    def __init__(self) -> None:
        self.parser = _parser()
        self.cleaner = Cleaner()


@functools.cache
def _tools() -> _Tools:
    return _Tools()


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "linkify": True, "maxNesting": MAX_NESTING})
    parser.enable(["table", "strikethrough", "linkify"])
    if parser.linkify is not None:
        www = _Www()
        # "process.In" is a missing blank, not an address in India: only what says it is an address becomes a link.
        parser.linkify.set({"fuzzy_link": False, "fuzzy_email": True, "fuzzy_ip": False})
        parser.linkify.add("www.", {"validate": www.length, "normalize": www.normalize})
        parser.linkify.add("ftp:", None)
        parser.linkify.add("//", None)
        parser.inline.ruler.at("linkify", _address)
    parser.validateLink = safe_url  # type: ignore[method-assign]
    parser.core.ruler.push("names", link_names)
    parser.core.ruler.push("files", show_files)
    parser.core.ruler.push("alliance", _house_style)
    parser.add_render_rule("table_open", _table_open)
    parser.add_render_rule("table_close", _table_close)
    return parser


_BEFORE_ADDRESS = re.compile(r"(?:^|[^a-z0-9.+-])(https?)$", re.IGNORECASE)


def _address(state: StateInline, silent: bool) -> bool:
    """Inline rule "linkify", in place of the library's, which reads the whole text anew at each "://" (half a minute in a long one).

    What stands before is looked at as far as a scheme reaches, what follows as far as an address may be long.
    """
    start = state.pos
    if state.linkLevel > 0 or state.md.linkify is None or not state.src.startswith("://", start):
        return False
    scheme = _BEFORE_ADDRESS.search(state.src[max(0, start - 6) : start])
    if scheme is None or not state.pending.endswith(scheme.group(1)):
        return False
    begin = start - len(scheme.group(1))
    found = state.md.linkify.match_at_start(state.src[begin : begin + MAX_ADDRESS])
    url = found.url.rstrip("*") if found else ""
    target = state.md.normalizeLink(url)
    if not url or not state.md.validateLink(target):
        return False
    if not silent:
        state.pending = state.pending.removesuffix(scheme.group(1))
        state.push("link_open", "a", 1).attrs = {"href": target}
        state.push("text", "", 0).content = state.md.normalizeLinkText(url)
        state.push("link_close", "a", -1)
    state.pos = begin + len(url)
    return True


class _Www:
    """What linkify asks about an address written without its scheme: `www.example.org/page`."""

    ADDRESS = re.compile(r"[\w-]{1,63}(\.[\w-]{1,63}){1,8}(:\d{1,5})?(/[^\s<>\"'`|\\^{}\[\]]{0,2000})?", re.IGNORECASE)
    TRAILING = ".,;:!?)*_~"

    def length(self, text: str, position: int) -> int:
        """How many characters after `www.` belong to the address."""
        match = self.ADDRESS.match(text, position)
        return len(match.group().rstrip(self.TRAILING)) if match else 0

    def normalize(self, match: Any) -> None:
        """Give the address its scheme."""
        match.url = f"https://{match.url}"


def _table_open(_self: Any, _tokens: Sequence[Token], _index: int, _options: Any, _env: Any) -> str:
    return '<div class="table-scroll" tabindex="0"><table>\n'


def _table_close(_self: Any, _tokens: Sequence[Token], _index: int, _options: Any, _env: Any) -> str:
    return "</table></div>\n"


def _house_style(state: StateCore) -> None:
    """Core rule: lower headings, cell alignment as classes, images of others as links, `rel` on every link."""
    for token in state.tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(6, int(token.tag[1]) + HEADING_SHIFT)}"
        elif token.type in {"td_open", "th_open"} and (style := str(token.attrs.pop("style", ""))):
            token.attrs["class"] = f"ta-{style.removeprefix('text-align:')}"
        elif token.children:
            token.children = _links(token.children)


def _links(tokens: list[Token]) -> list[Token]:
    """Inline tokens with every image that is not ours made a link (or, inside a link, its text)."""
    made: list[Token] = []
    inside = 0
    for token in tokens:
        if token.type == "link_open":
            inside += 1
            token.attrs["rel"] = REL
        elif token.type == "link_close":
            inside -= 1
        if token.type == "image" and not token.meta.get("ours"):
            made.extend(_image(token, linked=not inside))
        else:
            made.append(token)
    return made


def _image(token: Token, *, linked: bool) -> list[Token]:
    source = str(token.attrs.get("src", ""))
    text = Token("text", "", 0, content=_alternative(token) or source)
    if not linked or not safe_url(source):
        return [text]
    attrs: dict[str, str | int | float] = {"href": source, "rel": REL, "class": "image-link"}
    if title := token.attrs.get("title"):
        attrs["title"] = title
    return [Token("link_open", "a", 1, attrs=attrs), text, Token("link_close", "a", -1)]


def _alternative(token: Token) -> str:
    """The text that stands for an image, nested images included."""
    parts: list[str] = []
    waiting = list(reversed(token.children or []))
    while waiting:
        child = waiting.pop()
        if child.type == "image":
            waiting.extend(reversed(child.children or []))
        elif child.type in {"softbreak", "hardbreak"}:
            parts.append(" ")
        else:
            parts.append(child.content)
    return "".join(parts)
