"""HTML that was made of text people wrote, made safe: bleach with an allow-list, and links checked by scheme.

Bleach's link check is ours, for alone it lets `javascript:123` through. What holds nothing but the plainest elements of
the list, without an attribute but the address of an ordinary link, is safe as it stands, and is what bleach would make
of it: that is seen at a glance, where building html5lib's tree takes longer than rendering did (docs/decisions/0006).
"""

from __future__ import annotations

import html as html_entities
import re

import bleach

from alliance.core.attached import KEY

SCHEMES = frozenset({"http", "https", "mailto"})
REL = "nofollow ugc noopener"
# fmt: off
TAGS = frozenset({
    "a", "blockquote", "br", "code", "div", "em", "h3", "h4", "h5", "h6", "hr", "img", "li", "ol", "p", "pre", "s", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
})
# fmt: on
_ATTRIBUTES: dict[tuple[str, str], re.Pattern[str]] = {
    ("a", "rel"): re.compile(re.escape(REL)),
    ("a", "title"): re.compile(r".*", re.DOTALL),
    ("a", "class"): re.compile("image-link|mention|picture|file"),
    ("img", "src"): re.compile(f"/attachments/{KEY}/thumbnail"),
    ("img", "alt"): re.compile(r".*", re.DOTALL),
    ("img", "width"): re.compile(r"\d{1,5}"),
    ("img", "height"): re.compile(r"\d{1,5}"),
    ("img", "loading"): re.compile("lazy"),
    ("code", "class"): re.compile(r"language-[\w+#.-]{1,40}"),
    ("div", "class"): re.compile("table-scroll"),
    ("div", "tabindex"): re.compile("0"),
    ("ol", "start"): re.compile(r"\d{1,9}"),
    ("td", "class"): re.compile("ta-(left|center|right)"),
    ("th", "class"): re.compile("ta-(left|center|right)"),
}
_DIRECTION = re.compile("ltr|rtl|auto")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")

# What no page may hold: C0 and C1 controls (but tab and line ends), lone surrogates, non-characters.
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")

_MARKS = re.compile(r"<[^<>]*>?|&\w{0,8};?|>")
_BARE = frozenset(
    {"&amp;", "&lt;", "&gt;", "&quot;", "<br />", "<hr />", "</a>"}
    | {f"<{end}{tag}>" for tag in "blockquote code em h3 h4 h5 h6 li ol p pre s strong ul".split() for end in ("", "/")}
)
_LINK = re.compile(
    r"<a href=\"https?://[\w.-]{1,100}(:\d{1,5})?(/([\w./~%=+,#?;:-]|&amp;)*)?\"" + f' rel="{re.escape(REL)}">',
    re.ASCII,
)
_UNTIDY = re.compile(f"\r|{FORBIDDEN.pattern}")


class Cleaner:
    """Makes HTML safe; for one thread at a time."""

    def __init__(self) -> None:
        self._bleach = bleach.Cleaner(tags=TAGS, attributes=_attribute_allowed, protocols=SCHEMES)

    def clean(self, html: str) -> str:
        """The HTML with nothing in it but what the list allows."""
        return html.replace(" />", ">") if is_bare(html) else str(self._bleach.clean(html))


def is_bare(html: str) -> bool:
    """Whether every mark in it is one that is safe as it stands (rendered from Markdown, so that each element is closed)."""
    return _UNTIDY.search(html) is None and all(mark in _BARE or _LINK.fullmatch(mark) for mark in _MARKS.findall(html))


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
