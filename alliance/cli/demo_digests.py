"""Digests of the demonstration content, made as they are made in earnest: one signed by a second person and transmitted, one in work."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from sqlalchemy import func, select

from alliance.accounts.models import Person
from alliance.accounts.session import actor_of
from alliance.core import db
from alliance.digests import services, states
from alliance.digests.models import Digest
from alliance.discussions.models import Post

RAPPORTEUR, SECOND, SECRETARIAT = "laura-bianchi", "leila-cherif", "clara-weiss"
WEEKS = 4


def compile_both(people: Mapping[str, Person]) -> None:
    """A digest of the first four weeks, transmitted, and a draft of the four after; where there is any digest, nothing."""
    session = db.session()
    first = session.scalar(select(func.min(Post.created_at)))
    if first is None or session.scalar(select(Digest.id).limit(1)) is not None:
        return
    start, middle = first.date(), first.date() + timedelta(weeks=WEEKS)
    done = _compiled(people, start, middle - timedelta(days=1))
    states.submit(actor_of(people[RAPPORTEUR], "cli"), done)
    states.sign(actor_of(people[SECOND], "cli"), done)
    states.transmit(actor_of(people[SECRETARIAT], "cli"), done)
    _compiled(people, middle, middle + timedelta(weeks=WEEKS) - timedelta(days=1))


def _compiled(people: Mapping[str, Person], start: date, end: date) -> Digest:
    return services.compile_digest(actor_of(people[RAPPORTEUR], "cli"), start, end)
