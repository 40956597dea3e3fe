"""Every version of a digest, who made it, and what it changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from alliance import events
from alliance.core import clock, db, outbox
from alliance.core.errors import NotFound
from alliance.core.i18n import gettext as _
from alliance.digests.models import Digest, DigestVersion, KeyPoint
from alliance.discussions.diffing import Piece, compare
from alliance.policy import Actor


def snapshot(digest: Digest) -> list[dict[str, Any]]:
    """The paragraphs as they read now: what a version keeps."""
    return [kept(point) for point in digest.points]


def kept(point: KeyPoint) -> dict[str, Any]:
    """A paragraph as a version keeps it."""
    cited = [
        [{"post": one.post_id, "revision": one.revision, "start": one.start, "end": one.end} for one in point.cited(place)]
        for place in range(1, len(point.sentences) + 1)
    ]
    sentences = [sentence | {"cites": cites} for sentence, cites in zip(point.sentences, cited, strict=True)]
    return {"id": point.id, "section": point.section, "sentences": sentences}


def record(digest: Digest, act: str, actor: Actor, note: str = "") -> None:
    """Note, inside a transaction, what was just done to a digest that is held (see `states.held`)."""
    session = db.session()
    session.flush()
    if act != "compiled":
        digest.version += 1
    made = DigestVersion(
        number=digest.version, act=act, person_id=actor.person_id, note=note, content=snapshot(digest), created_at=clock.now()
    )
    digest.versions.append(made)
    outbox.publish(events.DigestAdvanced(digest_id=digest.id, act=act))


@dataclass(frozen=True, slots=True)
class Difference:
    """What a version made of one paragraph: `kind` is added, dropped, changed or moved."""

    kind: str
    number: int
    pieces: list[Piece]


def get_version(digest: Digest, number: int) -> DigestVersion:
    """A version of a digest.

    Raises:
        NotFound: it has none of that number.
    """
    query = select(DigestVersion).where(DigestVersion.digest_id == digest.id, DigestVersion.number == number)
    found = db.session().scalar(query)
    if found is None:
        raise NotFound
    return found


def differences(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]], readable: AbstractSet[int]) -> list[Difference]:
    """What changed between two versions; what rests on a post that may no longer be read is not shown."""
    old = {one["id"]: (place, one) for place, one in enumerate(before, start=1)}
    new = {one["id"]: (place, one) for place, one in enumerate(after, start=1)}
    found = [_difference(old.get(key), entry, readable) for key, entry in new.items()]
    found += [_difference(entry, None, readable) for key, entry in old.items() if key not in new]
    moved = _moved([key for key in old if key in new], [key for key in new if key in old])
    return [one for one in found if one.kind != "same"] + [
        Difference("moved", new[key][0], [Piece("same", _text(new[key][1], readable))]) for key in moved if new[key][1] == old[key][1]
    ]


def _moved(old: list[int], new: list[int]) -> list[int]:
    """Which paragraphs stand elsewhere among those that stayed: the fewest that tell the orders apart."""
    best: list[list[int]] = []
    for key in new:
        place = old.index(key)
        best.append([*_longest([run for run in best if old.index(run[-1]) < place]), key])
    stayed = set(_longest(best))
    return [key for key in new if key not in stayed]


def _longest(runs: list[list[int]]) -> list[int]:
    return max(runs, key=len) if runs else []


def _difference(
    old: tuple[int, Mapping[str, Any]] | None, new: tuple[int, Mapping[str, Any]] | None, readable: AbstractSet[int]
) -> Difference:
    was = _text(old[1], readable) if old else ""
    now = _text(new[1], readable) if new else ""
    if old and new:
        return Difference("same" if old[1] == new[1] else "changed", new[0], compare(was, now))
    number = (new or old or (0, {}))[0]
    return Difference("added" if new else "dropped", number, compare(was, now))


def _text(paragraph: Mapping[str, Any], readable: AbstractSet[int]) -> str:
    return " ".join(text_of(sentence, readable) for sentence in paragraph["sentences"])


def text_of(sentence: Mapping[str, Any], readable: AbstractSet[int]) -> str:
    """A kept sentence as it may be read now."""
    cited = [one["post"] for one in sentence.get("cites", [])]
    if not sentence["own"] and cited and not any(post in readable for post in cited):
        return _("[retracted]")
    return str(sentence["text"])


def posts_of(content: Sequence[Mapping[str, Any]]) -> set[int]:
    """Every post a version cites."""
    return {cited["post"] for one in content for sentence in one["sentences"] for cited in sentence.get("cites", [])}
