"""In which of the six languages a text is written."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from typing import Any

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from alliance.core import memory
from alliance.core.i18n import LANGUAGES

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


def warm() -> None:
    """Read the model now, before processes are forked that would each read it while somebody waits for an answer."""
    _identifier(tuple(sorted(_LATIN)))


@functools.cache
def _identifier(candidates: tuple[str, ...]) -> Any:
    """The identifier of some languages written in Latin letters (it keeps no state between texts)."""
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(candidates))
    identifier._full_model = None  # the other ninety languages, 27 MB, to which nobody goes back
    identifier.tk_nextmove = memory.outsourced(identifier.tk_nextmove)  # 41 MB, of which a text takes a few hundred kilobytes
    return identifier
