"""The letter of saved searches on Mondays: what is new since the letter before, and a link that stops it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import structlog
from markupsafe import Markup
from sqlalchemy import select, update

from alliance.accounts import session
from alliance.accounts.models import Person
from alliance.core import clock, db, i18n, jobs, mail, settings, tokens, transports
from alliance.core.errors import NotFound
from alliance.core.i18n import gettext as _
from alliance.policy import Actor
from alliance.search import queries, saving
from alliance.search.finding import Found, Wish
from alliance.search.models import SavedSearch

log = structlog.get_logger(__name__)
IN_A_LETTER = 10
PURPOSE = "searches"
Marks = Mapping[int, tuple[str, int]]  # by search: the week of its last letter, the newest post that was told


@jobs.periodic("20 * * * 1")
def write_weekly() -> None:
    """On Mondays: one letter a person, of all searches of which they want to hear by letter. Rights are those of this moment."""
    week = "{}-{:02d}".format(*clock.now().isocalendar()[:2])
    query = select(SavedSearch.person_id).where(SavedSearch.alert == "weekly", SavedSearch.told_week != week).distinct()
    people = list(db.session().scalars(query))
    db.release()
    with transports.connect(settings.current()) as door:
        for person_id in people:
            _write(person_id, week, door)


def _write(person_id: int, week: str, door: transports.Transport) -> None:
    """One letter; noted before it is sent, so that none is sent twice. What could not be sent is written once more in an hour."""
    mine = (SavedSearch.person_id == person_id, SavedSearch.alert == "weekly", SavedSearch.told_week != week)
    searches = list(db.session().scalars(select(SavedSearch).where(*mine).order_by(SavedSearch.name, SavedSearch.id)))
    before = {one.id: (one.told_week, one.told_post_id) for one in searches}
    try:
        told, draft = _letter(searches, week)
        _mark({search_id: (week, told.get(search_id, post_id)) for search_id, (_week, post_id) in before.items()})
        if draft is not None:
            door.send(mail.compose(draft, settings.current()))
    except Exception as error:  # the letters of others are written all the same
        log.warning("search.letter_not_sent", person=person_id, reason=f"{type(error).__name__}: {error}")
        db.release()
        _mark(before)


def _mark(marks: Marks) -> None:
    """Note which week's letters were written, and how far they told."""
    with db.transaction() as current:
        for search_id, (week, post_id) in marks.items():
            current.execute(update(SavedSearch).where(SavedSearch.id == search_id).values(told_week=week, told_post_id=post_id))
    db.release()


def _letter(searches: Sequence[SavedSearch], week: str) -> tuple[dict[int, int], mail.Draft | None]:
    """How far each search is told by a person's letter of a week, and the letter: None when there is nothing new."""
    person = searches[0].person if searches else None
    if person is None or not person.email or person.suspended_at is not None or person.confirmed_at is None:
        return {}, None
    with i18n.use_locale(person.interface_language):
        actor = session.actor_of(person, "mail")
        found = [(one, _since(actor, one)) for one in searches]
        told = {one.id: max(result.post.id for result in new.results) for one, new in found if new.results}
        return told, _draft(person, week, [_part(one, new) for one, new in found if new.results]) if told else None


def _draft(person: Person, week: str, parts: list[str]) -> mail.Draft:
    base, domain = settings.current().base_url, settings.current().mail_reply_domain
    stop = f"{base}/searches/stop/{tokens.sign(PURPOSE, person.id)}"
    foot = [
        _("These are searches you saved. Change or remove them: %(url)s", url=f"{base}/searches"),
        _("No more letters about saved searches: %(url)s", url=stop),
    ]
    return mail.Draft(
        to=person.email or "",
        to_name=person.name,
        subject=_("New in your saved searches"),
        text="\n\n".join([*parts, *foot]),
        html=str(Markup("").join(_lines(part) for part in (*parts, *foot))),
        message_id=mail.message_id(f"searches.{person.id}.{week}", domain),
        language=person.interface_language,
        list_id=f"searches.{domain}",
        unsubscribe_url=stop,
        feedback_id=f"searches:weekly:alliance:{domain}",
    )


def _since(actor: Actor, search: SavedSearch) -> Found:
    """What a search finds that is newer than what was told of it before, however long ago that is."""
    since = queries.written_at(search.told_post_id) or search.created_at
    found = saving.results(actor, search, since, Wish("new", limit=IN_A_LETTER))
    return replace(found, results=[one for one in found.results if one.post.id > search.told_post_id])


def _lines(part: str) -> Markup:
    return Markup("<p>{}</p>").format(Markup("<br>").join(part.split("\n")))


def _part(search: SavedSearch, found: Found) -> str:
    base = settings.current().base_url
    lines = [f"– {one.post.discussion.title} #{one.post.number}, {one.post.author.name}\n  {base}/p/{one.post.id}" for one in found.results]
    return "\n".join([f"{search.name} ({base}/search?{search.address}&sort=new)", *lines])


def reader_of(token: str) -> int:
    """Whose letters a link stops.

    Raises:
        NotFound: it is not one of ours.
    """
    try:
        person_id = tokens.unsign(PURPOSE, token, None)
    except (tokens.BadToken, ValueError, TypeError) as error:
        raise NotFound from error
    if not isinstance(person_id, int) or db.session().get(Person, person_id) is None:
        raise NotFound
    return person_id


def stop(person_id: int) -> None:
    """No more letters to a person: what is new is counted on the page of saved searches."""
    with db.transaction() as current:
        mine = update(SavedSearch).where(SavedSearch.person_id == person_id, SavedSearch.alert == "weekly")
        current.execute(mine.values(alert="page"))
