"""A moderator answers the mail about what waits: `approve`, or `hide: reason`; in a mail about several, with the number of the entry.

The address they answer to was given to them alone; what they may is asked as on the pages.
"""

from __future__ import annotations

import re
import unicodedata

from alliance.core import db, i18n, ids, reviews
from alliance.core.errors import AllianceError, Conflict, NotFound
from alliance.core.i18n import gettext as _
from alliance.mailing import addressing
from alliance.mailing.letters import base
from alliance.moderation import by_mail, items, queries
from alliance.policy import Actor

# Of a line with single blanks: nothing in it can be read in two ways, so the time is that of reading it once.
_SAID = re.compile(r"[\"'«»“”*_> ]*(?P<word>[^\W\d_]+(?: [^\W\d_]+)*) ?#? ?(?P<number>\d{1,18})? ?(?:[:：,.\-–—] ?(?P<reason>.*))?")
LINE = 1000  # letters that are read of it


def words(which: str) -> set[str]:
    """By which a decision is told, in the six languages."""
    found = set()
    for language in i18n.LANGUAGES:
        with i18n.use_locale(language):
            found.add(_plain(_("approve") if which == "approve" else _("hide")))
    return found | {which}


def _plain(word: str) -> str:
    return unicodedata.normalize("NFKC", word).casefold().strip()


def obey(actor: Actor, said: str, recipient: str) -> str:
    """Inside a transaction: decide what an answer says, and say what was done; what cannot be understood is answered with what can."""
    match = _SAID.fullmatch(next((" ".join(line[:LINE].split()) for line in said.splitlines() if line.strip()), ""))
    word = _plain(match["word"]) if match is not None else ""
    approve = word in words("approve")
    if match is None or not (approve or word in words("hide")):
        return help_text()
    number = ids.given(match["number"]) if match["number"] else addressing.target_of(recipient).number
    if not number:
        return _("The mail was about several entries: write the number of one behind the word.") + "\n" + help_text()
    return _tried(actor, number, approve=approve, reason=(match["reason"] or "").strip())


def _tried(actor: Actor, number: int, *, approve: bool, reason: str) -> str:
    try:
        with db.session().begin_nested():
            return _decide(actor, number, approve=approve, reason=reason)
    except NotFound:
        return _("There is no such entry in your review queue (any more).")
    except items.Decided:
        return by_mail.ending(queries.get_item(actor, number))
    except Conflict as late:
        return str(late)
    except AllianceError as error:
        return f"{error}\n{help_text()}"


def _decide(actor: Actor, number: int, *, approve: bool, reason: str) -> str:
    item = queries.get_item(actor, number)
    kind = reviews.kind(item.kind)
    name = by_mail.favourable(kind) if approve else by_mail.adverse(kind)
    if kind is None or not name:
        return _("This has to be decided on its page: %(link)s", link=f"{base()}/moderation/items/{number}")
    if item.status == "open" and kind.decisions[name].reasoned and not reason:
        return _("Nothing was decided: a reason is needed.") + "\n" + help_text()
    items.decide(actor, number, name, "", reason)
    said = _("Decided: %(decision)s.", decision=kind.decisions[name].label)
    link = f"{base()}/moderation/items/{number}"
    return said + " " + _("For 24 hours you can take it back: %(link)s", link=link)


def help_text() -> str:
    """What may be said."""
    return "\n".join(
        [
            _("Write one of these as the first line:"),
            _("approve") + " — " + _("it is in order, or may be published"),
            _("hide") + ": " + _("why") + " — " + _("it is hidden, or not published; the reason stands in the public log"),
            _("In a mail about several entries, with the number: %(example)s", example=_("approve") + " 812"),
        ]
    )
