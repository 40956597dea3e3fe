"""Plain-text mail as Markdown that looks as the mail did: quotes as quotes, code as code, no character taken for a mark.

Lines that were broken only because the page was 72 characters wide are joined; lines broken on purpose stay broken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

MAX_QUOTE_DEPTH = 8
MAX_MARKDOWN = 90_000
_QUOTE = re.compile(r"^ ?((?:>[ \t]?){1,60})")
_FOOTER = re.compile(r"(?:_{20,}|-{2,}) ?")
_LIST = re.compile(r"mailing list|listinfo|unsubscribe", re.IGNORECASE)
_URL = re.compile(r"<?\bhttps?://[^\s<>\"]{1,2000}>?", re.IGNORECASE)
_TRAILING = ".,;:!?)]}'*_"
_INLINE = re.compile(r"[\\`*]|~~|(?<!\w)_|_(?!\w)|!?\[(?=[^\]\n]{0,500}\][(:])|&(?=#?\w{1,31};)|<(?=[A-Za-z][A-Za-z0-9+.-]{1,31}:)")
_BLOCK = re.compile(r"^(?:(#{1,6}(?:\s|$))|([-+=](?:\s|$|[-=\s]+$))|(~{3,})|(\|?\s*:?-+:?\s*(?:\|[\s:|-]*)?$)|(>)|(\[[^\]]{1,200}\]:))")
_NUMBERED = re.compile(r"^(\d{1,9})([.)])(?=\s|$)")
_ITEM = re.compile(r"^\s*(?:[-+*•o]|\(?\w{1,3}[.)]|\[\w+\])\s")
_CODE_MARKS = re.compile(r"[;{}=<>$|\\/_#+*@%~^`\[\]]|\(\)|--|^\s*[$#>]", re.MULTILINE)
_WIDE = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]")


def trimmed(text: str) -> str:
    """Without the signature below "-- " and the footer a mailing list adds; everything when in doubt."""
    lines = [line if line == "-- " else line.rstrip() for line in text.split("\n")]
    for _ in range(3):
        while lines and not lines[-1].strip():
            lines.pop()
        cut = next((at for at in range(len(lines) - 1, max(0, len(lines) - 14), -1) if _cuts(lines, at)), None)
        if cut is None or not any(line.strip() for line in lines[:cut]):
            break
        del lines[cut:]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")


def _cuts(lines: list[str], at: int) -> bool:
    """Whether all from this line on was added by a program and says nothing."""
    rest = lines[at + 1 :]
    if any(line.startswith(">") for line in rest):
        return False
    return (lines[at] in {"-- ", "--"} and len(rest) <= 10) or (
        bool(_FOOTER.fullmatch(lines[at])) and any(_LIST.search(line) for line in rest[:3])
    )


def to_markdown(text: str) -> str:
    """Markdown that shows the text as it was written, at most MAX_MARKDOWN characters of it."""
    blocks: list[str] = []
    size = 0
    for depth, lines in _paragraphs(text):
        prefix = "> " * depth
        made = "\n".join((prefix + line).rstrip() for line in _block(lines))
        size += len(made) + 4
        if size > MAX_MARKDOWN:
            blocks.append("[…]")
            break
        blocks.append(made if not blocks else f"{_between(blocks[-1], prefix)}\n{made}")
    return "\n".join(blocks)


def _between(before: str, prefix: str) -> str:
    """The empty line between two blocks, inside the quote both stand in."""
    last = before.rsplit("\n", 1)[-1]
    common = 0
    while prefix[common : common + 2] == "> " and last[common : common + 1] == ">":
        common += 2
    return prefix[:common].rstrip()


def _paragraphs(text: str) -> Iterator[tuple[int, list[str]]]:
    """Runs of lines at one quote depth, ended by an empty line."""
    depth, lines = 0, list[str]()
    for raw in text.expandtabs(8).split("\n"):
        marks = _QUOTE.match(raw)
        line = raw[marks.end() :] if marks else raw
        # "> " belongs to the mark; what is indented beyond it is the quoted text's own.
        here = min(marks[1].count(">"), MAX_QUOTE_DEPTH) if marks else 0
        if lines and (here != depth or not line.strip()):
            yield depth, lines
            lines = []
        depth = here
        if line.strip():
            lines.append(line.rstrip())
    if lines:
        yield depth, lines


def _block(lines: list[str]) -> list[str]:
    indent = min(len(line) - len(line.lstrip(" ")) for line in lines)
    if (indent >= 4 and not _is_prose(lines)) or _is_drawn(lines):
        return ["    " + line[indent:] for line in lines]
    return _paragraph([line.strip(" ") for line in lines], [_ITEM.match(line) is not None for line in lines])


def _is_prose(lines: list[str]) -> bool:
    text = "\n".join(lines)
    return len(_CODE_MARKS.findall(text)) * 40 < len(text) and sum(len(line.strip()) for line in lines) / len(lines) > 30


def _is_drawn(lines: list[str]) -> bool:
    """Columns or a drawing: most lines have wide gaps inside."""
    gaps = sum(bool(re.search(r"\S {3,}\S", line)) for line in lines)
    return len(lines) > 2 and gaps * 2 > len(lines)


def _paragraph(lines: list[str], items: list[bool]) -> list[str]:
    width = max((len(line) for line in lines if len(line) <= 100), default=0)
    out = [escaped(lines[0])]
    for before, line, item in zip(lines, lines[1:], items[1:], strict=False):
        word = line.split(" ", 1)[0]
        if not item and 40 <= len(before) <= 100 and len(before) + 1 + len(word) > width:
            glue = "" if _WIDE.match(before[-1]) and _WIDE.match(line[0]) else " "
            out[-1] += glue + escaped(line, begins=False)
        else:
            out[-1] += "\\"
            out.append(escaped(line))
    return out


def escaped(line: str, *, begins: bool = True) -> str:
    """One line with every character meaning itself; addresses of pages stay links."""
    out: list[str] = []
    end = 0
    for match in _URL.finditer(line):
        url = match[0]
        if url.startswith("<") and url.endswith(">"):
            shown, rest = url, ""
        else:
            bare = url.strip("<>").rstrip(_TRAILING)
            shown = f"<{bare}>" if re.search(r"[*_`\[\]~\\&]", bare) else bare
            rest = url.lstrip("<")[len(bare) :]
            shown = "\\<" + shown if url.startswith("<") and shown == bare else shown
        out += [_marks(line[end : match.start()]), shown, _marks(rest)]
        end = match.end()
    done = "".join([*out, _marks(line[end:])])
    if not begins:
        return done
    return _NUMBERED.sub(r"\1\\\2", "\\" + done if _BLOCK.match(done) else done)


def _marks(text: str) -> str:
    return _INLINE.sub(lambda m: "".join("\\" + c for c in m[0]), text)
