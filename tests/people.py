"""People for the tests, with the rows behind them."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import Any

from alliance.accounts.models import Person
from alliance.core import db
from alliance.policy import Actor
from alliance.stakeholders import services as stakeholders
from alliance.stakeholders.services import Claim

PASSWORD = "correct horse battery staple"


class People:
    """Makes people of each kind. Names and addresses are made up when not given."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    def person(self, **columns: Any) -> Person:
        """A row: a confirmed participant unless told otherwise."""
        number = next(self._numbers)
        now = datetime.now(UTC)
        values = {
            "handle": f"person-{number}",
            "email": f"person{number}@example.org",
            "name": f"Person {number}",
            "country": "CH",
            "languages": ["en"],
            "stakeholder_type": "civil_society",
            "confirmed_at": now,
            "created_at": now,
        } | columns
        with db.transaction() as session:
            row = Person(**values)
            session.add(row)
            session.flush()
        return row

    @staticmethod
    def actor(person: Person, via: str = "page", scope: str | None = None) -> Actor:
        """The actor of a person."""
        return Actor(
            "person",
            person_id=person.id,
            role=person.role,
            confirmed=person.confirmed_at is not None,
            suspended=person.suspended,
            silenced=person.silenced,
            scope=scope,
            via=via,
        )

    @staticmethod
    def of(actor: Actor) -> Person:
        """The row behind an actor."""
        assert actor.person_id is not None
        return db.session().get_one(Person, actor.person_id)

    def participant(self, **columns: Any) -> Actor:
        """Somebody who may post."""
        return self.actor(self.person(**columns))

    def verified(self, **columns: Any) -> Actor:
        """Somebody who speaks for an organization, as verified."""
        person = self.person(**columns)
        affiliation = stakeholders.affiliate(person, Claim("Alpha", "private_sector"))
        stakeholders.decide(self.secretariat(), affiliation.id, verified=True)
        return self.actor(person)

    def moderator(self, **columns: Any) -> Actor:
        """Somebody who may moderate."""
        return self.participant(role="moderator", **columns)

    def secretariat(self, **columns: Any) -> Actor:
        """Somebody who administers."""
        return self.participant(role="secretariat", **columns)

    def unconfirmed(self, **columns: Any) -> Actor:
        """Somebody whose address is not confirmed."""
        return self.participant(confirmed_at=None, **columns)

    def suspended(self, **columns: Any) -> Actor:
        """Somebody who may read only."""
        return self.participant(suspended_at=datetime.now(UTC), **columns)

    def one_of_each(self) -> dict[str, Actor]:
        """An actor of each kind, by name."""
        return {
            "guest": Actor.guest(),
            "participant": self.participant(),
            "other": self.participant(),
            "unconfirmed": self.unconfirmed(),
            "suspended": self.suspended(),
            "moderator": self.moderator(),
            "secretariat": self.secretariat(),
            "system": Actor.system(),
        }
