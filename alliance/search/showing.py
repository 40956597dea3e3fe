"""Results as they are shown: title and the part that answers the query, marked, and one line that says why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from alliance.core import nameless
from alliance.core.i18n import current_locale
from alliance.core.i18n import gettext as _
from alliance.core.text import plain
from alliance.curating import summaries
from alliance.digests import wording
from alliance.discussions.models import Post
from alliance.library.models import LibraryItem
from alliance.search import analysis, queries, shelved
from alliance.search.highlight import Highlighter, Marked
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
    return groups([[(f"p{post.id}", post)] for post in found], query)


def groups(found: Sequence[Sequence[tuple[str, Any]]], query: Query) -> list[Result]:
    """Of each group the first, with the others of it."""
    marker = Highlighter(query)
    return [_group(one, marker) for one in found]


def _group(found: Sequence[tuple[str, Any]], marker: Highlighter) -> Result:
    first, *others = [_result(key, thing, marker) for key, thing in found]
    return Result(first.kind, first.thing, first.title, first.excerpt, first.why, tuple(others))


def _result(key: str, thing: Any, marker: Highlighter) -> Result:
    if key[0] == "p":
        kind = "discussion" if thing.number == 1 else "post"
        title, its, text, language = thing.discussion.title, thing.discussion.language, plain(thing.html), thing.language
        more = _by(marker, nameless.found_by(thing.author.handle, thing.author.name))
    else:
        kind = LETTERS[key[0]]
        thing = thing.space if key[0] == "w" else thing
        title, its, text, language = _other(kind, thing)
        more = ""
    shown, body = Marked(marker, title, its), Marked(marker, text, language or its)
    return Result(kind, thing, shown.whole(), body.excerpt(), _why(shown.words(), body.words(), more))


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
        return wording.title(thing.space), locale, " ".join(point.text for point in thing.points), None
    shelf = isinstance(thing, LibraryItem)
    return (*(shelved.shown(thing) if shelf else (thing.name, None, queries.file_text(thing.id) or thing.alternative)), None)


def _by(marker: Highlighter, names: Sequence[str]) -> str:
    """The author, where a word of the query is one of the name."""
    name = "".join(names[1:])
    return f"{_('Author')}: {name}" if any(word.folded in marker.forms for word in analysis.words(name)) else ""


def _why(in_title: list[str], in_text: list[str], more: str = "") -> str:
    """What of the query is where, in one line."""
    in_title = in_title[:MOST_WORDS]
    in_text = [word for word in in_text[:MOST_WORDS] if word not in in_title]
    parts = []
    if in_title:
        parts.append(_("in the title: %(words)s", words=", ".join(in_title)))
    if in_text:
        parts.append(_("in the text: %(words)s", words=", ".join(in_text)))
    return " · ".join([*parts, *([more] if more else [])])
