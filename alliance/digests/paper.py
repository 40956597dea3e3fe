"""What a document consists of, and the setting of key points into it: numbered paragraphs, sentences, footnotes.

Whether a cited post may still be read is asked anew each time: what was since hidden or withdrawn stands here as
retracted, and its text nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from alliance.core import settings
from alliance.core.i18n import gettext as _
from alliance.digests import queries, wording
from alliance.digests.annex import Table
from alliance.digests.models import Citation, Digest, KeyPoint
from alliance.discussions.models import Discussion
from alliance.groups.models import Space
from alliance.web.charts import Chart


@dataclass(slots=True)
class Note:
    """A footnote: which post, in which capacity, when."""

    number: int
    citation: Citation
    text: str
    url: str
    label: str


@dataclass(slots=True)
class Said:
    """A sentence of a key point: a quotation, or (`own`) the rapporteur's; `text` is empty when it is retracted."""

    text: str
    language: str | None
    own: bool
    notes: list[Note] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Summarized:
    """The public summary of a closed discussion, in a revision (`id`: 0 where it may not be read any more), its sentences by their places."""

    id: int
    revision: int
    title: str
    language: str | None
    sentences: dict[int, str] = field(default_factory=dict)


@dataclass(slots=True)
class Paragraph:
    """A numbered paragraph: plain words, perhaps with sentences `quoted` under them, or the sentences of a key point with what they rest on."""

    number: int
    text: str = ""
    point: KeyPoint | None = None
    said: list[Said] = field(default_factory=list)
    support: str = ""
    types: list[tuple[str, int]] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    links: list[tuple[str, str, str | None, str]] = field(default_factory=list)  # address, title, language, what of it
    quoted: list[Said] = field(default_factory=list)
    summarized: Summarized | None = None

    @property
    def notes(self) -> list[Note]:
        """Its footnotes."""
        return [note for one in self.said for note in one.notes]

    @property
    def quote(self) -> str:
        """All its sentences."""
        return " ".join(one.text for one in self.said if one.text)

    @property
    def retracted(self) -> bool:
        """Whether nothing of it may be read any more."""
        return self.point is not None and not self.quote


@dataclass(slots=True)
class Group:
    """Paragraphs under a lettered heading ("" for none)."""

    title: str
    letter: str = ""
    paragraphs: list[Paragraph] = field(default_factory=list)


@dataclass(slots=True)
class Chapter:
    """A chapter with its Roman numeral."""

    numeral: str
    name: str
    title: str
    groups: list[Group] = field(default_factory=list)


@dataclass(slots=True)
class Document:
    """A digest, ready to be set."""

    digest: Digest
    title: str
    subtitle: str
    period: str
    summary: list[str]
    chapters: list[Chapter] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    charts: list[Chart] = field(default_factory=list)
    method: list[str] = field(default_factory=list)
    contributors: list[str] = field(default_factory=list)


def _first(gone: Iterable[bool]) -> bool:
    """A quotation is that of the post it cites first."""
    return next(iter(gone))


class Builder:
    """Numbers paragraphs and footnotes as they come."""

    def __init__(self, digest: Digest) -> None:
        self.digest = digest
        self.figures: dict[str, Any] = digest.figures
        self.spaces: Mapping[int, Space] = queries.spaces_by_id()
        self.readable = queries.still_visible(one.post_id for point in digest.gathered for one in point.citations)
        cited = {one.post.discussion_id for point in digest.gathered for one in point.citations}
        listed = {row["discussion"] for name in ("active", "unanswered") for row in self.figures[name]}
        self.discussions: Mapping[int, Discussion] = queries.discussions_by_id(cited | listed)
        self.base = settings.current().base_url
        self.paragraphs = 0
        self.notes = 0

    def paragraph(self, text: str = "") -> Paragraph:
        """The next paragraph."""
        self.paragraphs += 1
        return Paragraph(self.paragraphs, text)

    def key_point(self, point: KeyPoint) -> Paragraph:
        """A key point as a paragraph: what may still be read of it."""
        made = self.paragraph()
        made.point = point
        made.said = [self.said(point, place, one) for place, one in enumerate(point.sentences, start=1)]
        if made.retracted:
            made.text = _("A statement cited here was since withdrawn by its author or hidden by a moderator, and is retracted.")
            return made
        made.types = [(kind, int(n)) for kind, n in wording.in_order(point.support["by_type"])]
        made.support = wording.support(point.support)
        made.reasons = [wording.reason(one) for one in point.reasons]
        return made

    def said(self, point: KeyPoint, place: int, sentence: Mapping[str, Any]) -> Said:
        """A sentence, unless what it rests on may no longer be read."""
        cited = point.cited(place)
        own = bool(sentence["own"])
        gone = bool(cited) and (all if own else _first)(one.post_id not in self.readable for one in cited)
        shown = "" if gone else str(sentence["text"]) if own else wording.shown(str(sentence["text"]))
        notes = [] if gone else [self.note(one) for one in cited if one.post_id in self.readable]
        return Said(shown, sentence["language"], own, notes)

    def note(self, cited: Citation) -> Note:
        """The next footnote."""
        self.notes += 1
        discussion = self.discussions.get(cited.post.discussion_id)
        url = f"{self.base}/p/{cited.post_id}"
        if cited.post.revision != cited.revision:
            url += f"/history#revision-{cited.revision}"
        text = wording.citation(cited, discussion.title if discussion else "")
        return Note(self.notes, cited, text, url, f"#{cited.post.number}")

    def points(self, section: str) -> list[Group]:
        """The key points of a section, by space."""
        groups: dict[int | None, Group] = {}
        for point in self.digest.points:
            if point.section == section:
                space = self.spaces.get(point.space_id or 0)
                title = wording.space_title(space) if space and self.digest.space_id is None else ""
                groups.setdefault(point.space_id, Group(title)).paragraphs.append(self.key_point(point))
        for letter, group in zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", groups.values(), strict=False):
            group.letter = letter if group.title else ""
        return list(groups.values())
