"""What mails about a person's own account say."""

from __future__ import annotations

from alliance.accounts import services as accounts
from alliance.accounts.models import Person
from alliance.core import i18n
from alliance.core.i18n import gettext as _
from alliance.core.mail import Draft, message_id
from alliance.mailing.letters import Letter, _domain, base, draft_for


def draft(person: Person, kind: str, key: str) -> Draft:
    """The mail about a person's own account."""
    with i18n.use_locale(person.interface_language):
        return draft_for(person.name, person.email or "", _LETTERS[kind](person), message_id(f"{key}.{person.id}", _domain()))


def _confirm(person: Person) -> Letter:
    return Letter(
        subject=_("Confirm your address"),
        paragraphs=[_("Welcome to Alliance. Open this page and enter the password you chose, and your address is confirmed:")],
        link=accounts.confirmation_link(person),
        label=_("Confirm the address"),
        after=[_("The link works for seven days. If you did not ask for an account, there is nothing to do: without you nothing happens.")],
    )


def _reset(person: Person) -> Letter:
    return Letter(
        subject=_("Choose a new password"),
        paragraphs=[_("Somebody, probably you, asked for a new password. Choose it here:")],
        link=accounts.reset_link(person),
        label=_("Choose a new password"),
        after=[_("The link works once, for two hours. If it was not you, there is nothing to do: your password stays as it is.")],
    )


def _repeated(_person: Person) -> Letter:
    return Letter(
        subject=_("You have an account already"),
        paragraphs=[_("Somebody, probably you, tried to register with this address. It has an account already; sign in with it:")],
        link=f"{base()}/sign-in",
        label=_("Sign in"),
        after=[_("If you forgot the password, ask for a new one on the same page. If it was not you, there is nothing to do.")],
    )


def _new_password(_person: Person) -> Letter:
    return Letter(
        subject=_("Your password was changed"),
        paragraphs=[
            _("The password of your account was changed, and all other sessions were ended. If it was you, there is nothing to do.")
        ],
        link=f"{base()}/forgotten-password",
        label=_("It was not me: choose a new password"),
        after=[_("The link for a new password goes to this address. A password chosen by link ends every session and every API token.")],
    )


def _new_token(_person: Person) -> Letter:
    return Letter(
        subject=_("A new API token was made"),
        paragraphs=[_("A program can now act in your name with it. If it was you who made it, there is nothing to do.")],
        link=f"{base()}/settings/tokens",
        label=_("See the tokens and revoke them"),
        after=[_("If it was not you, choose a new password too: by link, which ends every session and every API token.")],
    )


def _new_two_step(_person: Person) -> Letter:
    return Letter(
        subject=_("Your two-step sign-in was changed"),
        paragraphs=[_("It was turned on or off, a recovery code was used, or new ones were made. If it was you, there is nothing to do.")],
        link=f"{base()}/settings/sessions",
        label=_("See what happened, and where you are signed in"),
        after=[_("If it was not you, choose a new password by link, which ends every session and every API token.")],
    )


def _new_key(_person: Person) -> Letter:
    return Letter(
        subject=_("The passkeys and security keys of your account were changed"),
        paragraphs=[
            _("One was added or removed, or blocked because there may be a copy of it. If it was you, there is nothing to do."),
        ],
        link=f"{base()}/settings/two-step",
        label=_("See the keys, and remove those you do not know"),
        after=[_("If it was not you, choose a new password too: by link, which ends every session and every API token.")],
    )


def _new_role(_person: Person) -> Letter:
    return Letter(
        subject=_("Your role on Alliance was changed"),
        paragraphs=[_("The secretariat gave you another role. Your sessions were ended; sign in again, and it holds.")],
        link=f"{base()}/sign-in",
        label=_("Sign in"),
        after=[_("Why, the public log of moderation says. Questions are answered by the secretariat.")],
    )


def _new_link(_person: Person) -> Letter:
    return Letter(
        subject=_("The accounts elsewhere that sign in to yours were changed"),
        paragraphs=[_("One was linked to your account here, or unlinked. If it was you, there is nothing to do.")],
        link=f"{base()}/settings/linked",
        label=_("See which are linked, and unlink them"),
        after=[_("If it was not you, choose a new password too: by link, which ends every session and every API token.")],
    )


def _new_archive(_person: Person) -> Letter:
    return Letter(
        subject=_("Your archive is ready"),
        paragraphs=[_("The archive of your data can be fetched for seven days, by you alone: sign in for it.")],
        link=f"{base()}/settings/data",
        label=_("Fetch the archive"),
        after=[_("If it was not you who asked for it, choose a new password by link, which ends every session and every API token.")],
    )


def _new_closing(_person: Person) -> Letter:
    return Letter(
        subject=_("Your account will be closed"),
        paragraphs=[_("It will be closed for good in 14 days. Until then you can keep it: sign in, and press “Keep my account”.")],
        link=f"{base()}/settings/data",
        label=_("Keep my account"),
        after=[_("If it was not you, choose a new password by link, then keep the account.")],
    )


_LETTERS = {
    "confirm": _confirm, "reset": _reset, "repeated": _repeated, "new-password": _new_password, "new-token": _new_token,
    "new-two-step": _new_two_step, "new-key": _new_key, "new-link": _new_link, "new-archive": _new_archive, "new-closing": _new_closing, "new-role": _new_role,
}  # fmt: skip
