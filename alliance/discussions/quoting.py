"""Quotes that know what they quote: post, revision and the range of characters in its Markdown.

A form carries them as "123.2.10.50" (post, revision, start, end), with a blank between two.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import select

from alliance.core import db, nameless, text
from alliance.discussions import retracting
from alliance.discussions.models import Post, PostRevision, Quote
from alliance.policy import Actor, visible

MAX_QUOTES = 20
_REFERENCE = re.compile(r"(\d{1,9})\.(\d{1,6})\.(\d{1,6})\.(\d{1,6})")
_MARKUP = re.compile(r"([\\`*_{}\[\]<>()#+!|~-])")
_TARGET = re.compile(r"\]\([^()\s]{0,2000}\)")  # where a link leads: in the Markdown, not on the page
_ENDS = 24  # letters by which the ends of a selection are found when not all of it is


@dataclass(frozen=True, slots=True)
class Quotation:
    """A quote to be written: as Markdown, and as the form carries it."""

    markdown: str
    reference: str


def quotation(post: Post, selected: str = "", near: float = 0.0) -> Quotation:
    """Quote a post, or what a reader selected of it.

    Args:
        post: one the reader may read, with its author loaded.
        selected: as it reads on the page, without markup; nothing means the whole.
        near: about where in the post (0 to 1), when it says the same twice.
    """
    start, end = find(post.body, selected, near)
    said = retracting.cleaner(post.id)(post.body[start:end])
    name = escaped(nameless.called(post.author.name))
    markdown = f"[#{post.number}](/p/{post.id}) {name}:\n{text.quote(said)}\n\n"
    return Quotation(markdown, f"{post.id}.{post.revision}.{start}.{end}")


def escaped(name: str) -> str:
    """A name as it stands above a quotation, whatever signs it has."""
    return _MARKUP.sub(r"\\\1", name)


def find(body: str, selected: str, near: float = 0.0) -> tuple[int, int]:
    """Where in Markdown stands what reads like this: letters and digits are compared, markup between them is passed over."""
    read = _TARGET.sub(lambda link: " " * len(link[0]), body)
    places = [index for index, character in enumerate(read) if character.isalnum()]
    letters = "".join(body[index] for index in places)
    wanted = "".join(character for character in selected if character.isalnum())
    if not wanted:
        return 0, len(body)
    first = _nearest(letters, wanted, near)
    last = first + len(wanted)
    if first < 0:
        first = _nearest(letters, wanted[:_ENDS], near)
        last = letters.find(wanted[-_ENDS:], max(first, 0)) + min(_ENDS, len(wanted))
        if first < 0 or last <= first or last - first < len(wanted) // 2:
            return 0, len(body)
    start = places[first]
    while start and body[start - 1] in "*_~`[":
        start -= 1
    return start, _with_punctuation(body, places[last - 1] + 1)


def _nearest(letters: str, wanted: str, near: float) -> int:
    """Of the places where something stands, the one nearest to a part of the whole; -1 where it stands nowhere."""
    target = int(near * len(letters))
    after = letters.find(wanted, target)
    # Forward through the reversed text: `rfind` takes quadratic time for some texts, `find` for none.
    reached = letters[::-1].find(wanted[::-1], max(0, len(letters) - target - len(wanted)))
    before = len(letters) - reached - len(wanted) if reached >= 0 else -1
    if before < 0 or after < 0:
        return max(before, after)
    return before if target - before <= after - target else after


def _with_punctuation(body: str, end: int) -> int:
    if link := _TARGET.match(body, end):
        end = link.end()
    while end < len(body) and body[end] in "*_~`.,;:!?)]}»”’\"'。，；：！？）」』؟،؛":
        end += 1
    return end


def references(given: str | None) -> list[tuple[int, int, int, int]]:
    """The references a form carries, each once; what is not written as one is passed over."""
    found = [tuple(int(number) for number in match.groups()) for match in _REFERENCE.finditer(given or "")]
    return [(one[0], one[1], one[2], one[3]) for one in dict.fromkeys(found)][:MAX_QUOTES]


def keep(actor: Actor, post: Post, given: str | None) -> None:
    """Inside a transaction: note what a new post quotes. References to what the author cannot read, or that fit no text, are dropped."""
    wanted = references(given)
    if not wanted:
        return
    session = db.session()
    readable = select(Post).where(Post.id.in_({one[0] for one in wanted}), visible(actor, Post))
    quoted = {one.id: one for one in session.scalars(readable)}
    for post_id, revision, start, end in wanted:
        if post_id in quoted and f"/p/{post_id})" in post.body and start < end <= _length(quoted[post_id], revision):
            session.add(Quote(post_id=post.id, quoted_post_id=post_id, revision=revision, start=start, end=end))
    if any(one.discussion_id != post.discussion_id for one in quoted.values()):  # perhaps of one that not everybody reads
        session.flush()
        post.html = retracting.rendered(post.id, post.body, post.language).html


def _length(post: Post, revision: int) -> int:
    """How long a revision of a post is, 0 when there is none of this number."""
    if revision == post.revision:
        return len(post.body)
    earlier = select(PostRevision.body).where(PostRevision.post_id == post.id, PostRevision.number == revision)
    return len(db.session().scalar(earlier) or "")
