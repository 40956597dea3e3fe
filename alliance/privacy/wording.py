"""What the page about privacy says of each kind of what is kept: generated from the registry of tables, with the settings in force."""

from __future__ import annotations

from dataclasses import dataclass

from alliance.core import settings
from alliance.core.i18n import gettext as _
from alliance.core.i18n import ngettext
from alliance.privacy.closing import WAIT
from alliance.privacy.forgetting import ENDED
from alliance.privacy.models import KEPT
from alliance.privacy.tables import KINDS


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind: what it is, what for, how long, who sees it, and the tables it lies in."""

    title: str
    what: str
    why: str
    until: str
    who: str
    tables: tuple[str, ...]


def kinds() -> list[Kind]:
    """Every kind, in the present language."""
    said = _said()
    return [Kind(*said[name], tables) for name, tables in KINDS.items()]


def _days(number: int) -> str:
    return ngettext("%(num)s day", "%(num)s days", number)


def _said() -> dict[str, tuple[str, str, str, str, str]]:
    return {**_of_oneself(), **_said_in_public(), **_of_office()}


def _of_oneself() -> dict[str, tuple[str, str, str, str, str]]:
    return {**_of_account(), **_of_reading(), **_of_mail()}


def _of_account() -> dict[str, tuple[str, str, str, str, str]]:
    now = settings.current()
    return {
        "account": (
            _("Account"),
            _(
                "Name, e-mail address, password (as a digest nobody can read), country, languages, stakeholder type, what you say of yourself, whom you speak for."
            ),
            _("So that you can sign in, and others know who speaks."),
            _(
                "Until you close your account, and %(wait)s more in which you can keep it; %(days)s if you never confirm your address.",
                wait=_days(WAIT.days),
                days=_days(now.unconfirmed_days),
            ),
            _("Everybody; your address and password nobody, and why you may speak for somebody the secretariat."),
        ),
        "security": (
            _("Signing in"),
            _(
                "Sessions with the device, network address and last use; what happened to the account; API tokens and second steps, as digests or secrets; your passkeys and security keys, as their public keys; the accounts elsewhere that sign in to yours."
            ),
            _("So that you see, and can end, what is not you."),
            _(
                "Until you close your account; the addresses %(days)s, ended tokens %(ended)s.",
                days=_days(now.address_days),
                ended=_days(ENDED.days),
            ),
            _("You alone."),
        ),
    }


def _of_reading() -> dict[str, tuple[str, str, str, str, str]]:
    return {
        "own": (
            _("Your own reading and writing"),
            _("Drafts, bookmarks, what you have read, searches you saved."),
            _("So that you find them on every device."),
            _(
                "Until you remove them or close your account; drafts %(days)s after you last wrote.",
                days=_days(settings.current().draft_days),
            ),
            _("You alone."),
        ),
        "notices": (
            _("Notifications and what you watch"),
            _("What you were told, what you want to be told of, and how."),
            _("To tell you."),
            _("Until you close your account."),
            _("You alone."),
        ),
    }


def _of_mail() -> dict[str, tuple[str, str, str, str, str]]:
    return {
        "mail": (
            _("Mail"),
            _("Which mails went to you; mails you sent here, when they became no post."),
            _("So that none is sent or taken twice."),
            _("Until you close your account."),
            _("You; moderators, what waits for their decision."),
        ),
        "archives": (
            _("Archives of your data"),
            _("A file with everything, if you ask for one."),
            _("So that you can take it with you."),
            _days(KEPT.days),
            _("You alone."),
        ),
    }


def _said_in_public() -> dict[str, tuple[str, str, str, str, str]]:
    named = _("For good; when you close your account, without your name.")
    return {
        "said": (
            _("What you said"),
            _("Posts with every revision, discussions, files, summaries, documents, charters, calls for consensus; how many there are."),
            _("It is the record the alliance rests on."),
            named,
            _("Everybody; in private groups, their members. What was hidden: moderators."),
        ),
        "answers": (
            _("Positions, reactions, votes"),
            _("What you chose, and the stakeholder type you chose it for."),
            _("To count them by stakeholder type."),
            named,
            _("Everybody, as it says where you choose; secret votes nobody, only their sums."),
        ),
        "groups": (
            _("Working groups"),
            _("Memberships with your role, requests to join, invitations, groups you proposed."),
            _("To let in who belongs, and to show who decides."),
            _("Until you leave or close your account."),
            _("Who may see the group; requests and invitations its chairs."),
        ),
    }


def _of_office() -> dict[str, tuple[str, str, str, str, str]]:
    named = _("For good; when you close your account, without your name.")
    return {
        "moderation": (
            _("Moderation"),
            _("What you flagged, what moderators decided and why, appeals, and acts of moderators."),
            _("So that decisions can be reviewed, and moderators answer for theirs."),
            named,
            _("Moderators; in the public log without names. You, what concerns you."),
        ),
        "digests": (
            _("Digests"),
            _("Who compiled, edited, commented and signed; in signed digests who contributed, with stakeholder type and country."),
            _("So that every sentence can be traced."),
            _("For good. What was signed is never changed."),
            _("Everybody, what was signed; drafts those who work on them."),
        ),
    }
