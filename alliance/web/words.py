"""What scripts say, in the languages of the pages; each file of scripts carries what it says (`web.scripts`), so that no page does."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from alliance.core import i18n

_words: dict[str, Any] = {}


def say(**messages: Any) -> None:
    """Declare what scripts say (lazily translated); `%%s` is the place of what they put in."""
    _words.update(messages)


def table(language: str, names: Collection[str]) -> dict[str, str]:
    """Some of what scripts say, in a language."""
    with i18n.use_locale(language):
        return {name: str(_words[name]).replace("%%", "%") for name in sorted(names) if name in _words}
