"""Making polls, voting, closing.

The discussion of the post is held first, as with signals: of two clicks at once the second finds what the first has
done, and counters are exact. A vote in a secret poll changes nothing anybody could see, so it tells nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from alliance.accounts.models import Person
from alliance.core import clock, db, jobs, outbox, text
from alliance.core.errors import Conflict, Invalid, NotFound
from alliance.core.i18n import gettext as _
from alliance.core.i18n import lazy_gettext as _l
from alliance.discussions import counters
from alliance.discussions.models import Post
from alliance.events import PollChanged, PollClosed
from alliance.policy import Actor, require
from alliance.polls import queries
from alliance.polls.models import KINDS, VOTERS, Poll, PollCount, PollVote

MAX_QUESTION, MAX_OPTION = 300, 200
FEWEST, MOST = 2, 20
LONGEST = timedelta(days=366)
LABELS = {"single": _l("One answer"), "multiple": _l("Several answers"), "ranked": _l("Answers in order of preference")}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a poll asks."""

    question: str
    options: Sequence[str]
    kind: str = "single"
    secret: bool = False
    closes_at: datetime | None = None


def set_poll(actor: Actor, post: Post, asked: Asked) -> None:
    """Put a poll into a post, or change it while nobody has voted.

    Raises:
        Refused, Invalid, Conflict: nothing is changed.
    """
    with db.transaction() as session:
        held = _held(session, actor, post.id, "poll.make")
        good = check(asked)
        poll = queries.find(held.id)
        if poll is None:
            poll = Poll(post_id=held.id, created_at=clock.now())
            session.add(poll)
        else:
            _untouched(poll)
        poll.question, poll.options, poll.kind = good.question, list(good.options), good.kind
        poll.secret, poll.closes_at = good.secret, good.closes_at
        _changed(held)


def remove_poll(actor: Actor, post: Post) -> None:
    """Take a poll out of a post while nobody has voted.

    Raises:
        Refused, Conflict: nothing is changed.
    """
    with db.transaction() as session:
        held = _held(session, actor, post.id, "poll.make")
        poll = _poll(held.id)
        _untouched(poll)
        session.execute(delete(PollCount).where(PollCount.poll_id == poll.id))
        session.delete(poll)
        _changed(held)


def vote(actor: Actor, post: Post, choices: Sequence[int]) -> None:
    """Vote, or vote otherwise than before; the same again changes nothing.

    Args:
        actor: a person.
        post: one the actor can see.
        choices: places of options; in a ranked poll the best first.

    Raises:
        Refused, Invalid, Conflict, NotFound: nothing is changed.
    """
    with db.transaction() as session:
        held = _held(session, actor, post.id, "poll.vote")
        poll = _open(held.id)
        chosen = check_choices(poll, choices)
        known = queries.vote_of(actor.person_id, poll.id)
        if known is not None and known.choices == chosen:
            return
        if known is not None:
            _count(session, poll, known, -1)
        given = known or PollVote(poll_id=poll.id, person_id=actor.person_id)
        given.stakeholder_type = session.get_one(Person, actor.person_id).stakeholder_type
        given.choices, given.changed_at = chosen, clock.now()
        session.add(given)
        _count(session, poll, given, 1)
        if not poll.secret:
            _changed(held)


def withdraw_vote(actor: Actor, post: Post) -> None:
    """Take one's vote back while the poll is open.

    Raises:
        Refused, Conflict, NotFound: nothing is changed.
    """
    with db.transaction() as session:
        held = _held(session, actor, post.id, "poll.vote")
        poll = _open(held.id)
        known = queries.vote_of(actor.person_id, poll.id)
        if known is None:
            return
        _count(session, poll, known, -1)
        session.delete(known)
        if not poll.secret:
            _changed(held)


def close(actor: Actor, post: Post) -> None:
    """Close a poll before its time, for good; closing a closed one changes nothing.

    Raises:
        Refused, NotFound: nothing is changed.
    """
    with db.transaction() as session:
        held = _held(session, actor, post.id, "poll.make")
        _close(held, _poll(held.id))


def take_away(person_id: int) -> list[dict[str, Any]]:
    """Inside a transaction: no vote of a person counts any more, in polls that are closed neither; what has to be known to give them back."""
    session = db.session()
    mine = select(PollVote).join(Poll, Poll.id == PollVote.poll_id).join(Post, Post.id == Poll.post_id)
    known = []
    for given in session.scalars(mine.where(PollVote.person_id == person_id).order_by(Post.discussion_id, PollVote.id)).all():
        held = _hold(session, given.poll.post_id)
        _count(session, given.poll, given, -1)
        session.delete(given)
        known.append(
            {"poll_id": given.poll_id, "choices": given.choices, "type": given.stakeholder_type, "at": given.changed_at.isoformat()}
        )
        _changed(held)
    session.flush()
    return known


def give_back(person_id: int, known: Iterable[dict[str, Any]]) -> None:
    """Inside a transaction: the votes `take_away` took count again, but where the person voted anew since, or the poll is another by now."""
    session = db.session()
    for one in known:
        poll = session.get(Poll, one["poll_id"])
        if poll is None or queries.vote_of(person_id, poll.id) is not None or max(one["choices"], default=0) >= len(poll.options):
            continue
        held = _hold(session, poll.post_id)
        given = PollVote(poll_id=poll.id, person_id=person_id, choices=one["choices"], stakeholder_type=one["type"])
        given.changed_at = datetime.fromisoformat(one["at"])
        session.add(given)
        _count(session, poll, given, 1)
        _changed(held)


@jobs.periodic("* * * * *")
def close_due() -> None:
    """Close the polls whose time has come, each once, whatever has become of their posts."""
    for post_id in queries.due(clock.now()):
        with db.transaction() as session:
            held = _hold(session, post_id)
            poll = queries.find(post_id)
            if poll is not None and poll.closed_at is None and poll.closes_at is not None and poll.closes_at <= clock.now():
                _close(held, poll)


def check(asked: Asked) -> Asked:
    """What is asked as it is kept.

    Raises:
        Invalid: with the errors of every field.
    """
    errors: dict[str, list[str]] = {}
    question = text.storable(text.clean_line(asked.question[: MAX_QUESTION * 4]))
    if text.is_blank(question) or len(question) > MAX_QUESTION:
        errors["question"] = [_("Ask a question of at most %(most)s characters.", most=MAX_QUESTION)]
    if asked.kind not in KINDS:
        errors["kind"] = [_("Choose how one answers.")]
    options = [text.storable(text.clean_line(one[: MAX_OPTION * 4])) for one in asked.options[: MOST * 4]]
    options = [one for one in options if not text.is_blank(one)]
    if not FEWEST <= len(options) <= MOST:
        errors["options"] = [_("Give %(fewest)s to %(most)s answers, one on each line.", fewest=FEWEST, most=MOST)]
    elif any(len(one) > MAX_OPTION for one in options):
        errors["options"] = [_("An answer may have at most %(most)s characters.", most=MAX_OPTION)]
    elif len({one.casefold() for one in options}) < len(options):
        errors["options"] = [_("No two answers may be the same.")]
    if asked.closes_at is not None and not clock.now() < asked.closes_at <= clock.now() + LONGEST:
        errors["closes_at"] = [_("A poll closes in the future, within a year.")]
    if errors:
        raise Invalid(errors)
    return Asked(question, options, asked.kind, asked.secret, asked.closes_at)


def check_choices(poll: Poll, choices: Sequence[int]) -> list[int]:
    """A vote as it is kept.

    Raises:
        Invalid: it is none in this poll.
    """
    known = 0 < len(choices) <= len(poll.options) and all(0 <= one < len(poll.options) for one in choices)
    if not known or len(set(choices)) < len(choices):
        raise Invalid.field("choices", _("Choose among the answers, each at most once."))
    if poll.kind == "single" and len(choices) != 1:
        raise Invalid.field("choices", _("Choose one answer."))
    return list(choices) if poll.kind == "ranked" else sorted(choices)


def _hold(session: Session, post_id: int) -> Post:
    """The post as it is now, its discussion held."""
    counters.hold(session, session.get_one(Post, post_id).discussion_id)
    return session.get_one(Post, post_id, populate_existing=True)


def _held(session: Session, actor: Actor, post_id: int, action: str) -> Post:
    held = _hold(session, post_id)
    require(actor, action, held)
    return held


def _poll(post_id: int) -> Poll:
    poll = queries.find(post_id)
    if poll is None:
        raise NotFound
    return poll


def _open(post_id: int) -> Poll:
    poll = _poll(post_id)
    if not queries.is_open(poll):
        raise Conflict(_("This poll is closed."))
    return poll


def _untouched(poll: Poll) -> None:
    if queries.has_votes(poll.id) or not queries.is_open(poll):
        raise Conflict(_("Somebody has voted, or the poll is closed: it stays as it is."))


def _close(post: Post, poll: Poll) -> None:
    if poll.closed_at is None:
        poll.closed_at = clock.now()
        counters.touch(post.id)
        outbox.publish(PollClosed(post.id, post.discussion_id, post.space_id))


def _changed(post: Post) -> None:
    counters.touch(post.id)
    outbox.publish(PollChanged(post.id, post.discussion_id, post.space_id))


def _count(session: Session, poll: Poll, given: PollVote, change: int) -> None:
    """One more or less of each thing a vote says, from its stakeholder type."""
    ranked = poll.kind == "ranked"
    said = [(VOTERS, 0), *((option, place if ranked else 0) for place, option in enumerate(given.choices, 1))]
    for option, rank in said:
        whose = {"poll_id": poll.id, "option": option, "rank": rank, "stakeholder_type": given.stakeholder_type or ""}
        counted = update(PollCount).filter_by(**whose).values(count=PollCount.count + change)
        if not session.execute(counted.execution_options(synchronize_session=False)).rowcount:  # type: ignore[attr-defined]
            session.add(PollCount(**whose, count=change))
            session.flush()
