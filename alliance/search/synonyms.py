"""Names and acronyms that mean the same in several languages: who searches for one finds the others, a little behind.

The list is `synonyms.txt` beside this file; a file of that name in the data directory is read after it. One group a
line, its members between commas, `#` begins a remark. A file that changes is read again.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import structlog

from alliance.core import settings
from alliance.core.errors import SettingsError
from alliance.search import analysis

log = structlog.get_logger(__name__)
OURS = Path(__file__).with_name("synonyms.txt")
LONGEST = 10  # words of a member
MOST = 12  # alternatives looked up for one query
Groups = dict[tuple[str, ...], tuple[str, ...]]


def alternatives(words: Sequence[analysis.Word]) -> list[str]:
    """What else to look up for the words of a query, in their order."""
    known = groups()
    forms = [form for word in words for form in _forms(word.folded)]
    found: dict[str, None] = {}
    for start in range(min(len(forms), 100)):
        for end in range(start + 1, min(start + LONGEST, len(forms)) + 1):
            found.update(dict.fromkeys(known.get(tuple(forms[start:end]), ())))
    return list(found)[:MOST]


def groups() -> Groups:
    """The other members of a group, by the forms of each member."""
    files = [OURS]
    with suppress(SettingsError):  # a collection may be measured without an installation
        files.append(settings.current().data_dir / "synonyms.txt")
    return _read(tuple((file, _changed(file)) for file in files))


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError as error:  # a folder, or not ours to read: search goes on without it
        log.warning("search.synonyms_unreadable", file=str(file), error=repr(error))
        return ""


def _changed(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except OSError:
        return 0.0


@functools.lru_cache(maxsize=4)
def _read(files: tuple[tuple[Path, float], ...]) -> Groups:
    found: dict[tuple[str, ...], dict[str, None]] = {}
    for file, changed in files:
        lines = _text(file).splitlines() if changed else []
        for line in lines:
            members = [member.strip() for member in line.partition("#")[0].split(",") if member.strip()]
            for member in members:
                others = dict.fromkeys(other for other in members if _forms(other) != _forms(member))
                found.setdefault(_forms(member), {}).update(others)
    return {forms: tuple(others) for forms, others in found.items() if forms}


def _forms(text: str) -> tuple[str, ...]:
    return tuple(token.text for token in analysis.forms(text))[:LONGEST]
