"""Mail on its way out: noted once per event and person, written and checked again when it is sent.

A mail leaves between two transactions. Killed in between, it is sent once more after the restart: at most the one mail
in flight, under the same Message-ID. Only one process sends at a time.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import delete

from alliance.accounts.models import Person
from alliance.core import clock, db, deliveries, jobs, locks, mail, pace, settings, transports
from alliance.core.errors import NotFound
from alliance.core.tokens import opened
from alliance.discussions.models import Post
from alliance.mailing import addressing, choices, drafting, queries
from alliance.mailing.models import OutgoingMail, SpaceMail, Unsubscription
from alliance.watching import queries as watching
from alliance.watching import services as watching_choices

log = structlog.get_logger(__name__)
ALL = "replies"
WEEKLY = "weekly"
SEARCH = "search"
REVIEW = "review"
ROUND = 200
GIVE_UP = timedelta(days=3)
PATIENCE = 30  # with what fails in a row: a mail told to wait takes one, a server that is not there ten
_COST = {"waiting": 1, "unreached": 10}


def waiting(person_id: int, key: str, kind: str, post_id: int | None = None) -> dict[str, Any]:
    """A mail that is to go to a person, as a row."""
    now = clock.now()
    return {
        "person_id": person_id, "key": key, "kind": kind, "post_id": post_id, "status": "waiting", "attempts": 0, "error": "", "address": "",
        "next_at": now, "created_at": now,
    }  # fmt: skip


def waiting_of_watchers(post_id: int) -> Iterator[dict[str, Any]]:
    """A mail about a post to everybody who watches where it stands and wants mails of that."""
    after, post = 0, db.session().get(Post, post_id)
    while post is not None and (found := watching.watchers(post, "watched", "mail", after, ROUND, wanting=True)):
        after = found[-1][0]
        yield from (waiting(person_id, f"post-{post_id}", "watched", post_id) for person_id, _wanted in found)


def waiting_of_list(post_id: int) -> Iterator[dict[str, Any]]:
    """A mail about a post to everybody who asked for every post of its space."""
    after, post = 0, db.session().get(Post, post_id)
    while post is not None and not post.imported and (found := queries.list_readers(post.space_id, after, ROUND)):
        after = found[-1]
        yield from (waiting(person_id, f"post-{post_id}", "list", post_id) for person_id in found if person_id != post.writer_id)


def note(mails: Iterable[dict[str, Any]]) -> None:
    """Mails are to go out; each noted once, however often this is asked (of two about the same, the first)."""
    found = iter(mails)
    with db.transaction() as session:
        while some := list(itertools.islice(found, ROUND)):
            session.connection().execute(db.insert_missing(OutgoingMail), some)


@jobs.task()
def send_soon() -> None:
    """Send what waits."""
    send_due()


@jobs.periodic("* * * * *")
def send_later() -> None:
    """Send what waits for another attempt, or what a crash left behind."""
    send_due()


class _Rate:
    """So many mails in a minute, evenly."""

    def __init__(self, per_minute: int) -> None:
        self._rest = 60 / per_minute if per_minute else 0.0
        self._next = 0.0

    def wait(self) -> None:
        """Until the next may leave."""
        now = time.monotonic()
        if now < self._next:
            time.sleep(self._next - now)
        self._next = max(now, self._next) + self._rest


def send_due(tick: Callable[[int], object] = int, *, alone: bool = False) -> int:
    """Send every mail that is due; returns how many left. Does nothing while another process is at it.

    `tick` is called with 1 for every mail dealt with, as it goes; `alone`: nobody waits for an answer of this process.
    """
    sent = failures = 0
    rate = _Rate(settings.current().mail_per_minute)
    with locks.exclusive("mailing") as mine, transports.connect(settings.current()) as door:
        while mine and failures < PATIENCE and (due := queries.due(clock.now(), ROUND)):
            for mail_id in due:
                rate.wait()
                began = time.monotonic()
                outcome = _send(mail_id, door)
                tick(1)
                if not alone:
                    pace.give_way(time.monotonic() - began)
                sent += outcome == "sent"
                failures = failures + _COST[outcome] if outcome in _COST else 0
                # A server that answers nobody is asked again later, not two hundred times now.
                if failures >= PATIENCE:
                    break
    return sent


def _send(mail_id: int, door: transports.Transport) -> str:
    """Write and send one mail, and note what became of it; returns its status, or "unreached" when no server was there."""
    db.release()
    row = db.session().get_one(OutgoingMail, mail_id)
    try:
        draft = drafting.draft_of(row)
        message = mail.compose(draft, settings.current()) if draft is not None else None
        bounces_to = addressing.bounce_address(mail_id)
        db.release()  # no transaction stays open while a server takes its time
        if message is None:
            return _note_outcome(mail_id, "dropped")
        door.send(message, bounces_to)
    except mail.PermanentFailure as error:
        return _note_outcome(mail_id, "failed", str(error))
    except mail.TemporaryFailure as error:
        status = _note_attempt(mail_id, str(error))
        return "unreached" if isinstance(error, mail.Unreached) else status
    except Exception as error:  # one mail that cannot be written must not hold up the others
        log.exception("mail.broken", mail_id=mail_id)
        db.release()
        return _note_attempt(mail_id, f"{type(error).__name__}: {error}"[:400])
    return _note_outcome(mail_id, "sent")


def _note_outcome(mail_id: int, status: str, error: str = "") -> str:
    with db.transaction(brief=True) as session:
        row = session.get_one(OutgoingMail, mail_id)
        deliveries.settled(row, status, error)
    log.info("mail", mail_id=mail_id, kind=row.kind, status=status, error=error)
    return status


def _note_attempt(mail_id: int, error: str) -> str:
    """Try again later: after 1, 2, 4 … minutes, at most six hours, for three days."""
    with db.transaction() as session:
        row = session.get_one(OutgoingMail, mail_id)
        status = deliveries.try_again(row, error, GIVE_UP)
    log.warning("mail", mail_id=mail_id, kind=row.kind, status=status, error=error)
    return status


def list_of_token(token: str) -> tuple[int, str]:
    """(person, list) of an unsubscribe link.

    Raises:
        NotFound: it is not one of ours.
    """
    person_id, name = opened("unsubscribe", token, None, 2)
    if not isinstance(person_id, int) or not isinstance(name, str) or db.session().get(Person, person_id) is None:
        raise NotFound
    return person_id, name


def unsubscribe(person_id: int, name: str) -> None:
    """Stop the mails of a list to a person; of all lists is a matter of what the person wants to be told."""
    with db.transaction() as session:
        if name == ALL:
            watching_choices.set_mail(person_id, wanted=False)
        elif name in {SEARCH, REVIEW}:
            watching_choices.set_news(person_id, {(name, "mail"): False})
        elif name == WEEKLY:
            choices.of(person_id).rhythm = "never"
        elif name.startswith("space:") and name[6:].isdigit():
            session.execute(delete(SpaceMail).where(SpaceMail.person_id == person_id, SpaceMail.space_id == int(name[6:])))
        elif not queries.unsubscribed(person_id, [name]):
            session.add(Unsubscription(person_id=person_id, list_name=name, created_at=clock.now()))


def resubscribe(person_id: int, name: str) -> None:
    """Send the mails of a list to a person again."""
    with db.transaction() as session:
        session.execute(delete(Unsubscription).where(Unsubscription.person_id == person_id, Unsubscription.list_name == name))
