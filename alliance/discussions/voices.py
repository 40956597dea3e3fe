"""Who has spoken: in a discussion by stakeholder type and regional group, and people and organizations by space.

Kept by the writer, in the transaction of the post (`counters.count` comes here), so that no page counts posts. Of a
discussion each voice is a row (a person, as what and from where they spoke); what a page shows of them all is on the
discussion itself, {"types" | "regions": {name: [posts, people]}}, the name "" where none was declared.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from alliance.core import vocabulary
from alliance.discussions.models import Discussion, DiscussionVoice, OrganizationContribution, PersonContribution, Post

Tally = dict[str, dict[str, list[int]]]
Key = tuple[int, str, str]  # person, stakeholder type, region
ASPECTS = ("types", "regions")


def note(session: Session, discussion: Discussion, post: Post, change: int) -> None:
    """Inside a transaction: a post more or less to be read in a discussion that is held (and whose space is)."""
    _note_voice(session, discussion, post, change)
    more = {"posts": change, "discussions": change if post.number == 1 else 0}
    _contribute(session, PersonContribution, {"person_id": post.author_id, "space_id": post.space_id}, more)
    if post.organization_id is not None:
        _contribute(session, OrganizationContribution, {"organization_id": post.organization_id, "space_id": post.space_id}, more)


def _note_voice(session: Session, discussion: Discussion, post: Post, change: int) -> None:
    mine = DiscussionVoice.discussion_id == discussion.id, DiscussionVoice.person_id == post.author_id
    voices = list(session.scalars(select(DiscussionVoice).where(*mine)))
    before = [_names(voice) for voice in voices]
    names = post.stakeholder_type or "", vocabulary.region_of(post.country) or ""
    voice = next((one for one in voices if _names(one) == names), None)
    if voice is None:
        voice = DiscussionVoice(discussion_id=discussion.id, person_id=post.author_id, stakeholder_type=names[0], region=names[1], posts=0)
        session.add(voice)
        voices.append(voice)
    voice.posts += change
    if voice.posts <= 0:
        voices.remove(voice)
        session.delete(voice)
    discussion.voices = _moved(discussion.voices, names, change, before, [_names(one) for one in voices])


def _names(voice: DiscussionVoice) -> tuple[str, str]:
    return voice.stakeholder_type, voice.region


def _moved(tally: Tally, names: tuple[str, str], change: int, before: list[tuple[str, str]], after: list[tuple[str, str]]) -> Tally:
    """A tally with a post more or less under these names, of a person whose voices were `before` and are `after`."""
    moved: Tally = {}
    for position, (aspect, name) in enumerate(zip(ASPECTS, names, strict=True)):
        posts, people = tally.get(aspect, {}).get(name, (0, 0))
        heard = (name in {one[position] for one in after}) - (name in {one[position] for one in before})
        counts = {**tally.get(aspect, {}), name: [posts + change, people + heard]}
        moved[aspect] = {key: counts[key] for key in sorted(counts) if counts[key][0] > 0}
    return moved


def tally(voices: Iterable[tuple[Key, int]]) -> Tally:
    """What a discussion says of all its voices ((person, stakeholder type, region), posts)."""
    found: dict[str, dict[str, tuple[int, set[int]]]] = {aspect: {} for aspect in ASPECTS}
    for (person_id, *names), number in voices:
        for aspect, name in zip(ASPECTS, names, strict=True):
            posts, people = found[aspect].get(name, (0, set()))
            found[aspect][name] = posts + number, people | {person_id}
    return {aspect: {name: [posts, len(people)] for name, (posts, people) in sorted(rows.items())} for aspect, rows in found.items()}


def _contribute(session: Session, model: type[Any], mine: dict[str, int], more: dict[str, int]) -> None:
    """The space is held by now (`counters.count` wrote to it): nobody else inserts the same row."""
    raised = {name: getattr(model, name) + number for name, number in more.items()}
    done = session.execute(update(model).filter_by(**mine).values(raised).execution_options(synchronize_session=False))
    if not done.rowcount:  # type: ignore[attr-defined]
        session.add(model(**mine, **more))
