"""A document as Whoosh keeps it: lists of terms, no text."""

from __future__ import annotations

from typing import Any

from whoosh import fields, formats

from alliance.search import analysis, whoosh_query
from alliance.search.engine import Document


def schema() -> fields.Schema:
    """What is kept of a document. No text is stored: a result is shown from the database."""
    bag = fields.KEYWORD(scorable=True)
    return fields.Schema(
        key=fields.ID(unique=True, stored=True),
        stamp=fields.STORED(),
        title=bag,
        body=bag,
        about=bag,
        accented=bag,
        exact=_Given(formats.Positions()),
        spaces=fields.KEYWORD(),
        handle=fields.ID(),
        author=fields.KEYWORD(),
        stakeholder_type=fields.ID(),
        language=fields.ID(),
        country=fields.ID(),
        created=fields.NUMERIC(int, bits=64, signed=False, sortable=True),
    )


class _Given(fields.FieldType):  # type: ignore[misc]
    """A field given as a list of terms, in order; phrases are found in it."""

    def __init__(self, kind: formats.Format) -> None:
        super().__init__(kind, analyzer=None, scorable=True)


def as_fields(document: Document) -> dict[str, Any]:
    """A document as Whoosh takes it."""
    title = analysis.forms(document.title)
    forms = [*(t.text for t in title), *(["\x00"] if title else []), *(t.text for t in analysis.forms(document.body))]
    every = {
        "key": document.key,
        "stamp": document.stamp,
        "title": _texts(document.title, document.language),
        "body": _texts(document.body, document.language),
        "about": _texts(document.about, document.language),
        "exact": forms,
        "accented": [*analysis.accented_forms(document.title), *analysis.accented_forms(document.body)],
        "spaces": list(document.spaces),
        "handle": document.author[0] if document.author else "",
        "author": [word for name in document.author[1:] for word in whoosh_query.author_words(name)],
        "stakeholder_type": document.stakeholder_type,
        "language": document.language,
        "country": document.country,
        "created": max(1, whoosh_query.seconds(document.created_at)) if document.created_at else 1,
    }
    return {name: value for name, value in every.items() if value not in (None, "", [])}


def _texts(text: str, language: str | None) -> list[str]:
    if language is None and text:
        language = analysis.possible_languages(text[:2000])[0]
    return [token.text for token in analysis.stems(text, language)]
