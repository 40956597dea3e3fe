"""A digest as DOCX in the manner of a report of the Secretary-General: real styles, numbering and footnotes, both directions."""

from __future__ import annotations

import io
import re
from typing import Any

import docx
from docx.document import Document as Docx
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor

from alliance.core import i18n
from alliance.core.i18n import gettext as _
from alliance.digests import wording
from alliance.digests.annex import Table
from alliance.digests.document import build
from alliance.digests.footnotes import Footnotes
from alliance.digests.models import Digest
from alliance.digests.paper import Chapter, Document, Paragraph, Said

_NOT_XML = re.compile("[^\t\n\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u202a-\u202e\u2066-\u2069]")
_LEVELS = (("upperRoman", "%1.", "Heading1"), ("upperLetter", "%2.", "Heading2"))
_CODES = {"ar": "ar-SA", "zh": "zh-CN", "en": "en-GB", "fr": "fr-FR", "ru": "ru-RU", "es": "es-ES"}
HEADINGS, PARAGRAPHS = 90, 91  # numbers of our two lists


def docx_of(digest: Digest) -> bytes:
    """The DOCX, in the current language."""
    return _Writer(build(digest)).write()


class _Writer:
    """Writes a document part by part."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.language = i18n.current_locale()
        self.rtl = i18n.direction(self.language) == "rtl"
        self.file: Docx = docx.Document()
        _styles(self.file, self.language)
        _numbering(self.file)
        self.notes = Footnotes(self.file, right_to_left=self.rtl)

    def write(self) -> bytes:
        self._properties()
        self._masthead()
        for chapter in self.document.chapters:
            self._chapter(chapter)
        self._annex()
        out = io.BytesIO()
        self.file.save(out)
        return out.getvalue()

    def _properties(self) -> None:
        core, section = self.file.core_properties, self.file.sections[0]
        core.title, core.author, core.language = self.document.title[:255], wording.body(), self.language
        core.subject, core.keywords, core.comments = self.document.subtitle[:255], self.document.digest.symbol, ""
        core.created = core.modified = self.document.digest.compiled_at.replace(tzinfo=None)
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.left_margin = section.right_margin = Mm(27)
        if self.rtl:
            section._sectPr.insert_element_before(OxmlElement("w:bidi"), "w:rtlGutter", "w:docGrid")
        header = section.header.paragraphs[0]
        self._run(header, self.document.digest.symbol, ltr=True)
        header.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        footer = section.footer.paragraphs[0]
        footer.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        for kind in ("begin", None, "end"):
            footer.add_run()._r.append(_field(kind))

    def _masthead(self) -> None:
        digest = self.document.digest
        head = self._table(1, 2)
        self._run(head.cell(0, 0).paragraphs[0], wording.body())
        self._run(head.cell(0, 1).paragraphs[0], digest.symbol, bold=True, ltr=True)
        facts = [wording.distribution(digest), i18n.format_date(digest.signed_at or digest.compiled_at), wording.original(digest)]
        for fact in facts:
            self._say(head.cell(0, 1).add_paragraph(), fact)
        self._say(self.file.add_paragraph(style="Title"), self.document.title)
        self._say(self.file.add_paragraph(style="Subtitle"), self.document.subtitle)
        box = self._table(1, 1)
        box.style = "Table Grid"
        first = box.cell(0, 0).paragraphs[0]
        first.alignment = WD_ALIGN_PARAGRAPH.CENTER
        self._say(first, _("Summary"), italic=True)
        for line in self.document.summary:
            self._say(box.cell(0, 0).add_paragraph(), line)

    def _chapter(self, chapter: Chapter) -> None:
        self._say(self.file.add_paragraph(style="Heading 1"), chapter.title)
        for group in chapter.groups:
            if group.title:
                self._say(self.file.add_paragraph(style="Heading 2"), group.title)
            for paragraph in group.paragraphs:
                self._paragraph(paragraph, bold=chapter.name == "proposals")

    def _paragraph(self, paragraph: Paragraph, *, bold: bool) -> None:
        made = self.file.add_paragraph(style="Numbered Paragraph")
        self._say(made, wording.lead(paragraph.types, paragraph.point) if paragraph.said and not paragraph.retracted else paragraph.text)
        for one in (*paragraph.said, *paragraph.quoted):
            if one.text:
                self._said(one, bold=bold)
        if paragraph.support:
            self._say(self.file.add_paragraph(style="Support"), paragraph.support)
        for url, title, language, of_it in paragraph.links:
            item = self.file.add_paragraph(style="List Bullet")
            self._direct(item, self.rtl)
            self._link(item, title, url, language)
            if of_it:
                self._run(item, f" ({of_it})")

    def _said(self, one: Said, *, bold: bool) -> None:
        """A sentence in its own language and direction, with its footnotes."""
        made = self.file.add_paragraph(style="Statement")
        rtl = i18n.direction(one.language) == "rtl" if one.language else self.rtl
        self._direct(made, rtl)
        self._run(made, one.text, bold=bold, language=one.language, rtl=rtl)
        if one.own:
            self._run(made, f" {_('[rapporteur]')}", italic=True)
        for place, note in enumerate(one.notes):
            if place:  # marks beside each other are told apart: 1, 2, not 12
                made.add_run(", ", style="Footnote Reference")
            self.notes.add(made, _clean(f"{note.text}."), note.url)

    def _annex(self) -> None:
        heading = self.file.add_paragraph(style="Annex Heading")
        heading.paragraph_format.page_break_before = True
        self._say(heading, _("Annex"))
        for table in self.document.tables:
            self._say(self.file.add_paragraph(style="Annex Subheading"), table.caption)
            self._figures(table)
        for title, lines in ((_("Method"), self.document.method), (_("Contributors"), self.document.contributors)):
            if lines:
                self._say(self.file.add_paragraph(style="Annex Subheading"), title)
            for line in lines:
                self._say(self.file.add_paragraph(), line)

    def _figures(self, table: Table) -> None:
        rows = [table.head, *table.rows, *([table.foot] if table.foot else [])]
        made = self._table(len(rows), len(table.head))
        made.style = "Table Grid"
        _repeat(made.rows[0])
        for cells, row in zip(made.rows, rows, strict=True):
            for cell, value in zip(cells.cells, row, strict=True):
                self._say(cell.paragraphs[0], value if isinstance(value, str) else i18n.format_number(value), bold=row is table.head)
                cell.paragraphs[0].style = "Table Text"

    def _table(self, rows: int, columns: int) -> Any:
        made = self.file.add_table(rows, columns)
        if self.rtl:
            made._tblPr.insert(1, OxmlElement("w:bidiVisual"))  # behind the style, as the schema has it
        return made

    def _say(self, paragraph: Any, text: str, *, bold: bool = False, italic: bool = False) -> None:
        """A paragraph in the language of the document."""
        self._direct(paragraph, self.rtl)
        self._run(paragraph, text, bold=bold, italic=italic)

    @staticmethod
    def _direct(paragraph: Any, rtl: bool) -> None:
        if rtl:
            behind = ("w:adjustRightInd", "w:snapToGrid", "w:spacing", "w:ind", "w:contextualSpacing", "w:jc", "w:rPr", "w:sectPr")
            paragraph._p.get_or_add_pPr().insert_element_before(OxmlElement("w:bidi"), *behind)

    def _run(
        self,
        paragraph: Any,
        text: str,
        *,
        bold: bool = False,
        italic: bool = False,
        language: str | None = None,
        rtl: bool | None = None,
        ltr: bool = False,
    ) -> None:
        run = paragraph.add_run(_clean(text))
        right = not ltr and (self.rtl if rtl is None else rtl)
        if bold:
            run.bold = run.font.cs_bold = True
        if italic:
            run.italic = run.font.cs_italic = True
        run.font.rtl = right or None
        run._r.get_or_add_rPr().append(_language(language or self.language))

    def _link(self, paragraph: Any, text: str, url: str, language: str | None) -> None:
        link = OxmlElement("w:hyperlink")
        link.set(qn("r:id"), self.file.part.relate_to(url, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
        self._run(paragraph, text, language=language)
        run = paragraph.runs[-1]._r
        paragraph._p.remove(run)
        link.append(run)
        paragraph._p.append(link)


def _clean(text: str) -> str:
    """What XML can hold, without direction overrides: paragraphs set the direction."""
    return _NOT_XML.sub("", text)


def _language(code: str) -> Any:
    made, tag = OxmlElement("w:lang"), _CODES.get(code, code)
    attribute = {"ar": "w:bidi", "zh": "w:eastAsia"}.get(code, "w:val")
    made.set(qn(attribute), tag)
    return made


def _field(kind: str | None) -> Any:
    """The number of the page, in three parts."""
    if kind is None:
        made = OxmlElement("w:instrText")
        made.text = "PAGE"
        return made
    made = OxmlElement("w:fldChar")
    made.set(qn("w:fldCharType"), kind)
    return made


def _repeat(row: Any) -> None:
    """The head of a table, again on every page."""
    properties = row._tr.get_or_add_trPr()
    properties.append(OxmlElement("w:tblHeader"))


def _styles(file: Docx, language: str) -> None:
    made = {
        "Numbered Paragraph": (10.5, 0), "Statement": (10.5, 9), "Support": (9, 9), "Annex Heading": (14, 0),
        "Annex Subheading": (11, 0), "Table Text": (8, 0),
    }  # fmt: skip
    normal = file.styles["Normal"]
    normal.font.name, normal.font.size = "Times New Roman", Pt(10.5)
    normal.element.get_or_add_rPr().append(_language(language))
    for name, (size, indent) in made.items():
        style = file.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style, style.font.size = normal, Pt(size)
        style.paragraph_format.left_indent = Mm(indent) if indent else None
        style.font.bold = name.startswith("Annex") or None
    for name in ("Title", "Subtitle", "Heading 1", "Heading 2"):
        style = file.styles[name]
        style.font.color.rgb, style.font.name = RGBColor(0, 0, 0), "Times New Roman"
        style.font.bold = True
        for fonts in style.element.iter(qn("w:rFonts")):
            for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
                fonts.attrib.pop(qn(f"w:{theme}"), None)
    file.styles["Title"].font.size = Pt(16)
    file.styles["Subtitle"].font.size = Pt(11.5)
    _note_styles(file)


def _note_styles(file: Docx) -> None:
    text = file.styles.add_style("footnote text", WD_STYLE_TYPE.PARAGRAPH)
    text.base_style, text.font.size = file.styles["Normal"], Pt(8)
    mark = file.styles.add_style("Footnote Reference", WD_STYLE_TYPE.CHARACTER)
    mark.font.superscript = True
    link = file.styles.add_style("Hyperlink", WD_STYLE_TYPE.CHARACTER)
    link.font.underline, link.font.color.rgb = True, RGBColor(0x1A, 0x44, 0x80)
    for style, wanted in ((text, "FootnoteText"), (mark, "FootnoteReference"), (link, "Hyperlink")):
        style.element.set(qn("w:styleId"), wanted)


def _numbering(file: Docx) -> None:
    """Chapters in Roman numerals, sections in letters; paragraphs numbered through the whole document."""
    numbering = file.part.numbering_part.element
    levels = "".join(
        f'<w:lvl w:ilvl="{n}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:pStyle w:val="{style}"/><w:lvlText w:val="{text}"/>'
        f'<w:lvlJc w:val="start"/><w:pPr><w:ind w:start="567" w:hanging="567"/></w:pPr></w:lvl>'
        for n, (form, text, style) in enumerate(_LEVELS)
    )
    through = (
        '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:pStyle w:val="NumberedParagraph"/><w:lvlText w:val="%1."/>'
        '<w:lvlJc w:val="start"/><w:pPr><w:ind w:start="510" w:hanging="510"/></w:pPr></w:lvl>'
    )
    lists = ((HEADINGS, "multilevel", levels), (PARAGRAPHS, "singleLevel", through))
    first = numbering.find(qn("w:num"))
    for number, kind, content in lists:
        abstract = parse_xml(
            f'<w:abstractNum {nsdecls("w")} w:abstractNumId="{number}"><w:multiLevelType w:val="{kind}"/>{content}</w:abstractNum>'
        )
        first.addprevious(abstract)
        numbering.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="{number}"><w:abstractNumId w:val="{number}"/></w:num>'))
    for name, number, level in (("Heading 1", HEADINGS, 0), ("Heading 2", HEADINGS, 1), ("Numbered Paragraph", PARAGRAPHS, 0)):
        properties = file.styles[name].element.get_or_add_pPr()
        chosen = properties.get_or_add_numPr()
        chosen.get_or_add_ilvl().val, chosen.get_or_add_numId().val = level, number
