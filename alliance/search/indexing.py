"""A document as words by field: what every engine puts into its index."""

from __future__ import annotations

from collections.abc import Sequence

from alliance.search import analysis
from alliance.search.engine import Document

APART = "\x02"  # begins the words of spaces that not everybody may read
BREAK = "\x01"  # between title and text: no phrase reaches from one into the other
FIELDS = (
    "title",
    "body",
    "about",
    "tags",
    "exact",
    "accented",
    "author",
    "handle",
    "spaces",
    "slug",
    "organization",
    "topics",
)


def mark(space_id: int) -> str:
    """What the words of a space begin with that not everybody may read.

    Who may not read there never looks them up, so that whether a word is said there takes no more and no less time.
    """
    return f"{APART}{space_id}{APART}"


def texts(document: Document) -> dict[str, Sequence[str]]:
    """The words of each field, in order, as often as they occur; marked where they are kept apart."""
    found = _texts(document)
    if not document.apart:
        return found
    marked = mark(document.space_id)
    return {name: [marked + word for word in words] for name, words in found.items()}


def _texts(document: Document) -> dict[str, Sequence[str]]:
    language = document.language
    if language is None:
        language = analysis.possible_languages(f"{document.title}\n{document.body}"[:2000])[0]
    title, body = analysis.terms(document.title, language), analysis.terms(document.body, language)
    return {
        "title": title.stems,
        "body": body.stems,
        "about": analysis.terms(document.about, language).stems,
        "tags": [stem for tag in document.tags for stem in analysis.terms(tag, language).stems],
        "exact": [*title.forms, *([BREAK] if title.forms else ()), *body.forms],
        "accented": [*title.accented, *body.accented],
        "author": [form for name in document.author[1:] for form in analysis.terms(name, None).forms],
        "handle": document.author[:1],
        "spaces": document.spaces,
        "topics": document.topics,
        "slug": [name.lower() for name in document.organization],
        "organization": [form for name in document.organization for form in analysis.terms(name, None).forms],
    }
