"""Results as they are shown: title and the part that answers the query, marked, and one line that says why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from alliance.core.i18n import current_locale
from alliance.core.i18n import gettext as _
from alliance.core.text import plain
from alliance.curating import summaries
from alliance.digests import wording
from alliance.discussions.models import Post
from alliance.library.models import LibraryItem
from alliance.search import queries, shelved
from alliance.search.highlight import Highlighter
from alliance.search.query_language import Query

MOST_WORDS = 6
LETTERS = {"a": "document", "d": "document", "u": "person", "o": "organization", "s": "group", "g": "digest", "w": "group", "m": "summary"}


@dataclass(frozen=True, slots=True)
class Result:
    """Something found, with its title and the part that answers the query marked.

    Attributes:
        thing: the row: a post, a file, a person, an organization, a space, a digest.
        why: one line that says what of the query is where.
        others: further posts of the same discussion, when results are grouped.
    """

    kind: str
    thing: Any
    title: Markup
    excerpt: Markup
    why: str = ""
    others: tuple[Result, ...] = ()

    @property
    def post(self) -> Post:
        """The post that was found."""
        found: Post = self.thing
        return found


def posts(found: Sequence[Post], query: Query) -> list[Result]:
    """Posts, one by one."""
    return [group([(f"p{post.id}", post)], query) for post in found]


def group(found: Sequence[tuple[str, Any]], query: Query) -> Result:
    """The first of a group, with the others of it."""
    marker = Highlighter(query)
    first, *others = [_result(key, thing, marker) for key, thing in found]
    return Result(first.kind, first.thing, first.title, first.excerpt, first.why, tuple(others))


def _result(key: str, thing: Any, marker: Highlighter) -> Result:
    if key[0] == "p":
        kind = "discussion" if thing.number == 1 else "post"
        title, its, text, language = thing.discussion.title, thing.discussion.language, plain(thing.html), thing.language
    else:
        kind = LETTERS[key[0]]
        thing = thing.space if key[0] == "w" else thing
        title, its, text, language = _other(kind, thing)
    excerpt = marker.excerpt(text, language or its)
    return Result(kind, thing, marker.whole(title, its), excerpt, _why(marker, title, its, text, language))


def _other(kind: str, thing: Any) -> tuple[str, str | None, str, str | None]:
    """Title, its language, text, its language."""
    locale = current_locale()
    if kind == "person":
        return thing.name, None, thing.shown_bio, None
    if kind == "organization":
        return thing.name, None, thing.acronym or "", None
    if kind == "group":
        return thing.title(locale), locale, thing.description(locale), locale
    if kind == "summary":
        found = summaries.shown(thing.discussion, thing)
        said = " ".join(one.text for one in found.sentences) if found else ""
        return thing.discussion.title, thing.discussion.language, said, thing.language
    if kind == "digest":
        return wording.title(thing.space), locale, " ".join(point.text for point in thing.points[:3]), None
    shelf = isinstance(thing, LibraryItem)
    return (*(shelved.shown(thing) if shelf else (thing.name, None, queries.file_text(thing.id) or thing.alternative)), None)


def _why(marker: Highlighter, title: str, title_language: str | None, text: str, language: str | None) -> str:
    """What of the query is where, in one line."""
    in_title = _words(marker, title, title_language)
    in_text = [word for word in _words(marker, text, language or title_language) if word not in in_title]
    parts = []
    if in_title:
        parts.append(_("in the title: %(words)s", words=", ".join(in_title)))
    if in_text:
        parts.append(_("in the text: %(words)s", words=", ".join(in_text)))
    return " · ".join(parts)


def _words(marker: Highlighter, text: str, language: str | None) -> list[str]:
    found = {
        text[span.start : span.end].casefold(): text[span.start : span.end] for span in reversed(marker.spans(text[:20_000], language))
    }
    return list(reversed(found.values()))[:MOST_WORDS]
