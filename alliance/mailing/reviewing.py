"""Held mail in the review queue, beside all else that waits there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload, undefer

from alliance.core import db
from alliance.core.i18n import gettext as _
from alliance.core.i18n import lazy_gettext as _l
from alliance.core.reviews import Decision, Kind, Shown, register
from alliance.mailing import holding, unfolding
from alliance.mailing.models import IncomingMail
from alliance.mailing.outcomes import KIND
from alliance.policy import Actor, visible


def mails_shown(actor: Actor, found: Sequence[Any]) -> Mapping[int, Shown]:
    """What held mails say, and where they came from."""
    ids = [item.subject_id for item in found]
    query = (
        select(IncomingMail)
        .options(undefer(IncomingMail.text), undefer(IncomingMail.cut), joinedload(IncomingMail.space), joinedload(IncomingMail.discussion))
        .where(IncomingMail.id.in_(ids), visible(actor, IncomingMail))
    )
    mails = {one.id: one for one in db.session().scalars(query)}
    return {item.id: _shown(mails[item.subject_id]) for item in found if item.subject_id in mails}


def _shown(mail: IncomingMail) -> Shown:
    came_from = _("It came from %(address)s.", address=mail.sender or "?")
    place = f"/d/{mail.discussion_id}" if mail.discussion_id is not None else mail.space.path if mail.space is not None else "/moderation"
    url = f"/p/{mail.post_id}" if mail.status == "posted" and mail.post_id is not None else place
    return Shown(mail.subject or _("Without a title"), url, plain=mail.text + _cut(mail), facts=[came_from])


def _cut(mail: IncomingMail) -> str:
    """What will be there to be unfolded below the post: nobody lets through what they have not seen."""
    attributions = {one.attribution for one in (mail.discussion, mail.space) if one is not None}
    cut = unfolding.readable(mail.cut) if "type" not in attributions else ""
    return f"\n\n{_('Cut off the e-mail')}:\n\n{cut}" if cut else ""


MAIL = register(
    Kind(
        KIND, _l("Held mail"),
        {
            "approve": Decision(_l("Post it"), holding.post, holding.take_back, reasoned=False, kind="primary", logged="approve_mail"),
            "refuse": Decision(_l("Refuse it"), holding.refuse, holding.take_back, reasoned=False, kind="danger", logged="refuse_mail"),
        },
        mails_shown, bulk=("refuse",),
    )
)  # fmt: skip
