"""Commands by mail: subscribe, unsubscribe, digest on, digest off, help; about what the address names."""

from __future__ import annotations

from alliance.accounts import session as accounts
from alliance.accounts.models import Person
from alliance.core.errors import AllianceError, NotFound
from alliance.core.i18n import gettext as _
from alliance.discussions import queries as discussions
from alliance.groups import queries as groups
from alliance.mailing import addressing, choices
from alliance.watching import services as watching


def obey(person: Person | None, command: str, recipient: str) -> str:
    """Do what is asked, and say what was done, in a sentence."""
    if person is None:
        return help_text()
    if command in {"digest on", "digest off"}:
        on = command == "digest on"
        choices.set_rhythm(person.id, "weekly" if on else "never")
        return _("You will get the weekly e-mail.") if on else _("You will get no weekly e-mail any more.")
    if command in {"subscribe", "unsubscribe"}:
        return _watch(person, addressing.target_of(recipient), on=command == "subscribe")
    return help_text()


def _watch(person: Person, target: addressing.Target, *, on: bool) -> str:
    actor = accounts.actor_of(person, "mail")
    try:
        if target.kind == "reply":
            found = discussions.get_discussion(actor, target.number)
            watching.choose(actor, found.id, "watch" if on else "mute")
            choices.resume(person.id, f"discussion:{found.id}", on=on)
            title = found.title
        elif target.kind == "space":
            space = groups.get_space(actor, target.code)
            watching.choose_space(actor, space.code, "watch" if on else None)
            title = space.title(person.interface_language)
        else:
            return help_text()
    except NotFound:
        return _("There is no such discussion (any more), or you may not read it.")
    except AllianceError as error:
        return str(error)
    if on:
        choices.want_watched(person.id)
    return (_("You now watch “%(title)s” and get its mails.") if on else _("You get no more mails about “%(title)s”.")) % {"title": title}


def help_text() -> str:
    """What can be asked for."""
    return "\n".join(
        [
            _("Answer a mail to reply in its discussion. Write to the address of a space, such as %(address)s, to open a discussion there.", address=addressing.space_address("c5")),
            _("A mail that says only one of these words, in its subject or its text, is a command:"),
            "subscribe — " + _("watch the discussion or the space of the address, by e-mail"),
            "unsubscribe — " + _("no more mails about it"),
            "digest on / digest off — " + _("the weekly e-mail"),
            "help — " + _("this text"),
        ]
    )  # fmt: skip
