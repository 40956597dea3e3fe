"""Attack strings and odd text: samples that always run, and the larger collections where they are at hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

SAMPLES = [
    "<script>alert(1)</script>",
    '<img src=x onerror="alert(1)">',
    "[x](javascript:alert(1))",
    "[x](javascript:123)",
    "[x](java\nscript:alert(1))",
    "[x](JaVaScRiPt&colon;alert(1))",
    "[x](&#x6A;avascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "![x](https://example.org/a.png)",
    '![x](x"onerror="alert(1))',
    "<https://example.org/?a=<script>>",
    "<javascript:alert(1)>",
    "<svg/onload=alert(1)>\n<math><mtext></p><style><img src=x onerror=alert(1)>",
    "| a | b |\n|---|---|\n| <b onclick=x> | [y](vbscript:x) |",
    "```html\n</code></pre><script>alert(1)</script>\n```",
    "[a]: javascript:alert(1)\n\n[a]",
    '<a href="https://example.org" style="x" onclick="y">z</a>',
    "# <iframe src=//evil.example>",
    "\u202eevil\u202c \u2066x\u2069 \ufeff zero\u200bwidth",
    "Ω≈ç√∫ ﷽ 👩‍👩‍👧‍👦 田中さん مرحبا \u200b ̗̺͖̹̯͓",
    "' OR 1=1; DROP TABLE posts; -- {{ 7*7 }} ${7*7} %n %s",
]


def all_of_them(corpora: Path | None) -> Iterator[str]:
    """Every string, one after the other."""
    yield from SAMPLES
    if corpora is None:
        return
    for item in json.loads((corpora / "xss/h5sc/items.json").read_text(encoding="utf-8")):
        yield item["data"]
    yield from (corpora / "xss/payloadbox/xss-payload-list.txt").read_text(encoding="utf-8").splitlines()
    yield from (corpora / "xss/owasp/XSS_Filter_Evasion_Cheat_Sheet.md").read_text(encoding="utf-8").split("```")
    yield from (file.read_text(encoding="utf-8") for file in sorted((corpora / "xss/bleach_tests_data").glob("*.test")))
    yield from json.loads((corpora / "strings/blns/blns.json").read_text(encoding="utf-8"))
