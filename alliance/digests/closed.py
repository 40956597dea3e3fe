"""Closed discussions in a digest: title and public summary, as everybody may read them; nothing that was said in them, nor when.

Which of them belong to a period is told by what everybody knows: that they were opened or closed in it, or that their public summary was
written in it. The revision that stood when the digest was compiled is the one it cites. Whether it may still be read is asked anew each time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased, joinedload

from alliance.core import db, i18n
from alliance.core.i18n import gettext as _
from alliance.curating import summaries
from alliance.curating.models import Summary
from alliance.digests.paper import Builder, Group, Paragraph, Said, Summarized
from alliance.discussions.models import Discussion
from alliance.policy import Actor
from alliance.policy.discussion import known

MOST = 60


def gathered(begin: datetime, until: datetime, space_id: int | None) -> list[dict[str, int]]:
    """The closed discussions of a period that have a public summary, each with its newest revision, by their number."""
    later = aliased(Summary)
    newest = select(later.id).where(later.discussion_id == Summary.discussion_id, later.number > Summary.number).exists()
    query = select(Summary).join(Discussion, Discussion.id == Summary.discussion_id)
    query = query.where(Discussion.confided_at.is_not(None), known(Actor.guest(), Discussion), ~newest)
    moments = (Summary.created_at, Discussion.created_at, Discussion.confided_at)
    query = query.where(or_(*((one >= begin) & (one < until) for one in moments)))
    if space_id is not None:
        query = query.where(Discussion.space_id == space_id)
    found = db.session().scalars(query.order_by(Discussion.id).limit(MOST))
    return [{"discussion": row.discussion_id, "summary": row.id} for row in found if row.sentences]


def read(ids: Iterable[int]) -> dict[int, tuple[Summary, dict[int, str]]]:
    """Revisions of public summaries, by their ids, each with the sentences that may still be read, by their places; without those that may not."""
    query = select(Summary).join(Discussion, Discussion.id == Summary.discussion_id).options(joinedload(Summary.discussion))
    rows = db.session().scalars(query.where(Summary.id.in_(sorted(set(ids))), known(Actor.guest(), Discussion)))
    found = {row.id: (row, _readable(row)) for row in rows if summaries.current(row.discussion_id) is not None}
    return {key: one for key, one in found.items() if one[1]}


def _readable(row: Summary) -> dict[int, str]:
    """A sentence goes with the last of the posts it rests on, wherever it is shown."""
    posts = summaries.posts_by_id(row.discussion, {post for one in row.sentences for post in one["posts"]})
    return {place: one["text"] for place, one in enumerate(row.sentences, start=1) if any(post in posts for post in one["posts"])}


def paragraphs(builder: Builder) -> list[Group]:
    """A paragraph of each."""
    rows: list[dict[str, int]] = builder.figures.get("closed") or []
    there = read(row["summary"] for row in rows)
    made = [_paragraph(builder, there.get(row["summary"])) for row in rows]
    return [Group("", paragraphs=made)] if made else []


def _paragraph(builder: Builder, found: tuple[Summary, Mapping[int, str]] | None) -> Paragraph:
    made = builder.paragraph()
    if found is None:
        made.text = _("A statement cited here was since withdrawn by its author or hidden by a moderator, and is retracted.")
        made.summarized = Summarized(0, 0, "", None)
        return made
    row, sentences = found
    discussion = row.discussion
    made.text = _("“%(title)s” is a closed discussion. Its moderators' public summary:", title=f"\u2068{discussion.title}\u2069")
    made.summarized = Summarized(row.id, row.number, discussion.title, discussion.language, dict(sentences))
    made.quoted = [Said(text, row.language, own=False) for text in sentences.values()]
    of_it = _("Moderators' summary, revision %(number)s, %(day)s", number=row.number, day=i18n.format_date(row.created_at))
    made.links = [(f"{builder.base}/d/{discussion.id}/summary#r{row.number}", discussion.title, discussion.language, of_it)]
    return made


def as_dict(paragraph: Paragraph) -> dict[str, Any]:
    """One of them for programs; of one that may not be read any more, its place."""
    one = paragraph.summarized
    if one is None or not one.id:
        return {"number": paragraph.number, "retracted": True, "text": "", "shown": "", "sentences": []}
    said = " ".join(one.sentences.values())
    language = paragraph.quoted[0].language
    return {
        "number": paragraph.number, "retracted": False, "title": one.title, "language": language, "text": said, "shown": said,
        "summary": one.id, "revision": one.revision, "url": paragraph.links[0][0],
        "sentences": [{"place": place, "text": text, "shown": text} for place, text in one.sentences.items()],
    }  # fmt: skip


def redact(entries: Sequence[dict[str, Any]]) -> None:
    """Take out of a signed document what may no longer be read."""
    there = read(one["summary"] for one in entries if "summary" in one)
    for entry in entries:
        if "summary" in entry:
            _redact(entry, there.get(entry["summary"]))


def _redact(entry: dict[str, Any], found: tuple[Summary, Mapping[int, str]] | None) -> None:
    if found is None:
        entry["title"] = entry["salt"] = None
    for one in entry["sentences"]:
        if found is None or one["place"] not in found[1]:
            one["text"] = one["shown"] = one["salt"] = None
    kept = [one["text"] for one in entry["sentences"] if one["text"] is not None]
    entry["text"] = entry["shown"] = " ".join(kept)
    entry["retracted"] = not kept
