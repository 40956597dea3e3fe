"""A digest as PDF, JSON and plain text."""

from __future__ import annotations

import functools
import json
import re
import textwrap
from bisect import bisect_right
from typing import Any

import typst

from alliance.core import i18n, settings, shipped
from alliance.core.i18n import gettext as _
from alliance.digests import closed, queries, scale, wording
from alliance.digests.annex import Table
from alliance.digests.document import build
from alliance.digests.models import Digest, KeyPoint
from alliance.digests.paper import Chapter, Document, Note, Paragraph, Said
from alliance.web.charts import Chart

FORMATS = ("pdf", "docx", "html", "json", "txt")
_HIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufe00-\ufe0f\ufff9-\ufffb]")


def pdf(digest: Digest) -> bytes:
    """The PDF, tagged (PDF/UA-1), in the current language."""
    data = json.dumps(_for_typst(build(digest)), ensure_ascii=False)
    return bytes(_compile(data))


def _compile(data: str) -> bytes:
    made: bytes = typst.compile(
        str(shipped.data("typst", "report.typ")),
        format="pdf",
        root=str(shipped.data("typst")),
        font_paths=[str(shipped.data("fonts"))],
        ignore_system_fonts=True,
        sys_inputs={"data": data},
        pdf_standards=["ua-1"],
    )
    return made


@functools.cache
def _covered() -> tuple[list[int], list[int]]:
    ranges = json.loads(shipped.data("fonts", "coverage.json").read_text(encoding="utf-8"))
    return [first for first, _last in ranges], [last for _first, last in ranges]


def printable(text: str) -> str:
    """The text with what no bundled font can show replaced by U+FFFD, and direction overrides left out: the frame sets directions."""
    firsts, lasts = _covered()
    kept = []
    for character in _HIDDEN.sub("", text):
        place = bisect_right(firsts, ord(character)) - 1
        shown = character.isspace() or character == "\u200d" or (place >= 0 and ord(character) <= lasts[place])
        kept.append(character if shown else "\ufffd")
    return "".join(kept)


def _for_typst(document: Document) -> dict[str, Any]:
    digest = document.digest
    data = {
        "language": i18n.current_locale(),
        "direction": i18n.direction(i18n.current_locale()),
        "symbol": digest.symbol,
        "body": wording.body(),
        "forum": _("Alliance"),
        "title": document.title,
        "subtitle": document.subtitle,
        "distribution": wording.distribution(digest),
        "date": i18n.format_date(digest.signed_at or digest.compiled_at),
        "original": wording.original(digest),
        "year": digest.compiled_at.year,
        "month": digest.compiled_at.month,
        "day": digest.compiled_at.day,
        "labels": {"summary": _("Summary"), "annex": _("Annex"), "method": _("Method"), "contributors": _("Contributors")},
        "summary": document.summary,
        "chapters": [_chapter(chapter) for chapter in document.chapters],
        "tables": [_table(table) for table in document.tables],
        "charts": [_chart(chart) for chart in document.charts],
        "method": document.method,
        "contributors": document.contributors,
    }
    cleaned: dict[str, Any] = _clean(data)
    return cleaned


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, list):
        return [_clean(one) for one in value]
    if isinstance(value, dict):
        return {key: _clean(one) for key, one in value.items()}
    return value


def _chapter(chapter: Chapter) -> dict[str, Any]:
    groups = [
        {
            "title": group.title,
            "letter": group.letter,
            "paragraphs": [_paragraph(one, bold=chapter.name == "proposals") for one in group.paragraphs],
        }
        for group in chapter.groups
    ]
    return {"numeral": chapter.numeral, "title": chapter.title, "groups": groups}


def _paragraph(paragraph: Paragraph, *, bold: bool) -> dict[str, Any]:
    return {
        "number": i18n.format_number(paragraph.number),
        "text": paragraph.text,
        "lead": lead(paragraph),
        "said": [_said(one) for one in paragraph.said if one.text],
        "dir": i18n.direction(paragraph.point.language if paragraph.point else None),
        "quoted": [_said(one) for one in paragraph.quoted],
        "support": paragraph.support,
        "bold": bold,
        "links": [
            {"url": url, "title": title, "lang": lang or "", "dir": i18n.direction(lang), "of": of_it}
            for url, title, lang, of_it in paragraph.links
        ],
    }


def _said(one: Said) -> dict[str, Any]:
    return {
        "text": one.text,
        "lang": one.language or "",
        "dir": i18n.direction(one.language),
        "own": _("[rapporteur]") if one.own else "",
        "notes": [{"text": f"{note.text}.", "url": note.url} for note in one.notes],
    }


def lead(paragraph: Paragraph) -> str:
    """How a quotation is introduced: by the stakeholder types behind it."""
    return wording.lead(paragraph.types, paragraph.point)


def _table(table: Table) -> dict[str, Any]:
    def cells(row: list[Any]) -> list[str]:
        return [cell if isinstance(cell, str) else i18n.format_number(cell) for cell in row]

    return {"caption": table.caption, "head": table.head, "rows": [cells(row) for row in table.rows], "foot": cells(table.foot or [])}


def _chart(chart: Chart) -> dict[str, Any]:
    bars = [
        {"label": one.label, "number": i18n.format_number(one.number), "share": share, "kind": one.kind}
        for one, share in zip(chart.bars, chart.shares, strict=True)
    ]
    return {"title": chart.title, "bars": bars}


def as_dict(digest: Digest) -> dict[str, Any]:
    """The digest for programs. Of a statement retracted since, nothing but its place is given."""
    document = build(digest)
    return {
        "id": digest.id,
        "url": f"{settings.current().base_url}/digests/{digest.id}",
        "symbol": digest.symbol,
        "title": document.title,
        "status": digest.status,
        "space": digest.space.code if digest.space else None,
        "from": digest.period_start.isoformat(),
        "to": digest.period_end.isoformat(),
        "compiled_at": digest.compiled_at.isoformat(),
        "version": digest.version,
        "edition": digest.edition,
        "corrects": digest.corrects.symbol if digest.corrects else None,
        "signed_at": digest.signed_at.isoformat() if digest.signed_at else None,
        "transmitted_at": digest.transmitted_at.isoformat() if digest.transmitted_at else None,
        "summary": document.summary,
        "chapters": [_contents(chapter) for chapter in document.chapters],
        "points": [
            _point(one, one.point) for chapter in document.chapters for group in chapter.groups for one in group.paragraphs if one.point
        ],
        "closed": [closed.as_dict(p) for one in document.chapters for group in one.groups for p in group.paragraphs if p.summarized],
        "figures": {name: value for name, value in digest.figures.items() if name != "closed"}
        | {name: [row for row in digest.figures[name] if row["discussion"] in shown] for name, shown in _shown(digest)},
        "settings": digest.settings,
        "method": document.method,
        "scale": [{"word": name, "per_cent": share, "people": least} for name, share, least in scale.SCALE],
    }


def _contents(chapter: Chapter) -> dict[str, Any]:
    """A chapter by the numbers of its paragraphs; the words of those that are no key points."""
    groups = [
        {
            "letter": one.letter,
            "title": one.title,
            "paragraphs": [{"number": p.number, "text": "" if p.point or p.summarized else p.text} for p in one.paragraphs],
        }
        for one in chapter.groups
    ]
    return {"numeral": chapter.numeral, "name": chapter.name, "title": chapter.title, "groups": groups}


def _shown(digest: Digest) -> list[tuple[str, set[int]]]:
    listed = {name: {row["discussion"] for row in digest.figures[name]} for name in ("active", "unanswered")}
    visible = set(queries.discussions_by_id(set().union(*listed.values())))
    return [(name, ids & visible) for name, ids in listed.items()]


def _point(paragraph: Paragraph, point: KeyPoint) -> dict[str, Any]:
    if paragraph.retracted:
        return {"number": paragraph.number, "section": point.section, "retracted": True}
    return {
        "number": paragraph.number,
        "section": point.section,
        "space": point.space.code if point.space else None,
        "retracted": False,
        "text": " ".join(str(one["text"]) for one, said in zip(point.sentences, paragraph.said, strict=True) if said.text),
        "shown": paragraph.quote,
        "sentences": [_sentence(str(kept["text"]), one) for kept, one in zip(point.sentences, paragraph.said, strict=True)],
        "language": point.language,
        "support": point.support,
        "reasons": point.reasons,
        "citations": [_citation(note) for note in paragraph.notes],
    }


def _sentence(text: str, one: Said) -> dict[str, Any]:
    kept = text if one.text else None
    return {"text": kept, "shown": one.text or None, "language": one.language, "own": one.own, "notes": [n.number for n in one.notes]}


def _citation(note: Note) -> dict[str, Any]:
    cited = note.citation
    return {
        "note": note.number,
        "post_id": cited.post_id,
        "revision": cited.revision,
        "start": cited.start,
        "end": cited.end,
        "quote": cited.quote,
        "sha256": cited.hash,
        "url": note.url,
        "stakeholder_type": cited.stakeholder_type,
        "organization": cited.organization,
        "country": cited.country,
        "date": cited.posted_at.date().isoformat(),
    }


def text(digest: Digest) -> str:
    """The digest as plain text, for mail and for whoever reads without a browser."""
    document = build(digest)
    lines = [
        digest.symbol,
        i18n.format_date(digest.compiled_at),
        "",
        *_wrap(document.title),
        *_wrap(document.subtitle),
        "",
        _("Summary"),
        "",
    ]
    for line in document.summary:
        lines += [*_wrap(line, "  "), ""]
    notes: list[Note] = []
    for chapter in document.chapters:
        lines += ["", f"{chapter.numeral}. {chapter.title}", ""]
        for group in chapter.groups:
            lines += [f"{group.letter}. {group.title}", ""] if group.title else []
            for paragraph in group.paragraphs:
                lines += [*_plain(paragraph), ""]
                notes += paragraph.notes
    for heading, body in ((_("Notes"), [f"[{one.number}] {one.text}. {one.url}" for one in notes]), (_("Method"), document.method),
                          (_("Contributors"), document.contributors)):  # fmt: skip
        lines += ["", heading, "", *(line for one in body for line in _wrap(one))] if body else []
    return "\n".join(lines) + "\n"


def _plain(paragraph: Paragraph) -> list[str]:
    if not paragraph.quote:  # plain words
        also = {url: f" {url}" if paragraph.summarized else "" for url, *_more in paragraph.links}
        links = [line for url, title, _lang, of_it in paragraph.links for line in _wrap(f"- {title} ({of_it or url}){also[url]}", "    ")]
        quoted = [line for one in paragraph.quoted for line in _wrap(one.text, "    ")]
        return [*_wrap(f"{paragraph.number}. {paragraph.text}"), *quoted, *links]
    lines = _wrap(f"{paragraph.number}. {lead(paragraph)}")
    for one in paragraph.said:
        marks = "".join(f"[{note.number}]" for note in one.notes)
        if one.text:
            lines += _wrap(f"{one.text} {_('[rapporteur]')} {marks}" if one.own else f"“{one.text}” {marks}", "    ")
    return [*lines, *_wrap(paragraph.support, "    ")]


def _wrap(line: str, indent: str = "") -> list[str]:
    return textwrap.wrap(line, 78, initial_indent=indent, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False) or [""]
