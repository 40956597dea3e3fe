"""The API of watching and bookmarks."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field
from sqlalchemy import Row

from alliance.discussions import queries as discussions
from alliance.groups import queries as groups
from alliance.watching import queries, services
from alliance.web import api, current_actor

Chosen = Literal["watch", "track", "normal", "mute", "default"]


class LevelIn(api.Schema):
    """How much one wants to hear; "default" takes one's choice away (a discussion then follows its space)."""

    level: Chosen


class LevelOut(api.Out):
    """What one chose (null: nothing), and what counts."""

    chosen: str | None
    automatic: bool
    level: str


class BookmarkIn(api.Schema):
    """A bookmark; without a note, the one it has stays."""

    note: str | None = Field(default=None, max_length=services.MAX_NOTE)


class BookmarkOut(api.Out):
    """A bookmark of a post, or (post_id null) of a discussion."""

    id: int
    post_id: int | None
    discussion_id: int
    discussion_title: str
    note: str
    created_at: datetime


def _wanted(level: Chosen) -> str | None:
    return None if level == "default" else level


@api.get("/discussions/<int:discussion_id>/watch", returns=LevelOut)
def level(discussion_id: int) -> LevelOut:
    """How much one hears of a discussion."""
    api.known()
    return _level(discussion_id)


@api.put("/discussions/<int:discussion_id>/watch", body=LevelIn, returns=LevelOut, status=200)
def watch(discussion_id: int, body: LevelIn) -> LevelOut:
    """Choose how much one hears of a discussion."""
    services.choose(current_actor(), discussion_id, _wanted(body.level))
    return _level(discussion_id)


@api.put("/spaces/<code>/watch", body=LevelIn, returns=LevelOut, status=200)
def watch_space(code: str, body: LevelIn) -> LevelOut:
    """Choose how much one hears of the discussions of a space."""
    services.choose_space(current_actor(), code, _wanted(body.level))
    found = queries.space_level(current_actor(), groups.get_space(current_actor(), code).id)
    return LevelOut(chosen=found, automatic=False, level=found or "normal")


@api.put("/posts/<int:post_id>/bookmark", body=BookmarkIn)
def keep(post_id: int, body: BookmarkIn) -> None:
    """Bookmark a post."""
    services.keep_post(current_actor(), post_id, body.note)


@api.delete("/posts/<int:post_id>/bookmark")
def drop(post_id: int) -> None:
    """Take the bookmark of a post away."""
    services.drop(current_actor(), post_id=post_id)


@api.put("/discussions/<int:discussion_id>/bookmark", body=BookmarkIn)
def keep_discussion(discussion_id: int, body: BookmarkIn) -> None:
    """Bookmark a discussion."""
    services.keep_discussion(current_actor(), discussion_id, body.note)


@api.delete("/discussions/<int:discussion_id>/bookmark")
def drop_discussion(discussion_id: int) -> None:
    """Take the bookmark of a discussion away."""
    services.drop(current_actor(), discussion_id=discussion_id)


@api.get("/bookmarks", query=api.ListQuery, returns=api.Page[BookmarkOut])
def bookmarks(query: api.ListQuery) -> api.Page[BookmarkOut]:
    """One's bookmarks, newest first."""
    api.known()
    rows, following = queries.bookmarks(current_actor(), query.after, query.limit)
    return api.Page[BookmarkOut](items=[_bookmark(row) for row in rows], next=following)


def _level(discussion_id: int) -> LevelOut:
    actor = current_actor()
    found = queries.level(actor, discussions.get_discussion(actor, discussion_id))
    return LevelOut(chosen=found.own, automatic=found.automatic, level=found.effective)


def _bookmark(row: Row[Any]) -> BookmarkOut:
    return BookmarkOut(
        id=row.id, post_id=row.post_id, discussion_id=row.discussion_id, discussion_title=row.title, note=row.note, created_at=row.created_at
    )  # fmt: skip
