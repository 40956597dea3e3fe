"""What the results are made of, as links that narrow them: how many in which space, of which kind, language, country, year …"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from alliance.core.i18n import current_locale, language_name
from alliance.core.i18n import gettext as _
from alliance.core.vocabulary import country_name, stakeholder_label
from alliance.discussions import topics
from alliance.groups.queries import spaces
from alliance.policy import Actor

MOST = 12  # values of a facet
PLACES = (
    ("kind", "kind"),
    ("space", "space"),
    ("topic", "topic"),
    ("type", "stakeholder_type"),
    ("language", "language"),
    ("country", "country"),
    ("year", "year"),
)


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a facet: what it is called, how many there are, where it leads; `chosen`: it leads back to all."""

    label: str
    count: int
    url: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """A facet with its values, the most frequent first."""

    label: str
    values: list[Value]


def kinds() -> dict[str, str]:
    """What the kinds of results are called."""
    return {
        "discussion": _("Discussions"),
        "post": _("Replies"),
        "person": _("People"),
        "organization": _("Organizations"),
        "group": _("Spaces"),
        "document": _("Documents"),
        "digest": _("Digests"),
        "summary": _("Moderators’ summaries"),
    }


def kind_of_one() -> dict[str, str]:
    """What one result of a kind is called."""
    return {
        "person": _("Person"),
        "organization": _("Organization"),
        "group": _("Space"),
        "document": _("Document"),
        "digest": _("Digest"),
        "summary": _("Moderators’ summary"),
    }


def shown(actor: Actor, counted: Mapping[str, Mapping[str, int]], chosen: Mapping[str, str]) -> list[Facet]:
    """The facets that tell something: those with a choice, or with one that was made."""
    known = spaces(actor) if counted.get("space") else []
    codes = {space.code: "" if space.kind == "group" else f"{space.code.split('-')[0].upper()} " for space in known}
    titles = {space.code: codes[space.code] + space.title(current_locale()) for space in known}
    names = dict(topics.choices(topics.every(retired=True)))
    labels: dict[str, tuple[str, Callable[[str], object]]] = {
        "kind": (_("Kind"), kinds().__getitem__),
        "space": (_("Space"), lambda code: titles.get(code, code)),
        "topic": (_("Topic"), names.__getitem__),
        "type": (_("Stakeholder type"), stakeholder_label),
        "language": (_("Language"), language_name),
        "country": (_("Country"), country_name),
        "year": (_("Year"), str),
    }
    found = []
    for column, name in PLACES:
        label, called = labels[column]
        counts = counted.get(column, {})
        order = sorted(counts, reverse=True) if column == "year" else sorted(counts, key=counts.__getitem__, reverse=True)
        values = [_value(name, value, str(called(value)), counts[value], chosen) for value in order[:MOST]]
        if chosen.get(name) and not any(value.chosen for value in values) and column != "year":
            values.insert(0, _value(name, chosen[name], chosen[name][:40], 0, chosen))
        if len(values) > 1 or any(value.chosen for value in values):
            found.append(Facet(label, values))
    return found


def _value(name: str, value: str, label: str, count: int, chosen: Mapping[str, str]) -> Value:
    here = chosen.get(name) == value
    others = {key: given for key, given in chosen.items() if key not in {"after", name} and given}
    address = urlencode(others if here else {**others, name: value})
    return Value(label, count, f"/search?{address}", here)
