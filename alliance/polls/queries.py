"""Reading polls and what they have brought."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from alliance.core import clock, db, vocabulary
from alliance.core.errors import NotFound
from alliance.discussions import queries as discussions
from alliance.discussions.models import Discussion, Post
from alliance.policy import Actor, visible
from alliance.polls.models import VOTERS, Poll, PollCount, PollVote

ORDER: tuple[str | None, ...] = (*vocabulary.STAKEHOLDER_TYPES, None)
Tally = dict[tuple[int, int, str | None], int]  # (option, rank, stakeholder type) → number


@dataclass(frozen=True, slots=True)
class Results:
    """What a poll has brought, by stakeholder type.

    Attributes:
        types: those who voted, in official order.
        voters: how many of each type voted.
        votes: of each option, the number of votes of each type (ranked: of first places).
        points: ranked only: the points of each option by Borda's count, from each type.
    """

    types: tuple[str | None, ...] = ()
    voters: dict[str | None, int] = field(default_factory=dict)
    votes: tuple[dict[str | None, int], ...] = ()
    points: tuple[dict[str | None, int], ...] = ()


def of_post(actor: Actor, post_id: int) -> tuple[Post, Poll | None]:
    """A visible post the actor may see, and its poll if it has one.

    Raises:
        NotFound: no such post, or it is hidden or withdrawn: its poll is so too, for everybody.
    """
    post = discussions.get_post(actor, post_id)
    if post.status != "visible":
        raise NotFound
    return post, find(post_id)


def find(post_id: int) -> Poll | None:
    """The poll of a post, as it is now."""
    return db.session().scalar(select(Poll).where(Poll.post_id == post_id).execution_options(populate_existing=True))


def vote_of(person_id: int | None, poll_id: int) -> PollVote | None:
    """One person's own vote; nobody else's is ever shown."""
    query = select(PollVote).where(PollVote.poll_id == poll_id, PollVote.person_id == person_id)
    return db.session().scalar(query.execution_options(populate_existing=True))


def has_votes(poll_id: int) -> bool:
    """Whether somebody has voted."""
    return db.session().scalar(select(PollVote.id).where(PollVote.poll_id == poll_id).limit(1)) is not None


def voters(post_id: int, after: int, limit: int) -> list[int]:
    """The next of those who voted in the poll of a post, by id; for telling them that it is closed, and nothing else."""
    query = select(PollVote.person_id).join(Poll, Poll.id == PollVote.poll_id).where(Poll.post_id == post_id, PollVote.person_id > after)
    return list(db.session().scalars(query.order_by(PollVote.person_id).limit(limit)))


def due(now: datetime) -> list[int]:
    """The posts whose polls are to be closed by now."""
    return list(db.session().scalars(select(Poll.post_id).where(Poll.closed_at.is_(None), Poll.closes_at <= now).order_by(Poll.closes_at)))


def is_open(poll: Any) -> bool:
    """Whether one can vote: it is not closed, and not due to be."""
    return poll.closed_at is None and (poll.closes_at is None or poll.closes_at > clock.now())


def shows_results(poll: Any) -> bool:
    """Whether its result may be told, to whomever: a secret one's only after it was closed."""
    return not poll.secret or poll.closed_at is not None


def of_posts(post_ids: Collection[int]) -> Sequence[Row[*tuple[Any, ...]]]:
    """The polls of several posts, as rows; one query."""
    columns = (Poll.id, Poll.post_id, Poll.question, Poll.kind, Poll.options, Poll.secret, Poll.closes_at, Poll.closed_at)
    return db.session().execute(select(*columns).where(Poll.post_id.in_(post_ids))).all() if post_ids else ()


def results(polls: Sequence[Any]) -> dict[int, Results]:
    """The results of those polls that may tell them; one query for all."""
    told = {poll.id: poll for poll in polls if shows_results(poll)}
    if not told:
        return {}
    query = select(PollCount.poll_id, PollCount.option, PollCount.rank, PollCount.stakeholder_type, PollCount.count)
    tallies: dict[int, Tally] = {poll_id: {} for poll_id in told}
    for row in db.session().execute(query.where(PollCount.poll_id.in_(told), PollCount.count > 0)):
        tallies[row[0]][row[1], row[2], row[3] or None] = row[4]
    return {poll_id: summed(tally, told[poll_id].kind, len(told[poll_id].options)) for poll_id, tally in tallies.items()}


def summed(tally: Tally, kind: str, options: int) -> Results:
    """Results from counters.

    Ranked votes are counted as Borda proposed (1781): of n options the first of a vote gets n - 1 points, the second
    n - 2 …; those left out get none.
    """
    voters = {one: tally[VOTERS, 0, one] for one in ORDER if (VOTERS, 0, one) in tally}
    types = tuple(voters)
    first = 1 if kind == "ranked" else 0
    votes = tuple({one: tally.get((option, first, one), 0) for one in types} for option in range(options))
    if kind != "ranked":
        return Results(types, voters, votes)
    points = tuple(
        {one: sum((options - rank) * tally.get((option, rank, one), 0) for rank in range(1, options + 1)) for one in types}
        for option in range(options)
    )
    return Results(types, voters, votes, points)


def open_until(actor: Actor, limit: int) -> list[Row[Any]]:
    """The polls one may see that end at a moment and can still be answered, the next to end first, with the title of their discussion."""
    query = select(Poll.post_id, Poll.question, Poll.closes_at, Discussion.title).join(Post, Post.id == Poll.post_id)
    query = query.join(Discussion, Discussion.id == Post.discussion_id)
    query = query.where(Poll.closed_at.is_(None), Poll.closes_at > clock.now(), visible(actor, Post), Post.status == "visible")
    return list(db.session().execute(query.order_by(Poll.closes_at, Poll.id).limit(limit)))
