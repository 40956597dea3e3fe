"""The text of a document, read in a process of its own: `python -m alliance.search.extracting MEDIA_TYPE FILE`.

Files come from strangers: memory, time and output are bounded by the operating system, and whatever a file does to its
reader, nothing else is harmed.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import IO
from xml.parsers import expat

import pypdf

from alliance.core.text import storable

MOST_CHARACTERS = 400_000
MOST_PAGES = 300
MOST_XML = 64 * 2**20
SECONDS = 20
MEMORY = 1024 * 2**20
PDF, TXT = "application/pdf", "text/plain"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ODT = "application/vnd.oasis.opendocument.text"
# The parts of packed documents that hold what is read.
PARTS = {DOCX: "word/document.xml", ODT: "content.xml"}
READABLE = (PDF, TXT, DOCX, ODT)
_LINES = {"p", "h", "br", "tab", "line-break", "tr", "table-row"}


class Unreadable(Exception):
    """This file gives no text."""


def text_of(file: Path, media_type: str) -> str:
    """The text of a document, at most so many characters of it.

    Raises:
        Unreadable: it is damaged, locked, or takes too much.
    """
    command = [sys.executable, "-m", "alliance.search.extracting", media_type, str(file)]
    root = Path(__file__).resolve().parents[2]
    try:
        done = subprocess.run(command, cwd=root, capture_output=True, timeout=SECONDS * 3, check=False)  # noqa: S603 (our own module)
    except subprocess.TimeoutExpired as error:
        raise Unreadable("it takes too long to read") from error
    if done.returncode != 0:
        raise Unreadable(done.stderr.decode(errors="replace").strip().rpartition("\n")[2][:200] or "its reader ended")
    return storable(done.stdout.decode("utf-8", "replace"))


def _pdf(file: Path) -> str:
    parts: list[str] = []
    left = MOST_CHARACTERS
    with file.open("rb") as source:
        for page in pypdf.PdfReader(source).pages[:MOST_PAGES]:
            parts.append(page.extract_text()[:left])
            left -= len(parts[-1])
            if left <= 0:
                break
    return "\n".join(parts)


def _plain(file: Path) -> str:
    data = file.read_bytes()[: MOST_CHARACTERS * 4]
    encoding = "utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    return data.decode(encoding, "replace")[:MOST_CHARACTERS]


class _Words:
    """Collects the text of XML, a line per paragraph; declares no entities."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.left = MOST_CHARACTERS
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.CharacterDataHandler = self._text
        self._parser.EndElementHandler = self._end
        self._parser.EntityDeclHandler = self._entity

    def _text(self, data: str) -> None:
        if self.left > 0:
            self.parts.append(data[: self.left])
            self.left -= len(data)

    def _end(self, name: str) -> None:
        if name.rpartition(" ")[2] in _LINES:
            self.parts.append("\n")

    @staticmethod
    def _entity(*_declared: object) -> None:
        raise Unreadable("it declares entities")

    def read(self, source: IO[bytes]) -> str:
        """All of it, or as much as is taken."""
        total = 0
        while (chunk := source.read(2**16)) and self.left > 0:
            total += len(chunk)
            if total > MOST_XML:
                break
            self._parser.Parse(chunk, False)
        return "".join(self.parts)


def _packed(file: Path, part: str) -> str:
    with zipfile.ZipFile(file) as packed, packed.open(part) as source:
        return _Words().read(source)


def _text(file: Path, media_type: str) -> str:
    if media_type in PARTS:
        return _packed(file, PARTS[media_type])
    return _pdf(file) if media_type == PDF else _plain(file)


def main(arguments: list[str]) -> int:
    """Write the text of a file to the standard output."""
    media_type, name = arguments
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    file = Path(name)
    try:
        text = _text(file, media_type)
    except Exception as error:  # a stranger's file fails in any way at all
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return 1
    sys.stdout.buffer.write(text.encode("utf-8", "replace"))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
