"""Files in texts: pictures and documents of ours are shown as what they are, all else stays a link."""

from __future__ import annotations

import pytest

from alliance.core import text
from alliance.core.attached import MAX_FILES, keys_in
from alliance.core.text import Attached

PICTURE, DOCUMENT, UNKNOWN = "a" * 32, "b" * 32, "c" * 32
FILES = {PICTURE: Attached("PNG, 3 kB", "map.png", "", (640, 300)), DOCUMENT: Attached("PDF, 1.2 MB", "plan.pdf")}
IMG = f'<img src="/attachments/{PICTURE}/thumbnail" alt="{{}}" width="640" height="300" loading="lazy">'
REL = 'rel="nofollow ugc noopener"'


def html_of(markdown: str) -> str:
    return text.render(markdown, None, FILES).html


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        (
            f"![A map](/attachments/{PICTURE}/map.png)",
            f'<a href="/attachments/{PICTURE}/map.png" class="picture" {REL}>{IMG.format("A map")}</a>',
        ),
        (
            f"![](/attachments/{PICTURE}/map.png)",
            f'<a href="/attachments/{PICTURE}/map.png" class="picture" {REL}>{IMG.format("map.png")}</a>',
        ),
        (f'![a "b" *c* <d>](/attachments/{PICTURE}/x)', IMG.format("a &quot;b&quot; c &lt;d&gt;")),
        (
            f"[![in a link](/attachments/{PICTURE}/map.png)](https://example.org)",
            f'<a href="https://example.org" {REL}>{IMG.format("in a link")}</a>',
        ),
        (f"[The plan](/attachments/{DOCUMENT}/plan.pdf)", f'<a href="/attachments/{DOCUMENT}/plan.pdf" {REL}>The plan (PDF, 1.2 MB)</a>'),
        (
            f"![](/attachments/{DOCUMENT}/plan.pdf)",
            f'<a href="/attachments/{DOCUMENT}/plan.pdf" class="file" {REL}>plan.pdf (PDF, 1.2 MB)</a>',
        ),
        (f"[map](/attachments/{PICTURE}/map.png)", ">map (PNG, 3 kB)</a>"),
        (f"| a |\n|---|\n| ![x](/attachments/{PICTURE}/m) |", IMG.format("x")),
    ],
)
def test_ours(markdown: str, html: str) -> None:
    assert html in html_of(markdown)


@pytest.mark.parametrize(
    "markdown",
    [
        f"![a](/attachments/{UNKNOWN}/map.png)",
        "![a](https://example.org/x.png)",
        f"![a](https://example.org/attachments/{PICTURE}/x.png)",
        f"![a](//example.org/attachments/{PICTURE}/x.png)",
        f"![a](/attachments/{PICTURE}/../x)",
        f"![a](/attachments/{PICTURE}/x?y)",
        f"![a](/attachments/{PICTURE.upper()}/x)",
        f"`![a](/attachments/{PICTURE}/x)`",
        f'<img src="/attachments/{PICTURE}/thumbnail">',
        f'![a](/attachments/{PICTURE}/x" onerror="alert\\(1\\))',
        "![a](javascript:alert%281%29)",
    ],
)
def test_all_else_is_no_picture(markdown: str) -> None:
    assert "<img" not in html_of(markdown)


def test_without_files_nothing_is_shown() -> None:
    assert "<img" not in text.render(f"![a](/attachments/{PICTURE}/x)").html


def test_a_picture_reads_as_its_words() -> None:
    assert text.plain(html_of(f"See ![A *map*](/attachments/{PICTURE}/map.png)!")) == "See A map!"


def test_keys() -> None:
    assert keys_in("nothing") == []
    assert keys_in(f"/attachments/{PICTURE}/a /attachments/{DOCUMENT}/b /attachments/{PICTURE}/c /attachments/short/d") == [
        PICTURE,
        DOCUMENT,
    ]
    assert len(keys_in(" ".join(f"/attachments/{n:032x}/a" for n in range(1000)))) == MAX_FILES


@pytest.mark.parametrize("piece", [f"![a](/attachments/{PICTURE}/x) ", f"[a](/attachments/{DOCUMENT}/y)", f"/attachments/{PICTURE}/"])
def test_as_often_as_it_is_written(piece: str) -> None:
    many = text.MAX_BODY // len(piece)
    assert html_of(piece * many).count(f"/attachments/{piece.partition('attachments/')[2][:32]}") >= many
