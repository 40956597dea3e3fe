"""Footnotes of a DOCX: python-docx knows none, so the part that holds them is written here."""

from __future__ import annotations

from typing import Any

from docx.document import Document as Docx
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import XmlPart
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn

_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
_EMPTY = f"""<w:footnotes {nsdecls("w", "r")}>
<w:footnote w:type="separator" w:id="-1"><w:p><w:pPr><w:spacing w:after="0"/></w:pPr><w:r><w:separator/></w:r></w:p></w:footnote>
<w:footnote w:type="continuationSeparator" w:id="0"><w:p><w:pPr><w:spacing w:after="0"/></w:pPr><w:r><w:continuationSeparator/></w:r></w:p></w:footnote>
</w:footnotes>"""


class Footnotes:
    """Adds footnotes to a document, numbered as they come."""

    def __init__(self, document: Docx, *, right_to_left: bool) -> None:
        self.right_to_left = right_to_left
        package = document.part.package
        self.part = XmlPart(PackURI("/word/footnotes.xml"), _TYPE, parse_xml(_EMPTY), package)
        document.part.relate_to(self.part, RELATIONSHIP_TYPE.FOOTNOTES)
        self.count = 0

    def add(self, paragraph: Any, text: str, url: str) -> None:
        """A footnote at the end of a paragraph: text, and the address it leads to."""
        self.count += 1
        run = paragraph.add_run(style="Footnote Reference")
        reference = OxmlElement("w:footnoteReference")
        reference.set(qn("w:id"), str(self.count))
        run._r.append(reference)
        self.part.element.append(self._note(text, url))

    def _note(self, text: str, url: str) -> Any:
        note = OxmlElement("w:footnote")
        note.set(qn("w:id"), str(self.count))
        paragraph = OxmlElement("w:p")
        paragraph.append(_properties("w:pPr", [("w:pStyle", "FootnoteText")], ["w:bidi"] if self.right_to_left else []))
        mark = OxmlElement("w:r")
        mark.append(_properties("w:rPr", [("w:rStyle", "FootnoteReference")], []))
        mark.append(OxmlElement("w:footnoteRef"))
        paragraph.append(mark)
        paragraph.append(_run(f" {text} ", right_to_left=self.right_to_left))
        link = OxmlElement("w:hyperlink")
        link.set(qn("r:id"), self.part.relate_to(url, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
        link.append(_run(url, style="Hyperlink"))
        paragraph.append(link)
        note.append(paragraph)
        return note


def _properties(name: str, valued: list[tuple[str, str]], flags: list[str]) -> Any:
    made = OxmlElement(name)
    for tag, value in valued:
        one = OxmlElement(tag)
        one.set(qn("w:val"), value)
        made.append(one)
    for tag in flags:
        made.append(OxmlElement(tag))
    return made


def _run(text: str, *, style: str = "", right_to_left: bool = False) -> Any:
    run = OxmlElement("w:r")
    run.append(_properties("w:rPr", [("w:rStyle", style)] if style else [], ["w:rtl"] if right_to_left else []))
    words = OxmlElement("w:t")
    words.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    words.text = text
    run.append(words)
    return run
