"""Which documents something concerns: the keys that are to be read again."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import and_, select

from alliance import events
from alliance.attachments.models import Attachment
from alliance.core import db
from alliance.curating.models import SummarySource
from alliance.digests.models import Citation, KeyPoint
from alliance.discussions.models import Post
from alliance.groups.models import Group
from alliance.library.models import LibraryVersion
from alliance.search.sources import CHUNK, key_of


def of_discussion(discussion_id: int) -> set[str]:
    """The keys of what is said in a discussion."""
    return {f"m{discussion_id}", *with_files(db.session().scalars(select(Post.id).where(Post.discussion_id == discussion_id)))}


def summaries(post_ids: Iterable[int]) -> set[str]:
    """The keys of the summaries that rest on posts."""
    query = select(SummarySource.discussion_id).where(SummarySource.post_id.in_(list(post_ids)))
    return {f"m{one}" for one in db.session().scalars(query)}


def of_person(person_id: int) -> set[str]:
    """The keys of a person and of what they said."""
    return {f"u{person_id}", *with_files(db.session().scalars(select(Post.id).where(Post.author_id == person_id)))}


def of_space(space_id: int) -> set[str]:
    """The keys of a space and of the group it belongs to."""
    group = db.session().scalar(select(Group.id).where(Group.space_id == space_id))
    return {f"s{space_id}", f"w{group}"} if group else {f"s{space_id}"}


def of_file(event: events.AttachmentRead | events.DocumentChanged) -> set[str]:
    """The keys of an attached file that was read, and of the document of a group it is a version of; of such a document that changed."""
    if isinstance(event, events.DocumentChanged):
        return {f"d{event.item_id}"}
    items = select(LibraryVersion.item_id).where(LibraryVersion.attachment_id == event.attachment_id)
    return {f"a{event.attachment_id}", *(f"d{one}" for one in db.session().scalars(items))}


def of_digest(digest_id: int) -> set[str]:
    """The keys of a digest and of the posts it cites."""
    query = select(Citation.post_id).join(KeyPoint, KeyPoint.id == Citation.point_id).where(KeyPoint.digest_id == digest_id)
    return {f"g{digest_id}", *map(key_of, db.session().scalars(query))}


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
