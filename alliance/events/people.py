"""Who signs in, and for whom they speak."""

from __future__ import annotations

from dataclasses import dataclass

from alliance.core.outbox import declare


@declare
@dataclass(frozen=True, slots=True)
class PersonRegistered:
    """Somebody asked for an account; the address is not confirmed yet."""

    person_id: int


@declare
@dataclass(frozen=True, slots=True)
class ConfirmationRequested:
    """A link that confirms an address is to be sent."""

    person_id: int


@declare
@dataclass(frozen=True, slots=True)
class AddressProven:
    """Somebody used a link that was mailed to the address of their account, for the first time."""

    person_id: int


@declare
@dataclass(frozen=True, slots=True)
class RegistrationRepeated:
    """Somebody tried to register an address that has an account: its owner is told, the page says nothing."""

    person_id: int


@declare
@dataclass(frozen=True, slots=True)
class PasswordResetRequested:
    """A link to choose a new password is to be sent."""

    person_id: int


@declare
@dataclass(frozen=True, slots=True)
class PersonChanged:
    """Name, stakeholder type, role, suspension … of a person changed."""

    person_id: int


@declare
@dataclass(frozen=True, slots=True)
class PersonSignedOut:
    """A person ended a session on some device."""

    person_id: int


@declare
@dataclass(frozen=True, slots=True)
class AccountAltered:
    """Something a person must hear of by mail, in case it was not them."""

    person_id: int
    what: str  # password, token, two-step, key, link, archive, closing, role


@declare
@dataclass(frozen=True, slots=True)
class ArchiveAsked:
    """A person wants an archive of what is kept of them."""

    archive_id: int


@declare
@dataclass(frozen=True, slots=True)
class AccountClosed:
    """Somebody's account was closed: nothing of them is left in it; what is left of them elsewhere is to go."""

    person_id: int


@declare
@dataclass(frozen=True, slots=True)
class TokenRevoked:
    """An API token of a person no longer works."""

    person_id: int


@declare
@dataclass(frozen=True, slots=True)
class AffiliationDeclared:
    """A person says to speak for an organization."""

    affiliation_id: int
    person_id: int


@declare
@dataclass(frozen=True, slots=True)
class AffiliationDecided:
    """The secretariat verified or refused an affiliation."""

    affiliation_id: int
    person_id: int


@declare
@dataclass(frozen=True, slots=True)
class PersonJudged:
    """Moderators decided something about a person (`how`: taken), took it back (ended), did not grant an
    appeal (refused), or took back what was decided about an appeal, which waits again (reopened)."""

    measure_id: int
    person_id: int
    how: str
