"""The API of curating."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from alliance.core.errors import NotFound
from alliance.curating import services, summaries, wording
from alliance.discussions import knowing
from alliance.web import api, current_actor


class KeyIn(api.Schema):
    """Why a post is a key contribution, in a few words; may be empty."""

    note: str = Field(default="", max_length=services.MAX_NOTE * 4)


@api.put("/posts/<int:post_id>/key", body=KeyIn)
def mark(post_id: int, body: KeyIn) -> None:
    """Mark a post as a key contribution, or say anew why it is one."""
    services.mark(current_actor(), post_id, body.note)


@api.delete("/posts/<int:post_id>/key")
def unmark(post_id: int) -> None:
    """Take the mark of a key contribution back; 409 when there is none."""
    services.unmark(current_actor(), post_id)


class SentenceOut(api.Out):
    """A sentence of a summary, and the ids of those of its posts that can be read."""

    text: str
    posts: list[int]


class SummaryOut(api.Out):
    """A moderator's summary; `left_out`: sentences resting on nothing that can be read any more; `stale`: much came since. Of a discussion that
    is closed to the reader, the sentences alone.
    """

    discussion_id: int
    revision: int
    language: str | None
    sentences: list[SentenceOut]
    left_out: int
    stale: bool
    created_at: datetime


class SummaryIn(api.Schema):
    """Sentences, each with the posts it rests on behind it: "Nobody has measured it. [#12, /p/14]"; `revision`: the one it was made from."""

    body: str = Field(max_length=wording.MAX_TEXT * 4)
    revision: int | None = Field(default=None, ge=0, lt=2**31, strict=True)
    language: Literal["ar", "zh", "en", "fr", "ru", "es"] | None = None


@api.get("/discussions/<int:discussion_id>/summary", returns=SummaryOut)
def summary(discussion_id: int) -> SummaryOut:
    """The moderator's summary of a discussion; 404 when there is none."""
    found, inside = knowing.get_summarized(current_actor(), discussion_id)
    shown = summaries.shown(found, inside=inside)
    if shown is None:
        raise NotFound
    return SummaryOut(
        discussion_id=found.id, revision=shown.row.number, language=shown.row.language, left_out=shown.left_out, stale=shown.stale,
        created_at=shown.row.created_at, sentences=[SentenceOut(text=one.text, posts=[post.id for post in one.posts]) for one in shown.sentences],
    )  # fmt: skip


@api.put("/discussions/<int:discussion_id>/summary", body=SummaryIn)
def write_summary(discussion_id: int, body: SummaryIn) -> None:
    """Write the summary of a discussion, or word it anew; 409 when it is another revision by now."""
    summaries.write(current_actor(), discussion_id, body.body, based_on=body.revision, language=body.language)


@api.delete("/discussions/<int:discussion_id>/summary")
def take_summary_down(discussion_id: int) -> None:
    """Take the summary of a discussion down; 409 when there is none."""
    summaries.take_down(current_actor(), discussion_id)
