"""Choosing what one watches, keeps and is told."""

from __future__ import annotations

import functools
from collections.abc import Collection
from typing import Any

from sqlalchemy import bindparam, delete, exists, literal, select, update

from alliance.core import clock, db, plain, text
from alliance.core.db import Base, insert_missing
from alliance.core.errors import Invalid, NotFound
from alliance.core.i18n import gettext as _
from alliance.discussions import queries as discussions
from alliance.discussions.models import Post
from alliance.groups import queries as groups
from alliance.policy import Actor, require, visible
from alliance.watching.models import BY_DEFAULT, CHANNELS, CHOICES, KINDS, LEVELS, MAILED, Bookmark, Preference, SpaceWatch, Watch

MAX_NOTE = 500


def choose(actor: Actor, discussion_id: int, level: str | None) -> None:
    """Choose how much one hears of a discussion (None: as of its space).

    Raises:
        NotFound: one cannot see such a discussion.
        Refused, Invalid: nothing is changed.
    """
    require(actor, "watching.choose")
    with db.transaction():
        found = discussions.get_discussion(actor, discussion_id)
        _set(Watch, {"person_id": actor.person_id, "discussion_id": found.id}, level, automatic=False)


def choose_space(actor: Actor, code: str, level: str | None) -> None:
    """Choose how much one hears of the discussions of a space (None: nothing chosen).

    Raises:
        NotFound: one cannot see such a space.
        Refused, Invalid: nothing is changed.
    """
    require(actor, "watching.choose")
    with db.transaction():
        found = groups.get_space(actor, code)
        _set(SpaceWatch, {"person_id": actor.person_id, "space_id": found.id}, level)


def _set(model: type[Base], whose: dict[str, Any], level: str | None, **more: Any) -> None:
    """Write, change or take away the row of a choice."""
    session = db.session()
    same = [getattr(model, name) == value for name, value in whose.items()]
    if level is None:
        session.execute(delete(model).where(*same))
        return
    if level not in LEVELS:
        raise Invalid.field("level", _("Choose one of the levels."))
    table: Any = model
    session.execute(insert_missing(model), [{**whose, "level": level, "created_at": clock.now(), **more}])
    session.execute(update(model).where(*same, table.level != level).values(created_at=clock.now()))
    session.execute(update(model).where(*same).values(level=level, **more))


def note_said(post: Post) -> None:
    """Inside the transaction that publishes a post: its author watches the discussion, unless they chose otherwise for it or its space."""
    said = {"person": post.writer_id, "discussion": post.discussion_id, "space": post.space_id, "at": post.created_at}
    said |= {"level": "watch", "automatic": True}
    plain.run(_automatic(db.engine().dialect.name), said)


@functools.cache
def _automatic(_dialect: str) -> Any:
    """Composed once: it is part of every post."""
    columns = (Watch.person_id, Watch.discussion_id, Watch.level, Watch.automatic, Watch.created_at)
    names = ("person", "discussion", "level", "automatic", "at")
    muted = exists().where(
        SpaceWatch.person_id == bindparam("person"), SpaceWatch.space_id == bindparam("space"), SpaceWatch.level == "mute"
    )
    row = select(*(bindparam(name, type_=column.type) for name, column in zip(names, columns, strict=True))).where(~muted)
    return insert_missing(Watch).from_select([column.key for column in columns], row)


def keep_post(actor: Actor, post_id: int, note: str | None = None) -> None:
    """Bookmark a post, or change the note of its bookmark.

    Raises:
        NotFound: one cannot read such a post.
        Refused, Invalid: nothing is changed.
    """
    _keep(actor, {"post_id": discussions.get_post(actor, post_id).id}, note)


def keep_discussion(actor: Actor, discussion_id: int, note: str | None = None) -> None:
    """Bookmark a discussion, or change the note of its bookmark.

    Raises:
        NotFound: one cannot see such a discussion.
        Refused, Invalid: nothing is changed.
    """
    _keep(actor, {"discussion_id": discussions.get_discussion(actor, discussion_id).id}, note)


def _keep(actor: Actor, what: dict[str, int], note: str | None) -> None:
    require(actor, "bookmark.keep")
    kept = None if note is None else check_note(note)
    with db.transaction() as session:
        whose = {"person_id": actor.person_id, **what}
        session.execute(insert_missing(Bookmark), [{**whose, "note": kept or "", "created_at": clock.now()}])
        if kept is not None:
            session.execute(update(Bookmark).filter_by(**whose).values(note=kept))


def drop(actor: Actor, *, post_id: int | None = None, discussion_id: int | None = None) -> None:
    """Take away one's bookmark of a post or a discussion, if there is one (what it is of may be gone by now).

    Raises:
        Refused: nothing is changed.
    """
    require(actor, "bookmark.keep")
    thing = Bookmark.post_id == post_id if post_id is not None else Bookmark.discussion_id == discussion_id
    with db.transaction() as session:
        session.execute(delete(Bookmark).where(visible(actor, Bookmark), thing))


def change_bookmark(actor: Actor, bookmark_id: int, note: str | None) -> None:
    """Change the note of one's bookmark, or (None) take it away.

    Raises:
        NotFound: it is not one's own.
        Refused, Invalid: nothing is changed.
    """
    require(actor, "bookmark.keep")
    kept = None if note is None else check_note(note)
    mine = (Bookmark.id == bookmark_id) & visible(actor, Bookmark)
    act = delete(Bookmark).where(mine) if kept is None else update(Bookmark).where(mine).values(note=kept)
    with db.transaction() as session:
        if not session.execute(act).rowcount:  # type: ignore[attr-defined]
            raise NotFound


def check_note(note: str) -> str:
    """A note as it is kept: one line.

    Raises:
        Invalid: it is too long.
    """
    line = text.storable(text.clean_line(note[: MAX_NOTE * 4]))
    if len(line) > MAX_NOTE:
        raise Invalid.field("note", _("A note may have at most %(most)s characters.", most=MAX_NOTE))
    return line


def choose_news(actor: Actor, wanted: Collection[tuple[str, str]]) -> None:
    """Choose what one is told: exactly these (kind, channel) pairs.

    Raises:
        Refused: nothing is changed.
    """
    require(actor, "watching.choose")
    if actor.person_id is not None:
        set_news(actor.person_id, {(kind, channel): (kind, channel) in wanted for kind in KINDS for channel in CHANNELS})


def set_mail(person_id: int, *, wanted: bool) -> None:
    """Mails about posts: none at all, or again those one gets by default (also by the link in a mail, without signing in); not what moderators decided."""
    set_news(person_id, {(kind, "mail"): wanted and (kind, "mail") in BY_DEFAULT for kind in MAILED if kind != "moderation"})


def set_news(person_id: int, wanted: dict[tuple[str, str], bool]) -> None:
    """Write what a person wants; only what is not so by default is kept."""
    with db.transaction() as session:
        for (kind, channel), yes in wanted.items():
            whose = {"person_id": person_id, "kind": kind, "channel": channel}
            session.execute(delete(Preference).filter_by(**whose))
            if yes != ((kind, channel) in BY_DEFAULT) and (kind, channel) in CHOICES:
                session.execute(insert_missing(Preference), [{**whose, "wanted": yes}])


def follow(source_id: int, target_id: int, *, whole: bool) -> None:
    """Inside the transaction that moves posts: who watches where they were watches where they go; of all of it, bookmarks go too."""
    session = db.session()
    mine = select(Watch.person_id, literal(target_id), Watch.level, literal(True), literal(clock.now()))
    names = ["person_id", "discussion_id", "level", "automatic", "created_at"]
    session.execute(insert_missing(Watch).from_select(names, mine.where(Watch.discussion_id == source_id)))
    if whole:
        there = select(Bookmark.person_id).where(Bookmark.discussion_id == target_id)
        moving = (Bookmark.discussion_id == source_id) & Bookmark.person_id.not_in(there)
        session.execute(update(Bookmark).where(moving).values(discussion_id=target_id).execution_options(synchronize_session=False))
