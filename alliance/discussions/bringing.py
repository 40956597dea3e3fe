"""What was said elsewhere is brought in: many posts in one transaction, each discussion of which is held once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, update
from sqlalchemy.orm.attributes import set_committed_value

from alliance.accounts.models import Person
from alliance.core import db, outbox, plain, rows, text
from alliance.core.names import named
from alliance.discussions import confiding, linking, masks
from alliance.discussions.checks import check_body, check_title
from alliance.discussions.counters import hold, is_veiled
from alliance.discussions.models import Discussion, Post
from alliance.discussions.services import Voice, add
from alliance.events import DiscussionOpened
from alliance.groups.models import Space
from alliance.policy import Actor, require

_SPACES: Any = Space.__table__
_OPENED = update(_SPACES).where(_SPACES.c.id == bindparam("which")).values(discussions_count=_SPACES.c.discussions_count + 1)


@dataclass(frozen=True, slots=True)
class Said:
    """A text from elsewhere: by whom, when, in which language, and its HTML with no name linked in it and no file shown."""

    author: Person
    at: datetime
    body: str
    made: text.Rendered
    language: str | None


class Bringing:
    """One transaction that brings posts into a space. `bodies`: the texts of all of them, whose names are looked up at once."""

    def __init__(self, actor: Actor, space: Space, bodies: Iterable[str]) -> None:
        self._actor, self._space = actor, space
        self._names = linking.known({name for body in bodies for name in named(body)})
        self._held: dict[int, Discussion] = {}

    def open(self, title: str, said: Said) -> Post:
        """A discussion with its first post.

        Raises:
            Refused, Invalid: nothing is written.
        """
        require(self._actor, "discussion.open", self._space)
        line = check_title(title)
        check_body(said.body)
        discussion = rows.add(
            Discussion(
                space_id=self._space.id, title=line, slug=text.slugify(line), language=said.language, author_id=said.author.id,
                last_post_at=said.at, created_at=said.at, imported=True, next_number=1, posts_count=0, version=0, turns={}, voices={},
            )
        )  # fmt: skip
        set_committed_value(discussion, "space", self._space)
        discussion.confided_at = confiding.since_opened(self._space.id, said.at)
        self._held[discussion.id] = discussion
        outbox.publish(DiscussionOpened(discussion.id, self._space.id))
        opening = self._add(discussion, said, None)
        discussion.stakeholder_type, discussion.author_id, discussion.written_by_id = masks.as_shown(opening)
        if not is_veiled(discussion):
            plain.run(_OPENED, {"which": self._space.id})
        return opening

    def answer(self, parent: Post, said: Said) -> Post:
        """An answer to a post that is there, whatever became of it since.

        Raises:
            Refused, Invalid: nothing is written.
        """
        check_body(said.body)
        discussion = self._held.get(parent.discussion_id)
        if discussion is None:
            discussion = self._held[parent.discussion_id] = hold(db.session(), parent.discussion_id)
        require(self._actor, "discussion.reply", discussion)
        return self._add(discussion, said, parent)

    def _add(self, discussion: Discussion, said: Said, parent: Post | None) -> Post:
        made = said.made
        if "/attachments/" in said.body or not self._names.keys().isdisjoint(named(said.body)):
            made = linking.rendered(said.body, writer_id=said.author.id)
        return add(discussion, Voice(said.author, None, said.at, imported=True), said.body, made, said.language, parent, held=None)
