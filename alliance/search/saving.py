"""Searches that somebody saved: kept, counted, told of at once, or once a week by letter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlencode

from sqlalchemy import func, select

from alliance import events
from alliance.accounts import session
from alliance.core import clock, db, jobs, locks, outbox
from alliance.core.errors import Invalid, NotFound
from alliance.core.i18n import gettext as _
from alliance.core.text import clean_line
from alliance.discussions.models import Post
from alliance.policy import Actor, require, visible
from alliance.search import finding, queries
from alliance.search.finding import Found, Wish
from alliance.search.models import SavedSearch

ALERTS = ("page", "weekly", "at_once")
CHOICES = ("q", "space", "topic", "author", "organization", "stakeholder_type", "language", "country", "kind", "year", "from", "to")
MOST = 50
LONGEST = 2000
READ = 20_000  # characters of an address: what is longer than LONGEST is told, not cut
TOLD_AT_ONCE = 5
LATE = timedelta(minutes=15)  # how much later than it was written a post may reach the index
SOON = timedelta(minutes=1)  # how much later than it was written a post is read, as a rule
LOCK = "saved-searches"


@dataclass(frozen=True, slots=True)
class Kept:
    """A saved search with how many results are new; None when they could not be counted."""

    search: SavedSearch
    new: int | None


def address_of(values: Mapping[str, str]) -> str:
    """What of an address makes the search, in one order, so that the same search is the same address."""
    return urlencode([(name, value) for name in CHOICES if (value := " ".join(values.get(name, "").split()))])


def save(actor: Actor, values: Mapping[str, str], name: str, alert: str) -> SavedSearch:
    """Keep a search; one that is kept already takes the new name and alert.

    Raises:
        Refused, Invalid: nothing is kept.
    """
    require(actor, "search.save")
    address = address_of(values)
    if not address:
        raise Invalid.field("q", _("There is nothing to save: search for something first."))
    if len(address) > LONGEST:
        raise Invalid.field("q", _("This search is too long to be saved. Leave out some of its words, and save it then."))
    _check(alert)
    name = clean_line(name)[:120] or clean_line(values.get("q", ""))[:120] or _("Search")
    now = clock.now()
    with db.transaction() as current:
        mine = select(SavedSearch).where(visible(actor, SavedSearch))
        found = current.scalar(mine.where(SavedSearch.address == address))
        if found is None:
            if (current.scalar(select(func.count()).select_from(mine.subquery())) or 0) >= MOST:
                raise Invalid.field("q", _("You have saved %(num)s searches already; remove one first.", num=MOST))
            found = SavedSearch(person_id=actor.person_id, address=address, seen_at=now, created_at=now)
            found.told_post_id = queries.newest_post()
            current.add(found)
        found.name, found.alert = name, alert
    return found


def _check(alert: str) -> None:
    if alert not in ALERTS:
        raise Invalid.field("alert", _("Choose how you want to be told."))


def _get(actor: Actor, search_id: int) -> SavedSearch:
    found = db.session().scalar(select(SavedSearch).where(SavedSearch.id == search_id, visible(actor, SavedSearch)))
    if found is None:
        raise NotFound
    return found


def change(actor: Actor, search_id: int, alert: str) -> None:
    """Be told otherwise.

    Raises:
        NotFound, Refused, Invalid: nothing is changed.
    """
    require(actor, "search.save")
    _check(alert)
    with db.transaction():
        found = _get(actor, search_id)
        if found.alert != alert:
            found.alert, found.told_post_id = alert, queries.newest_post()


def remove(actor: Actor, search_id: int) -> None:
    """Keep a search no longer.

    Raises:
        NotFound: there is none such.
    """
    with db.transaction() as current:
        current.delete(_get(actor, search_id))


def open_(actor: Actor, search_id: int) -> str:
    """The address of a saved search, whose results are seen now.

    Raises:
        NotFound: there is none such.
    """
    with db.transaction():
        found = _get(actor, search_id)
        found.seen_at = clock.now()
        return found.address


def kept(actor: Actor) -> list[Kept]:
    """One's saved searches, with how many results are new since one last looked."""
    found = db.session().scalars(select(SavedSearch).where(visible(actor, SavedSearch)).order_by(SavedSearch.name, SavedSearch.id))
    return [Kept(one, results(actor, one, one.seen_at, Wish("new", limit=1, kinds=None)).total) for one in list(found)]


def results(actor: Actor, search: SavedSearch, since: datetime, wish: Wish, until: datetime | None = None) -> Found:
    """What a saved search finds that was written since then (and before `until`)."""
    values = dict(parse_qsl(search.address))
    query, _wrong = finding.ask(actor, values.get("q", ""), values)
    first, last = query.form.since or since, query.form.until or until
    form = replace(query.form, since=max(first, since), until=min(last, until) if last and until else last)
    return finding.look(actor, replace(query, form=form), wish)


@jobs.task()
def tell_at_once() -> None:
    """Tell those who want to know at once of new posts that answer their searches."""
    with locks.exclusive(LOCK) as mine:
        ids = list(db.session().scalars(select(SavedSearch.id).where(SavedSearch.alert == "at_once"))) if mine else []
        for search_id in ids:
            _tell(search_id)
            db.release()


def _tell(search_id: int) -> None:
    search = db.session().get(SavedSearch, search_id)
    if search is None or search.person.suspended_at is not None or search.person.confirmed_at is None:
        return
    actor = session.actor_of(search.person, "job")
    found = results(actor, search, clock.now() - LATE, Wish("new", limit=TOLD_AT_ONCE))
    new = [post for result in found.results if (post := result.post).id > search.told_post_id]
    if found.source != "index" or not new:
        return
    told = [post.id for post in new if post.writer_id != actor.person_id]
    with db.transaction():
        kept_ = db.session().get_one(SavedSearch, search_id)
        kept_.told_post_id = max(post.id for post in new)
        for post_id in sorted(told):
            outbox.publish(events.SearchMatched(post_id, search.person_id))


def late(published: Mapping[int, datetime]) -> list[int]:
    """Which of some posts (by id: since when they can be read) were written a while before: most can be read when they are written."""
    return [post.id for post in queries.posts(published) if published[post.id] - post.created_at > SOON][:MOST]


@jobs.task()
def tell_of_late(post_ids: Sequence[int]) -> None:
    """Tell of posts that are read from now on and were written a while ago: somebody had to look at them first."""
    waited = queries.posts(post_ids)
    searches = list(db.session().scalars(select(SavedSearch).where(SavedSearch.alert == "at_once"))) if waited else []
    for search in searches:
        actor = session.actor_of(search.person, "job")
        matched = [post for post in waited if search.person_id != post.writer_id and _finds(actor, search, post)]
        with db.transaction():
            for post in matched:
                outbox.publish(events.SearchMatched(post.id, search.person_id))


def _finds(actor: Actor, search: SavedSearch, post: Post) -> bool:
    """Whether a search that was saved before a post could be read finds it."""
    moment = post.created_at.replace(microsecond=0)
    found = results(actor, search, moment, Wish("new", limit=MOST), moment + timedelta(seconds=1))
    return any(result.post.id == post.id for result in found.results)


@jobs.periodic("*/5 * * * *")
def look_again() -> None:
    """Tell of what reached the index late."""
    tell_at_once()
