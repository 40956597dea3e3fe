"""The balance of a discussion: who has spoken by stakeholder type and regional group, and who has not been heard.

Everything comes with the discussion itself (`Discussion.voices`), so a page asks the database for nothing more.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from markupsafe import Markup
from pydantic import Field

from alliance.core import i18n, vocabulary
from alliance.discussions import queries
from alliance.discussions.models import Discussion
from alliance.discussions.voices import Tally
from alliance.web import api, current_actor, pages


@dataclass(frozen=True, slots=True)
class Heard:
    """So many posts of so many people of a stakeholder type, or from a region; `code` None where none was declared."""

    code: str | None
    posts: int
    people: int


@dataclass(frozen=True, slots=True)
class Balance:
    """Who has spoken (in official order, the undeclared last), and which types and regions have not been heard."""

    types: list[Heard]
    types_not_heard: list[str]
    regions: list[Heard]
    regions_not_heard: list[str]


def of(voices: Tally) -> Balance:
    """The balance a discussion's voices make."""
    types, regions = voices.get("types", {}), voices.get("regions", {})
    return Balance(
        _heard(vocabulary.STAKEHOLDER_TYPES, types),
        vocabulary.types_not_heard(types),
        _heard(vocabulary.REGIONS, regions),
        vocabulary.regions_not_heard(regions),
    )


def _heard(codes: Collection[str], counts: Mapping[str, list[int]]) -> list[Heard]:
    return [Heard(code or None, *counts[code]) for code in (*codes, "") if code in counts]


@pages.section("discussion.side", 0)
def side(discussion: Discussion) -> Markup:
    """Beside a discussion: its balance."""
    made = _html(i18n.current_locale(), json.dumps(discussion.voices, sort_keys=True))
    return Markup(made)  # noqa: S704 - made by a template, which escapes


@functools.lru_cache(maxsize=2048)
def _html(_language: str, voices: str) -> str:
    """Made of nothing but the numbers and the language, so it may be kept for whoever reads."""
    found = of(json.loads(voices))
    return pages.fragment(
        "discussions/_balance.html",
        balance=found,
        silent_types=i18n.format_list([vocabulary.stakeholder_label(code) for code in found.types_not_heard]),
        silent_regions=i18n.format_list([vocabulary.region_label(code) for code in found.regions_not_heard]),
    )


class HeardOut(api.Out):
    """Posts and people of a stakeholder type or a region; `code` is null where none was declared."""

    code: str | None
    posts: int
    people: int


class BalanceOut(api.Out):
    """Who has spoken in a discussion, and who has not been heard."""

    types: list[HeardOut] = Field(description="By stakeholder type.")
    types_not_heard: list[str]
    regions: list[HeardOut] = Field(description="By regional group of the United Nations.")
    regions_not_heard: list[str]


@api.get("/discussions/<int:discussion_id>/balance", returns=BalanceOut)
def balance(discussion_id: int) -> BalanceOut:
    """Who has spoken in a discussion, by stakeholder type and region, and who has not been heard."""
    return BalanceOut.model_validate(of(queries.get_discussion(current_actor(), discussion_id).voices))
