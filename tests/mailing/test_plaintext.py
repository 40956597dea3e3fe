from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance.core.text import plain, render
from alliance.mailing.plaintext import to_markdown, trimmed


def shown(text: str) -> str:
    return render(to_markdown(text)).html


def test_prose_flows_and_structure_stays() -> None:
    html = shown("This is a line of prose that was broken only because the page was\nseventy characters wide.\n\nKind regards\nJane\n")
    assert "the page was seventy" in html
    assert re.search(r"Kind regards<br ?/?>\s*Jane", html)


def test_quotes_become_quotes_at_every_depth() -> None:
    html = shown("> On Monday, Jane wrote:\n>> deep\n> back\nown")
    assert html.count("<blockquote>") == 2
    assert html.endswith("<p>own</p>")


def test_code_keeps_its_shape() -> None:
    assert "<pre><code>for x in y:\n    f(x)\n</code></pre>" in shown("so:\n\n    for x in y:\n        f(x)\n\ndone")


@pytest.mark.parametrize(
    "text",
    [
        "# no heading",
        "- no list",
        "1. no list",
        "* * *",
        "---",
        "===",
        "a\n---",
        "*no* _emphasis_ `code` ~~x~~",
        "[text](http://example.org)",
        "[x]: http://example.org",
        "&amp; &copy; &#65;",
        "a | b\n--|--\nc | d",
        "<b>html</b>",
        "\\* \\",
        "~~~\nx",
        "```\nx",
        "![x](y)",
        "+ x",
        "> ",
        "a\\",
        "www\\",
    ],
)
def test_no_character_is_taken_for_a_mark(text: str) -> None:
    html = shown(text)
    assert not re.search(r"<(h\d|ul|ol|li|em|strong|code|del|hr|table|img|s)\b", html)
    assert re.sub(r"\s", "", plain(html)).strip(">") == re.sub(r"\s", "", text).strip(">")


def test_addresses_of_pages_stay_links() -> None:
    html = shown("see http://example.org/a_b_c/*x?y=1&z=2, or <http://example.org/>.")
    assert 'href="http://example.org/a_b_c/*x?y=1&amp;z=2"' in html
    assert 'href="http://example.org/"' in html


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Said.\n-- \nJane\nPhone", "Said."),
        (
            "Said.\n\n_______________________________________________\nx mailing list\nx@example.org\nhttp://example.org/listinfo/x\n",
            "Said.",
        ),
        ("Said.\n-- \nJane\n\n_______________________________________________\nx mailing list\n", "Said."),
        ("Said.\n-- \n> quoted below the line", "Said.\n-- \n> quoted below the line"),
        ("-- \nonly this", "-- \nonly this"),
        ("a\n--\n" + "long\n" * 30, "a\n--\n" + "long\n" * 29 + "long"),
    ],
)
def test_only_what_says_nothing_is_cut(text: str, left: str) -> None:
    assert trimmed(text) == left


@given(st.text(alphabet="ab#*_-=>[]()`~|\\&;: \n1.<!", max_size=80))
def test_every_text_survives(text: str) -> None:
    def said(one: str) -> str:
        return re.sub(r"[\s>]", "", one)

    assert said(plain(shown(text))) == said(text)


def test_what_is_too_long_is_cut_visibly() -> None:
    made = to_markdown("word " * 50 + "\n\n" * 1 + ("paragraph " * 50 + "\n\n") * 1000)
    assert len(made) < 100_000
    assert made.endswith("[…]")
