"""What people write, made safe to show: the only door through which user text becomes HTML.

Markdown is rendered with raw HTML off (it shows as text), then passed through bleach with an allow-list, whose link
check is ours: bleach alone lets `javascript:123` through. The time is bounded: by MAX_BODY, by the nesting the parser
follows (deeper text is shown as it was typed, never dropped), and by parsers that do not go back.
"""

from __future__ import annotations

import functools
import html as html_entities
import re
import threading
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

import bleach
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from alliance.core.errors import Invalid
from alliance.core.i18n import LANGUAGES, gettext

RENDERER_VERSION = 1
MAX_BODY = 100_000
MAX_NESTING = 40
HEADING_SHIFT = 2
SCHEMES = frozenset({"http", "https", "mailto"})
REL = "nofollow ugc noopener"
TAGS = frozenset(
    "a blockquote br code del div em h3 h4 h5 h6 hr li ol p pre s strong table tbody td th thead tr ul".split(),
)
_ATTRIBUTES: dict[tuple[str, str], re.Pattern[str]] = {
    ("a", "rel"): re.compile(re.escape(REL)),
    ("a", "title"): re.compile(r".*", re.DOTALL),
    ("a", "class"): re.compile("image-link"),
    ("code", "class"): re.compile(r"language-[\w+#.-]{1,40}"),
    ("div", "class"): re.compile("table-scroll"),
    ("div", "tabindex"): re.compile("0"),
    ("ol", "start"): re.compile(r"\d{1,9}"),
    ("td", "class"): re.compile("ta-(left|center|right)"),
    ("th", "class"): re.compile("ta-(left|center|right)"),
}
_DIRECTION = re.compile("ltr|rtl|auto")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")

# What no text may hold: C0 and C1 controls (but tab and line ends), lone surrogates, non-characters.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_BIDI_CONTROLS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_INVISIBLE = re.compile("[\u00ad\u200b\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]")
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Rendered:
    """HTML made of Markdown, and the version of the renderer that made it."""

    html: str
    version: int


# ---------------------------------------------------------------------------------------------------------- rendering


def render(markdown: str) -> Rendered:
    """The safe HTML of Markdown as people write it.

    Raises:
        Invalid: it is longer than MAX_BODY characters.
    """
    if len(markdown) > MAX_BODY:
        raise Invalid.field("body", gettext("A text may have at most %(most)s characters.", most=MAX_BODY))
    source = _FORBIDDEN.sub("\ufffd", markdown.replace("\r\n", "\n").replace("\r", "\n"))
    tools = _tools()
    tokens = tools.parser.parse(source)
    if any(token.level >= MAX_NESTING for token in tokens):
        return Rendered(_as_typed(source), RENDERER_VERSION)
    made = tools.parser.renderer.render(tokens, tools.parser.options, {})
    return Rendered(tools.cleaner.clean(made).strip(), RENDERER_VERSION)


def _as_typed(source: str) -> str:
    """Text nested beyond any reading, exactly as it was typed."""
    return f"<pre>{html_entities.escape(source, quote=False)}</pre>"


class _Tools(threading.local):
    """The parser and the sanitiser of a thread (neither may be used by two at once)."""

    def __init__(self) -> None:
        self.parser = _parser()
        self.cleaner = bleach.Cleaner(tags=TAGS, attributes=_attribute_allowed, protocols=SCHEMES)


@functools.cache
def _tools() -> _Tools:
    return _Tools()


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "linkify": True, "maxNesting": MAX_NESTING})
    parser.enable(["table", "strikethrough", "linkify"])
    if parser.linkify is not None:
        # "process.In" is a missing blank, not an address in India: only what says it is an address becomes a link.
        parser.linkify.set({"fuzzy_link": False, "fuzzy_email": True, "fuzzy_ip": False})
        parser.linkify.add("www.", {"validate": _www_length, "normalize": _www_normalize})
        parser.linkify.add("ftp:", None)
        parser.linkify.add("//", None)
    parser.validateLink = safe_url  # type: ignore[method-assign]
    parser.core.ruler.push("alliance", _house_style)
    parser.add_render_rule("table_open", _table_open)
    parser.add_render_rule("table_close", _table_close)
    return parser


_WWW = re.compile(r"[\w-]+(\.[\w-]+)+(:\d{1,5})?(/[^\s<>\"'`|\\^{}\[\]]*)?", re.IGNORECASE)
_TRAILING = ".,;:!?)*_~"


def _www_length(_self: Any, text: str, position: int) -> int:
    match = _WWW.match(text, position)
    return len(match.group().rstrip(_TRAILING)) if match else 0


def _www_normalize(_self: Any, match: Any) -> None:
    match.url = f"https://{match.url}"


def _table_open(_self: Any, _tokens: Sequence[Token], _index: int, _options: Any, _env: Any) -> str:
    return '<div class="table-scroll" tabindex="0"><table>\n'


def _table_close(_self: Any, _tokens: Sequence[Token], _index: int, _options: Any, _env: Any) -> str:
    return "</table></div>\n"


def _house_style(state: StateCore) -> None:
    """Core rule: lower headings, cell alignment as classes, images as links, `rel` on every link."""
    for token in state.tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(6, int(token.tag[1]) + HEADING_SHIFT)}"
        elif token.type in {"td_open", "th_open"} and (style := str(token.attrs.pop("style", ""))):
            token.attrs["class"] = f"ta-{style.removeprefix('text-align:')}"
        elif token.children:
            token.children = _links(token.children)


def _links(tokens: list[Token]) -> list[Token]:
    """Inline tokens with every image made a link (or, inside a link, its text)."""
    made: list[Token] = []
    inside = 0
    for token in tokens:
        if token.type == "link_open":
            inside += 1
            token.attrs["rel"] = REL
        elif token.type == "link_close":
            inside -= 1
        if token.type == "image":
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


def _attribute_allowed(tag: str, name: str, value: str) -> bool:
    """Bleach asks this of every attribute."""
    if name == "href":
        return tag == "a" and safe_url(value)
    if name == "dir":
        return _DIRECTION.fullmatch(value) is not None
    if name == "lang":
        return _LANGUAGE.fullmatch(value) is not None
    pattern = _ATTRIBUTES.get((tag, name))
    return pattern is not None and pattern.fullmatch(value) is not None


_BEFORE_SCHEME = re.compile("[\x00-\x20\x7f-\xa0\u1680\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff\ufffd]")
_SCHEME = re.compile(r"([^/?#:]*):")


def safe_url(url: str) -> bool:
    """Whether a link may point there: http, https and mailto, or a place on this site.

    Looked at as the most lenient browser would: entities and percent signs decoded, blanks and controls dropped,
    backslashes taken for slashes.
    """
    for form in (url, html_entities.unescape(url), html_entities.unescape(html_entities.unescape(url))):
        bare = _BEFORE_SCHEME.sub("", form).replace("\\", "/")
        if bare.startswith("//"):
            return False
        scheme = _SCHEME.match(bare)
        if scheme and scheme.group(1).lower() not in SCHEMES:
            return False
    return True


# ------------------------------------------------------------------------------------------------------------ reading


class _Plain(HTMLParser):
    """Collects the text of HTML, a line per block."""

    BLOCKS = frozenset("blockquote br div h3 h4 h5 h6 hr li ol p pre table tr ul".split())
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


# ------------------------------------------------------------------------------------------------------------ writing


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
    for pattern in (_FORBIDDEN, _BIDI_CONTROLS, _INVISIBLE):
        line = pattern.sub("", line)
    return _SPACES.sub(" ", unicodedata.normalize("NFC", line)).strip()


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


# ----------------------------------------------------------------------------------------------------------- language

_ASIDE = re.compile(r"```.*?(```|\Z)|`[^`\n]*`|^[ \t]*>.*$|\S+://\S+|\S+@\S+|^[ \t]*\|.*$", re.DOTALL | re.MULTILINE)
_HAN = re.compile("[\u4e00-\u9fff\u3400-\u4dbf]")
_ARABIC = re.compile("[\u0600-\u06ff\u0750-\u077f]")
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_LETTER = re.compile(r"[^\W\d_]")
_SAMPLE = 4000
_MIN_LETTERS = 24
_MIN_CONFIDENCE = 0.9
_SCRIPTS = (("zh", _HAN, 4), ("ar", _ARABIC, 8), ("ru", _CYRILLIC, 8))
_LATIN = frozenset({"en", "fr", "es"})


def detect_language(text: str, candidates: Sequence[str] = LANGUAGES) -> str | None:
    """The language a text is written in, of the six; None when it is too short or unclear to say.

    Quotations, code and addresses do not count: they are not the author's language.
    """
    sample = _ASIDE.sub(" ", text[:_SAMPLE])
    letters = len(_LETTER.findall(sample))
    for language, script, least in _SCRIPTS:
        count = len(script.findall(sample))
        if count >= least and count * 2 >= letters:
            return language if language in candidates else None
    if letters < _MIN_LETTERS or not _LATIN.intersection(candidates):
        return None
    language, confidence = _identifier(tuple(sorted(_LATIN.intersection(candidates)))).classify(sample)
    return str(language) if confidence >= _MIN_CONFIDENCE else None


@functools.cache
def _identifier(candidates: tuple[str, ...]) -> Any:
    """The identifier of some languages written in Latin letters (it keeps no state between texts)."""
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(candidates))
    return identifier
