"""The DOCX: styles, numbering, footnotes and direction are real ones."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn
from lxml import etree

from alliance.core.i18n import use_locale
from alliance.digests import queries, services, word
from alliance.digests.models import Digest
from alliance.policy import Actor
from tests.digests.conftest import Forum
from tests.digests.test_services import JUNE

SYSTEM = Actor.system()


@pytest.fixture
def digest(forum: Forum) -> Digest:
    forum.six_languages()
    return queries.get_digest(SYSTEM, services.compile_digest(SYSTEM, *JUNE).id)


def parts(content: bytes) -> dict[str, Any]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: etree.fromstring(archive.read(name)) for name in archive.namelist() if name.endswith((".xml", ".rels"))}


def test_styles_numbering_and_footnotes(digest: Digest) -> None:
    content = word.docx_of(digest)
    file = docx.Document(io.BytesIO(content))
    styles = {paragraph.style.name for paragraph in file.paragraphs}
    assert {"Title", "Subtitle", "Heading 1", "Heading 2", "Numbered Paragraph", "Statement", "Annex Heading"} <= styles
    texts = {paragraph.text.strip() for paragraph in file.paragraphs if paragraph.style.name == "Statement"}
    assert len(texts) == len(digest.points)
    xml = parts(content)
    notes = xml["word/footnotes.xml"].findall(qn("w:footnote"))
    references = list(xml["word/document.xml"].iter(qn("w:footnoteReference")))
    cited = sum(len(point.citations) for point in digest.points)
    assert len(references) == len(notes) - 2 == cited
    assert [one.get(qn("w:id")) for one in references] == [str(n) for n in range(1, cited + 1)]
    links = [one for one in xml["word/_rels/footnotes.xml.rels"] if one.get("TargetMode") == "External"]
    assert {one.get("Target") for one in links} >= {f"http://localhost/p/{point.citations[0].post_id}" for point in digest.points}
    forms = {one.get(qn("w:val")) for one in xml["word/numbering.xml"].iter(qn("w:numFmt"))}
    assert {"upperRoman", "upperLetter", "decimal"} <= forms


def test_right_to_left(digest: Digest) -> None:
    with use_locale("ar"):
        xml = parts(word.docx_of(digest))
    body = xml["word/document.xml"]
    assert body.find(f".//{qn('w:sectPr')}/{qn('w:bidi')}") is not None
    numbered = [
        p for p in body.iter(qn("w:p")) if (s := p.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")) is not None and s.get(qn("w:val")) == "Heading1"
    ]
    assert numbered
    assert all(p.find(f"{qn('w:pPr')}/{qn('w:bidi')}") is not None for p in numbered)
    chinese = [
        r for r in body.iter(qn("w:r")) if (one := r.find(f"{qn('w:rPr')}/{qn('w:lang')}")) is not None and one.get(qn("w:eastAsia"))
    ]
    assert chinese
    assert all(r.find(f"{qn('w:rPr')}/{qn('w:rtl')}") is None for r in chinese)


@pytest.mark.parametrize("language", ["zh", "fr", "ru", "es"])
def test_every_language(digest: Digest, language: str) -> None:
    with use_locale(language):
        assert digest.symbol in "\n".join(cell.text for cell in docx.Document(io.BytesIO(word.docx_of(digest))).tables[0].rows[0].cells)


@pytest.mark.parametrize(
    "body",
    [
        "Bell \x07 and null-like \x1f stand in this sentence about schools.",
        "The \u202eoverride\u202c is closed in this long sentence about money",
    ],
)
def test_what_xml_cannot_hold_breaks_nothing(forum: Forum, body: str) -> None:
    forum.open("Odd \u202e title <w:p>", body)
    parts(word.docx_of(queries.get_digest(SYSTEM, services.compile_digest(SYSTEM, *JUNE).id)))


def test_an_empty_period(forum: Forum) -> None:
    parts(word.docx_of(queries.get_digest(SYSTEM, services.compile_digest(SYSTEM, *JUNE).id)))
