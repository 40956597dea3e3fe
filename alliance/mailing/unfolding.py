"""What was cut off a mail that became a post, to be opened below it: for whoever may read the post, as long as it says what the mail said.

It is kept with the record of the mail, so it is nowhere but on the page: not searched, not in digests, mails, feeds or exports. Where
authors are not named it is not shown, for a signature or a quote would name them; nor what repeats what is gone (repeating.py); nor are
addresses and links that act for somebody, which the mails quoted in it were full of.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from markupsafe import Markup
from sqlalchemy import Row, Select, exists, or_, select

from alliance.core import db, outbox, settings
from alliance.core.i18n import gettext as _
from alliance.discussions import counters, fragments
from alliance.discussions.models import Discussion, Post
from alliance.events import PostEdited
from alliance.groups.models import Space
from alliance.mailing.masking import hide_addresses
from alliance.mailing.models import IncomingMail
from alliance.mailing.repeating import near, repeating, said_by
from alliance.moderation.models import ReviewItem

MOST = 4000  # characters on the page
_KEY = "A-Za-z0-9_-"  # of what keys are made; words have no capitals among small letters
_SECRET = re.compile(rf"(?<![{_KEY}])(?=[{_KEY}]*[A-Z])(?=[{_KEY}]*[a-z])(?=[{_KEY}]*(?:\d|[a-z][A-Z]))[{_KEY}]{{20,}}")
_SHOWN = Markup('<details class="fold"><summary>{}</summary><div class="fold-body"><pre class="kept" dir="auto">{}</pre></div></details>')
_WHOLE = Markup('<a href="/p/{}/cut">{}</a>')


@fragments.part("mail", 95)
def rests(posts: Sequence[Row[Any]]) -> Mapping[int, Markup]:
    """What was cut off posts that came by mail."""
    wanted = [post.id for post in posts if post.status == "visible" and post.revision == 1 and not post.imported]
    if not wanted:
        return {}
    rows = db.session().execute(_cuts().where(Post.id.in_(wanted))).all()
    gone = repeating({row.id: row[1:] for row in rows})
    found = {row.id: readable(row.cut[: 2 * MOST]) for row in rows if row.id not in gone}
    return {post_id: _folded(post_id, cut) for post_id, cut in found.items() if cut}


def _folded(post_id: int, cut: str) -> Markup:
    shown = Markup.escape(cut)
    if len(cut) > MOST:
        shown = Markup("{}… {}").format(cut[:MOST].rstrip(), _WHOLE.format(post_id, _("All of it")))
    return _SHOWN.format(_("Cut off the e-mail"), shown)


def whole(post_id: int) -> str:
    """All that was cut off a post (of which somebody else makes sure that it may be read); "" where nothing is to be shown."""
    row = db.session().execute(_cuts().where(Post.id == post_id)).first()
    return readable(row.cut) if row is not None and not repeating({row.id: row[1:]}) else ""


def _cuts() -> Select[*tuple[Any, ...]]:
    query: Select[*tuple[Any, ...]] = select(Post.id, IncomingMail.cut, Post.discussion_id, Post.parent_id).join(
        IncomingMail, IncomingMail.post_id == Post.id
    )
    query = query.join(Discussion, Discussion.id == Post.discussion_id)
    query = query.join(Space, Space.id == Post.space_id).where(IncomingMail.status == "posted", IncomingMail.cut != "")
    query = query.where(Post.status == "visible", Post.revision == 1, Post.written_by_id.is_(None))
    # Whoever let it through after a rule had held it saw the post alone.
    query = query.where(~exists().where(ReviewItem.post_id == Post.id, ReviewItem.kind == "held_post"))
    return query.where(~or_(Discussion.attribution == "type", Space.attribution == "type"))


def show_again(post_id: int | None, discussion_ids: Collection[int]) -> None:
    """A post, or some of these discussions, went or came back: posts below which that is to be read, or no more, are made anew.

    A transaction of its own for each: discussions are held one at a time.
    """
    said = said_by(post_id) if post_id is not None else None
    rows = db.session().execute(_cuts().where(Post.discussion_id.in_(near(discussion_ids)))).all()
    for row in [one for one in rows if said is None or said.is_in(one.cut, one.parent_id)]:
        with db.transaction():
            post = counters.touch(row.id)
            outbox.publish(PostEdited(post.id, post.discussion_id, post.space_id))


def readable(cut: str) -> str:
    """What was cut, without addresses, and without links of ours that act for whoever has them."""
    # A long link may be broken over lines, quoted or not: what is left of it then looks like the rest of a key.
    own = re.compile(rf"{re.escape(settings.current().base_url)}/(?!(?:d|p)/\d+(?:[/#?]|\b))\S*")
    return hide_addresses(_SECRET.sub("…", own.sub("…", cut))).strip("\n")
