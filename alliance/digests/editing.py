"""Editing a digest: reorder, drop, take in, merge, reword, add. A sentence's citations move with it.

Whoever changes a paragraph says which version of it was read; if somebody else was faster, nothing is overwritten and
both texts are shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from alliance.core import db
from alliance.core.errors import Conflict, Invalid, NotFound
from alliance.core.i18n import gettext as _
from alliance.digests import sourcing, versions
from alliance.digests.models import OPEN, SECTIONS, Digest, KeyPoint
from alliance.digests.sourcing import MOST_SENTENCES, Worded
from alliance.digests.states import held
from alliance.discussions import topics as tags
from alliance.policy import Actor, require


class Overtaken(Conflict):
    """Somebody else changed the paragraph meanwhile; `point` is how it reads now."""

    def __init__(self, point: KeyPoint) -> None:
        super().__init__(_("Somebody else changed this paragraph meanwhile. Both texts are shown; save yours again to keep it."))
        self.point = point


def _edit(actor: Actor, digest: Digest, change: Callable[[Digest], str]) -> Digest:
    """Do something to a draft, in one transaction, and record what."""
    require(actor, "digest.edit", digest)
    with db.transaction() as session:
        now = held(digest)
        if now.status not in OPEN:
            raise Conflict(_("This digest is not open for editing: it was submitted or signed."))
        note = change(now)
        _number(now)
        session.flush()
        session.expire(now, ["gathered"])
        versions.record(now, "edited", actor, note)
    return now


def _number(digest: Digest) -> None:
    """Positions from 1, section by section as the document has them; what is not used comes behind."""
    used = sorted(digest.points, key=lambda point: (SECTIONS.index(point.section), point.position, point.id or 0))
    for place, point in enumerate([*used, *digest.unused], start=1):
        point.position = place


def find(digest: Digest, point_id: int) -> KeyPoint:
    """A paragraph of a digest.

    Raises:
        NotFound: it has no such one.
    """
    for point in digest.gathered:
        if point.id == point_id:
            return point
    raise NotFound


def _current(digest: Digest, point_id: int, seen: int) -> KeyPoint:
    point = find(digest, point_id)
    if point.version != seen:
        raise Overtaken(point)
    return point


def _numbered(digest: Digest, point: KeyPoint) -> int:
    return digest.points.index(point) + 1 if point.used else 0


def move(actor: Actor, digest: Digest, point_id: int, steps: int) -> Digest:
    """Move a paragraph so many places down (up: negative) within its section."""

    def change(now: Digest) -> str:
        point = find(now, point_id)
        beside = [one for one in now.points if one.section == point.section]
        if point not in beside:
            raise Conflict(_("This paragraph does not stand in the digest (any more)."))
        at = beside.index(point)
        beside.insert(max(0, min(len(beside) - 1, at + steps)), beside.pop(at))
        positions = sorted(one.position for one in beside)
        for one, position in zip(beside, positions, strict=True):
            one.position = position
        return _("Moved key point %(number)s.", number=at + 1)

    return _edit(actor, digest, change)


def place(actor: Actor, digest: Digest, point_id: int, section: str) -> Digest:
    """Put a paragraph into another section, at its end."""

    def change(now: Digest) -> str:
        point = find(now, point_id)
        number = _numbered(now, point)
        point.section = _section(section)
        point.position = max(one.position for one in now.gathered) + 1
        return _("Put key point %(number)s into another section.", number=number)

    return _edit(actor, digest, change)


def drop(actor: Actor, digest: Digest, point_id: int, seen: int) -> Digest:
    """Take a paragraph out; it stays among what was gathered and not used."""

    def change(now: Digest) -> str:
        point = _current(now, point_id, seen)
        number = _numbered(now, point)
        point.used = False
        return _("Dropped key point %(number)s.", number=number)

    return _edit(actor, digest, change)


def take_in(actor: Actor, digest: Digest, point_id: int) -> Digest:
    """Put into the document what was gathered and not used, at the end of its section."""

    def change(now: Digest) -> str:
        point = find(now, point_id)
        point.used = True
        point.position = max(one.position for one in now.gathered) + 1
        point.reasons = [*point.reasons, {"code": "taken_in"}]
        return _("Took in what had not been used.")

    return _edit(actor, digest, change)


def merge(actor: Actor, digest: Digest, point_id: int, seen: int, other_id: int, other_seen: int) -> Digest:
    """Append a paragraph's sentences, with their citations, to another one."""

    def change(now: Digest) -> str:
        point, other = _current(now, point_id, seen), _current(now, other_id, other_seen)
        if point is other or not (point.used and other.used):
            raise Invalid.field("other", _("Choose another paragraph of the digest to merge with."))
        if len(point.sentences) + len(other.sentences) > MOST_SENTENCES:
            raise Invalid.field("other", _("A paragraph has at most %(most)s sentences.", most=MOST_SENTENCES))
        note = _("Merged key point %(one)s into %(other)s.", one=_numbered(now, point), other=_numbered(now, other))
        offset = len(other.sentences)
        for cited in list(point.citations):
            cited.sentence += offset
            other.citations.append(cited)
        other.sentences = [*other.sentences, *point.sentences]
        other.reasons = [*other.reasons, *[one for one in point.reasons if one not in other.reasons], {"code": "merged"}]
        other.support = _together(other.support, point.support)
        now.gathered.remove(point)
        sourcing.changed(other)
        return note

    return _edit(actor, digest, change)


def _together(one: dict[str, object], other: dict[str, object]) -> dict[str, object]:
    """Whoever said both is counted once at least: the larger number, never the sum, since people may be the same."""
    types: dict[str, int] = {}
    for figures in (one, other):
        for kind, number in dict(figures.get("by_type") or {}).items():  # type: ignore[call-overload]
            types[kind] = max(types.get(kind, 0), int(number))
    counted = {name: max(int(one.get(name) or 0), int(other.get(name) or 0)) for name in ("posts", "people", "organizations")}  # type: ignore[call-overload]
    of = max(int(one.get("of") or 0), int(other.get("of") or 0))  # type: ignore[call-overload]
    topics = sorted({*(one.get("topics") or ()), *(other.get("topics") or ())})  # type: ignore[misc]
    made = {**counted, "people": max(counted["people"], sum(types.values())), "by_type": types, "of": of, **_positions(one, other)}
    return made | ({"topics": topics} if topics else {})


def _positions(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Positions on posts of both: likewise the larger number of each type."""
    found: dict[str, dict[str, int]] = {}
    for figures in (one, other):
        for kind, by_type in (figures.get("positions_by_type") or {}).items():
            for name, number in by_type.items():
                found.setdefault(kind, {})[name] = max(found.get(kind, {}).get(name, 0), int(number))
    return {"positions": {kind: sum(by_type.values()) for kind, by_type in found.items()}, "positions_by_type": found}


def reword(actor: Actor, digest: Digest, point_id: int, seen: int, sentences: Sequence[Worded]) -> Digest:
    """Give a paragraph these sentences, in this order, each with the citations it had or is given.

    Raises:
        Overtaken: somebody else changed it meanwhile.
        Invalid: nothing is left, it is too long, or a post to cite is not one everybody may read.
    """

    def change(now: Digest) -> str:
        point = _current(now, point_id, seen)
        number = _numbered(now, point)
        sourcing.rewrite(point, sentences)
        return _("Reworded key point %(number)s.", number=number)

    return _edit(actor, digest, change)


def add(actor: Actor, digest: Digest, section: str, space_id: int | None, sentences: Sequence[Worded]) -> Digest:
    """A paragraph of the rapporteur's own."""

    def change(now: Digest) -> str:
        last = max((one.position for one in now.gathered), default=0)
        point = KeyPoint(
            position=last + 1, section=_section(section), space_id=space_id, text="", sentences=[],
            support={"posts": 0, "people": 0, "organizations": 0, "by_type": {}}, reasons=[{"code": "added"}], used=True, version=0,
        )  # fmt: skip
        now.gathered.append(point)
        sourcing.rewrite(point, sentences)
        point.support = _support(point)
        return _("Added a paragraph.")

    return _edit(actor, digest, change)


def _section(name: str) -> str:
    if name not in SECTIONS:
        raise Invalid.field("section", _("Choose a section."))
    return name


def _support(point: KeyPoint) -> dict[str, object]:
    people = {(one.post.author_id, one.stakeholder_type or "") for one in point.citations}
    types = sorted({kind for _who, kind in people})
    tagged = tags.keys_of({one.post.discussion_id for one in point.citations})
    found = sorted({key for keys in tagged.values() for key in keys})
    return {
        "posts": len({one.post_id for one in point.citations}),
        "people": len({who for who, _kind in people}),
        "organizations": len({one.organization for one in point.citations} - {None}),
        "by_type": {kind: sum(1 for _who, one in people if one == kind) for kind in types},
    } | ({"topics": found} if found else {})
