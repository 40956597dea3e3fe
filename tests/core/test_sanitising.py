"""What needs no sanitiser is what the sanitiser would have made of it."""

from __future__ import annotations

from pathlib import Path

import bleach
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance.core import markdown, sanitising
from tests.attacks import all_of_them

PIECES = ["*", "_", "**", "`", "\n", "\n\n", "> ", "- ", "1. ", "2. ", "# ", "a", "b ", "&", "&amp;", "&#13;", "&#1;", '"', "\u00a0", "\u2028", "中",
          "\ufffe", "<", ">", "<b>", " />", "~~", "    ", "\t", "===\n", "\\", "```", "|a|b|\n|-|-|\n", "[x](y)", "https://a.example/b?c=1&d=2 "]  # fmt: skip


def same_as_bleach(source: str) -> int:
    """How many blocks of a text needed no sanitiser, each of which the sanitiser would have left as it is."""
    tools = markdown._tools()
    tokens = tools.parser.parse(source.replace("\r\n", "\n").replace("\r", "\n"), {})
    sanitiser = bleach.Cleaner(tags=sanitising.TAGS, attributes=sanitising._attribute_allowed, protocols=sanitising.SCHEMES)
    bare = 0
    for block in markdown._blocks(tokens):
        html = tools.parser.renderer.render(block, tools.parser.options, {})
        if sanitising.is_bare(html):
            assert tools.cleaner.clean(html) == sanitiser.clean(html)
            bare += 1
    return bare


@given(st.lists(st.sampled_from(PIECES), max_size=24).map("".join))
def test_pieces_in_any_order(source: str) -> None:
    same_as_bleach(source)


def test_attacks(corpora: Path | None) -> None:
    assert sum(same_as_bleach(source[:2000]) for source in all_of_them(corpora)) > 10


def test_a_post_as_people_write_it_needs_no_sanitiser() -> None:
    post = "A *first* point:\n\n- one & two\n- see https://example.org/a?b=1&c=2\n\n> said before\n\n1. `code`\n\n***\n"
    assert same_as_bleach(post) == 1


@pytest.mark.parametrize(
    "html",
    [
        '<p onclick="x">a</p>', "<p >a</p>", "<script>a</script>", "<P>a</P>", "a > b", "a < b", "&nbsp;", "&#106;", "a & b", "<p\n>a</p>",
        '<a href="javascript:alert(1)" rel="nofollow ugc noopener">a</a>', '<a href="https://a.example">a</a>', "<a>b</a>", "<p>a\x00</p>", "<p>a\rb</p>",
        '<a href="https://a.example/\" onclick=\"b" rel="nofollow ugc noopener">a</a>', "<svg></svg>", "<pre class=a>b</pre>", "<!-- a -->",
    ],
)  # fmt: skip
def test_whatever_else_goes_through_the_sanitiser(html: str) -> None:
    assert not sanitising.is_bare(html)
