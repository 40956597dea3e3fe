"""Documents: which a file is, by what is in it. They are kept as they were sent, and served as downloads only."""

from __future__ import annotations

import codecs
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

from alliance.core.errors import Invalid
from alliance.core.i18n import gettext as _

MAX_MEMBERS = 5_000
MAX_UNPACKED = 300 * 2**20
MAX_LISTING = 2**20
CHUNK = 2**16
_OOXML = "application/vnd.openxmlformats-officedocument."
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument."
_TEXT_LIKE_A_PAGE = re.compile(r"\s*<(?:!doctype|html|head|body|script|svg|\?xml|!--|iframe|meta)", re.IGNORECASE)
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Type:
    """A type of document: what people call it, the end of its name, what machines call it."""

    label: str
    suffix: str
    media_type: str


PDF = Type("PDF", ".pdf", "application/pdf")
TXT = Type("TXT", ".txt", "text/plain")
CSV = Type("CSV", ".csv", "text/csv")
# The part that makes a packed document what it is → the type.
OFFICE = {
    "word/document.xml": Type("DOCX", ".docx", f"{_OOXML}wordprocessingml.document"),
    "xl/workbook.xml": Type("XLSX", ".xlsx", f"{_OOXML}spreadsheetml.sheet"),
    "ppt/presentation.xml": Type("PPTX", ".pptx", f"{_OOXML}presentationml.presentation"),
}
OPEN = {
    f"{_OPEN_DOCUMENT}text": Type("ODT", ".odt", f"{_OPEN_DOCUMENT}text"),
    f"{_OPEN_DOCUMENT}spreadsheet": Type("ODS", ".ods", f"{_OPEN_DOCUMENT}spreadsheet"),
    f"{_OPEN_DOCUMENT}presentation": Type("ODP", ".odp", f"{_OPEN_DOCUMENT}presentation"),
}
TYPES = (PDF, TXT, CSV, *OFFICE.values(), *OPEN.values())
LABELS = {one.media_type: one.label for one in TYPES}


def type_of(source: Path, name: str) -> Type | None:
    """The type of a document by its content, None when it is none of those taken.

    The name says only which of two harmless ones a text is: a table (.csv) or not.

    Raises:
        Invalid: it would be one, but holds macros, or unpacks to more than anybody should have to.
    """
    with source.open("rb") as file:
        head = file.read(8)
    if head.startswith(b"%PDF-"):
        return PDF
    if head.startswith(b"PK\x03\x04"):
        return _packed(source)
    if _is_text(source):
        return CSV if name.lower().endswith(".csv") else TXT
    return None


def _packed(source: Path) -> Type | None:
    if _entries(source) > MAX_MEMBERS:  # counted before a list of them is made
        raise _unpacks_to_too_much()
    try:
        with zipfile.ZipFile(source) as archive:
            members = archive.infolist()
            if sum(member.file_size for member in members) > MAX_UNPACKED:
                raise _unpacks_to_too_much()
            return _office(archive, {member.filename for member in members}) or _open_document(archive, members)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, OSError, ValueError, RuntimeError, EOFError):
        return None


def _entries(source: Path) -> int:
    with source.open("rb") as file:
        return sum(chunk.count(b"PK\x01\x02") for chunk in iter(lambda: file.read(2**20), b""))


def _unpacks_to_too_much() -> Invalid:
    return Invalid.field("files", _("The document unpacks to far more than it is: it is not taken."))


def _office(archive: zipfile.ZipFile, names: set[str]) -> Type | None:
    found = next((one for part, one in OFFICE.items() if part in names), None)
    if found is None or "[Content_Types].xml" not in names:
        return None
    listing = _read(archive, "[Content_Types].xml").decode("utf-8", "replace").lower()
    if "macroenabled" in listing or "vbaproject" in listing or any(name.lower().endswith("vbaproject.bin") for name in names):
        raise _macros()
    return found if f"{found.media_type.lower()}.main+xml" in listing else None


def _open_document(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> Type | None:
    names = {member.filename for member in members}
    if members[0].filename != "mimetype" or "content.xml" not in names:
        return None
    if any(name.startswith(("Basic/", "Scripts/")) for name in names):
        raise _macros()
    return OPEN.get(_read(archive, "mimetype").decode("ascii", "replace").strip())


def _read(archive: zipfile.ZipFile, name: str) -> bytes:
    """A part of which no more is unpacked than can be meant seriously."""
    with archive.open(name) as part:
        return part.read(MAX_LISTING)


def _macros() -> Invalid:
    return Invalid.field("files", _("Documents with macros are not taken: save it without them, or as PDF."))


def _is_text(source: Path) -> bool:
    """Whether a file can be read as text (UTF-8, or UTF-16 that says so) and is no page of a browser in disguise."""
    with source.open("rb") as file:
        start = file.read(2)
    encoding = "utf-16" if start in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE} else "utf-8-sig"
    try:
        with source.open(encoding=encoding, newline="") as lines:
            beginning = lines.read(CHUNK)
            if not beginning or _CONTROLS.search(beginning) or _TEXT_LIKE_A_PAGE.match(beginning):
                return False
            return not any(_CONTROLS.search(chunk) for chunk in iter(lambda: lines.read(CHUNK), ""))
    except UnicodeError:
        return False
