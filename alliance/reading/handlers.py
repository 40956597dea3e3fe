"""What this room does about events: a post one writes oneself is read."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from alliance.core import db, outbox
from alliance.discussions.models import Post
from alliance.discussions.move_models import MovedPost
from alliance.events import PostPublished, PostsMoved
from alliance.reading import services


@outbox.inside(PostPublished)
def said(events: Sequence[PostPublished]) -> None:
    """In the transaction itself: the page that follows must not call one's own post unread."""
    for event in events:
        post = db.session().get(Post, event.post_id) if not event.imported else None
        if post is not None:
            services.note_said(post)


@outbox.inside(PostsMoved)
def moved(events: Sequence[PostsMoved]) -> None:
    """In the transaction itself: what was read stays read where it went."""
    for event in events:
        rows = db.session().execute(select(MovedPost.number, MovedPost.went).where(MovedPost.move_id == event.move_id)).all()
        went = {row.went: row.number for row in rows} if event.back else {row.number: row.went for row in rows}
        services.carry(event.source_id, event.discussion_id, went)
