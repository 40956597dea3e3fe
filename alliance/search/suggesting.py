"""Completion while typing, and discussions like the one somebody is about to open; from the index, with the asker's own rights."""

from __future__ import annotations

from dataclasses import dataclass

from alliance.core.i18n import current_locale
from alliance.discussions import topics
from alliance.policy import Actor
from alliance.search import finding, query_language, results, seeing, services
from alliance.search.engine import IndexUnavailable
from alliance.search.filters import UNREADABLE
from alliance.search.showing import LETTERS

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
    words = UNREADABLE.sub(" ", begun[:LONGEST]).replace('"', " ").replace(":", " ").split()
    if not words or len("".join(words)) < SHORTEST:
        return []
    named = _topics(words)
    last = words[-1].strip("-*")
    text = " ".join([*words[:-1], last, f"{last}*" if len(last) >= query_language.SHORTEST_PREFIX else ""])
    query = query_language.parse(text, reader=current_locale())
    try:
        hits = services.engine().search(query, "relevance", MOST * 3, seeing.sight(actor, KINDS)).hits if query.wanted else []
    except IndexUnavailable:
        return named
    rows = results.rows(actor, [hit.key for hit in hits])
    found = [_suggestion(hit.key, rows[hit.key]) for hit in hits if hit.key in rows]
    wanted = [word.casefold() for word in words]
    # Only what is called so: a text that mentions the words is for the results themselves.
    return [*named, *(one for one in found if all(word in one.text.casefold() for word in wanted))][:MOST]


def _topics(words: list[str]) -> list[Suggestion]:
    """Topics that are called so, also behind “tag:”."""
    wanted = [word.casefold() for word in (words[1:] if words[0].casefold() == "tag" and len(words) > 1 else words)]
    offered = [(key, label) for key, label in topics.choices() if all(word in label.casefold() or word in key for word in wanted)]
    return [Suggestion(label, "topic", f"/latest?topic={key}") for key, label in offered[:MOST_TOPICS]]


def _suggestion(key: str, row: object) -> Suggestion:
    thing = getattr(row, "space", row) if key[0] == "w" else row
    kind = "discussion" if key[0] == "p" else LETTERS[key[0]]
    if kind == "discussion":
        return Suggestion(thing.discussion.title, kind, f"/p/{thing.id}")  # type: ignore[attr-defined]
    if kind == "group":
        return Suggestion(thing.title(current_locale()), kind, thing.path)  # type: ignore[attr-defined]
    if kind == "person":
        return Suggestion(thing.name, kind, f"/people/{thing.handle}")  # type: ignore[attr-defined]
    return Suggestion(thing.name, kind, f"/organizations/{thing.slug}")  # type: ignore[attr-defined]


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
