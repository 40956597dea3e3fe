"""Sentences: verbatim, where they say they stand, and only what is material."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance.digests import noise
from alliance.digests.sentences import sentences

POST = """Dear colleagues, we think the fund should grow (see para. 5 of E/2006/85). M. Dupont said no.

> what others wrote is not material here
this line belongs to the quotation.

# A heading is no sentence of its author

- The first item is *very important* to us. **All of it matters to everyone here.**
- Second item: why do we
  not ask the Union about it?

```
code is not said by anybody here.
```

    neither is this indented block

Thanks for all of this work. See http://example.org/a for it.

The U.N. should act. 😀 Emoji stand in this sentence too

Best regards,
Ann Example of the Civil Society of Everywhere
"""


def texts(body: str, language: str) -> list[str]:
    """The sentences; each stands where it says."""
    found = sentences(body, language)
    assert all(body[one.start : one.end] == one.text for one in found)
    return [one.text for one in found]


def test_what_is_material() -> None:
    assert texts(POST, "en") == [
        "we think the fund should grow (see para. 5 of E/2006/85).",
        "M. Dupont said no.",
        "The first item is *very important* to us.",
        "All of it matters to everyone here.",
        "Second item: why do we\n  not ask the Union about it?",
        "The U.N. should act.",
        "😀 Emoji stand in this sentence too",
    ]


@pytest.mark.parametrize(
    ("language", "body", "expected"),
    [
        ("ru", "Уважаемые коллеги! План, т.е. программа действий, принят. Г. Иванов против этого плана.",
         ["План, т.е. программа действий, принят.", "Г. Иванов против этого плана."]),
        ("fr", "M. Dupont est d'accord avec le projet. « Oui, nous le voulons bien. » dit-il.",
         ["M. Dupont est d'accord avec le projet.", "« Oui, nous le voulons bien. » dit-il."]),
        ("es", "El Sr. Pérez dijo que sí a todo. ¿Por qué no se hace nada?", ["El Sr. Pérez dijo que sí a todo.", "¿Por qué no se hace nada?"]),
        ("zh", "各位同事，我们支持该提案。但是资金从哪里来？", ["我们支持该提案。", "但是资金从哪里来？"]),
        ("ar", "السلام عليكم. هذا نص طويل عن الحكومة الإلكترونية في بلادنا. هل هذا سؤال مهم لنا جميعا؟",
         ["هذا نص طويل عن الحكومة الإلكترونية في بلادنا.", "هل هذا سؤال مهم لنا جميعا؟"]),
    ],
)  # fmt: skip
def test_six_languages(language: str, body: str, expected: list[str]) -> None:
    assert texts(body, language) == expected


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Who will pay for the school lines in the north?", "question"),
        ("States should publish what they spend.", "proposal"),
        ("Could the secretariat tell us the date of the review?", "question"),
        ("Please send the figures of last year to the group.", "request"),
        ("The network reached nine provinces.", "statement"),
    ],
)
def test_kinds(text: str, kind: str) -> None:
    assert noise.kind_of(text, "en") == kind


@pytest.mark.parametrize(
    "text",
    [
        "Thanks!",
        "+1",
        "I agree.",
        "http://example.org/a/b/c",
        "Hello all,",
        "…",
        "1. 2. 3. 4. 5. 6. 7.",
        "Many thanks for this post of yours.",
    ],
)
def test_chatter_is_not_material(text: str) -> None:
    assert sentences(text, "en") == []


@given(
    st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=400), st.sampled_from(["ar", "zh", "en", "fr", "ru", "es", "xx"])
)
def test_positions_hold_for_any_text(body: str, language: str) -> None:
    texts(body, language)


@given(
    st.lists(
        st.sampled_from(
            ["The fund should pay for it. ", "> ", "\n", "\n\n", "- ", "**", "```", "    ", "| a | b |\n", "-- \n", "🎉", "i.e. ", "”"]
        ),
        max_size=40,
    )
)
def test_positions_hold_for_any_markdown(pieces: list[str]) -> None:
    texts("".join(pieces), "en")


def test_a_long_post_is_quick() -> None:
    assert len(texts("The fund should pay for every line it orders. " * 2200, "en")) == 2200
    assert texts("x" * 100_000, "en") == []


def test_corpora(corpora: Path | None) -> None:
    """Real declarations in six languages, where the larger collections are at hand."""
    samples = (
        [POST] if corpora is None else [POST, *(path.read_text("utf-8") for path in sorted(corpora.glob("udhr_six_languages/*.html")))]
    )
    for sample in samples:
        for language in ("ar", "zh", "en", "fr", "ru", "es"):
            texts(sample, language)
