"""Names in a text that lead somewhere: `@amina` to a person, `#c7-ehealth` to a space, outside of code and links."""

from __future__ import annotations

import re
from collections.abc import Mapping

from markdown_it.rules_core import StateCore
from markdown_it.token import Token

NAMES = "names"
# An address (amina@example.org, /path#c1) is no mention.
_NAME = re.compile(r"(?<![\w@#/.&-])[@#][A-Za-z0-9](?:[A-Za-z0-9-]{0,58}[A-Za-z0-9])?(?![\w@])")
MAX_NAMES = 200


def named(source: str) -> list[str]:
    """What a text may mean by @ and #, in lower case, without repetition; the first MAX_NAMES."""
    found: dict[str, None] = {}
    for match in _NAME.finditer(source):
        found.setdefault(match[0].lower())
        if len(found) == MAX_NAMES:
            break
    return list(found)


def link_names(state: StateCore) -> None:
    """Core rule: what `state.env[NAMES]` (name → path) knows becomes a link."""
    known: Mapping[str, str] = state.env.get(NAMES) or {}
    if not known:
        return
    for token in state.tokens:
        if token.children:
            token.children = _linked(token.children, known)


def _linked(tokens: list[Token], known: Mapping[str, str]) -> list[Token]:
    made: list[Token] = []
    inside = 0
    for token in tokens:
        inside += (token.type == "link_open") - (token.type == "link_close")
        if token.type == "text" and not inside:
            made.extend(_parts(token, known))
        else:
            made.append(token)
    return made


def _parts(token: Token, known: Mapping[str, str]) -> list[Token]:
    parts: list[Token] = []
    position = 0
    for match in _NAME.finditer(token.content):
        path = known.get(match[0].lower())
        if path is None:
            continue
        parts += [
            Token("text", "", 0, content=token.content[position : match.start()], level=token.level),
            Token("link_open", "a", 1, attrs={"href": path, "class": "mention"}, level=token.level),
            Token("text", "", 0, content=match[0], level=token.level + 1),
            Token("link_close", "a", -1, level=token.level),
        ]
        position = match.end()
    if not parts:
        return [token]
    return [*parts, Token("text", "", 0, content=token.content[position:], level=token.level)]
