"""A digest as a document in the language of the reader: chapters, numbered paragraphs, footnotes, tables.

One source for the page, the PDF, the plain text and the JSON. Whether a cited post may still be read is asked anew
each time: what was since hidden or withdrawn stands here as retracted, and its text nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from alliance.core import i18n, settings
from alliance.core.i18n import gettext as _
from alliance.digests import annex, queries, wording
from alliance.digests.annex import Table
from alliance.digests.models import SECTIONS, Citation, Digest, KeyPoint
from alliance.discussions.models import Discussion
from alliance.groups.models import Space
from alliance.proceedings import queries as proceedings

NUMERALS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X")


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


@dataclass(slots=True)
class Paragraph:
    """A numbered paragraph: plain words, or the sentences of a key point with what they rest on."""

    number: int
    text: str = ""
    point: KeyPoint | None = None
    said: list[Said] = field(default_factory=list)
    support: str = ""
    types: list[tuple[str, int]] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    links: list[tuple[str, str, str | None, str]] = field(default_factory=list)  # address, title, language, what of it

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
    method: list[str] = field(default_factory=list)
    contributors: list[str] = field(default_factory=list)


def _first(gone: Iterable[bool]) -> bool:
    """A quotation is that of the post it cites first."""
    return next(iter(gone))


class _Builder:
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
        self.paragraphs += 1
        return Paragraph(self.paragraphs, text)

    def key_point(self, point: KeyPoint) -> Paragraph:
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
        self.notes += 1
        discussion = self.discussions.get(cited.post.discussion_id)
        url = f"{self.base}/p/{cited.post_id}"
        if cited.post.revision != cited.revision:
            url += f"/history#revision-{cited.revision}"
        text = wording.citation(cited, discussion.title if discussion else "")
        return Note(self.notes, cited, text, url, f"#{cited.post.number}")

    def points(self, section: str) -> list[Group]:
        groups: dict[int | None, Group] = {}
        for point in self.digest.points:
            if point.section == section:
                space = self.spaces.get(point.space_id or 0)
                title = wording.space_title(space) if space and self.digest.space_id is None else ""
                groups.setdefault(point.space_id, Group(title)).paragraphs.append(self.key_point(point))
        for letter, group in zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", groups.values(), strict=False):
            group.letter = letter if group.title else ""
        return list(groups.values())

    def former(self) -> list[Group]:
        """What became of the points of the last digest; and what a rapporteur says of it."""
        told: dict[str, Any] = self.figures.get("former") or {}
        points = queries.points_by_id(row["point"] for row in told.get("points", []))
        seen = queries.still_visible(one.post_id for point in points.values() for one in point.citations)
        made = []
        for row in told.get("points", []):
            point = points.get(row["point"])
            if point is not None and point.citations and point.citations[0].post_id in seen:
                made.append(self.paragraph(wording.followed(told["symbol"], wording.shown(point.text), row["posts"])))
        own = [paragraph for group in self.points("former") for paragraph in group.paragraphs]
        return [Group("", paragraphs=[*made, *own])] if made or own else []

    def polls(self) -> list[Group]:
        """Polls whose result everybody may see."""
        rows: list[dict[str, Any]] = self.figures.get("polls") or []
        there = queries.polls_by_post(row["post"] for row in rows)
        made = []
        for row in rows:
            poll = there.get(row["post"])
            if poll is not None:
                paragraph = self.paragraph(wording.poll(poll.question, poll.options, row["votes"], row["voters"]))
                paragraph.links = [(f"{self.base}/p/{poll.post_id}", _("The poll"), None, "")]
                made.append(paragraph)
        return [Group("", paragraphs=made)] if made else []

    def links(self, name: str) -> list[tuple[str, str, str | None, str]]:
        found = []
        for row in self.figures[name]:
            discussion = self.discussions.get(row["discussion"])
            if discussion is not None:
                of_it = wording.activity(row) if name == "active" else ""
                found.append((f"{self.base}/d/{discussion.id}/{discussion.slug}", discussion.title, discussion.language, of_it))
        return found

    def consensus(self) -> list[Group]:
        """What working groups were asked to agree to: the text, the answers, and every objection with its stakeholder type."""
        paragraphs = []
        for call in proceedings.public_calls(self.figures.get("consensus", [])):
            made = self.paragraph(wording.consensus(call))
            made.links = [(f"{self.base}/consensus/{call.id}", call.discussion.title, call.discussion.language, "")]
            paragraphs.append(made)
            paragraphs += [self.paragraph(wording.objection(one)) for one in call.result["objections"]]
        return [Group("", paragraphs=paragraphs)] if paragraphs else []


def build(digest: Digest) -> Document:
    """The document of a digest, in the current language."""
    builder = _Builder(digest)
    space = builder.spaces.get(digest.space_id or 0)
    period = _("%(start)s to %(end)s", start=i18n.format_date(digest.period_start), end=i18n.format_date(digest.period_end))
    document = Document(
        digest=digest,
        title=wording.title(space),
        subtitle=_("Digest of the discussions in the period from %(start)s to %(end)s",
                   start=i18n.format_date(digest.period_start), end=i18n.format_date(digest.period_end)),
        period=period,
        summary=wording.summary(digest),
    )  # fmt: skip
    for name, title, groups in _chapters(builder):
        if groups:
            document.chapters.append(Chapter(NUMERALS[len(document.chapters)], name, title, groups))
    document.tables = annex.tables(builder.figures, builder.spaces)
    document.method = wording.method(digest)
    document.contributors = [wording.contributor(row) for row in digest.figures["contributors"]]
    return document


def by_point(digest: Digest) -> dict[int, Paragraph]:
    """Every paragraph, used or not, by its key point."""
    builder = _Builder(digest)
    return {point.id: builder.key_point(point) for point in digest.gathered}


def section_titles() -> dict[str, str]:
    """The titles of the chapters that hold key points."""
    return {
        "discussed": _("What was discussed"),
        "convergence": _("Points of convergence"),
        "divergence": _("Points of divergence"),
        "proposals": _("Proposals and recommendations"),
        "requests": _("Requests and open questions"),
        "former": _("What became of the points of the last digest"),
    }


def unused_of(digest: Digest) -> list[Paragraph]:
    """What was gathered and not used, numbered by itself."""
    builder = _Builder(digest)
    return [builder.key_point(point) for point in digest.unused]


def _chapters(builder: _Builder) -> list[tuple[str, str, list[Group]]]:
    titles = section_titles()
    found = [
        (
            "introduction",
            _("Introduction"),
            [Group("", paragraphs=[builder.paragraph(text) for text in wording.introduction(builder.digest)])],
        )
    ]
    found += [(name, titles[name], builder.points(name)) for name in SECTIONS if name != "former"]
    found += [("former", titles["former"], builder.former()), ("polls", _("Polls"), builder.polls())]
    found.append(("consensus", _("Consensus calls"), builder.consensus()))
    for name, title, text in (
        ("active", _("Most active discussions"), _("The discussions with the most contributions in the period were:")),
        ("unanswered", _("Awaiting an answer"), _("The following discussions opened in the period have had no reply:")),
    ):
        links = builder.links(name)
        if links:
            paragraph = builder.paragraph(text)
            paragraph.links = links
            found.append((name, title, [Group("", paragraphs=[paragraph])]))
    heard = [builder.paragraph(text) for text in wording.not_heard(builder.figures)] if builder.figures["posts"] else []
    found.append(("participation", _("Who took part and who was not heard"), [Group("", paragraphs=heard)] if heard else []))
    return found
