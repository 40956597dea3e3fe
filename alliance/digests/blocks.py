"""Cut the Markdown source of a post into the stretches in which its author speaks.

The ranges point into the source as stored, so that whatever is later taken from them stands verbatim in the post.
Code, quotations, headings, tables, link definitions and signatures are not the author's statements and are left out.
A line scanner rather than the Markdown parser: it must keep exact positions and stay fast on ten thousand posts.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_QUOTE = re.compile(r" {0,3}>")
_HEADING = re.compile(r" {0,3}#{1,6}(\s|$)")
_RULE = re.compile(r" {0,3}([-*_=] ?){3,}\s*$|\s*[_=~*#-]{4,}\s*$")
_SETEXT = re.compile(r" {0,3}(=+|-+)\s*$")
_ITEM = re.compile(r"(\s*)([-*+•·]|\(?\d{1,3}[.)]|\(?[a-z][.)]|[ivx]{1,4}[.)])\s+(\[[ xX]\]\s+)?")
_TABLE_RULE = re.compile(r"\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)+\|?\s*$")
_LINK_DEFINITION = re.compile(r" {0,3}\[[^\]]+\]:\s*\S+")
_SIGNATURE = re.compile(r"--\s*$")
_ATTRIBUTION = re.compile(
    r"\s*((on|le|el|am)\s.{4,120}\s(wrote|writes|a écrit|escribió|schrieb)\s?:\s*$"
    r"|.{2,80}\s(wrote|writes|said|a écrit|escribió|пишет|написал|написала|كتب|写道)\s?[:：]\s*$"
    r"|-{3,}\s*(original message|message d'origine|mensaje original|исходное сообщение).*$"
    r"|_{5,}\s*original message.*$)",
    re.IGNORECASE,
)
_FORWARDED = re.compile(r"\s*[-_]{3,}\s*(original|forwarded) message", re.IGNORECASE)
_MAIL_HEADER = re.compile(r"\s*(from|to|cc|sent|date|subject|sender|message-id|reply-to)\s?:\s*\S", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A run of prose in the source, from one position up to another."""

    start: int
    end: int


def stretches(body: str, *, lazy_quotes: bool = True) -> list[Stretch]:
    """The prose of a post, paragraph by paragraph and list item by list item.

    lazy_quotes: as CommonMark has it, a line directly under a quotation belongs to it. Mail has no such rule.
    """
    return list(_Scanner(body, lazy_quotes).run())


class _Scanner:
    """Walks the lines once; holds where the open paragraph began and what encloses it."""

    def __init__(self, body: str, lazy_quotes: bool) -> None:
        self.body = body
        self.lazy_quotes = lazy_quotes
        self.open: int | None = None
        self.close = 0
        self.fence = ""
        self.in_quote = False
        self.in_table = False
        self.in_list = False
        self.after_blank = True

    def run(self) -> Iterator[Stretch]:
        position = 0
        for line in self.body.splitlines(keepends=True):
            text = line.rstrip("\r\n\v\f\x1c\x1d\x1e\x85\u2028\u2029")
            if not self.fence and (_SIGNATURE.fullmatch(text) or _FORWARDED.match(text)):
                break
            yield from self._line(text, position)
            position += len(line)
        yield from self._flush()

    def _flush(self) -> Iterator[Stretch]:
        if self.open is not None and self.close > self.open:
            yield Stretch(self.open, self.close)
        self.open = None

    def _line(self, text: str, at: int) -> Iterator[Stretch]:
        if self.fence:
            if text.strip().startswith(self.fence) and not text.strip().strip(self.fence[0]):
                self.fence = ""
            return
        if not text.strip():
            yield from self._flush()
            self.in_quote = self.in_table = False
            self.after_blank = True
            return
        if self.after_blank and text[:1] not in " \t" and not _ITEM.match(text):
            self.in_list = False
        if self._opens_nothing(text):
            yield from self._flush()
        elif self._closes_heading(text):
            self.open = None
        else:
            yield from self._prose(text, at)
        self.after_blank = False

    def _opens_nothing(self, text: str) -> bool:
        """Whether the line is not prose (and remember what it begins)."""
        if fence := _FENCE.match(text):
            self.fence = fence.group(1)
            return True
        if _QUOTE.match(text):
            self.in_quote = self.lazy_quotes
            return True
        if self.in_quote and not _ITEM.match(text):
            return True
        self.in_quote = False
        if self.open is None and self.after_blank and not self.in_list and text.startswith(("    ", "\t")):
            self.after_blank = True
            return True
        return self._is_furniture(text)

    def _is_furniture(self, text: str) -> bool:
        if self.in_table or (_TABLE_RULE.match(text) and "|" in text) or text.lstrip().startswith("|"):
            self.in_table = True
            return True
        if _HEADING.match(text) or _LINK_DEFINITION.match(text) or _ATTRIBUTION.match(text):
            return True
        if self.open is None and _MAIL_HEADER.match(text):
            return True
        return bool(_RULE.match(text)) and not (_SETEXT.match(text) and self.open is not None)

    def _closes_heading(self, text: str) -> bool:
        return self.open is not None and not self.in_list and bool(_SETEXT.match(text))

    def _prose(self, text: str, at: int) -> Iterator[Stretch]:
        item = _ITEM.match(text)
        if item:
            yield from self._flush()
            self.in_list = True
            self.open = at + item.end()
        elif self.open is None:
            self.in_list = self.in_list and text[:1] in " \t"
            self.open = at + len(text) - len(text.lstrip())
        self.close = at + len(text.rstrip())
