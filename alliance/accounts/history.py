"""What happened to an account, for the person it belongs to: written in the transaction of the act."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select, update

from alliance.accounts import origins
from alliance.accounts.models import SecurityEvent, SignIn
from alliance.core import clock, db, jobs, settings
from alliance.core.i18n import lazy_gettext as _l
from alliance.policy import Actor, visible

KINDS = {
    "signed_in": _l("Signed in"),
    "failed": _l("Wrong password"),
    "session_ended": _l("A session was ended"),
    "others_ended": _l("All other sessions were ended"),
    "password_changed": _l("The password was changed"),
    "password_reset": _l("A new password was chosen by link"),
    "two_step_on": _l("Two-step sign-in was turned on"),
    "two_step_off": _l("Two-step sign-in was turned off"),
    "codes_made": _l("New recovery codes were made"),
    "recovery_used": _l("A recovery code was used"),
    "wrong_code": _l("Right password, wrong code"),
    "app_added": _l("An authenticator app was set up"),
    "app_removed": _l("The authenticator app was removed"),
    "key_added": _l("A passkey or security key was added"),
    "key_removed": _l("A passkey or security key was removed"),
    "key_failed": _l("A passkey or security key was refused"),
    "key_copied": _l("A passkey or security key was blocked: there may be a copy of it"),
    "passkey_used": _l("A passkey signed in by itself"),
    "linked": _l("An account elsewhere was linked"),
    "unlinked": _l("An account elsewhere was unlinked"),
    "linked_used": _l("Signed in with an account elsewhere"),
    "token_made": _l("An API token was made"),
    "token_revoked": _l("An API token was revoked"),
    "archive_asked": _l("An archive of your data was asked for"),
    "closing_asked": _l("The account is to be closed"),
    "closing_undone": _l("The account is kept"),
    "archive_claimed": _l("What archives have from your address became yours"),
    "archive_taken_back": _l("What archives have from your address is yours no more"),
    "role_changed": _l("The secretariat gave you another role"),
    "token_expired": _l("The time of an API token was over"),
}
PAGE = 30


def note(person_id: int | None, kind: str) -> None:
    """Inside a transaction: that something happened, and from where. Nobody: a sign-in failed for an address without an account."""
    origin = origins.present()
    db.session().add(
        SecurityEvent(person_id=person_id, kind=kind, address=origin.address or None, device=origin.device, created_at=clock.now())
    )


def of(actor: Actor, before: int | None = None) -> tuple[list[SecurityEvent], int | None]:
    """One's own history, newest first, and from where it goes on."""
    query = select(SecurityEvent).where(visible(actor, SecurityEvent)).order_by(SecurityEvent.id.desc()).limit(PAGE + 1)
    found = list(db.session().scalars(query if before is None else query.where(SecurityEvent.id < before)))
    return found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None


@jobs.periodic("52 3 * * *")
def forget() -> None:
    """Once a night: addresses older than ALLIANCE_ADDRESS_DAYS go, and failures as old, wherever they came from."""
    before = clock.now() - timedelta(days=settings.current().address_days)
    with db.transaction() as session:
        session.execute(delete(SecurityEvent).where(SecurityEvent.kind == "failed", SecurityEvent.created_at < before))
        for model, moment in ((SecurityEvent, SecurityEvent.created_at), (SignIn, SignIn.seen_at)):
            session.execute(update(model).where(model.address.is_not(None), moment < before).values(address=None))
