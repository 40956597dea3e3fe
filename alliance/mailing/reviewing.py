"""Held mail in the review queue, beside all else that waits there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import undefer

from alliance.core import db
from alliance.core.i18n import gettext as _
from alliance.core.i18n import lazy_gettext as _l
from alliance.core.reviews import Decision, Kind, Ruling, Shown, register
from alliance.mailing import holding
from alliance.mailing.models import IncomingMail
from alliance.mailing.outcomes import KIND
from alliance.policy import Actor, visible


def mails_shown(actor: Actor, found: Sequence[Any]) -> Mapping[int, Shown]:
    """What held mails say, and where they came from."""
    ids = [item.subject_id for item in found]
    query = select(IncomingMail).options(undefer(IncomingMail.text)).where(IncomingMail.id.in_(ids), visible(actor, IncomingMail))
    mails = {one.id: one for one in db.session().scalars(query)}
    return {item.id: _shown(mails[item.subject_id]) for item in found if item.subject_id in mails}


def _shown(mail: IncomingMail) -> Shown:
    came_from = _("It came from %(address)s.", address=mail.sender or "?")
    return Shown(mail.subject or _("Without a title"), "/moderation/mail", plain=mail.text, facts=[came_from])


def _post(ruling: Ruling) -> None:
    holding.decide(ruling.actor, ruling.item.subject_id, post=True)


def _refuse(ruling: Ruling) -> None:
    holding.decide(ruling.actor, ruling.item.subject_id, post=False)


MAIL = register(
    Kind(
        KIND, _l("Held mail"),
        {
            "approve": Decision(_l("Post it"), _post, reasoned=False, kind="primary", logged="approve_mail"),
            "refuse": Decision(_l("Refuse it"), _refuse, reasoned=False, kind="danger", logged="refuse_mail"),
        },
        mails_shown,
    )
)  # fmt: skip
