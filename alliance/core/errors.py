"""What can go wrong in a way a person can be told about; `web` turns these into pages and problem details."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Self


class AllianceError(Exception):
    """Base of every error with a sentence meant for the person who caused it."""


class NotFound(AllianceError):
    """The thing does not exist, or the actor may not see it: the two are never told apart."""


class Moved(NotFound):
    """The thing is elsewhere now.

    Args:
        old: its id.
        new: the id of what it is part of now.
    """

    def __init__(self, old: int, new: int) -> None:
        super().__init__()
        self.old, self.new = old, new


class Refused(AllianceError):
    """The actor may see the thing but not do this to it; the argument is the sentence shown."""


class Conflict(AllianceError):
    """Somebody else changed the thing meanwhile; the argument says what to do."""


class TooMany(AllianceError):
    """A limit was reached.

    Args:
        retry_after: seconds until it is worth trying again.
        sentence: what to say, where more is known than that.
    """

    def __init__(self, retry_after: int, sentence: str = "") -> None:
        super().__init__(sentence or f"try again in {retry_after} s")
        self.retry_after, self.sentence = retry_after, sentence


class Invalid(AllianceError):
    """Input that cannot be taken: messages by field name ("" for the whole)."""

    def __init__(self, errors: Mapping[str, Sequence[str]]) -> None:
        self.errors = {field: list(messages) for field, messages in errors.items()}
        super().__init__("; ".join(m for messages in self.errors.values() for m in messages))

    @classmethod
    def field(cls, name: str, message: str) -> Self:
        """An error of one field."""
        return cls({name: [message]})


class TooLarge(Invalid):
    """What was sent is larger than it may be."""


class SettingsError(AllianceError):
    """The environment holds a setting that cannot be used."""
