"""Moving posts: branches into a new discussion (split), into one that is there (move), or all of one discussion (merge); and back.

Posts keep their ids, and with them permalinks, quotes, citations, files and votes. In the discussion they go to they get new numbers
in their old order, and the tree between them stays; whoever answered a post that stays behind answers the discussion from then on.
What they were is kept (`MovedPost`), so that links lead to where things went and a move can be taken back exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, func, insert, or_, select, update
from sqlalchemy.orm import Session

from alliance.core import clock, db, outbox, text
from alliance.core.errors import Conflict, Invalid
from alliance.core.i18n import gettext as _
from alliance.discussions import attributing, confiding, recounting
from alliance.discussions.checks import check_title
from alliance.discussions.counters import find_last, hold, is_veiled, opened
from alliance.discussions.models import Discussion, Post
from alliance.discussions.move_models import Move, MovedPost
from alliance.discussions.tree import AFTER_ALL, Place, place
from alliance.drafts.models import Draft
from alliance.events import DiscussionChanged, DiscussionOpened, PostsMoved
from alliance.groups.models import Space

MOST = 20_000
_COLUMNS = (
    Post.id, Post.parent_id, Post.parent_number, Post.number, Post.path, Post.depth, Post.type_rank, Post.status, Post.stakeholder_type,
    Post.author_id, Post.written_by_id, Post.organization_id, Post.created_at, Post.language,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Moved:
    """What a move did: where posts went, how many."""

    move: Move
    target: Discussion
    posts: int


def split(source_id: int, post_ids: Sequence[int], title: str, by: int | None) -> Moved:
    """Inside a transaction: branches of a discussion become a discussion of their own, in the same space.

    Raises:
        Invalid: by field.
        Conflict: a post is not (or no longer) in the discussion.
    """
    line = check_title(title)
    session = db.session()
    source = hold(session, source_id)
    rows = _branches(session, source, post_ids)
    first = rows[0]
    if first.status != "visible":
        raise Invalid.field("posts", _("The first of the posts opens the new discussion: it has to be one that can be read."))
    target = Discussion(
        space_id=source.space_id, title=line, slug=text.slugify(line), language=first.language or source.language, author_id=first.author_id,
        confided_at=source.confided_at, stakeholder_type=first.stakeholder_type, last_post_at=first.created_at, created_at=first.created_at, imported=source.imported,
        next_number=1, posts_count=0, version=0,
    )  # fmt: skip
    session.add(target)
    session.flush()
    opened(target, 1)
    outbox.publish(DiscussionOpened(target.id, target.space_id))
    return _transfer(session, "split", source, target, rows, by)


def move(source_id: int, post_ids: Sequence[int], target_id: int, by: int | None) -> Moved:
    """Inside a transaction: branches of a discussion go to another one.

    Raises:
        Invalid, Conflict: nothing is changed.
    """
    session = db.session()
    source, target = _two(session, source_id, target_id)
    return _transfer(session, "move", source, target, _branches(session, source, post_ids), by)


def merge(source_id: int, target_id: int, by: int | None) -> Moved:
    """Inside a transaction: all of a discussion goes to another one, to which its address leads from then on.

    Raises:
        Invalid, Conflict: nothing is changed.
    """
    session = db.session()
    source, target = _two(session, source_id, target_id)
    rows = _read(session, Post.discussion_id == source.id)
    done = _transfer(session, "merge", source, target, rows, by)
    if source.status == "visible":
        opened(source, -1)
    source.status, source.moved_to_id = "merged", target.id
    _move_drafts(session, source.id, target.id)
    session.execute(update(Discussion).where(Discussion.moved_to_id == source.id).values(moved_to_id=target.id))
    return done


def _move_drafts(session: Session, source_id: int, target_id: int) -> None:
    """What people are writing in a discussion that is no more is written in the other one."""
    there = select(Draft.person_id).where(Draft.place == f"d:{target_id}")
    mine = (Draft.place == f"d:{source_id}") & Draft.person_id.not_in(there)
    session.execute(update(Draft).where(mine).values(place=f"d:{target_id}").execution_options(synchronize_session=False))


def _two(session: Session, source_id: int, target_id: int) -> tuple[Discussion, Discussion]:
    """Both discussions, held in one order, whoever moves what to where."""
    if source_id == target_id:
        raise Invalid.field("target", _("Choose another discussion: it is this one."))
    held = {one: hold(session, one) for one in sorted((source_id, target_id))}
    source, target = held[source_id], held[target_id]
    if target.status != "visible" or source.moved_to_id is not None:
        raise Conflict(_("One of the two discussions is not open to readers any more."))
    confiding.check(source, target)
    return source, target


def _branches(session: Session, source: Discussion, post_ids: Sequence[int]) -> Sequence[Any]:
    """The posts of branches, each once, in the order of their numbers."""
    if not (wanted := sorted(set(post_ids))):
        raise Invalid.field("posts", _("Choose at least one post."))
    roots = session.execute(select(Post.id, Post.number, Post.path).where(Post.id.in_(wanted), Post.discussion_id == source.id)).all()
    if len(roots) != len(wanted):
        raise Conflict(_("A post you chose is not in this discussion any more."))
    if any(root.number == 1 for root in roots):
        raise Invalid.field("posts", _("The opening post stays: merge the discussion instead."))
    within = or_(*((Post.path >= root.path) & (Post.path < root.path + AFTER_ALL) for root in roots))
    return _read(session, (Post.discussion_id == source.id) & within)


def _read(session: Session, which: Any) -> Sequence[Any]:
    rows = session.execute(select(*_COLUMNS).where(which).order_by(Post.number).limit(MOST + 1)).all()
    if len(rows) > MOST:
        raise Invalid.field("posts", _("At most %(most)s posts at once.", most=MOST))
    return rows


def _transfer(session: Session, kind: str, source: Discussion, target: Discussion, rows: Sequence[Any], by: int | None) -> Moved:
    """Give posts their places in the other discussion, and set right what is counted in both."""
    noted = Move(kind=kind, source_id=source.id, target_id=target.id, moved_by_id=by, posts=len(rows), created_at=clock.now())
    session.add(noted)
    session.flush()
    places = _places(target, rows)
    session.execute(insert(MovedPost), [_was(noted, row, spot["number"]) for row, spot in zip(rows, places, strict=True)])
    _answer_less(session, rows)
    _write(session, places)
    _settle(session, source, target, rows)
    outbox.publish(PostsMoved(target.id, source.id, target.space_id, noted.id, whole=kind == "merge"))
    for one in (source, target):
        outbox.publish(DiscussionChanged(one.id, one.space_id))
    return Moved(noted, target, len(rows))


def _was(noted: Move, row: Any, went: int) -> dict[str, Any]:
    return {
        "move_id": noted.id, "post_id": row.id, "parent_id": row.parent_id, "parent_number": row.parent_number, "number": row.number,
        "path": row.path, "depth": row.depth, "type_rank": row.type_rank, "went": went,
    }  # fmt: skip


def _answer_less(session: Session, rows: Sequence[Any]) -> None:
    """What stays behind is answered by fewer."""
    moved, lost = {row.id for row in rows}, dict[int, int]()
    for row in rows:
        if row.parent_id is not None and row.parent_id not in moved and row.status == "visible":
            lost[row.parent_id] = lost.get(row.parent_id, 0) + 1
    for parent_id, number in lost.items():
        session.execute(
            update(Post).where(Post.id == parent_id).values(replies_count=Post.replies_count - number, version=Post.version + 1)
        )


def _places(target: Discussion, rows: Sequence[Any]) -> list[dict[str, Any]]:
    """New numbers, paths and turns, parents before what answers them (a post has a greater number than what it answers)."""
    spots: dict[int, tuple[int, Place]] = {}
    turns = dict(target.turns)
    made = []
    for number, row in enumerate(rows, start=target.next_number):
        parent = spots.get(row.parent_id) if row.parent_id is not None else None
        spot = place(number, parent[1] if parent is not None and parent[0] > 1 else None)
        spots[row.id] = (number, spot)
        kind = row.stakeholder_type or ""
        turns[kind] = int(turns.get(kind, 0)) + 1
        made.append(
            {
                "key": row.id,
                "discussion_id": target.id,
                "space_id": target.space_id,
                "number": number,
                "path": spot.path,
                "depth": spot.depth,
                "parent_id": row.parent_id if parent is not None else None,
                "parent_number": parent[0] if parent is not None else None,
                "type_rank": turns[kind],
            }
        )
    target.next_number += len(rows)
    target.turns = turns
    return made


def _write(session: Session, places: Sequence[dict[str, Any]]) -> None:
    """The posts' new places, one statement of many rows."""
    table: Any = Post.__table__
    names = [name for name in places[0] if name != "key"]
    change = (
        update(table)
        .where(table.c.id == bindparam("key"))
        .values({name: bindparam(name) for name in names} | {"version": table.c.version + 1})
    )
    session.flush()
    session.connection().execute(change, list(places))
    session.expire_all()


def _settle(session: Session, source: Discussion, target: Discussion, rows: Sequence[Any]) -> None:
    """Counters, voices, last posts and titles of both discussions, their spaces and whoever wrote there (within a space, who opened them)."""
    shown = [row for row in rows if row.status == "visible"]
    attributing.follow(target, rows)
    for one in (source, target):
        recounting.recount_discussion(one.id)
        find_last(session, one)
    apart = source.space_id != target.space_id or is_veiled(source) != is_veiled(target)
    for one, change in ((source, -len(shown)), (target, len(shown))) if apart else ():
        if not is_veiled(one):
            session.execute(update(Space).where(Space.id == one.space_id).values(posts_count=Space.posts_count + change))
    concerned = rows if apart else [row for row in rows if row.number == 1 or row is rows[0]]
    people = {row.author_id for row in concerned} | {target.author_id, source.author_id}
    organizations = {row.organization_id for row in concerned if row.organization_id is not None}
    for space_id in {source.space_id, target.space_id}:
        recounting.recount_contributions(space_id, sorted(people), sorted(organizations))
    if is_veiled(source) != is_veiled(target):
        recounting.recount_people(target.space_id, sorted(people))


def put_back(move_id: int, person_id: int | None, answered: Callable[[Move], bool]) -> Moved:
    """Inside a transaction: posts return to where they were, with the numbers they had there.

    Raises:
        Conflict: they were moved on, something stands there by now that answers them, or others changed them or `answered` in confidence.
    """
    session = db.session()
    noted = session.get_one(Move, move_id, with_for_update=True, populate_existing=True)
    if noted.undone_at is not None:
        raise Conflict(_("This was taken back already."))
    held = {one: hold(session, one) for one in sorted((noted.source_id, noted.target_id))}
    source, target = held[noted.source_id], held[noted.target_id]
    confiding.check_back(noted, source, target, person_id, answered)
    ids = select(MovedPost.post_id).where(MovedPost.move_id == noted.id)
    rows = session.execute(select(*_COLUMNS).where(Post.id.in_(ids), Post.discussion_id == target.id).order_by(Post.number)).all()
    others = select(func.count(Post.id)).where(Post.discussion_id == target.id, Post.id.not_in(ids))
    answers = others.where(Post.parent_id.in_(ids))
    if len(rows) != noted.posts or session.scalar(others if noted.kind == "split" else answers):
        raise Conflict(_("Something was said or moved there since: move the posts by hand."))
    before = session.execute(select(MovedPost).where(MovedPost.move_id == noted.id)).scalars().all()
    _write(session, [_returned(source, one) for one in before])
    _answer_more(session, rows, before)
    noted.undone_at = clock.now()
    _close_emptied(session, noted, source, target)
    _settle(session, target, source, rows)
    outbox.publish(PostsMoved(source.id, target.id, source.space_id, noted.id, back=True))
    for one in (source, target):
        outbox.publish(DiscussionChanged(one.id, one.space_id))
    return Moved(noted, source, len(rows))


def _returned(source: Discussion, one: MovedPost) -> dict[str, Any]:
    return {
        "key": one.post_id, "discussion_id": source.id, "space_id": source.space_id, "number": one.number, "path": one.path, "depth": one.depth,
        "parent_id": one.parent_id, "parent_number": one.parent_number, "type_rank": one.type_rank,
    }  # fmt: skip


def _answer_more(session: Session, rows: Sequence[Any], before: Sequence[MovedPost]) -> None:
    moved, shown = {row.id for row in rows}, {row.id for row in rows if row.status == "visible"}
    for one in before:
        if one.parent_id is not None and one.parent_id not in moved and one.post_id in shown:
            one_more = {"replies_count": Post.replies_count + 1, "version": Post.version + 1}
            session.execute(update(Post).where(Post.id == one.parent_id).values(one_more))


def _close_emptied(session: Session, noted: Move, source: Discussion, target: Discussion) -> None:
    """A discussion that was split off is no more; one that was merged is there again."""
    if noted.kind == "split":
        target.status, target.moved_to_id = "merged", source.id
        opened(target, -1)
    elif noted.kind == "merge":
        shown = session.scalar(select(Post.id).where(Post.discussion_id == source.id, Post.status == "visible").limit(1)) is not None
        source.moved_to_id, source.status = None, "visible" if shown else "hidden"
        if shown:
            opened(source, 1)
