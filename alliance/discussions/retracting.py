"""What is hidden or withdrawn is quoted no more: not in what others made of it, nor in the Markdown they wrote. Neither is
what is said in a group that is not public, or in a closed discussion, anywhere outside of it.

The HTML of a post that quotes is made anew when what it quotes goes or comes back (handlers.py), so that pages, feeds and
search need not ask. What it was written as stays as it is, and is cleaned where it is read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import aliased

from alliance.core import db, i18n, outbox, text
from alliance.core.i18n import gettext as _
from alliance.discussions import counters, linking
from alliance.discussions.models import Discussion, Post, PostRevision, Quote
from alliance.events import PostEdited
from alliance.groups.models import Space

LEAST_LETTERS = 12  # fewer are said by anybody
_there = aliased(Discussion)
_BLOCKQUOTE = re.compile(r"</?blockquote>")


def quoting(post_id: int) -> Sequence[int]:
    """The posts that quote a post."""
    query = select(Quote.post_id).where(Quote.quoted_post_id == post_id).distinct()
    return db.session().scalars(query.order_by(Quote.post_id)).all()


def quoting_space(space_id: int) -> Sequence[int]:
    """The posts elsewhere that quote what is said in a space."""
    quoting, quoted = aliased(Post), aliased(Post)
    query = select(Quote.post_id).join(quoted, quoted.id == Quote.quoted_post_id).join(quoting, quoting.id == Quote.post_id)
    query = query.where(quoted.space_id == space_id, quoting.space_id != space_id).distinct()
    return db.session().scalars(query.order_by(Quote.post_id)).all()


def quoting_discussion(discussion_id: int) -> Sequence[int]:
    """The posts elsewhere that quote what is said in a discussion, and those in it that quote what is said elsewhere."""
    quoting, quoted = aliased(Post), aliased(Post)
    query = select(Quote.post_id).join(quoted, quoted.id == Quote.quoted_post_id).join(quoting, quoting.id == Quote.post_id)
    either = or_(quoted.discussion_id == discussion_id, quoting.discussion_id == discussion_id)
    query = query.where(either, quoted.discussion_id != quoting.discussion_id).distinct()
    return db.session().scalars(query.order_by(Quote.post_id)).all()


def note_written_by_hand(post_id: int) -> None:
    """Note which posts of its discussion quote a post that went without saying so: lines of quotations that repeat it."""
    with db.transaction() as session:
        gone = session.get(Post, post_id)
        if gone is None or gone.status == "visible":
            return
        said = f"{letters(gone.body)} {letters(text.plain(gone.html))}"
        later = select(Post.id, Post.body).where(
            Post.discussion_id == gone.discussion_id, Post.number > gone.number, Post.body.contains(">")
        )
        for other_id, body in session.execute(later.where(Post.id.not_in(quoting(post_id)))).all():
            lines = (letters(line) for line in body.splitlines() if line.lstrip().startswith(">"))
            if any(len(words) >= LEAST_LETTERS and words in said for words in lines):
                session.add(Quote(post_id=other_id, quoted_post_id=post_id, revision=gone.revision, start=0, end=len(gone.body)))


def rendered(post_id: int, body: str, language: str | None) -> text.Rendered:
    """The HTML of a post that may quote others: what was taken away of them is left out."""
    made = linking.rendered(body, post_id=post_id)
    html = made.html
    with i18n.use_locale(language or i18n.SOURCE):
        for gone_id, said in _gone([post_id]).get(post_id, {}).items():
            html = without(html, gone_id, said)
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


def _gone(post_ids: Sequence[int]) -> dict[int, dict[int, str]]:
    """What posts quote and nobody may read any more: of each post, the letters of each it quotes."""
    quoting = aliased(Post)
    query = select(Quote.post_id, Post.id, Post.body, Post.html).join(Post, Post.id == Quote.quoted_post_id)
    query = query.join(quoting, quoting.id == Quote.post_id).join(Space, Space.id == Post.space_id)
    query = query.join(Discussion, Discussion.id == Post.discussion_id).join(_there, _there.id == quoting.discussion_id)
    outside = and_(Discussion.confided_at.is_not(None), or_(quoting.space_id != Post.space_id, _there.confided_at.is_(None)))
    elsewhere = or_(and_(quoting.space_id != Post.space_id, Space.visibility != "public"), outside)
    found: dict[int, dict[int, str]] = {}
    for post_id, gone_id, body, html in db.session().execute(
        query.where(Quote.post_id.in_(post_ids), or_(Post.status != "visible", elsewhere))
    ):
        found.setdefault(post_id, {})[gone_id] = f"{letters(body)} {letters(text.plain(html))}"
    # What was hidden and written anew stays gone, though the post itself can be read again.
    earlier = select(Quote.post_id, PostRevision.post_id, PostRevision.body).join(
        PostRevision, PostRevision.post_id == Quote.quoted_post_id
    )
    for post_id, gone_id, body in db.session().execute(earlier.where(Quote.post_id.in_(post_ids), PostRevision.suppressed)):
        known = found.setdefault(post_id, {})
        known[gone_id] = (
            f"{known.get(gone_id, '')} {letters(body)} {letters(text.plain(linking.rendered(body, post_id=gone_id).html))}".strip()
        )
    return found


def cleaner(post_id: int) -> Callable[[str], str]:
    """What to pass the Markdown of a post through (that of its earlier revisions too) before anybody reads it."""
    gone = _gone([post_id]).get(post_id, {})
    return lambda body: _cleaned(body, gone)


def bodies(posts: Sequence[Any]) -> dict[int, str]:
    """The Markdown of posts, for everybody to read."""
    gone = _gone([post.id for post in posts])
    return {post.id: _cleaned(post.body, gone.get(post.id, {})) for post in posts}


def _taken_away() -> str:
    return _("[The quoted post was taken away.]")


def _cleaned(body: str, gone: dict[int, str]) -> str:
    """Markdown without the quoted lines that repeat what is gone."""
    if not gone:
        return body
    lines: list[str] = []
    note = f"> {_taken_away()}\n"
    for line in body.splitlines(keepends=True):
        words = letters(line) if line.lstrip().startswith(">") else ""
        if not words or not any(words in said for said in gone.values()):
            lines.append(line)
        elif not lines or lines[-1] != note:
            lines.append(note)
    return "".join(lines)


def without(html: str, gone_id: int, said: str) -> str:
    """HTML in which nothing quotes a post: neither the quotation that follows a link to it, nor any that repeats its letters."""
    parts: list[str] = []
    position = 0
    for start, end in _quotations(html):
        words = letters(text.plain(html[start:end]))
        before = html[max(position, html.rfind("<p>", position, start)) : start] if start > position else ""
        if f'href="/p/{gone_id}"' in before or (words and words in said):
            parts += [html[position:start], f"<blockquote>\n<p><em>{_taken_away()}</em></p>\n</blockquote>"]
            position = end
    return "".join([*parts, html[position:]])


def letters(plain: str) -> str:
    """What is said, without how it is marked, wrapped or quoted."""
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
