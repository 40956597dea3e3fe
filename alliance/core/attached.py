"""Files in a text: `![a chart](/attachments/<key>/chart.png)` becomes a picture, a link to a document says its type and size.

Only files of ours that the caller knows do; whatever else is written that way stays the link it would be anyway, so
that reading a post never asks another site for anything.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from markdown_it.rules_core import StateCore
from markdown_it.token import Token

FILES = "files"
MAX_FILES = 100
PREFIX = "/attachments/"
KEY = "[0-9a-f]{32}"
_REFERENCE = re.compile(rf"/attachments/({KEY})/")
_ADDRESS = re.compile(rf"/attachments/({KEY})/[^/?#]+")


@dataclass(frozen=True, slots=True)
class Attached:
    """What a text shows of a file.

    Attributes:
        facts: type and size, such as "PDF, 1.2 MB".
        name: as shown.
        alternative: what a picture says, for those who do not see it, when the text gives no other.
        size: width and height of the small picture; None for documents.
    """

    facts: str
    name: str
    alternative: str = ""
    size: tuple[int, int] | None = None


def keys_in(source: str) -> list[str]:
    """The keys of the files a text refers to, each once; the first MAX_FILES."""
    if PREFIX not in source:
        return []
    return list(dict.fromkeys(match[1] for match in _REFERENCE.finditer(source)))[:MAX_FILES]


def show_files(state: StateCore) -> None:
    """Core rule: what `state.env[FILES]` (key → Attached) knows is shown as what it is."""
    known: Mapping[str, Attached] = state.env.get(FILES) or {}
    if not known:
        return
    for token in state.tokens:
        if token.children:
            token.children = _shown(token.children, known)


def _shown(tokens: list[Token], known: Mapping[str, Attached]) -> list[Token]:
    made: list[Token] = []
    facts: str | None = None
    inside = 0
    for token in tokens:
        inside += (token.type == "link_open") - (token.type == "link_close")
        if token.type == "link_open":
            file = _file(token, "href", known)
            facts = file.facts if file else None
        elif token.type == "link_close" and facts is not None:
            made.append(Token("text", "", 0, content=f" ({facts})"))
            facts = None
        file = _file(token, "src", known) if token.type == "image" else None
        made.extend(_as_shown(token, file, linked=inside > 0) if file else [token])
    return made


def _file(token: Token, attribute: str, known: Mapping[str, Attached]) -> Attached | None:
    match = _ADDRESS.fullmatch(str(token.attrs.get(attribute, "")))
    return known.get(match[1]) if match else None


def _as_shown(token: Token, file: Attached, *, linked: bool) -> list[Token]:
    """A picture that leads to itself in full; a document that was written as a picture, as a link."""
    address = str(token.attrs["src"])
    said = _said(token) or file.alternative
    if file.size is None:
        inner = Token("text", "", 0, content=f"{said or file.name} ({file.facts})")
    else:
        thumbnail = f"{address.rpartition('/')[0]}/thumbnail"
        width, height = file.size
        # The renderer writes the alternative text from the children of an image.
        children = [Token("text", "", 0, content=said or file.name)]
        attrs: dict[str, str | int | float] = {"src": thumbnail, "alt": "", "width": str(width), "height": str(height), "loading": "lazy"}
        inner = Token("image", "img", 0, attrs=attrs, children=children, content=said or file.name, meta={"ours": True})
    if linked:
        return [inner]
    opened = Token("link_open", "a", 1, attrs={"href": address, "class": "picture" if file.size else "file"})
    return [opened, inner, Token("link_close", "a", -1)]


def _said(token: Token) -> str:
    return " ".join("".join(child.content or " " for child in token.children or []).split())
