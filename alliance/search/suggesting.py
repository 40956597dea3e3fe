"""Completion while typing, and discussions like the one somebody is about to open; from the index, with the asker's own rights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from alliance.core.i18n import current_locale
from alliance.discussions import topics
from alliance.discussions.models import Post
from alliance.groups.models import Space
from alliance.policy import Actor
from alliance.search import analysis, finding, query_language, results, seeing, services
from alliance.search.engine import IndexUnavailable
from alliance.search.filters import UNREADABLE
from alliance.search.showing import LETTERS
from alliance.stakeholders.models import Organization

MOST = 8
ALIKE = 5
MOST_TOPICS = 3
SHORTEST = 2
LONGEST = 200
KINDS = ("discussion", "person", "organization", "group")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something whose name may be meant: what it is called, of which kind, where it is."""

    text: str
    kind: str
    url: str


def suggestions(actor: Actor, begun: str) -> list[Suggestion]:
    """Titles, people, organizations and spaces for what was typed so far; its last word may be unfinished."""
    typed = UNREADABLE.sub(" ", begun[:LONGEST]).replace('"', " ").replace(":", " ").split()
    wanted = list(analysis.words(" ".join(typed)))
    if not wanted or (len("".join(typed)) < SHORTEST and wanted[0].script != "solid"):
        return []
    named = _topics(wanted)
    last = typed[-1].strip("-*")
    text = " ".join([*typed[:-1], last, f"{last}*" if len(last) >= query_language.SHORTEST_PREFIX else ""])
    query = query_language.parse(text, reader=current_locale())
    try:
        hits = services.engine().search(query, "relevance", MOST * 3, seeing.sight(actor, KINDS)).hits if query.wanted else []
    except IndexUnavailable:
        return named
    rows = results.rows(actor, [hit.key for hit in hits])
    found = [(_suggestion(hit.key, rows[hit.key]), rows[hit.key]) for hit in hits if hit.key in rows]
    # Only what is called so: a text that mentions the words is for the results themselves.
    return [*named, *(one for one, row in found if _is_called(wanted, one.text, *_names(row)))][:MOST]


def _is_called(wanted: Sequence[analysis.Word], *names: str) -> bool:
    """Whether each word stands in one of the names of a thing, begun or in another form, however accents are written."""
    words = [word for name in names for word in analysis.words(name)]
    solid = "".join(word.folded for word in words if word.script == "solid")
    stems = {stem for word in words for stem in analysis.variants(word, analysis.LATIN)}
    return all(
        one.folded in solid
        if one.script == "solid"
        else any(one.folded in word.folded for word in words) or not stems.isdisjoint(analysis.variants(one, analysis.LATIN))
        for one in wanted
    )


def _names(row: Any) -> Iterator[str]:
    """What a space is called in all its languages, and its code; an organization in short."""
    space = getattr(row, "space", row)
    if isinstance(space, Space) and not isinstance(row, Post):
        yield from (space.code, *map(str, space.titles.values()))
    if isinstance(row, Organization):
        yield row.acronym or ""


def _topics(wanted: Sequence[analysis.Word]) -> list[Suggestion]:
    """Topics that are called so, also behind “tag:”."""
    named = wanted[1:] if wanted[0].folded == "tag" and len(wanted) > 1 else wanted
    offered = [(key, label) for key, label in topics.choices() if _is_called(named, label, key)]
    return [Suggestion(label, "topic", f"/latest?topic={key}") for key, label in offered[:MOST_TOPICS]]


def _suggestion(key: str, row: Any) -> Suggestion:
    thing = getattr(row, "space", row) if key[0] == "w" else row
    kind = "discussion" if key[0] == "p" else LETTERS[key[0]]
    if kind == "discussion":
        return Suggestion(thing.discussion.title, kind, f"/p/{thing.id}")
    if kind == "group":
        return Suggestion(thing.title(current_locale()), kind, thing.path)
    if kind == "person":
        return Suggestion(thing.name, kind, f"/people/{thing.handle}")
    return Suggestion(thing.name, kind, f"/organizations/{thing.slug}")


def similar(actor: Actor, title: str, body: str = "") -> list[finding.Result]:
    """Discussions on what a title (and the beginning of a text) says, so that one may join instead of opening another."""
    text = UNREADABLE.sub(" ", f"{title[:LONGEST]} {body[:300]}").replace('"', " ").replace(":", " ").replace("*", " ").replace(" -", " ")
    query = query_language.parse(text, reader=current_locale())
    telling = [word for word in query.words if len(word.folded) > 3 or word.script == "solid"]
    if not telling:
        return []
    try:
        found = finding.look(actor, query, finding.Wish(kinds=("discussion",), limit=ALIKE))
    except IndexUnavailable:
        return []
    return found.results if found.source == "index" else []
