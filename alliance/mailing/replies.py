"""What a person wrote, without what they quoted and signed with; when unsure, it is kept.

Lines are told apart first (quoted, attribution, header block, own); then what stands at an end is taken off. An answer
between the lines of a quote keeps the quote, for it would mean nothing without.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from alliance.mailing import attributions, footers

MAX_LINES = 20_000
_QUOTED = re.compile(r"^\s{0,2}(?:>|&gt;)")
_INVISIBLE = re.compile("[\u200b\u200c\u2060\ufeff\u00ad]")
_BLOCK = re.compile(r"^\s*(?:[-+*•]|\(?\w{1,3}[.)]|\[\w+\])\s|^\s*(?:>|#|\||```|~~~)|^(?: {4}|\t)")


@dataclass(frozen=True, slots=True)
class Reply:
    """A mail's text in two.

    Attributes:
        text: what the person wrote.
        cut: what was taken off, to be unfolded.
        is_own: whether there is anything of their own in `text`.
    """

    text: str
    cut: str = ""
    is_own: bool = True


@dataclass(slots=True)
class _Line:
    text: str
    kind: str  # own, empty, quote, mark (attribution), head (header block or "Original Message")
    certain: bool = False


def reply_of(text: str) -> Reply:
    """What a person wrote in an answer by mail.

    Args:
        text: of the mail, lines as written, quotes with ">".
    """
    given = _INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " "))
    raw = [line if line == "-- " else line.rstrip() for line in given.split("\n")[:MAX_LINES]]
    kept = _without_ends(_above_marker(_told_apart(raw)))
    own = [line.text for line in kept]
    said = _tidy(own)
    if not any(line.kind == "own" for line in kept):
        said = _tidy(raw)
        return Reply(said, "", any(line.kind == "own" for line in _told_apart(raw)) and not _is_all_quote(raw))
    return Reply(said, _rest(raw, own))


def _is_all_quote(raw: list[str]) -> bool:
    return all(not line.strip() or line.lstrip().startswith(">") for line in raw)


def _tidy(lines: list[str]) -> str:
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in lines)).strip("\n")


def _rest(raw: list[str], own: list[str]) -> str:
    """The lines that are not in what was kept, which is a part of them in the same order."""
    rest, at = [], 0
    for line in raw:
        if at < len(own) and line == own[at]:
            at += 1
        else:
            rest.append(line)
    return _tidy(rest)


def _told_apart(raw: list[str]) -> list[_Line]:
    out: list[_Line] = []
    while len(out) < len(raw):
        at = len(out)
        line = raw[at]
        if not line.strip():
            out.append(_Line(line, "empty"))
        elif _QUOTED.match(line):
            out.append(_Line(line, "quote"))
        elif _is_head(raw, at):
            out += [_Line(one, "head", True) for one in raw[at : at + max(1, attributions.header_block(raw, at))]]
        elif count := attributions.attribution(raw, at):
            joined = " ".join(raw[at : at + count])
            out += [_Line(one, "mark", attributions.is_certain(joined)) for one in raw[at : at + count]]
        elif attributions.introduces(line) and _quote_follows(raw, at + 1):
            out.append(_Line(line, "mark"))
        else:
            out.append(_Line(line, "quote" if _is_broken_off(raw, at) else "own"))
    return out


def _is_head(raw: list[str], at: int) -> bool:
    line = raw[at]
    return bool(attributions.ORIGINAL.match(line) or attributions.FORWARDED.match(line)) or attributions.header_block(raw, at) > 0


def _quote_follows(raw: list[str], at: int, within: int = 3) -> bool:
    following = next((line for line in raw[at : at + within] if line.strip()), "")
    return bool(_QUOTED.match(following))


def _is_broken_off(raw: list[str], at: int) -> bool:
    """A short line between two quoted ones, the first of them full: the end of it, which a program broke off."""
    if not 0 < at < len(raw) - 1 or not (_QUOTED.match(raw[at - 1]) and _QUOTED.match(raw[at + 1])):
        return False
    return len(raw[at - 1]) >= 66 and len(raw[at]) <= 30


def _above_marker(lines: list[_Line]) -> list[_Line]:
    """What stands above the line "reply above this line", when it says anything."""
    for at, line in enumerate(lines):
        if attributions.ABOVE.match(line.text.lstrip("> ")):
            above = lines[:at]
            return above if _has_own(above) else lines
    return lines


def _has_own(lines: list[_Line]) -> bool:
    return any(line.kind == "own" for line in lines)


def _without_ends(lines: list[_Line]) -> list[_Line]:
    lines = _strip_ends(_before_original(lines))
    lines = _below_quote(lines)
    quotes = any(line.kind == "quote" for line in lines)
    return _strip_ends([line for line in lines if line.kind != "mark" or not quotes])


def _before_original(lines: list[_Line]) -> list[_Line]:
    """Without the original that stands unmarked below an attribution or a block of headers; only with something above it."""
    for at, line in enumerate(lines):
        if line.kind not in {"head", "mark"} or (line.kind == "mark" and not line.certain):
            continue
        if at and lines[at - 1].kind == line.kind:
            continue
        end = next((n for n in range(at, len(lines)) if lines[n].kind not in {"head", "mark", "empty"}), len(lines))
        rest = lines[end:]
        if rest and rest[0].kind == "quote":
            for one in lines[at:end]:
                one.kind = "mark" if one.kind == "head" else one.kind
            continue
        if _has_own(lines[:at]):
            return _without_rule(lines[:at])
    return lines


def _without_rule(lines: list[_Line]) -> list[_Line]:
    """Without a rule or a word or two of introduction right above the original."""
    while lines and (lines[-1].kind == "empty" or attributions.RULE.match(lines[-1].text)):
        lines.pop()
    return lines


def _strip_ends(lines: list[_Line]) -> list[_Line]:
    """Without quotes and footers at the end, in whatever order they stand there, nor rules before them."""
    lines = list(lines)
    while _strip_one(lines):
        pass
    while lines and lines[0].kind == "empty":
        lines.pop(0)
    return lines


def _strip_one(lines: list[_Line]) -> bool:
    while lines and lines[-1].kind == "empty":
        lines.pop()
    if not lines or not _has_own(lines):
        return False
    if lines[-1].kind in {"quote", "mark", "head"}:
        if lines[-1].kind == "quote" and not _quotes_original(lines):
            return False
        while lines and lines[-1].kind != "own":
            lines.pop()
        return bool(lines)
    texts = [line.text for line in lines]
    if footers.strip_end(texts) and any(line.kind == "own" for line in lines[: len(texts)]):
        del lines[len(texts) :]
        return True
    return False


def _quotes_original(lines: list[_Line]) -> bool:
    """Whether the quote at the end is what is answered, not something the person shows ("As the statute says:")."""
    at = len(lines) - 1
    while at >= 0 and lines[at].kind in {"quote", "empty"}:
        at -= 1
    return at < 0 or lines[at].kind != "own" or not lines[at].text.rstrip().endswith((":", "："))


def _below_quote(lines: list[_Line]) -> list[_Line]:
    """What stands below a quote that an attribution begins, when nothing stands above it nor in between."""
    at = 0
    while at < len(lines) and lines[at].kind != "own":
        at += 1
    above, below = lines[:at], lines[at:]
    if any(line.kind == "quote" for line in below) or not below:
        return lines
    return below if {"mark", "quote"} <= {line.kind for line in above} else lines


def as_posted(text: str) -> str:
    """The text as Markdown: typed marks mean what they mean on the page; lines broken on purpose stay broken (two spaces)."""
    paragraphs = [_with_breaks(paragraph.split("\n")) for paragraph in text.split("\n\n")]
    return "\n\n".join(paragraphs)


def _with_breaks(lines: list[str]) -> str:
    width = max((len(line) for line in lines if len(line) <= 100), default=0)
    out = []
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        wrapped = 40 <= len(line) <= 100 and len(line) + 1 + len(following.split(" ", 1)[0]) > width - 6
        breaks = line.strip() and following.strip() and not wrapped and len(line) <= 100
        out.append(f"{line.rstrip()}  " if breaks and not _BLOCK.match(line) and not _BLOCK.match(following) else line.rstrip())
    return "\n".join(out)
