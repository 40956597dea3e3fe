"""Appeals: whoever's post was taken away may ask for a second look within twenty days, also while suspended; somebody else decides.

An appeal is about one act of the log. Granted, the post is read (again); either way there is an answer with a reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from markupsafe import escape
from sqlalchemy import ForeignKey, String, Text, UniqueConstraint, or_, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from alliance import events
from alliance.accounts.models import Person
from alliance.core import clock, db, outbox, text
from alliance.core.errors import Conflict, Invalid, NotFound, Refused
from alliance.core.i18n import gettext as _
from alliance.core.i18n import lazy_gettext as _l
from alliance.core.reviews import Decision, Kind, Ruling, Shown, register
from alliance.discussions import holding
from alliance.discussions.models import Discussion, Post
from alliance.moderation import acts, items, kinds, log, measures, people, services
from alliance.moderation.measures import Measure
from alliance.moderation.models import LogEntry, ReviewItem
from alliance.policy import Actor, require, visible
from alliance.policy.post import answerable_for

DAYS = timedelta(days=20)
MAX_TEXT = 2000
AGAINST = ("hide", "refuse", "rephrase")


class Appeal(db.Base):
    """Somebody asks for a second look at an act about their post, or about them; one of an act. `status`: open, granted, refused."""

    __tablename__ = "appeals"
    __table_args__ = (UniqueConstraint("entry_id"),)

    entry_id: Mapped[int] = mapped_column(ForeignKey("moderation_log.id"))
    post_id: Mapped[int | None] = mapped_column(ForeignKey("posts.id"), index=True)  # None: against what was decided about a person
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(10), default="open")
    answer: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]

    entry: Mapped[LogEntry] = relationship()
    post: Mapped[Post | None] = relationship()
    person: Mapped[Person] = relationship()


def against(actor: Actor, post_id: int) -> LogEntry:
    """The act about a post of one's own that one may appeal against.

    Raises:
        NotFound: none such, or it is too late.
    """
    post = db.session().scalar(select(Post).where(Post.id == post_id, answerable_for(actor, Post)))
    entry = log.standing_act(post_id, AGAINST) if post is not None else None
    if entry is None or clock.now() - entry.created_at > DAYS:
        raise NotFound
    return entry


def of_post(post_id: int) -> Appeal | None:
    """The newest appeal about a post."""
    return db.session().scalar(select(Appeal).where(Appeal.post_id == post_id).order_by(Appeal.id.desc()).limit(1))


def against_measure(actor: Actor, measure_id: int) -> Measure:
    """What was decided about oneself that one may appeal against.

    Raises:
        NotFound: none such, it has ended, or it is too late.
    """
    one = measures.get(actor, measure_id)
    if one.person_id != actor.person_id or not one.runs or clock.now() - one.created_at > DAYS:
        raise NotFound
    return one


def of_entry(entry_id: int) -> Appeal | None:
    """The appeal against an act of the log."""
    return db.session().scalar(select(Appeal).where(Appeal.entry_id == entry_id))


def appeal(actor: Actor, post_id: int, words: str) -> Appeal:
    """Ask for a second look at what was decided about a post of one's own.

    Raises:
        NotFound: there is nothing to appeal against (any more).
        Invalid: the text lacks or is too long.
        Conflict: one has appealed already.
    """
    line = _checked(words)
    with db.transaction():
        entry = against(actor, post_id)
        require(actor, "appeal.make", entry.post)
        return _made(actor, entry.id, line, entry.post)


def appeal_measure(actor: Actor, measure_id: int, words: str) -> Appeal:
    """Ask for a second look at what was decided about oneself; raises as `appeal`."""
    line = _checked(words)
    with db.transaction():
        one = against_measure(actor, measure_id)
        require(actor, "appeal.make", one)
        return _made(actor, one.entry_id, line, None)


def _checked(words: str) -> str:
    line = words.strip()
    if text.is_blank(line) or len(line) > MAX_TEXT:
        raise Invalid.field("text", _("Write 1 to %(most)s characters.", most=MAX_TEXT))
    return line


def _made(actor: Actor, entry_id: int, line: str, post: Post | None) -> Appeal:
    session = db.session()
    if of_entry(entry_id) is not None:
        raise Conflict(_("You have appealed already: there is one appeal against a decision."))
    made = Appeal(entry_id=entry_id, person_id=actor.person_id, text=line, status="open", created_at=clock.now())
    made.post_id = post.id if post is not None else None
    session.add(made)
    session.flush()
    items.ask("appeal", made.id, post=post, person_id=actor.person_id)
    return made


def shown(actor: Actor, found: Sequence[Any]) -> Mapping[int, Shown]:
    """Appeals with the posts or people they are about and what was decided."""
    loading = (joinedload(Appeal.post).joinedload(Post.discussion), joinedload(Appeal.entry), joinedload(Appeal.person))
    about = or_(Post.id.is_(None), Post.status != "withdrawn")
    mine = select(ReviewItem.subject_id).where(ReviewItem.id.in_([one.id for one in found]), visible(actor, ReviewItem))
    query = select(Appeal).outerjoin(Post, Post.id == Appeal.post_id).options(*loading)
    rows = {one.id: one for one in db.session().scalars(query.where(Appeal.id.in_(mine), about))}
    return {item.id: _shown(rows[item.subject_id], actor) for item in found if item.subject_id in rows}


def _shown(one: Appeal, actor: Actor) -> Shown:
    facts = [acts.label(one.entry.act), *([one.entry.reason] if one.entry.reason else [])]
    html, barred = f'<p dir="auto">{escape(one.text)}</p>', _barred(one, actor)
    if one.post is None:
        return Shown(one.person.name, f"/moderation/people/{one.person.handle}", html, facts=facts, barred=barred)
    discussion: Discussion = one.post.discussion
    title = f"{discussion.withheld_title or discussion.title} #{one.post.number}"
    html = f"{html}<blockquote>{one.post.html}</blockquote>"
    return Shown(title, f"/p/{one.post_id}", html, language=one.post.language, facts=facts, barred=barred)


def _barred(one: Appeal, actor: Actor) -> str:
    """Why somebody does not decide an appeal, if so."""
    first = actor.person_id in {one.entry.moderator_id, one.person_id}
    return _("An appeal is decided by somebody else than who decided first.") if first else ""


def _somebody_else(ruling: Ruling) -> Appeal:
    """The appeal, if whoever decides is not who decided first."""
    one = db.session().get_one(Appeal, ruling.item.subject_id)
    if barred := _barred(one, ruling.actor):
        raise Refused(barred)
    return one


def _decide(ruling: Ruling, status: str) -> Appeal:
    one = _somebody_else(ruling)
    one.status, one.answer, one.decided_at = status, ruling.reason, clock.now()
    return one


def _grant(ruling: Ruling) -> None:
    """The post is read (again); what was decided about a person holds no more."""
    made = _decide(ruling, "granted")
    post = made.post
    ruling.item.data = {**ruling.item.data, "before": post.status if post is not None else ""}
    if post is None:
        one = measures.of_entry(made.entry_id)
        if one is not None and one.ended_at is None:
            people.end(one, "granted")
    elif post.status == "hidden":
        services.bring_back(ruling.actor, post, ruling.code, ruling.reason)
    elif post.status == "held":
        holding.publish_held(post)
        outbox.publish(events.PostDecided(post.id, post.discussion_id, post.space_id, "approved"))


def _refuse(ruling: Ruling) -> None:
    """It stays as it is; whoever appealed reads why."""
    made = _decide(ruling, "refused")
    post, one = made.post, measures.of_entry(made.entry_id)
    if post is not None:
        outbox.publish(events.PostDecided(post.id, post.discussion_id, post.space_id, "appeal_refused"))
    elif one is not None:
        outbox.publish(events.PersonJudged(one.id, one.person_id, "refused"))


def _reopen(ruling: Ruling) -> None:
    """A decision about an appeal is taken back, by anybody but who decided first: the appeal waits again, and whoever appealed is told."""
    made = _somebody_else(ruling)
    made.status, made.answer, made.decided_at = "open", "", None
    post, one = made.post, measures.of_entry(made.entry_id)
    if post is not None:
        if ruling.item.decision == "grant":
            kinds.set_back(post, str(ruling.item.data.get("before") or post.status))
        outbox.publish(events.PostDecided(post.id, post.discussion_id, post.space_id, "appeal_reopened"))
    elif one is not None:
        people.resume(ruling.actor, one)


APPEAL = register(
    Kind(
        "appeal", _l("Appeals"),
        {
            "grant": Decision(_l("Grant the appeal"), _grant, _reopen, kind="primary", logged="grant_appeal"),
            "refuse": Decision(_l("Refuse the appeal"), _refuse, _reopen, kind="danger", logged="refuse_appeal"),
        },
        shown,
    )
)  # fmt: skip
