"""The API of polls."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AwareDatetime, Field

from alliance.core.errors import NotFound
from alliance.discussions.models import Post
from alliance.polls import queries, services
from alliance.polls.models import Poll
from alliance.web import api, current_actor


class NewPoll(api.Schema):
    """What a poll asks."""

    question: str = Field(max_length=services.MAX_QUESTION)
    options: list[Annotated[str, Field(max_length=services.MAX_OPTION)]] = Field(min_length=services.FEWEST, max_length=services.MOST)
    kind: str = Field(default="single", description="`single`, `multiple` or `ranked`.")
    secret: bool = Field(default=False, description="No result is told before the poll is closed.")
    closes_at: AwareDatetime | None = None


class NewVote(api.Schema):
    """A vote: places of options, from 0; in a ranked poll the best first."""

    choices: list[int] = Field(min_length=1, max_length=services.MOST)


class PollResults(api.Out):
    """By stakeholder type ("none": not declared)."""

    voters: dict[str, int]
    votes: list[dict[str, int]] = Field(description="Of each option; in a ranked poll its first places.")
    points: list[dict[str, int]] = Field(description="Of each option by Borda's count; empty unless ranked.")


class PollOut(api.Out):
    """A poll; `results` is null while they are secret, `own` is one's own vote."""

    post_id: int
    question: str
    options: list[str]
    kind: str
    secret: bool
    open: bool
    closes_at: datetime | None
    closed_at: datetime | None
    results: PollResults | None
    own: list[int] | None


@api.get("/posts/<int:post_id>/poll", returns=PollOut)
def poll(post_id: int) -> PollOut:
    """The poll of a post, with its result by stakeholder type as far as it is told."""
    _post, found = _found(post_id)
    results = queries.results([found]).get(found.id)
    own = queries.vote_of(current_actor().person_id, found.id)
    return PollOut(
        post_id=post_id,
        question=found.question,
        options=found.options,
        kind=found.kind,
        secret=found.secret,
        open=queries.is_open(found),
        closes_at=found.closes_at,
        closed_at=found.closed_at,
        results=_results(results) if results else None,
        own=own.choices if own else None,
    )


@api.put("/posts/<int:post_id>/poll", body=NewPoll)
def set_poll(post_id: int, body: NewPoll) -> None:
    """Put a poll into one's own post, or change it while nobody has voted."""
    post, _known = queries.of_post(current_actor(), post_id)
    closes_at = body.closes_at.astimezone(UTC) if body.closes_at else None
    services.set_poll(current_actor(), post, services.Asked(body.question, body.options, body.kind, body.secret, closes_at))


@api.delete("/posts/<int:post_id>/poll")
def remove_poll(post_id: int) -> None:
    """Take the poll out of one's own post while nobody has voted."""
    services.remove_poll(current_actor(), _found(post_id)[0])


@api.put("/posts/<int:post_id>/poll/vote", body=NewVote)
def vote(post_id: int, body: NewVote) -> None:
    """Vote, or vote otherwise than before."""
    services.vote(current_actor(), _found(post_id)[0], body.choices)


@api.delete("/posts/<int:post_id>/poll/vote")
def withdraw_vote(post_id: int) -> None:
    """Take one's vote back."""
    services.withdraw_vote(current_actor(), _found(post_id)[0])


@api.put("/posts/<int:post_id>/poll/closed")
def close(post_id: int) -> None:
    """Close the poll of one's own post for good."""
    services.close(current_actor(), _found(post_id)[0])


def _found(post_id: int) -> tuple[Post, Poll]:
    post, found = queries.of_post(current_actor(), post_id)
    if found is None:
        raise NotFound
    return post, found


def _results(results: queries.Results) -> PollResults:
    def named(by_type: dict[str | None, int]) -> dict[str, int]:
        return {one or "none": number for one, number in by_type.items()}

    return PollResults(
        voters=named(results.voters), votes=[named(one) for one in results.votes], points=[named(one) for one in results.points]
    )
