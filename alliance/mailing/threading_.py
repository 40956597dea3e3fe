"""Which message answers which: by In-Reply-To and References, then by subject (after Jamie Zawinski's algorithm).

Loops are broken where they would close, duplicates stay with the first of their id, and answers to a message that is
not in the archive stay together: the earliest of them takes its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from alliance.mailing.archive import Entry, bare_subject

SUBJECT_WINDOW = timedelta(days=60)
# Mailman's collections of many messages: two answers to one of those have nothing to do with each other.
_DIGEST = re.compile(r"mailman\.\d+\.\d+\.\d+\.", re.IGNORECASE)
# Who forwards begins anew; and "R:" is an answer in Italian, and a topic elsewhere.
_NO_ANSWER = re.compile(r"\s*(?:\[[^\]]{1,60}\]\s*)?(?:fwd?|wg|tr|rv|enc|пересл|转发|r)\s*[:：]", re.IGNORECASE)
_LATE = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Placed:
    """A message and the one it answers (a key that comes earlier in the list), None when it opens a discussion."""

    entry: Entry
    parent: str | None


def arrange(entries: Sequence[Entry]) -> list[Placed]:
    """The entries in an order in which every parent comes before its answers, discussion by discussion.

    Args:
        entries: in the order of the file, no two with one key.
    """
    known = {entry.key: entry for entry in entries}
    parents = _by_reference(entries)
    _fill_gaps(parents, known)
    _by_subject(entries, parents)
    return _ordered(entries, parents)


def _by_reference(entries: Iterable[Entry]) -> dict[str, str]:
    """Child → parent, absent messages included."""
    parents: dict[str, str] = {}
    for entry in entries:
        chain = [one for one in entry.references if one != entry.key and not _DIGEST.match(one)]
        for older, newer in pairwise(chain):
            # What somebody else's References say of two other messages is hearsay: it never replaces anything.
            if newer not in parents and not _above(parents, newer, older):
                parents[newer] = older
        if chain and not _above(parents, entry.key, chain[-1]):
            parents[entry.key] = chain[-1]
    return parents


def _above(parents: dict[str, str], key: str, start: str) -> bool:
    """Whether `key` is `start` or above it: making `start` its parent would close a loop."""
    at: str | None = start
    while at is not None:
        if at == key:
            return True
        at = parents.get(at)
    return False


def _fill_gaps(parents: dict[str, str], known: dict[str, Entry]) -> None:
    """Join answers to nearest messages that are there; of those whose ancestor is missing the earliest becomes the root."""
    stand_in: dict[str, Entry] = {}
    for key in sorted(known, key=lambda one: (known[one].at or _LATE, known[one].number)):
        at = key
        while at in parents and (at == key or at not in known):
            at = parents[at]
        if at in known and at != key:
            parents[key] = at
            continue
        parents.pop(key, None)
        if at == key:
            continue
        first = stand_in.setdefault(at, known[key])
        if first.key != key and not _above(parents, key, first.key):
            parents[key] = first.key
    for absent in [one for one in parents if one not in known]:
        del parents[absent]


def _by_subject(entries: Sequence[Entry], parents: dict[str, str]) -> None:
    """A "Re:" that names nobody joins the discussion of its subject, if that is not long past."""
    last: dict[str, tuple[str, datetime]] = {}  # subject → (opening message, latest date)
    for entry in sorted(entries, key=lambda one: (one.at or _LATE, one.number)):
        subject, answered = bare_subject(entry.subject)
        folded = " ".join(subject.casefold().split())
        moment = entry.at or _LATE
        answered = answered and not _NO_ANSWER.match(entry.subject)
        if entry.key not in parents and answered and len(folded) > 3 and folded in last:
            root, latest = last[folded]
            if moment - latest <= SUBJECT_WINDOW and not _above(parents, entry.key, root):
                parents[entry.key] = root
        root = _root(parents, entry.key)
        last[folded] = (root, moment)


def _root(parents: dict[str, str], key: str) -> str:
    while key in parents:
        key = parents[key]
    return key


def _ordered(entries: Sequence[Entry], parents: dict[str, str]) -> list[Placed]:
    children: dict[str | None, list[Entry]] = {}
    for entry in sorted(entries, key=lambda one: (one.at or _LATE, one.number)):
        children.setdefault(parents.get(entry.key), []).append(entry)
    placed: list[Placed] = []
    stack = list(reversed(children.get(None, [])))
    while stack:
        entry = stack.pop()
        placed.append(Placed(entry, parents.get(entry.key)))
        stack.extend(reversed(children.get(entry.key, [])))
    return placed
