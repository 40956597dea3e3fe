"""Whoever asks: a person (by page, API token, socket or mail), a guest, or the system."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from alliance.core.prepared import ANYBODY

Kind = Literal["guest", "person", "system"]
SCOPES = ("read", "write", "moderate", "admin")  # each allows what those before it allow


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever asks, as far as the rules need to know.

    Attributes:
        kind: guest, person or system (jobs, import, commands).
        person_id: of a person.
        role: participant, moderator or secretariat.
        confirmed: the person's address is confirmed.
        suspended: the person may read what everybody reads, but not act.
        silenced: the person may read as before, but not write.
        scope: what an API token allows at most (of SCOPES); None = no token, no bound.
        via: the door: page, api, socket, mail, cli, job.
    """

    kind: Kind
    person_id: int | None = None
    role: str = "participant"
    confirmed: bool = False
    suspended: bool = False
    scope: str | None = None
    via: str = "page"
    silenced: bool = False

    @classmethod
    def guest(cls, via: str = "page") -> Actor:
        """Somebody not signed in."""
        return cls("guest", via=via)

    @classmethod
    def system(cls, via: str = "job") -> Actor:
        """The product itself."""
        return cls("system", role="secretariat", confirmed=True, via=via)

    @property
    def kind_of(self) -> Actor:
        """Everybody of the same rights, without saying who: what statements are composed for (`core.prepared`)."""
        return replace(self, person_id=ANYBODY if self.kind == "person" else None)

    @property
    def nobody(self) -> Actor:
        """Somebody of the same rights who is no person at all: to whom what all of them see can be shown."""
        return replace(self, person_id=None)

    @property
    def is_authenticated(self) -> bool:
        """Whether this is a known person."""
        return self.kind == "person"

    @property
    def is_system(self) -> bool:
        """Whether this is the product itself."""
        return self.kind == "system"

    @property
    def is_secretariat(self) -> bool:
        """Whether this is the secretariat, or the system on its behalf."""
        return self.role == "secretariat" and self._trusted

    @property
    def is_moderator(self) -> bool:
        """Whether this is a moderator (the secretariat moderates too)."""
        return self.role in {"moderator", "secretariat"} and self._trusted

    @property
    def may_act(self) -> bool:
        """Whether anything beyond reading is open to this actor at all."""
        return self.is_system or (self._trusted and not self.silenced and self.allows("write"))

    @property
    def _trusted(self) -> bool:
        return self.is_system or (self.kind == "person" and self.confirmed and not self.suspended)

    def allows(self, scope: str) -> bool:
        """Whether the token used, if any, reaches that far."""
        return self.scope is None or SCOPES.index(self.scope) >= SCOPES.index(scope)
