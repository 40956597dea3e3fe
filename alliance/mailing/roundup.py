"""One person's e-mail about everything: chosen from what happened, by what they watch, what they have read and what they may see."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import aliased

from alliance.accounts import session as accounts
from alliance.accounts.models import Person
from alliance.core import db, i18n, nameless
from alliance.core.i18n import gettext as _
from alliance.core.i18n import ngettext
from alliance.core.mail import Draft, message_id
from alliance.core.vocabulary import stakeholder_label, types_not_heard
from alliance.digests.models import Digest
from alliance.discussions import masks
from alliance.discussions.models import Discussion, Post
from alliance.mailing import addressing, letters, week, weekly
from alliance.mailing.week import Moved, Period
from alliance.policy import Actor, visible
from alliance.reading import queries as reading
from alliance.watching.models import SpaceWatch, Watch

WATCHED = 8
ELSEWHERE = 3
FOR_NEWCOMERS = 5
ANSWERS = 5


@dataclass(frozen=True, slots=True)
class Entry:
    """A discussion, as it stands in the mail."""

    title: str
    url: str
    reply: str
    language: str | None
    said: str
    who: str
    when: str
    count: str
    missing: str


@dataclass(slots=True)
class Roundup:
    """What the mail says. Each list may be empty; when all are, there is no mail."""

    subject: str = ""
    answers: list[tuple[str, str]] = field(default_factory=list)  # (sentence, address of the page)
    closing: list[tuple[str, str]] = field(default_factory=list)
    digests: list[tuple[str, str]] = field(default_factory=list)
    watched: list[Entry] = field(default_factory=list)
    elsewhere: list[Entry] = field(default_factory=list)
    read: list[str] = field(default_factory=list)  # titles
    more: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to say. What one has read already is no reason to write."""
        return not (self.answers or self.closing or self.digests or self.watched or self.elsewhere)


def draft(person: Person, key: str, until: datetime, language: str | None = None) -> Draft | None:
    """The mail to a person, in their language unless another is named; None when there is nothing to say."""
    with i18n.use_locale(language or person.interface_language):
        made = compose(person, Period(until - weekly.period_days(key), until), until)
        if made.is_empty:
            return None
        stop = letters.unsubscribe_link(person.id, "weekly")
        context: dict[str, object] = {
            "roundup": made,
            "name": person.name,
            "base_url": letters.base(),
            "stop": stop,
            "settings": f"{letters.base()}/settings/mail",
        }
        return Draft(
            to=person.email or "",
            to_name=person.name,
            subject=made.subject,
            text=letters.rendered("mailing/weekly.txt", context),
            html=letters.rendered("mailing/weekly.html", context),
            message_id=message_id(f"{key}.{person.id}", addressing.domain()),
            language=i18n.current_locale(),
            list_id=f"weekly.{addressing.domain()}",
            archive_url=f"{letters.base()}/latest",
            unsubscribe_url=stop,
            reply_to=addressing.command_address(),
            feedback_id=f"weekly:roundup:alliance:{addressing.domain()}",
        )


def compose(person: Person, period: Period, at: datetime) -> Roundup:
    """What is in it, asked at this moment."""
    actor, found = accounts.actor_of(person, "mail"), week.material(period)
    moved = _readable(actor, found)
    own, whole = _watched(person.id)
    mine = [one for one in moved if (own.get(one.id) or whole.get(one.space_id) or "normal") in {"watch", "track"}]
    others = [one for one in moved if one not in mine and own.get(one.id) != "mute" and whole.get(one.space_id) != "mute"]
    states = reading.states(actor, [one.id for one in mine[: 3 * WATCHED]])
    unread = [one for one in mine if one.id not in states or states[one.id].unread > 0]
    made = Roundup(
        answers=_answers(actor, person.id, period),
        closing=_closing(actor, found),
        digests=_digests(actor, found),
        watched=[_entry(person, one) for one in unread[:WATCHED]],
        elsewhere=[_entry(person, one) for one in others[: ELSEWHERE if own or whole else FOR_NEWCOMERS]],
        read=[one.title for one in mine if one.id in states and states[one.id].unread == 0][:10],
        more=max(0, len(unread) - WATCHED),
    )
    made.subject = _subject(made, at)
    return made


def _watched(person_id: int) -> tuple[dict[int, str], dict[int, str]]:
    """What a person has chosen for discussions and for spaces."""
    own = db.session().execute(select(Watch.discussion_id, Watch.level).where(Watch.person_id == person_id))
    whole = db.session().execute(select(SpaceWatch.space_id, SpaceWatch.level).where(SpaceWatch.person_id == person_id))
    return {row[0]: row[1] for row in own}, {row[0]: row[1] for row in whole}


def _readable(actor: Actor, found: week.Material) -> list[Moved]:
    """What of it the actor may read at this moment, with what is quoted from it."""
    everybody = week.public(found)
    discussions, posts = set(everybody.discussions), set(everybody.posts)
    closed = [one for one in found.moved if one.id not in discussions]
    if closed:
        discussions |= week.readable_discussions(actor, [one.id for one in closed])
        posts |= week.readable_posts(actor, [one.said.post_id for one in closed if one.said is not None])
    return [one for one in found.moved if one.id in discussions and (one.said is None or one.said.post_id in posts)]


def _entry(person: Person, one: Moved) -> Entry:
    said, missing = one.said, types_not_heard(one.voices.get("types", {}))
    who = ""
    if said is not None:
        capacity = stakeholder_label(said.stakeholder_type)
        who = f"{i18n.isolated(nameless.called(said.author))} ({f'{i18n.isolated(said.organization)}, ' if said.organization else ''}{capacity})"
    return Entry(
        title=one.title,
        url=f"{letters.base()}/d/{one.id}/{one.slug}",
        reply=addressing.reply_address(person.id, one.id),
        language=said.language if said is not None else one.language,
        said=said.text if said is not None else "",
        who=who,
        when=i18n.format_date(said.at) if said is not None else "",
        count=ngettext("%(num)s new post", "%(num)s new posts", one.posts),
        missing=i18n.format_list([stakeholder_label(kind) for kind in missing]) if missing else "",
    )


def _answers(actor: Actor, person_id: int, period: Period) -> list[tuple[str, str]]:
    """Who answered the person, and what they have not read of it."""
    mine = aliased(Post)
    query = select(Post.id, Person.name, Discussion.title).join(mine, mine.id == Post.parent_id)
    query = query.join(Person, Person.id == Post.author_id).join(Discussion, Discussion.id == Post.discussion_id)
    query = query.where(
        masks.written_by(person_id, mine), masks.written_by_others(person_id), Post.created_at > period.since, Post.imported.is_(False)
    )
    found = db.session().execute(query.where(Post.status == "visible", visible(actor, Post)).order_by(Post.id.desc()).limit(ANSWERS))
    return [
        (
            _("%(name)s replied to you in “%(title)s”.", name=i18n.isolated(nameless.called(name)), title=i18n.isolated(title)),
            f"{letters.base()}/p/{post_id}",
        )
        for post_id, name, title in found
    ]


def _closing(actor: Actor, found: week.Material) -> list[tuple[str, str]]:
    everybody = week.public(found).posts
    closed = [one.post_id for one in found.polls if one.post_id not in everybody]
    posts = everybody | week.readable_posts(actor, closed)
    told = [one for one in found.polls if one.post_id in posts][:5]
    return [(_closes(one.question, one.closes_at), f"{letters.base()}/p/{one.post_id}") for one in told]


def _closes(question: str, moment: datetime) -> str:
    return _("“%(question)s” closes on %(date)s.", question=i18n.isolated(question), date=i18n.format_date(moment))


def _digests(actor: Actor, found: week.Material) -> list[tuple[str, str]]:
    ids = found.digests
    rows: Any = db.session().scalars(select(Digest).where(Digest.id.in_(ids), visible(actor, Digest))) if ids else []
    return [(_("Digest %(symbol)s is signed.", symbol=one.symbol), f"{letters.base()}/digests/{one.id}") for one in rows][:5]


def _subject(made: Roundup, at: datetime) -> str:
    first = next(iter(made.watched or made.elsewhere), None)
    date = i18n.format_date(at)
    return _("%(date)s: %(title)s and more", date=date, title=i18n.isolated(first.title)) if first else _("Alliance, %(date)s", date=date)
