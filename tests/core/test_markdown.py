"""Any Markdown becomes HTML of the elements that are allowed, well nested, and as plain text again."""

from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from alliance.core import sanitising, text

PIECES = (
    "# ", "- ", "1. ", "> ", "```", "`", "**", "_", "[", "](", ")", "![", "<", ">", "&", "&#x6a;", "javascript:", "https://a.example/", "@ada", "#c1", "|", "---",
    "\n", "\n\n", "    ", "\t", "\\", "\x00", "\u202e", "\ud800", "عربي", "宽带", "<script>", "</p>", "<!--", "onerror=", '"', "'", "[^1]", ":", "~~", "a",
)  # fmt: skip
VOID = {"br", "hr", "img", "input"}


class Shape(HTMLParser):
    """Sees that elements are allowed ones and close in order, and that no attribute can run anything."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in sanitising.TAGS, tag
        for name, value in attrs:
            assert not name.startswith("on"), name
            assert name != "style"
            assert name not in {"href", "src"} or not (value or "").strip().lower().startswith(("javascript:", "data:", "vbscript:")), value
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)


def check(source: str) -> None:
    html = text.render(source, {"@ada": "/people/ada", "#c1": "/action-lines/c1"}, {}).html
    shape = Shape()
    shape.feed(html)
    shape.close()
    assert shape.open == []
    html.encode()
    assert "\x00" not in html
    assert isinstance(text.plain(html), str)


@given(st.text(st.characters(exclude_categories=()), max_size=300))
def test_any_text(source: str) -> None:
    check(source)


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_pieces_of_markup_in_any_order(source: str) -> None:
    check(source)
