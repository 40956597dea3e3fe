"""What a sentence is about, as numbers: stems (or character pairs where words are not spaced) weighted by rarity."""

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import snowballstemmer
from numpy.typing import NDArray
from whoosh.lang.stopwords import stoplists

Matrix = NDArray[np.float32]

_WORD = re.compile(r"[^\W_]+")
_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]+")
_URL = re.compile(r"https?://\S+|\S+@\S+")
_ARABIC_MARKS = re.compile("[\u064b-\u065f\u0670\u0640]")
_ALGORITHMS = {"ar": "arabic", "en": "english", "es": "spanish", "fr": "french", "ru": "russian"}
_STOP: dict[str, frozenset[str]] = {language: frozenset(words) for language, words in stoplists.items()}
_STOP["ar"] = frozenset(
    "في من على إلى الى عن أن ان إن هذا هذه ذلك تلك التي الذي الذين ما لا لم لن قد كان كانت يكون هو هي هم نحن أنا كل بعض "
    "مع بين بعد قبل عند حتى أو او ثم بل لكن غير كما كيف متى أي اي و يا أيضا حيث إذا لو وقد وهو وهي فيها منها به بها له لها".split()
)
_STOP["en"] |= frozenset(
    "would could also one two just like get got go going think know say said says want well much many really very thing "
    "things way lot make made see us our their there been were was had has have having did do does done being about into "
    "some any more most other than then them they what which who when where how why its it's i'm don't it".split()
)
_STEMMERS = {language: snowballstemmer.stemmer(name) for language, name in _ALGORITHMS.items()}
MOST_TERMS = 6000
MOST_CHARACTERS = 4000
PART = 256  # rows that are scaled at once


def terms(text: str, language: str) -> list[str]:
    """The content-bearing terms of a text in its language."""
    bare = _URL.sub(" ", text[:MOST_CHARACTERS]).lower()
    found: list[str] = []
    for run in _WIDE.findall(bare):
        found += [run[i : i + 2] for i in range(max(1, len(run) - 1))]
    stop = _STOP.get(language, _STOP["en"])
    for word in _WORD.findall(_WIDE.sub(" ", bare)):
        if word not in stop and (len(word) > 2 or word.isdigit()):
            found.append(_stem(word[:40], language))
    return found


@lru_cache(maxsize=100_000)
def _stem(word: str, language: str) -> str:
    stemmer = _STEMMERS.get(language)
    plain = _ARABIC_MARKS.sub("", word)
    return str(stemmer.stemWord(plain)) if stemmer else plain


def weigh(documents: Sequence[list[str]], *, contexts: Sequence[int] | None = None) -> tuple[Matrix, list[str]]:
    """Rows of unit length, one a document: rare terms weigh more, a repeated one hardly more than a single one.

    contexts: which larger whole (a post) each document belongs to; rarity is then counted over those.
    """
    homes = contexts if contexts is not None else range(len(documents))
    seen: dict[str, set[int]] = {}
    for document, home in zip(documents, homes, strict=True):
        for term in document:
            seen.setdefault(term, set()).add(home)
    spread = {term: len(where) for term, where in seen.items()}
    names = sorted(spread, key=lambda term: (-spread[term], term))[:MOST_TERMS]
    total = max(1, len(set(homes)))
    columns = {term: i for i, term in enumerate(names)}
    rows = np.zeros((len(documents), len(names)), dtype=np.float32)
    for row, document in enumerate(documents):
        for term, times in Counter(document).items():
            if term in columns:
                rows[row, columns[term]] = (1 + np.log(times)) * np.log(1 + total / spread[term])
    return unit(rows), names


def unit(rows: Matrix) -> Matrix:
    """The rows scaled to length one (empty ones left alone), in their place: a second table of them would be the most memory there is."""
    for start in range(0, len(rows), PART):
        part = rows[start : start + PART]
        length = np.sqrt((part * part).sum(axis=1, keepdims=True))
        np.divide(part, length, out=part, where=length > 0)
    return rows
