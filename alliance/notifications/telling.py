"""Telling people: who answered them, who named them, what is new in what they watch, who thanked them, what moderators did.

One notification per person and event, however often a listener runs; never of one's own doing, never of what is muted
or may not be read. Those who watch are told in batches, a query to find them and one to write them, the first batch in the
transaction of the others, each further one in its own: two thousand of them hold nobody up.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from alliance.accounts.models import Person
from alliance.core import clock, db, outbox, rows
from alliance.core.db import insert_missing
from alliance.discussions import masks
from alliance.discussions.models import Post
from alliance.events import PersonNotified, WatchersNotified
from alliance.notifications import queries
from alliance.notifications.models import Notification
from alliance.watching import queries as watching

MAX_MENTIONS = 20
BATCH = 500
GROUP_BATCH = 50
FEW = 20  # posts told of in one transaction: nobody who writes waits for more
_MENTION = re.compile(r"(?<![\w@/.-])@([a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?)(?![\w@])", re.IGNORECASE)
_NOT_SAID = re.compile(r"^(?:```|~~~)[\s\S]*?(?:^(?:```|~~~)|\Z)|^ {0,3}>.*$|^(?: {4}|\t).*$|`[^`\n]+`", re.MULTILINE)
Concerned = dict[int, tuple[Person, str]]


def mentioned(body: str) -> list[str]:
    """The handles a text names with @, outside of quotes and code."""
    found = dict.fromkeys(match[1].lower() for match in _MENTION.finditer(_NOT_SAID.sub(" ", body)))
    return list(found)[:MAX_MENTIONS]


def tell_of(told: Sequence[tuple[int, int]]) -> None:
    """Notify whoever new posts concern, then whoever watches: (post, event) of each, a few in one transaction.

    Asked again for the same event, only those are told who were not yet.
    """
    for start in range(0, len(told), FEW):
        with db.transaction():
            posts = queries.posts_with_parents([post_id for post_id, _event in told[start : start + FEW]])
            some = [_tell_some(posts.get(post_id), event_id) for post_id, event_id in told[start : start + FEW]]
        for (post_id, event_id), (told_already, groups, after) in zip(told[start : start + FEW], some, strict=True):
            _tell_groups(post_id, event_id, groups, told_already)
            _tell_others(post_id, event_id, told_already, after)


def _tell_some(post: Post | None, event_id: int) -> tuple[set[int], list[int], int | None]:
    """Whom a post concerns, and the first of those who watch; returns the former, the groups it names, and where to go on with the latter.

    Where it names groups, their members come first, and all who watch after them.
    """
    if post is None or post.imported or post.status != "visible":
        return set(), [], None
    handles = mentioned(post.body)
    named = queries.by_handle(handles)
    people = {person.id: person for person in named} | {one.id: one for one in (post.discussion.writer, *_answered(post))}
    levels = watching.levels(list(people), post.discussion)
    concerned = _concerned(post, named, levels)
    for person, kind in concerned.values():
        if levels[person.id] != "mute" and queries.may_read(person, post):
            _tell(person, kind, post, event_id)
    groups = queries.groups_by_slug(handles, post.writer_id) if len(named) < len(handles) else []
    return set(concerned) | {post.writer_id}, groups, 0 if groups else _tell_watchers(post, event_id, set(concerned))


def _tell_others(post_id: int, event_id: int, but: set[int], after: int | None) -> None:
    """The rest of those who watch."""
    while after is not None:
        with db.transaction():
            post = queries.posts_with_parents([post_id]).get(post_id)
            after = _tell_watchers(post, event_id, but, after) if post is not None else None


def _tell_groups(post_id: int, event_id: int, groups: list[int], done: set[int]) -> None:
    """Notify the members of working groups a post names, if its author is one of them, in batches; `done` grows by them."""
    members = [0] if groups else []
    while members:
        with db.transaction():
            post = queries.posts_with_parents([post_id]).get(post_id)
            found = queries.members_after(groups, members[-1], GROUP_BATCH) if post is not None else []
            members = [person.id for person in found]
            levels = watching.levels(members, post.discussion) if post is not None and found else {}
            for person in found:
                if post is not None and person.id not in done and levels[person.id] != "mute" and queries.may_read(person, post):
                    _tell(person, "mention", post, event_id)
            done.update(members)


def _answered(post: Post) -> list[Person]:
    return [post.parent.writer] if post.parent is not None else []


def _concerned(post: Post, named: list[Person], levels: Mapping[int, str]) -> Concerned:
    """Whom a post concerns, and why: whom it answers, whose discussion it is, whom it names."""
    found: Concerned = {person.id: (person, "reply") for person in _answered(post)}
    opener = post.discussion.writer
    # Every post answers whoever opened the discussion, unless they said that they do not want to watch it.
    if post.parent is None or levels[opener.id] == "watch":
        found.setdefault(opener.id, (opener, "reply"))
    for person in named:
        found.setdefault(person.id, (person, "mention"))
    found.pop(post.writer_id, None)
    return found


def tell_of_thanks(post_id: int, by: int, event_id: int) -> None:
    """Notify the author of a post that somebody thanks for it: once per post and person who thanks."""
    with db.transaction() as session:
        post, thankful = queries.posts_with_parents([post_id]).get(post_id), session.get(Person, by)
        if (
            post is None
            or thankful is None
            or thankful.suspended_at is not None
            or by == post.writer_id
            or queries.is_thanked(post.writer_id, post_id, by)
        ):
            return
        if _listens(post.writer, post) and queries.may_read(post.writer, post):
            _tell(post.writer, "thanks", post, event_id, actor_id=None if masks.is_masked(post.discussion) else by)


def tell_of_moderation(post_id: int, detail: str, event_id: int) -> None:
    """Notify the author of what moderators did with a post; of a decision (`decided`), those who flagged it."""
    with db.transaction():
        post = queries.posts_with_parents([post_id]).get(post_id)
        if post is None:
            return
        moderator = queries.last_moderator(post_id)
        for person in queries.flaggers(post_id) if detail == "decided" else [post.writer]:
            if person.id != moderator and _listens(person, post) and queries.may_read_space(person, post):
                _tell(person, "moderation", post, event_id, detail=detail)


def tell_of_search(post_id: int, person_id: int, event_id: int) -> None:
    """Notify somebody of a post that answers a search they saved."""
    with db.transaction() as session:
        post, person = queries.posts_with_parents([post_id]).get(post_id), session.get(Person, person_id)
        if post is None or person is None or post.status != "visible" or queries.is_told_of(person_id, post_id):
            return
        if _listens(person, post) and queries.may_read(person, post):
            _tell(person, "search", post, event_id)


def _listens(person: Person, post: Post) -> bool:
    return watching.levels([person.id], post.discussion)[person.id] != "mute"


def _tell(person: Person, kind: str, post: Post, event_id: int, *, detail: str = "", actor_id: int | None = None) -> None:
    """Write a notification where one is wanted, and let sockets and mail know (mail asks again when it is sent)."""
    if not person.claimed or person.confirmed_at is None or person.suspended_at is not None or queries.is_told(person.id, event_id):
        return
    wanted, number = watching.wanted(person.id), 0
    if (kind, "page") in wanted:
        row = Notification(
            person_id=person.id, event_id=event_id, kind=kind, detail=detail, post_id=post.id, discussion_id=post.discussion_id,
            actor_id=actor_id, created_at=clock.now(),
        )  # fmt: skip
        number = rows.add(row).id
    if number or (kind, "mail") in wanted:
        outbox.publish(PersonNotified(number, person.id, post.id, kind, detail))


def _tell_watchers(post: Post, event_id: int, but: set[int], after: int = 0) -> int | None:
    """Notify the next of those who watch where a post stands, those left out whom it concerns; returns where to go on, None at the end."""
    found = watching.watchers(post, "watched", "page", after, BATCH)
    news = [_of_watcher(post, person_id, event_id) for person_id, wanted in found if wanted and person_id not in but]
    if news:
        db.session().connection().execute(insert_missing(Notification), news)
    if len(found) == BATCH:
        return found[-1][0]
    # Said once, at the end, and only if somebody watches: mail has preferences of its own.
    if after or any(person_id not in but for person_id, _wanted in found):
        outbox.publish(WatchersNotified(post.id, post.discussion_id, post.space_id, event_id))
    return None


def _of_watcher(post: Post, person_id: int, event_id: int) -> dict[str, object]:
    return {
        "person_id": person_id, "event_id": event_id, "kind": "watched", "detail": "", "post_id": post.id, "discussion_id": post.discussion_id,
        "created_at": clock.now(),
    }  # fmt: skip
