"""Names to go on with while one writes: people and one's working groups after @, spaces after #; only what the writer may see."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import and_, case, func, select

from alliance.accounts import queries as accounts
from alliance.accounts.models import Person
from alliance.core import db, i18n
from alliance.core.i18n import gettext as _
from alliance.discussions.models import Post
from alliance.groups import queries as groups
from alliance.groups.models import Membership, Space
from alliance.policy import Actor, visible
from alliance.stakeholders import queries as stakeholders

MOST = 8


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A name to be inserted, what it stands for, and how many people are notified when it is published."""

    insert: str
    label: str
    detail: str
    reach: int


def suggestions(actor: Actor, begun: str, place: str = "") -> list[Suggestion]:
    """What the beginning of a name may become; first who takes part at the place of writing (see drafts/places.py)."""
    if begun[:1] == "@":
        name = begun[1:].strip().lower()
        return [*_groups(actor, name), *_people(actor, name, place)][:MOST]
    if begun[:1] == "#":
        return _spaces(actor, begun[1:].strip().lower())
    return []


def _people(actor: Actor, begun: str, place: str) -> list[Suggestion]:
    kind, _colon, key = place.partition(":")
    discussion_id = int(key) if kind == "d" and key.isascii() and key.isdecimal() and len(key) < 10 else 0
    if not begun and not discussion_id:
        return []
    speaks = select(Post.author_id).where(Post.discussion_id == discussion_id, visible(actor, Post))
    query = select(Person).where(
        visible(actor, Person), Person.claimed.is_(True), Person.confirmed_at.is_not(None), Person.suspended_at.is_(None)
    )
    query = query.where(accounts.called(begun) if begun else Person.id.in_(speaks))
    here = case((Person.id.in_(speaks), 0), else_=1)
    found = list(db.session().scalars(query.order_by(here, Person.posts_count.desc(), Person.id).limit(MOST)))
    organizations = stakeholders.organizations_by_person([one.id for one in found]) if found else {}
    named = {person_id: ", ".join(one.organization.name for one in theirs) for person_id, theirs in organizations.items()}
    # Whoever writes is never told of what they write.
    return [Suggestion(f"@{one.handle}", one.name, named.get(one.id, ""), int(one.id != actor.person_id)) for one in found]


def _groups(actor: Actor, begun: str) -> list[Suggestion]:
    """The working groups one is a member of: naming one notifies the other members."""
    mine = select(Membership.space_id).where(Membership.person_id == actor.person_id)
    query = select(Space).where(visible(actor, Space), Space.kind == "group", Space.id.in_(mine))
    taken = select(Person.handle).where(Person.handle == Space.code)
    found = list(db.session().scalars(query.where(~taken.exists()).order_by(Space.code))) if begun else []
    language = i18n.current_locale()
    found = [one for one in found if one.code.startswith(begun) or begun in one.title(language).lower()][:MOST]
    told = and_(Person.confirmed_at.is_not(None), Person.suspended_at.is_(None), Person.id != actor.person_id)
    members = (
        select(Membership.space_id, func.count()).join(Membership.person).where(told, Membership.space_id.in_([one.id for one in found]))
    )
    reach = {row[0]: row[1] for row in db.session().execute(members.group_by(Membership.space_id))} if found else {}
    return [Suggestion(f"@{one.code}", one.title(language), _("Working group"), reach.get(one.id, 0)) for one in found]


def _spaces(actor: Actor, begun: str) -> list[Suggestion]:
    """Spaces by code, or by a word of their title; naming one notifies nobody."""
    language = i18n.current_locale()
    all_spaces = groups.spaces(actor)
    by_code = [one for one in all_spaces if one.code.startswith(begun)]
    by_title = [one for one in all_spaces if one not in by_code and begun in one.title(language).lower()]
    return [Suggestion(f"#{one.code}", one.title(language), "", 0) for one in (*by_code, *by_title)][:MOST]
