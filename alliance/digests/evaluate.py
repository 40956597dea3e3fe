"""The product's own selection over threads in a file, so that anyone can score it."""

import json
from collections.abc import Iterator
from typing import Any, TextIO

from alliance.core.errors import Invalid
from alliance.core.i18n import gettext as _
from alliance.core.text import detect_language
from alliance.digests.material import Candidate, Source
from alliance.digests.selection import select, select_words

ENOUGH_TO_TELL = 200


def evaluate(lines: TextIO) -> Iterator[dict[str, Any]]:
    """For each thread `{"id","messages":[{"id","author","type"?,"text"}],"budget_words"|"n_points"}` its chosen sentences.

    Raises:
        Invalid: a line is not such a thread; the message names the line.
    """
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            thread = json.loads(line)
            sources = _sources(thread)
            wanted = int(thread["n_points"] if "n_points" in thread else thread["budget_words"])
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Invalid.field("file", _("Line %(number)s is not a thread with messages and a budget.", number=number)) from error
        yield {"id": thread.get("id"), "sentences": _chosen(sources, wanted, flat="n_points" in thread)}


def _sources(thread: dict[str, Any]) -> list[Source]:
    whole = detect_language(" ".join(str(message["text"])[:500] for message in thread["messages"])[:5000]) or "en"
    return [
        Source(
            key=message["id"],
            discussion=0,
            author=str(message.get("author", message["id"])),
            body=str(message["text"]),
            language=message.get("language") or _language(str(message["text"]), whole),
            stakeholder_type=message.get("type"),
        )
        for message in thread["messages"]
    ]


def _language(text: str, whole: str) -> str:
    """Of a text too short to tell, what the thread as a whole is in."""
    return (detect_language(text[:500]) if len(text) >= ENOUGH_TO_TELL else None) or whole


def _chosen(sources: list[Source], wanted: int, *, flat: bool) -> list[dict[str, Any]]:
    found: list[Candidate]
    if flat:
        found = [strand.lead for strand in select(sources, max(0, wanted), whole=True).strands]
    else:
        found = select_words(sources, max(0, wanted))
    return [{"message": one.source.key, "text": one.sentence.text} for one in found]
