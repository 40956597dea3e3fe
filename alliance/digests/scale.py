"""One scale of counting words: which share of those who took part speaks to a point. Each word is an exact share.

The share is that of the people whose words are on the point among all who spoke in the discussions in which it is made. That
two speak to the same point does not say that they say the same: only one of them is quoted, and the sources stand beside it. Agreement is
told only where people said so by their position.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from alliance.core.i18n import gettext as _

# (word, least share in per cent, least number of people), the largest first.
SCALE = (("general", 90, 5), ("most", 60, 4), ("many", 40, 4), ("several", 25, 3), ("some", 0, 2), ("one", 0, 0))
AGREEING = 2


def word(support: Mapping[str, Any]) -> str:
    """The counting word for a point: one, some, several, many, most or general (agreement: two at least support it, nobody objects)."""
    people, of = int(support.get("people") or 0), int(support.get("of") or 0)
    for name, share, least in SCALE:
        if people >= least and of and people * 100 >= share * of and (name != "general" or _agreed(support.get("positions") or {})):
            return name
    return "one" if people < 2 else "some"


def _agreed(positions: Mapping[str, Any]) -> bool:
    return int(positions.get("support") or 0) + int(positions.get("can_live_with") or 0) >= AGREEING and not positions.get("object")


def phrase(name: str, types: str) -> str:
    """How the point is ascribed: to how many, of which stakeholder types."""
    if not types:
        return {
            "one": _("A participant stated:"), "some": _("Some participants spoke to this; one stated:"),
            "several": _("Several participants spoke to this; one stated:"), "many": _("Many participants spoke to this; one stated:"),
            "most": _("Most participants spoke to this; one stated:"), "general": _("There was general agreement; a participant stated:"),
        }[name]  # fmt: skip
    return {
        "one": _("A participant (%(types)s) stated:", types=types),
        "some": _("Some participants (%(types)s) spoke to this; one stated:", types=types),
        "several": _("Several participants (%(types)s) spoke to this; one stated:", types=types),
        "many": _("Many participants (%(types)s) spoke to this; one stated:", types=types),
        "most": _("Most participants (%(types)s) spoke to this; one stated:", types=types),
        "general": _("There was general agreement (%(types)s); a participant stated:", types=types),
    }[name]


def explained() -> str:
    """The scale in a sentence, for the annex."""
    return _(
        "Counting words are shares of those who spoke in the discussions in which a point was spoken to: “a participant” is one; “some” are two "
        "or more; “several” at least 25 per cent and three people; “many” at least 40 per cent and four; “most” at least 60 per cent and four; "
        "“general agreement” at least 90 per cent and five, with two positions of support and no objection."
    )
