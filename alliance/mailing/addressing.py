"""Addresses mail comes in by: of a space, of an answer (bound to a person and a discussion, signed, for 90 days), of a bounce.

    c5@…                        opens a discussion in a space
    r.<person>.<discussion>.<when>.<seal>@…    answers in a discussion, from one person
    q.<person>.<item>.<when>.<seal>@…          decides about what waits in the review queue, from one person, for two weeks
    b.<mail>.<seal>@…           where a mail that cannot be delivered comes back to (VERP)

Nothing is stored for them; capitals do not matter, for servers on the way may change them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from alliance.core import clock, settings, tokens

LIFE = timedelta(days=90)
REVIEW_LIFE = timedelta(days=14)
COMMANDS = ("alliance", "help", "commands")
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_NUMBER = re.compile(r"[0-9a-z]{1,12}")


@dataclass(frozen=True, slots=True)
class Target:
    """What an address of ours means.

    Attributes:
        kind: reply, review, space, bounce, command, or "" for an address that is none.
        address: the whole of it.
        person_id: whose reply address it is.
        number: of the discussion, of the item of the queue, or of the mail that came back.
        code: of the space.
        given_at: when a reply address was given out.
    """

    kind: str
    address: str
    person_id: int = 0
    number: int = 0
    code: str = ""
    given_at: datetime | None = None

    @property
    def is_over(self) -> bool:
        """Whether a reply address is too old."""
        return self.given_at is not None and clock.now() - self.given_at > (REVIEW_LIFE if self.kind == "review" else LIFE)


def domain() -> str:
    """The domain mail comes in at."""
    return settings.current().mail_reply_domain


def reply_address(person_id: int, discussion_id: int) -> str:
    """By which a person answers in a discussion."""
    return _sealed("r", person_id, discussion_id, _minutes())


def review_address(person_id: int, item_id: int) -> str:
    """By which a moderator decides about an item of the review queue (0: about several)."""
    return _sealed("q", person_id, item_id, _minutes())


def _minutes() -> int:
    return int((clock.now() - _EPOCH).total_seconds() // 60)


def bounce_address(mail_id: int) -> str:
    """The envelope sender of a mail."""
    return _sealed("b", mail_id)


def space_address(code: str) -> str:
    """By which a discussion is opened in a space."""
    return f"{code}@{domain()}"


def command_address() -> str:
    """Where commands go that are about no space."""
    return f"{COMMANDS[0]}@{domain()}"


def is_ours(address: str) -> bool:
    """Whether mail to an address comes here."""
    return address.rpartition("@")[2].strip().lower() == domain().lower()


def target_of(address: str) -> Target:
    """What an address means; one of another domain, a forged or a mistyped one means nothing."""
    local, _, _host = address.strip().lower().rpartition("@")
    if not is_ours(address):
        return Target("", address)
    kind, *parts = local.split(".")
    if len(parts) == {"r": 4, "q": 4, "b": 2}.get(kind):
        return _unsealed(kind, parts, address)
    if local in COMMANDS:
        return Target("command", address)
    return Target("space", address, code=local) if re.fullmatch(r"[a-z0-9][a-z0-9-]{0,59}", local) else Target("", address)


def _unsealed(kind: str, parts: list[str], address: str) -> Target:
    *numbers, seal = parts
    if not all(_NUMBER.fullmatch(one) for one in numbers) or not tokens.is_seal(seal, f"mail.{kind}", ".".join(numbers)):
        return Target("", address)
    found = [int(one, 36) for one in numbers]
    if kind == "b":
        return Target("bounce", address, number=found[0])
    return Target(
        "review" if kind == "q" else "reply", address, person_id=found[0], number=found[1], given_at=_EPOCH + timedelta(minutes=found[2])
    )


def _sealed(kind: str, *numbers: int) -> str:
    said = ".".join(_base36(one) for one in numbers)
    return f"{kind}.{said}.{tokens.seal(f'mail.{kind}', said)}@{domain()}"


def _base36(number: int) -> str:
    out = ""
    while number or not out:
        number, digit = divmod(number, 36)
        out = _DIGITS[digit] + out
    return out


def post_of_mail(message_id: str) -> int | None:
    """The post a mail of ours was about, by its Message-ID; None when it is not one of ours."""
    found = re.fullmatch(r"post-(\d{1,18})\.\d{1,18}@([^@\s]+)", message_id.lower())
    return int(found[1]) if found and found[2] == domain().lower() else None
