"""What an archive's author wrote becomes the posts of whoever proved, by a mail to it, that the address is theirs.

The two are one from then on: posts, counts, search and profile. It is done a discussion at a time, each in a transaction, and
finds nothing to do when it is done again; the author's row stays, listed nowhere, so that its page leads to the person's and all
of it can be taken back (an archive is no proof that its senders were who they said).
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import func, select, update

from alliance.accounts import history
from alliance.accounts.models import Person
from alliance.attachments.models import Attachment
from alliance.core import db, nameless, outbox
from alliance.core.errors import Invalid
from alliance.discussions import attributing, counters, masks, recounting
from alliance.discussions.masks import Mask
from alliance.discussions.models import Discussion, PersonContribution, Post
from alliance.events import DiscussionChanged, PersonChanged
from alliance.mailing import queries
from alliance.mailing.models import ImportedMessage

PART = 500


def claim(person_id: int) -> int:
    """Give a person what was imported from the address they proved; returns how many discussions that concerned."""
    author_id = _join(person_id)
    return _hand_over(author_id, person_id, everything=True) if author_id is not None else 0


def _join(person_id: int) -> int | None:
    """Note that an author is this person; the author, None when there is none."""
    with db.transaction() as session:
        person = session.get(Person, person_id, with_for_update=True, populate_existing=True)
        if person is None or person.proven_at is None or not person.email:
            return None
        if (known := queries.claimed_author(person_id)) is not None:
            return known.id if known.participant is not None else None  # taken back: not again
        author = queries.unclaimed_author(person.email)
        if author is None:
            return None
        address, author.archive_email = author.archive_email, None
        author.claimed_by_id, author.participant = person_id, nameless.NOBODY
        session.flush()
        person.archive_email = address  # what is imported later is theirs at once
        history.note(person_id, "archive_claimed")
        outbox.publish(PersonChanged(author.id))
        outbox.publish(PersonChanged(person_id))
        return author.id


def take_back(person: Person) -> int:
    """Let the author of an archive be somebody of their own again (the secretariat found that the two are not one); how many discussions that concerned.

    Raises:
        Invalid: nothing of an archive became this person's.
    """
    with db.transaction() as session:
        author = queries.claimed_author(person.id)
        if author is None:
            raise Invalid.field("email", f"nothing of an archive became {person.handle}'s")
        if author.participant is not None:
            address, person.archive_email, author.participant = person.archive_email, None, None
            session.flush()
            author.archive_email = address
            history.note(person.id, "archive_taken_back")
            outbox.publish(PersonChanged(author.id))
            outbox.publish(PersonChanged(person.id))
        author_id = author.id
    return _hand_over(person.id, author_id, everything=False)


def _hand_over(giver: int, taker: int, *, everything: bool) -> int:
    """Posts of one become another's: all, or what an archive brought."""
    what = masks.written_by(giver) if everything else masks.written_by(giver) & Post.id.in_(select(ImportedMessage.post_id))
    session = db.session()
    concerned = session.scalars(select(Post.discussion_id).where(what).distinct().order_by(Post.discussion_id)).all()
    spaces = set(session.scalars(select(PersonContribution.space_id).where(PersonContribution.person_id.in_((giver, taker)))))
    for discussion_id in concerned:
        with db.transaction() as writing:
            discussion = counters.hold(writing, discussion_id)
            spaces.add(discussion.space_id)
            rows = writing.execute(select(Post.id, Post.author_id).where(what, Post.discussion_id == discussion_id)).all()
            _move(discussion, giver, taker, [row.id for row in rows if row.author_id == giver])
            _move_nameless(discussion, giver, taker, [row.id for row in rows if row.author_id != giver])
            attributing.follow_opening(discussion)
            recounting.recount_discussion(discussion_id)
            outbox.publish(DiscussionChanged(discussion_id, discussion.space_id))
        db.release()
    for space_id in sorted(spaces):
        recounting.recount_people(space_id, sorted((giver, taker)))
    return len(concerned)


def _move(discussion: Discussion, giver: int, taker: int, post_ids: list[int]) -> None:
    if post_ids:
        attributing.show(post_ids, giver, taker)
        _move_files(post_ids, giver, taker)


def _move_nameless(discussion: Discussion, giver: int, taker: int, post_ids: list[int]) -> None:
    """Where authors are not named: whoever stood for the one stands for the other, or the other's own stand-in does."""
    if not post_ids:
        return
    session = db.session()
    mask = session.scalars(select(Mask).where(Mask.discussion_id == discussion.id, Mask.person_id == giver)).one()
    has_one = session.scalar(select(Mask.id).where(Mask.discussion_id == discussion.id, Mask.person_id == taker)) is not None
    mine = session.scalar(select(func.count(Post.id)).where(Post.discussion_id == discussion.id, Post.written_by_id == giver))
    before = mask.shown_id
    if not has_one and mine == len(post_ids):
        mask.person_id = taker
        session.flush()
    shown = masks.shown_as(discussion, session.get_one(Person, taker)).id
    attributing.show(post_ids, before, shown, written_by_id=taker)
    _move_files(post_ids, giver, taker)
    recounting.recount_people(discussion.space_id, sorted({before, shown}))


def _move_files(post_ids: Iterable[int], giver: int, taker: int) -> None:
    ids = list(post_ids)
    for start in range(0, len(ids), PART):
        theirs = Attachment.post_id.in_(ids[start : start + PART]) & (Attachment.person_id == giver)
        db.session().execute(update(Attachment).where(theirs).values(person_id=taker).execution_options(synchronize_session=False))
