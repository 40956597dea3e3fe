"""Quotes that know what they quote: post, revision and the range of characters in its Markdown.

A form carries them as "123.2.10.50" (post, revision, start, end), with a blank between two. What was quoted of a post
that is hidden or withdrawn afterwards is taken out of the posts that quote it, and comes back with it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from alliance.core import db, i18n, outbox, text
from alliance.core.i18n import gettext as _
from alliance.discussions import counters, linking
from alliance.discussions.models import Post, PostRevision, Quote
from alliance.events import PostEdited
from alliance.policy import Actor, visible

MAX_QUOTES = 20
_REFERENCE = re.compile(r"(\d{1,9})\.(\d{1,6})\.(\d{1,6})\.(\d{1,6})")
_MARKUP = re.compile(r"([\\`*_{}\[\]<>()#+!|~-])")
_BLOCKQUOTE = re.compile(r"</?blockquote>")
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
    name = _MARKUP.sub(r"\\\1", post.author.name)
    markdown = f"[#{post.number}](/p/{post.id}) {name}:\n{text.quote(post.body[start:end])}\n\n"
    return Quotation(markdown, f"{post.id}.{post.revision}.{start}.{end}")


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
    target = near * len(letters)
    best = position = letters.find(wanted)
    while 0 <= position < target:
        best = position if abs(position - target) <= abs(best - target) else best
        position = letters.find(wanted, position + 1)
    return position if position >= 0 and abs(position - target) < abs(best - target) else best


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


def _length(post: Post, revision: int) -> int:
    """How long a revision of a post is, 0 when there is none of this number."""
    if revision == post.revision:
        return len(post.body)
    earlier = select(PostRevision.body).where(PostRevision.post_id == post.id, PostRevision.number == revision)
    return len(db.session().scalar(earlier) or "")


def quoting(post_id: int) -> Sequence[int]:
    """The posts that quote a post."""
    query = select(Quote.post_id).where(Quote.quoted_post_id == post_id).distinct()
    return db.session().scalars(query.order_by(Quote.post_id)).all()


def rendered(post_id: int, body: str, language: str | None) -> text.Rendered:
    """The HTML of a post that may quote others: what was taken away of them is left out."""
    made = linking.rendered(body, post_id=post_id)
    gone = select(Post).join(Quote, Quote.quoted_post_id == Post.id).where(Quote.post_id == post_id, Post.status != "visible").distinct()
    html = made.html
    with i18n.use_locale(language or i18n.SOURCE):
        for one in db.session().scalars(gone):
            html = without(html, one)
    return text.Rendered(html, made.version)


def render_again(post_id: int) -> bool:
    """Make the HTML of a post that quotes others anew, when something it quotes went or came back; whether it changed.

    A transaction of its own for each: discussions are held one at a time.
    """
    with db.transaction() as session:
        post = session.get_one(Post, post_id)
        if rendered(post.id, post.body, post.language).html == post.html:
            return False
        post = counters.touch(post_id)
        post.html = rendered(post.id, post.body, post.language).html
        outbox.publish(PostEdited(post.id, post.discussion_id, post.space_id))
        return True


def without(html: str, gone: Post) -> str:
    """HTML in which nothing quotes a post: neither the quotation that follows a link to it, nor any that repeats its words."""
    said = _letters(text.plain(gone.html))
    parts: list[str] = []
    position = 0
    for start, end in _quotations(html):
        words = _letters(text.plain(html[start:end]))
        before = html[max(position, html.rfind("<p>", position, start)) : start] if start > position else ""
        if f'href="/p/{gone.id}"' in before or (words and words in said):
            parts += [html[position:start], f"<blockquote>\n<p><em>{_('[The quoted post was taken away.]')}</em></p>\n</blockquote>"]
            position = end
    return "".join([*parts, html[position:]])


def _letters(plain: str) -> str:
    return "".join(character for character in plain if character.isalnum())


def _quotations(html: str) -> list[tuple[int, int]]:
    """Where the outermost quotations of rendered HTML begin and end."""
    found: list[tuple[int, int]] = []
    depth = start = 0
    for match in _BLOCKQUOTE.finditer(html):
        if match[0] == "<blockquote>":
            start = match.start() if depth == 0 else start
            depth += 1
        elif depth:
            depth -= 1
            if depth == 0:
                found.append((start, match.end()))
    return found
