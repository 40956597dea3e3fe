"""What is said of a group by whoever founds or runs it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Plan:
    """What is said of a group when it is founded, and may be changed later; texts are Markdown, lines codes of action lines.

    `slug` is chosen only for groups that everybody may know of; `targets` says how many members there should be at least,
    by stakeholder type.
    """

    title: str
    summary: str = ""
    terms: str = ""
    language: str = "en"
    languages: Sequence[str] = ()
    lines: Sequence[str] = ()
    visibility: str = "public"
    joining: str = "open"
    posting: str = "members"
    attribution: str = "named"
    starts_on: date | None = None
    ends_on: date | None = None
    targets: Mapping[str, int] = field(default_factory=dict)
    slug: str = ""
