"""What this room does about events: who writes in a discussion watches it."""

from __future__ import annotations

from collections.abc import Sequence

from alliance.core import db, outbox
from alliance.discussions.models import Post
from alliance.events import PostPublished, PostsMoved
from alliance.watching import services


@outbox.inside(PostPublished)
def said(events: Sequence[PostPublished]) -> None:
    """In the transaction itself: the page that follows says so."""
    for event in events:
        post = db.session().get(Post, event.post_id) if not event.imported else None
        if post is not None:
            services.note_said(post)


@outbox.inside(PostsMoved)
def on_moved(happened: Sequence[PostsMoved]) -> None:
    """In the transaction itself: who watches a discussion watches what was split off it, or what it went into."""
    for event in happened:
        if not event.back:
            services.follow(event.source_id, event.discussion_id, whole=event.whole)
