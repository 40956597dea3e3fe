"""What a paragraph says and what it rests on: whether a sentence stands verbatim in a post it cites, citations and their hashes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from alliance.core.errors import Invalid
from alliance.core.i18n import LANGUAGES
from alliance.core.i18n import gettext as _
from alliance.core.text import storable
from alliance.digests import queries
from alliance.digests.models import Citation, KeyPoint
from alliance.discussions.models import Post

LONGEST_SENTENCE = 2000
MOST_SENTENCES = 20
MOST_CITATIONS = 30
LONGEST_QUOTE = 1000  # of a post that is cited as a whole


@dataclass(frozen=True, slots=True)
class Worded:
    """A sentence as an editor sends it.

    Attributes:
        text: of the sentence; empty: it goes.
        language: of the text.
        was: its place before (from 1), 0 for a new one: its citations are those it had.
        without: ids of citations that go.
        cites: further posts to cite.
    """

    text: str
    language: str | None = None
    was: int = 0
    without: frozenset[int] = frozenset()
    cites: tuple[int, ...] = ()


def rewrite(point: KeyPoint, sentences: Sequence[Worded]) -> None:
    """Give a paragraph these sentences; each keeps the citations it had, and knows anew whether it is a quotation.

    Raises:
        Invalid: nothing is left, it is too long, or a post to cite is not one everybody may read.
    """
    kept = [one for one in sentences if one.text.strip()]
    _check(kept)
    before = {number: point.cited(number) for number in range(1, len(point.sentences) + 1)}
    texts, citations = [], []
    for number, one in enumerate(kept, start=1):
        cited = [citation for citation in before.pop(one.was, []) if citation.id not in one.without]
        cited += [_citing(post_id, one.text) for post_id in one.cites]
        text, language = " ".join(storable(one.text).split()), one.language if one.language in LANGUAGES else None
        texts.append({"text": text, "language": language, "own": not _find_verbatim(cited, text)})
        for place_, citation in enumerate(_once(cited), start=1):
            citation.sentence, citation.position = number, place_
            citations.append(citation)
    if len(citations) > MOST_CITATIONS:
        raise Invalid.field("cites", _("A paragraph cites at most %(most)s posts.", most=MOST_CITATIONS))
    point.sentences, point.citations = texts, citations
    changed(point)


def _check(sentences: Sequence[Worded]) -> None:
    if not sentences:
        raise Invalid.field("text", _("Write at least one sentence, or drop the paragraph."))
    if len(sentences) > MOST_SENTENCES:
        raise Invalid.field("text", _("A paragraph has at most %(most)s sentences.", most=MOST_SENTENCES))
    if any(len(one.text) > LONGEST_SENTENCE for one in sentences):
        raise Invalid.field("text", _("A sentence has at most %(most)s characters.", most=LONGEST_SENTENCE))


def changed(point: KeyPoint) -> None:
    """Its sentences are others now."""
    point.text = " ".join(str(one["text"]) for one in point.sentences)
    languages = {one["language"] for one in point.sentences}
    point.language = languages.pop() if len(languages) == 1 else None
    point.version += 1


def _once(cited: Sequence[Citation]) -> list[Citation]:
    return list({(one.post_id, one.revision, one.start, one.end): one for one in reversed(cited)}.values())[::-1]


def _find_verbatim(cited: list[Citation], text: str) -> bool:
    """Whether the text stands letter for letter in a cited post (its line breaks aside); the citation then points at it, and leads."""
    for one in list(cited):
        if " ".join(one.quote.split()) == text:
            cited.sort(key=lambda other: other is not one)
            return True
    for one in list(cited):
        body = queries.body_of(one.post, one.revision)
        at = body.find(text)
        if at >= 0:
            one.start, one.end, one.quote, one.hash = at, at + len(text), text, fingerprint(text)
            cited.sort(key=lambda other: other is not one)
            return True
    return False


def _citing(post_id: int, text: str) -> Citation:
    post = queries.public_post(post_id)
    if post is None:
        raise Invalid.field("cites", _("There is no public post %(number)s to cite.", number=post_id))
    at = post.body.find(text)
    return cite(post, at, at + len(text)) if at >= 0 else cite(post, 0, min(len(post.body), LONGEST_QUOTE))


def cite(post: Post, start: int, end: int) -> Citation:
    """A citation of a stretch of a post as it reads now."""
    quote = post.body[start:end]
    return Citation(
        post=post, post_id=post.id, revision=post.revision, start=start, end=end, quote=quote, hash=fingerprint(quote), position=1, sentence=1,
        language=post.language, stakeholder_type=post.stakeholder_type, organization=post.organization.name if post.organization else None,
        country=post.country, posted_at=post.created_at,
    )  # fmt: skip


def fingerprint(text: str) -> str:
    """The SHA-256 of a text, as it is kept beside what is cited."""
    return hashlib.sha256(text.encode()).hexdigest()
