"""What a rapporteur is warned of, and what keeps a digest from being signed."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from alliance.core import i18n
from alliance.core.errors import Invalid
from alliance.core.i18n import gettext as _
from alliance.core.vocabulary import STAKEHOLDER_TYPES, stakeholder_label
from alliance.digests import noise, queries
from alliance.digests.models import Digest, KeyPoint

LONGEST_PARAGRAPH = 150  # words
LONGEST_DOCUMENT = 8500  # as reports of the Secretary-General
MOST_TOLD = 12


@dataclass(frozen=True, slots=True)
class Warned:
    """Something to look at. `grave`: the digest cannot be signed like that. `point_id`: None for the digest as a whole."""

    code: str
    text: str
    point_id: int | None = None
    grave: bool = False


def readable(digest: Digest) -> set[int]:
    """Which of the posts cited in a digest everybody may still read."""
    return queries.still_visible(one.post_id for point in digest.gathered for one in point.citations)


def warnings(digest: Digest, seen: AbstractSet[int] | None = None) -> list[Warned]:
    """Everything to look at: paragraph by paragraph, then the whole."""
    shown = readable(digest) if seen is None else seen
    found = [one for point in digest.points for one in _of_point(point, shown)]
    return [*found, *_of_whole(digest)]


def _of_point(point: KeyPoint, shown: AbstractSet[int]) -> Iterator[Warned]:
    for place, sentence in enumerate(point.sentences, start=1):
        cited = point.cited(place)
        if not cited:
            yield Warned("no_source", _("A sentence here cites no post: “%(text)s”.", text=_short(sentence["text"])), point.id, grave=True)
        elif not any(one.post_id in shown for one in cited):
            yield Warned("gone", _("Every post this rests on was since withdrawn or hidden: drop or reword it."), point.id, grave=True)
        elif not sentence["own"] and cited[0].post_id not in shown:
            yield Warned("gone", _("The post this quotes was since withdrawn or hidden: drop or reword it."), point.id, grave=True)
        for one in cited:
            if one.post_id in shown and one.post.revision != one.revision:
                text = _("Post %(post)s was edited since; the text cited here is kept as it read then.", post=one.post_id)
                yield Warned("edited", text, point.id)
    if not point.sentences:
        yield Warned("no_source", _("A paragraph is empty."), point.id, grave=True)
    if noise.words(point.text) > LONGEST_PARAGRAPH:
        yield Warned("long", _("This paragraph has more than %(most)s words.", most=LONGEST_PARAGRAPH), point.id)


def _of_whole(digest: Digest) -> Iterator[Warned]:
    cited = {one.stakeholder_type for point in digest.points for one in point.citations}
    spoke = digest.figures.get("posts_by_type", {})
    missing = [stakeholder_label(kind) for kind in STAKEHOLDER_TYPES if spoke.get(kind) and kind not in cited]
    if missing:
        yield Warned(
            "type", _("These stakeholder types spoke in the period and are not cited: %(types)s.", types=i18n.format_list(missing))
        )
    words = sum(noise.words(point.text) for point in digest.points)
    if words > LONGEST_DOCUMENT:
        number = i18n.format_number(words)
        yield Warned("long", _("The digest has %(number)s words; a report of this kind has at most %(most)s.",
                               number=number, most=i18n.format_number(LONGEST_DOCUMENT)))  # fmt: skip


def refuse_unfit(digest: Digest) -> None:
    """Nothing is signed that has no source, or rests on what may no longer be read.

    Raises:
        Invalid: it cannot be signed; says where and why.
    """
    places = {point.id: number for number, point in enumerate(digest.points, start=1)}
    grave = [one for one in warnings(digest) if one.grave]
    told = [_("Key point %(number)s: %(text)s", number=places[one.point_id or 0], text=one.text) for one in grave[:MOST_TOLD]]
    if told:
        raise Invalid({"": told})


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:79] + "…"
