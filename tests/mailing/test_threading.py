from __future__ import annotations

import io
import random

from alliance.mailing import archive
from alliance.mailing.threading_ import arrange
from tests.mailing import samples


def tree(*messages: bytes) -> dict[str, str | None]:
    entries = list(archive.entries(io.BytesIO(b"".join(messages))))
    placed = arrange(entries)
    seen: set[str] = set()
    for one in placed:
        assert one.parent is None or one.parent in seen
        seen.add(one.entry.key)
    assert len(seen) == len(entries)
    return {one.entry.key.removesuffix("@example.org"): one.parent.removesuffix("@example.org") if one.parent else None for one in placed}


def test_answers_stand_under_what_they_answer() -> None:
    assert tree(
        samples.simple(1), samples.simple(2, answers="<1@example.org>"), samples.simple(3, references="<1@example.org> <2@example.org>")
    ) == {"1": None, "2": "1", "3": "2"}


def test_an_answer_that_comes_first_in_the_file() -> None:
    assert tree(samples.simple(2, answers="<1@example.org>"), samples.simple(1)) == {"1": None, "2": "1"}


def test_loops_are_broken() -> None:
    assert sorted(tree(samples.simple(1, answers="<2@example.org>"), samples.simple(2, answers="<1@example.org>")).values(), key=str) in (
        ["1", None],
        ["2", None],
    )
    assert tree(samples.simple(1, answers="<1@example.org>", references="<1@example.org> <1@example.org>")) == {"1": None}
    loop = [samples.simple(n, answers=f"<{n % 5 + 1}@example.org>", references=f"<{(n + 2) % 5 + 1}@example.org>") for n in range(1, 6)]
    assert len(tree(*loop)) == 5


def test_answers_to_a_missing_message_stay_together() -> None:
    made = tree(samples.simple(2, answers="<1@example.org>", subject="a"), samples.simple(3, answers="<1@example.org>", subject="b"))
    assert made == {"2": None, "3": "2"}


def test_a_missing_link_is_bridged() -> None:
    assert tree(samples.simple(1), samples.simple(3, references="<1@example.org> <2@example.org>")) == {"1": None, "3": "1"}


def test_answers_without_reference_go_by_subject_and_others_do_not() -> None:
    assert tree(samples.simple(1), samples.simple(2, subject="Re: fibre to  schools"), samples.simple(3)) == {
        "1": None,
        "2": "1",
        "3": None,
    }


def test_old_in_reply_to_sentences() -> None:
    made = tree(samples.simple(1), samples.simple(2, subject="x", answers="Your message of Thu <jane> <1@example.org>"))
    assert made["2"] == "1"


def test_random_references_never_loop_nor_lose_anything() -> None:
    chance = random.Random(4)
    for _ in range(50):
        messages = [
            samples.simple(
                n,
                subject=f"s{chance.randrange(3)}",
                references=" ".join(f"<{chance.randrange(60)}@example.org>" for _ in range(chance.randrange(4))),
            )
            for n in range(1, 40)
        ]
        tree(*messages)


def test_two_answers_to_a_digest_have_nothing_to_do_with_each_other() -> None:
    digest = "<mailman.13.1400234404.16809.r-ug-ottawa@r-project.org>"
    assert tree(
        samples.simple(1, answers=digest, subject="Re: list Digest, Vol 31, Issue 3"),
        samples.simple(2, answers=digest, subject="Re: Show of hands"),
        samples.simple(3, references=f"{digest} <2@example.org>", subject="Re: Show of hands"),
    ) == {"1": None, "2": None, "3": "2"}


def test_who_forwards_or_names_a_topic_does_not_answer_by_subject() -> None:
    for subject in ("Fwd: Fibre to schools", "FW: Fibre to schools", "R: Fibre to schools", "[list] WG: Fibre to schools"):
        assert tree(samples.simple(1), samples.simple(2, subject=subject)) == {"1": None, "2": None}
        assert tree(samples.simple(1), samples.simple(2, subject=subject, answers="<1@example.org>")) == {"1": None, "2": "1"}
