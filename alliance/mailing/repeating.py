"""What was cut off mails repeats what they answered. Of what is gone since (hidden, withdrawn, written anew, moved into a closed
discussion), nothing is to be read there either: then the whole of what was cut is shown no more, until it comes back.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, and_, or_, select

from alliance.core import db, text
from alliance.discussions.models import Discussion, Post, PostRevision
from alliance.discussions.move_models import Move, MovedPost
from alliance.discussions.retracting import LEAST_LETTERS, letters

MOST = 300  # where more is gone, or more was said, it is not looked through: then nothing is shown
MOST_LETTERS = 200_000
_FEWEST = 4  # letters of a whole post; fewer stand anywhere


@dataclass(slots=True)
class Said:
    """What some posts say, or said."""

    ids: set[int] = field(default_factory=set)
    texts: set[str] = field(default_factory=set)

    def add(self, post_id: int, *texts: str) -> None:
        """One post, as it was written and as it was shown."""
        self.ids.add(post_id)
        self.texts |= {words for one in texts if len(words := letters(one)) >= _FEWEST}

    def is_in(self, cut: str, parent_id: int | None) -> bool:
        """Whether what was cut off an answer to a post repeats any of it."""
        whole, joined = letters(cut), "\n".join(self.texts)
        lines = (letters(line) for line in cut.splitlines())
        return (
            parent_id in self.ids
            or any(words in whole for words in self.texts)
            or any(len(words) >= LEAST_LETTERS and words in joined for words in lines)
        )


def repeating(cuts: Mapping[int, tuple[str, int, int | None]]) -> set[int]:
    """Of posts with what was cut off them, their discussions and what they answer: those that repeat what is gone."""
    places = {discussion_id for _cut, discussion_id, _parent in cuts.values()}
    if not places:
        return set()
    gone = _gone(places)
    if len(gone.ids) > MOST or sum(map(len, gone.texts)) > MOST_LETTERS:
        return set(cuts)
    return {post_id for post_id, (cut, _place, parent_id) in cuts.items() if gone.is_in(cut, parent_id)}


def said_by(post_id: int) -> Said:
    """What a post says, and what it said before."""
    found, session = Said(), db.session()
    for row in session.execute(select(Post.body, Post.html).where(Post.id == post_id)):
        found.add(post_id, row.body, text.plain(row.html))
    for body in session.scalars(select(PostRevision.body).where(PostRevision.post_id == post_id)):
        found.add(post_id, body)
    return found


def near(discussion_ids: Collection[int]) -> set[int]:
    """Discussions, and those from which posts came to them, or to which they went."""
    ways = select(Move.source_id, Move.target_id).where(or_(Move.source_id.in_(discussion_ids), Move.target_id.in_(discussion_ids)))
    return {*discussion_ids, *(place for way in db.session().execute(ways) for place in way)}


def _gone(discussion_ids: Collection[int]) -> Said:
    found, session, everywhere = Said(), db.session(), near(discussion_ids)
    queries = [_hidden(everywhere)]
    if len(everywhere) > len(set(discussion_ids)):
        queries.append(_confided(discussion_ids))
    for query in queries:
        for row in session.execute(query.limit(MOST + 1)):
            found.add(row.id, row.body, text.plain(row.html))
    anew = select(PostRevision.body).join(Post, Post.id == PostRevision.post_id)
    anew = anew.where(Post.discussion_id.in_(everywhere), PostRevision.suppressed)
    _add_earlier(found, session.scalars(anew.limit(MOST)))
    return found


def _add_earlier(found: Said, bodies: Iterable[str]) -> None:
    found.texts |= {words for body in bodies if len(words := letters(body)) >= _FEWEST}


def _hidden(discussion_ids: Collection[int]) -> Select[*tuple[Any, ...]]:
    return select(Post.id, Post.body, Post.html).where(Post.discussion_id.in_(discussion_ids), Post.status != "visible")


def _confided(discussion_ids: Collection[int]) -> Select[*tuple[Any, ...]]:
    """What went from (or through) these discussions into one that is closed."""
    went = select(MovedPost.post_id).join(Move, Move.id == MovedPost.move_id).where(Move.source_id.in_(discussion_ids))
    query: Select[*tuple[Any, ...]] = select(Post.id, Post.body, Post.html).join(Discussion, Discussion.id == Post.discussion_id)
    closed = and_(Discussion.confided_at.is_not(None), Post.discussion_id.not_in(discussion_ids))
    return query.where(Post.id.in_(went), closed)
