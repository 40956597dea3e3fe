"""How well quotes and signatures are told from what people wrote: `python -m bench.reply_trimming` (needs ALLIANCE_CORPORA).

Exact match of the text (lines compared without the spaces at their ends), and words of the person's own that were lost.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from pathlib import Path

from alliance.mailing import incoming_text

HTML_SAID = "Hi. I am fine.\n\nThanks,\nAlex"


def talon(folder: Path) -> list[tuple[str, bytes, str]]:
    """(name, message, expected) of talon's standard replies."""
    cases = []
    for file in sorted(folder.glob("standard_replies/*.eml")):
        said = file.with_name(f"{file.stem}_reply_text")
        cases.append((file.stem, file.read_bytes(), said.read_text() if said.exists() else "Hello"))
    return cases


def talon_html(folder: Path) -> list[tuple[str, bytes, str]]:
    """The same of its HTML replies, as mails without a plain part."""
    head = b"From: a@example.org\nMIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"
    return [(file.stem, head + file.read_bytes(), HTML_SAID) for file in sorted(folder.glob("html_replies/*.html"))]


def normal(text: str, *, loosely: bool = False) -> str:
    """The text without what makes no difference."""
    lines = [line.rstrip() for line in text.replace("\r", "").strip().split("\n")]
    return " ".join(" ".join(lines).split()) if loosely else "\n".join(lines)


def lost(said: str, got: str) -> int:
    """Words expected that are not there."""
    return sum((Counter(said.split()) - Counter(got.split())).values())


def score(name: str, cases: list[tuple[str, bytes, str]], *, loosely: bool = False) -> None:
    """Print how many are exact, which are not, and how many own words were lost."""
    exact = words = 0
    for case, raw, said in cases:
        got = incoming_text.read(raw).text
        right = normal(said, loosely=loosely) == normal(got, loosely=loosely)
        exact, words = exact + right, words + lost(said, got)
        if not right:
            print(f"  {name}/{case}: {got!r}")
    print(f"{name}: {exact} of {len(cases)} exact, {words} own words lost")


def main() -> None:
    """Score every set there is."""
    corpora = Path(os.environ.get("ALLIANCE_CORPORA", ""))
    folder = corpora / "reply_trim" / "talon" / "tests" / "fixtures"
    if not folder.is_dir():
        sys.exit("ALLIANCE_CORPORA must name a folder that holds reply_trim/")
    score("talon", talon(folder))
    score("talon html", talon_html(folder), loosely=True)


if __name__ == "__main__":
    main()
