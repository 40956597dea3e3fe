"""Names of files: as shown, as part of an address, and as a text refers to them."""

from __future__ import annotations

import re

from alliance.core import text
from alliance.core.attached import KEY, PREFIX

LONGEST = 120
_RESERVED = re.compile(r'[\\/:*?"<>|]')
_SUFFIX = re.compile(r"\.(?=[A-Za-z0-9]{0,7}[A-Za-z])[A-Za-z0-9]{1,8}\Z")
_MARKUP = re.compile(r"([\\`*_{}\[\]<>()#!|~])")
_PICTURE = r"!\[((?:[^\[\]\\]|\\.){0,600})\](?=\(<?/attachments/%s/)"


def cleaned(name: str, suffix: str) -> str:
    """The name somebody's device gave a file, on one line, without folders, and with the suffix its content deserves.

    "../../Report.PDF" is "Report.PDF", "photo.exe" with a picture in it "photo.png".
    """
    stem = text.clean_line(name[-1000:]).replace("\\", "/").rpartition("/")[2]
    stem = _RESERVED.sub("", stem).strip(" .")
    if stem.lower().endswith((suffix, suffix.replace(".jpg", ".jpeg"))):
        stem, suffix = stem[: stem.rindex(".")], stem[stem.rindex(".") :]
    else:
        stem = _SUFFIX.sub("", stem)
    return (stem[: LONGEST - len(suffix)].strip(" .") or "file") + suffix


def address(key: str, name: str) -> str:
    """The path of a file; letters of every script stay letters, so that one sees in a text what it is."""
    stem, _dot, suffix = name.rpartition(".")
    return f"{PREFIX}{key}/{text.slugify(stem, 60, 'file')}.{suffix.lower()}"


def reference(key: str, name: str, *, picture: bool, alternative: str = "") -> str:
    """Markdown that shows a picture, or leads to a document."""
    label = escaped(alternative) if picture else escaped(name)
    return f"{'!' if picture else ''}[{label}]({address(key, name)})"


def escaped(label: str) -> str:
    """A line of text as Markdown shows it unchanged."""
    return _MARKUP.sub(r"\\\1", " ".join(label.split()))


def alternative_in(body: str, key: str) -> str | None:
    """What a text says a picture shows; None when the picture is not in it."""
    match = re.search(_PICTURE % re.escape(key), body)
    return re.sub(r"\\(.)", r"\1", match[1]) if match else None


def with_alternative(body: str, key: str, alternative: str) -> str:
    """The text with another alternative text for a picture, wherever it stands in it."""
    label = f"![{escaped(alternative)}]"
    return re.sub(_PICTURE % re.escape(key), lambda _match: label, body)


def is_key(value: str) -> bool:
    """Whether this could be the key of a file."""
    return re.fullmatch(KEY, value) is not None
