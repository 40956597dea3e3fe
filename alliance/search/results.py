"""The rows behind keys of the index: those that somebody may read at this moment, with all that a result shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload, selectinload

from alliance.accounts.models import Person
from alliance.attachments.models import Attachment
from alliance.core import db
from alliance.curating.models import Summary
from alliance.digests.models import Digest
from alliance.discussions.models import Post
from alliance.groups.models import Group, Space
from alliance.library.models import LibraryItem
from alliance.policy import Actor, visible
from alliance.search import queries, shelved, summarized
from alliance.stakeholders.models import Organization


def _select(actor: Actor, letter: str) -> Select[Any]:
    if letter == "p":
        return queries.results(actor)
    if letter == "a":
        whole = joinedload(Attachment.post)
        attached = select(Attachment).where(visible(actor, Attachment), Attachment.post_id.is_not(None))
        return attached.options(whole.joinedload(Post.discussion), whole.joinedload(Post.space))
    if letter == "g":
        return select(Digest).where(visible(actor, Digest)).options(joinedload(Digest.space), selectinload(Digest.gathered))
    if letter in {"d", "m"}:
        return shelved.rows(actor) if letter == "d" else summarized.rows(actor)
    if letter == "w":
        return select(Group).where(visible(actor, Group)).options(joinedload(Group.space))
    model: Any = {"u": Person, "o": Organization, "s": Space}[letter]
    return select(model).where(visible(actor, model))


_MODELS: dict[str, Any] = {
    "p": Post,
    "a": Attachment,
    "d": LibraryItem,
    "u": Person,
    "o": Organization,
    "s": Space,
    "g": Digest,
    "w": Group,
    "m": Summary,
}


def _named(letter: str) -> Any:
    """What the number in a key is: the id of a row; of a summary, that of its discussion."""
    return Summary.discussion_id if letter == "m" else _MODELS[letter].id


def rows(actor: Actor, keys: Sequence[str]) -> dict[str, Any]:
    """Rows by key; one statement for each kind that is among them."""
    by_kind: dict[str, list[int]] = {}
    for key in keys:
        by_kind.setdefault(key[0], []).append(int(key[1:]))
    found = {}
    for letter, ids in by_kind.items():
        for row in db.session().scalars(_select(actor, letter).where(_named(letter).in_(ids))).unique():
            found[f"{letter}{row.discussion_id if letter == 'm' else row.id}"] = row
    return found
