"""The weekly e-mail before it goes out: for the secretariat to look at, and to send to themselves; and how many would get it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from alliance.accounts.models import Person
from alliance.core import clock, db, i18n, mail, settings, transports
from alliance.core.mail import Draft
from alliance.mailing import roundup, weekly
from alliance.policy import Actor, require


def of(actor: Actor, language: str) -> Draft | None:
    """The weekly e-mail as the actor would get it now, in a language; None when there is nothing to say.

    Raises:
        Refused: only the secretariat may.
    """
    require(actor, "mail.preview")
    person = db.session().get(Person, actor.person_id)
    return _drafted(person, language) if person is not None else None


def _drafted(person: Person, language: str) -> Draft | None:
    now = clock.now()
    return roundup.draft(person, weekly.week_of(now), now, language if language in i18n.LANGUAGES else "en")


def send_test(actor: Actor, language: str) -> bool:
    """Send it to the actor; False when there is nothing to say.

    Raises:
        Refused: only the secretariat may.
    """
    made = of(actor, language)
    if made is None:
        return False
    moment = clock.now().strftime("%Y%m%d%H%M%S")
    test = replace(made, message_id=mail.message_id(f"test-{moment}.{actor.person_id}", settings.current().mail_reply_domain))
    db.release()
    with transports.connect(settings.current()) as door:
        door.send(mail.compose(test, settings.current()))
    return True


def count(tick: Callable[[int], object] = int) -> tuple[int, int]:
    """(how many would get the weekly e-mail now, how many have nothing to be told); nothing is written."""
    told = silent = 0
    now = clock.now()
    for people in weekly.batches():
        for person_id, rhythm, _weekday, zone in people:
            person = db.session().get(Person, person_id)
            if rhythm == "weekly" and person is not None:
                made = roundup.draft(person, weekly.week_of(weekly.local(now, zone)), now)
                told, silent = told + (made is not None), silent + (made is None)
        tick(len(people))
        db.release()
    return told, silent
