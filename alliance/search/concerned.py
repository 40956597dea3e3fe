"""Which documents something concerns: the keys that are to be read again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from sqlalchemy import and_, select

from alliance import events
from alliance.attachments.models import Attachment
from alliance.core import db
from alliance.curating.models import SummarySource
from alliance.digests.models import Citation, Digest, DigestVersion, KeyPoint
from alliance.discussions.models import Post
from alliance.groups.models import Group
from alliance.library.models import LibraryItem, LibraryVersion
from alliance.search import queries
from alliance.search.sources import CHUNK, key_of

PORTION = 200  # posts that are indexed anew at once because of something they share
_SHARED = {"person": Post.author_id, "discussion": Post.discussion_id, "space": Post.space_id}


def portion(paused: Iterable[events.IndexingPaused]) -> tuple[set[str], list[events.IndexingPaused]]:
    """The keys of the next posts (with their files) of some people, discussions, spaces; and what still waits behind them.

    A new name may concern a hundred thousand posts: they are read and written a portion at a time, and between two
    portions whatever else happened is taken in.
    """
    ids: list[int] = []
    waiting: list[events.IndexingPaused] = []
    for one in dict.fromkeys(paused):
        query = select(Post.id).where(_SHARED[one.of] == one.whose, Post.id > one.after).order_by(Post.id)
        left = PORTION - len(ids)
        found = list(db.session().scalars(query.limit(left + 1))) if left else []
        ids += found[:left]
        if len(found) > left or not left:
            waiting.append(replace(one, after=ids[-1] if left else one.after))
    return with_files(ids) | summaries(ids), waiting


def summaries(post_ids: Iterable[int]) -> set[str]:
    """The keys of the summaries that rest on posts."""
    query = select(SummarySource.discussion_id).where(SummarySource.post_id.in_(list(post_ids)))
    return {f"m{one}" for one in db.session().scalars(query)}


def by(event: Any) -> tuple[set[str], list[events.IndexingPaused]]:
    """The keys of what something concerns, and whose posts it concerns, however many they are."""
    if isinstance(event, events.DiscussionChanged):
        return {f"m{event.discussion_id}"}, [events.IndexingPaused("discussion", event.discussion_id, 0)]
    if isinstance(event, events.PersonChanged | events.PersonRegistered):
        return {f"u{event.person_id}"}, [events.IndexingPaused("person", event.person_id, 0)]
    if isinstance(event, events.GroupChanged):
        return of_space(event.space_id), [events.IndexingPaused("space", event.space_id, 0)]
    if isinstance(event, events.AttachmentRead | events.AttachmentDropped | events.DocumentChanged):
        return of_file(event), []
    if isinstance(event, events.DigestAdvanced):
        return of_digest(event.digest_id), []
    return queries.organization_keys(event.affiliation_id), []  # declared or decided


def of_space(space_id: int) -> set[str]:
    """The keys of a space, of the group it belongs to, of its documents and digests; its posts are many."""
    rows = (("w", Group), ("d", LibraryItem), ("g", Digest))
    found = {f"{letter}{one}" for letter, model in rows for one in db.session().scalars(select(model.id).where(model.space_id == space_id))}
    return {f"s{space_id}", *found}


def of_file(event: events.AttachmentRead | events.AttachmentDropped | events.DocumentChanged) -> set[str]:
    """The keys of an attached file that was read or is attached no more, and of the document of a group it is a version of; of such a document that changed."""
    if isinstance(event, events.DocumentChanged):
        return {f"d{event.item_id}"}
    items = select(LibraryVersion.item_id).where(LibraryVersion.attachment_id == event.attachment_id)
    return {f"a{event.attachment_id}", *(f"d{one}" for one in db.session().scalars(items))}


def of_digest(digest_id: int) -> set[str]:
    """The keys of a digest and of the posts it cites, or cited before it was changed."""
    query = select(Citation.post_id).join(KeyPoint, KeyPoint.id == Citation.point_id).where(KeyPoint.digest_id == digest_id)
    posts = set(db.session().scalars(query))
    for content in db.session().scalars(select(DigestVersion.content).where(DigestVersion.digest_id == digest_id)):
        posts.update(cite["post"] for point in content for sentence in point["sentences"] for cite in sentence["cites"])
    return {f"g{digest_id}", *map(key_of, posts)}


def with_files(post_ids: Iterable[int]) -> set[str]:
    """The keys of posts and of the files in them."""
    ids = list(post_ids)
    found = set(map(key_of, ids))
    for start in range(0, len(ids), CHUNK):
        files = select(Attachment.id).where(Attachment.post_id.in_(ids[start : start + CHUNK]))
        found.update(f"a{one}" for one in db.session().scalars(files))
    return found


def opening_of(discussion_ids: Iterable[int]) -> set[str]:
    """The keys of the opening posts of discussions: whether they are answered may have changed."""
    query = select(Post.id).where(and_(Post.discussion_id.in_(list(discussion_ids)), Post.number == 1))
    return set(map(key_of, db.session().scalars(query)))
