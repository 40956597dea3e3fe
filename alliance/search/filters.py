"""What results are narrowed to: spaces, authors, languages, time … as typed into the query or chosen beside it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from alliance.core.i18n import LANGUAGES
from alliance.core.i18n import gettext as _
from alliance.core.vocabulary import COUNTRIES, STAKEHOLDER_TYPES

# What a document can be, and what can be true of it (search/engine.py imports the query language, and so this).
KINDS = ("post", "discussion", "person", "group", "document", "digest", "summary", "organization")
ATTACHMENT, UNANSWERED, KEY = 1, 2, 4
APART = 128  # beside them in an index: not everybody may read it
LONGEST_VALUE = 1000
_DATE = re.compile(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?")
UNREADABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200b\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff]")


@dataclass(frozen=True, slots=True)
class Filters:
    """What the results are narrowed to; values of one field are alternatives."""

    spaces: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    stakeholder_types: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    organizations: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()  # by their keys
    flags: int = 0  # all of these
    since: datetime | None = None  # this moment or later
    until: datetime | None = None  # before this moment

    def __bool__(self) -> bool:
        return self != NOTHING_CHOSEN


NOTHING_CHOSEN = Filters()


def _space(filters: Filters, value: str) -> Filters:
    code = value.lower().strip("., ")
    if not code:
        raise ValueError(_("After “%(name)s:” something has to follow.", name="space"))
    return replace(filters, spaces=(*filters.spaces, code))


def _author(filters: Filters, value: str) -> Filters:
    name = value.removeprefix("@").lower()
    if not name:
        raise ValueError(_("After “%(name)s:” something has to follow.", name="author"))
    return replace(filters, authors=(*filters.authors, name))


def _topic(filters: Filters, value: str) -> Filters:
    name = value.lower().strip("., ")
    if not name:
        raise ValueError(_("After “%(name)s:” something has to follow.", name="tag"))
    return replace(filters, topics=(*filters.topics, name))


def _type(filters: Filters, value: str) -> Filters:
    code = value.lower().replace("-", "_").replace(" ", "_")
    matching = [known for known in STAKEHOLDER_TYPES if known.startswith(code)] if code else []
    if len(matching) != 1:
        known = ", ".join(STAKEHOLDER_TYPES)
        raise ValueError(
            _("“%(value)s” is not a stakeholder type, so it was left out. There are: %(known)s", value=value[:40], known=known)
        )
    return replace(filters, stakeholder_types=(*filters.stakeholder_types, matching[0]))


def _language(filters: Filters, value: str) -> Filters:
    code = value.lower()[:2]
    if code not in LANGUAGES:
        raise ValueError(
            _(
                "“%(value)s” is not one of the languages, so it was left out. There are: %(known)s",
                value=value[:40],
                known=", ".join(LANGUAGES),
            )
        )
    return replace(filters, languages=(*filters.languages, code))


def _country(filters: Filters, value: str) -> Filters:
    code = value.upper()
    if code not in COUNTRIES:
        raise ValueError(_("“%(value)s” is not the code of a country (two letters, such as KE), so it was left out.", value=value[:40]))
    return replace(filters, countries=(*filters.countries, code))


def _organization(filters: Filters, value: str) -> Filters:
    name = value.lower()
    if not name:
        raise ValueError(_("After “%(name)s:” something has to follow.", name="org"))
    return replace(filters, organizations=(*filters.organizations, name))


def _kind(filters: Filters, value: str) -> Filters:
    code = value.lower()
    if code not in KINDS:
        known = ", ".join(KINDS)
        raise ValueError(_("“%(value)s” is not a kind of result, so it was left out. There are: %(known)s", value=value[:40], known=known))
    return replace(filters, kinds=(*filters.kinds, code))


def _has(filters: Filters, value: str) -> Filters:
    if value.lower().rstrip("s") != "attachment":
        raise ValueError(_("“has:%(value)s” is not known, so it was left out. There is: has:attachment", value=value[:40]))
    return replace(filters, flags=filters.flags | ATTACHMENT)


def _is(filters: Filters, value: str) -> Filters:
    flag = {"unanswered": UNANSWERED, "key": KEY}.get(value.lower())
    if flag is None:
        raise ValueError(_("“is:%(value)s” is not known, so it was left out. There are: is:unanswered, is:key", value=value[:40]))
    return replace(filters, flags=filters.flags | flag)


def _year(filters: Filters, value: str) -> Filters:
    first, following = period(value)
    return replace(filters, since=max(first, filters.since or first), until=min(following, filters.until or following))


def _from(filters: Filters, value: str) -> Filters:
    return replace(filters, since=period(value)[0])


def _to(filters: Filters, value: str) -> Filters:
    return replace(filters, until=period(value)[1])


def _before(filters: Filters, value: str) -> Filters:
    return replace(filters, until=period(value)[0])


def period(value: str) -> tuple[datetime, datetime]:
    """First moment of a year, month or day, and the first after it.

    Raises:
        ValueError: there is no such date; the message is for whoever typed it.
    """
    match = _DATE.fullmatch(value.strip())
    try:
        if match is None:
            raise ValueError
        year, month, day = match.groups()
        first = date(int(year), int(month or 1), int(day or 1))
        if day:
            following = first + timedelta(days=1)
        elif month:
            following = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
        else:
            following = first.replace(year=first.year + 1)
    except (ValueError, OverflowError):
        raise ValueError(_("“%(value)s” is not a date, so it was left out. Write 2026, 2026-06 or 2026-06-15.", value=value[:40])) from None
    return _midnight(first), _midnight(following)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


FIELDS: dict[str, Callable[[Filters, str], Filters]] = {
    "space": _space,
    "author": _author,
    "tag": _topic,
    "type": _type,
    "lang": _language,
    "language": _language,
    "country": _country,
    "org": _organization,
    "kind": _kind,
    "has": _has,
    "is": _is,
    "after": _from,
    "before": _before,
}
_FORM = {
    "space": _space,
    "author": _author,
    "topic": _topic,
    "stakeholder_type": _type,
    "language": _language,
    "country": _country,
    "organization": _organization,
    "kind": _kind,
    "from": _from,
    "to": _to,
    "year": _year,
}


def chosen(values: Mapping[str, str]) -> tuple[Filters, dict[str, list[str]]]:
    """What was chosen beside the search field, and what is wrong with it, by field.

    Args:
        values: by name: space, author, topic, stakeholder_type, language, country, organization, kind, from, to (both included), year.
    """
    filters, wrong = Filters(), {}
    for name, take in _FORM.items():
        value = " ".join(UNREADABLE.sub(" ", values.get(name, "")[:LONGEST_VALUE]).split())
        if value:
            try:
                filters = take(filters, value)
            except ValueError as error:
                wrong[name] = [str(error)]
    return filters, wrong
