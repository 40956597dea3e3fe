"""The API of topics."""

from __future__ import annotations

from pydantic import Field

from alliance.curating import topics
from alliance.discussions import topics as known
from alliance.web import api, current_actor


class TopicOut(api.Out):
    """A topic of the list; `labels` by language, English always among them; `retired`: it is offered no more."""

    key: str
    labels: dict[str, str]
    retired: bool


class TopicsIn(api.Schema):
    """The keys of all the topics a discussion is to have; none takes them away."""

    topics: list[str] = Field(max_length=known.MOST * 4)


@api.get("/topics", query=api.ListQuery, returns=api.Page[TopicOut])
def listed(query: api.ListQuery) -> api.Page[TopicOut]:
    """The list of topics in its order, retired ones too; it is short, and comes whole."""
    items = [TopicOut(key=one.key, labels=one.labels, retired=one.retired_at is not None) for one in known.every(retired=True)]
    return api.Page[TopicOut](items=items)


@api.put("/discussions/<int:discussion_id>/topics", body=TopicsIn)
def tag(discussion_id: int, body: TopicsIn) -> None:
    """Say which topics a discussion has."""
    topics.tag(current_actor(), discussion_id, body.topics)
