"""No address of anybody in what is shown: `Jane Doe <jane@example.org> wrote:` becomes `Jane Doe wrote:`, any other `j…@example.org`."""

from __future__ import annotations

import re
from collections.abc import Set

_ADDRESS = r"[\w.+=%&'*/!#$^{}|~-]{1,64}@[^\W_][\w-]{0,62}(?:\.[\w-]{1,63}){0,8}"
_BRACKETED = re.compile(rf"(?<=[\w\"').»”]) ?[<\[(](?:mailto:|smtp:)?\s?{_ADDRESS}\s?[>\])]", re.IGNORECASE)
_BARE = re.compile(rf"(?:mailto:)?({_ADDRESS})", re.IGNORECASE)
_SPELLED = re.compile(r"([\w.+-]{1,64})(?: at |\(at\)|\[at\]| \(at\) | \[at\] )([^\W_][\w-]{0,62}(?:\.[\w-]{1,63}){1,8})", re.IGNORECASE)


def hide_addresses(text: str, known: Set[str] = frozenset()) -> str:
    """`text` with no address left in it that mail could be sent to.

    Args:
        text: anything.
        known: addresses of the archive's authors in lower case; those are hidden when spelled "jane at example.org" too
            (other words around an "at" are not touched: "look at example.org").
    """
    if "@" in text:
        text = _BARE.sub(lambda m: _hidden(m[1]), _BRACKETED.sub("", text))
    if known and _SPELLED.search(text):
        text = _SPELLED.sub(lambda m: _hidden(f"{m[1]}@{m[2]}") if f"{m[1]}@{m[2]}".lower() in known else m[0], text)
    return text


def _hidden(address: str) -> str:
    local, _, domain = address.rpartition("@")
    return f"{local[0]}…@{domain}"
