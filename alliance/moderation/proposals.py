"""Proposed working groups in the review queue, beside all else that waits there; and what was decided about them, in the log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from alliance import events
from alliance.core import db, outbox
from alliance.core.i18n import current_locale, isolated
from alliance.core.i18n import gettext as _
from alliance.core.i18n import lazy_gettext as _l
from alliance.core.reviews import Decision, Kind, Ruling, Shown, register
from alliance.groups import founding, words
from alliance.groups.models import CharterRevision, Group
from alliance.moderation import items, log, queries, reasons
from alliance.policy import Actor, visible

KIND = "group_proposal"


def proposals_shown(actor: Actor, found: Sequence[Any]) -> Mapping[int, Shown]:
    """Proposed groups, each with its charter."""
    current = (CharterRevision.group_id == Group.id) & (CharterRevision.number == Group.charter_number)
    query = select(Group, CharterRevision.html).outerjoin(CharterRevision, current).options(joinedload(Group.space))
    query = query.where(Group.id.in_([item.subject_id for item in found]), visible(actor, Group))
    rows = {row[0].id: row for row in db.session().execute(query)}
    return {item.id: _shown(*rows[item.subject_id], item.person) for item in found if item.subject_id in rows}


def _shown(group: Group, charter: str | None, person: Any) -> Shown:
    space, language = group.space, next(iter(group.space.titles))
    proposed = [_("Proposed by %(name)s", name=isolated(person.name))] if person is not None else []
    summary = Markup("<p><strong>{}</strong></p>").format(space.description(language)) if space.description(language) else Markup()
    html = str(summary + Markup(charter or ""))  # noqa: S704 - rendered when it was written
    return Shown(
        space.title(current_locale()), space.path, html, language=language, facts=[*proposed, str(words.VISIBILITIES[group.visibility])]
    )


def _approve(ruling: Ruling) -> None:
    founding.decide(ruling.actor, ruling.item.subject_id, approved=True, reason=ruling.reason)


def _refuse(ruling: Ruling) -> None:
    """Whoever proposed it reads why: in words, or as the list of reasons has it."""
    reason = ruling.reason or reasons.titles()[ruling.code]
    founding.decide(ruling.actor, ruling.item.subject_id, approved=False, reason=reason)


def _undecide(ruling: Ruling) -> None:
    founding.undecide(ruling.actor, ruling.item.subject_id)


PROPOSAL = register(
    Kind(
        KIND, _l("Proposed working groups"),
        {
            "approve": Decision(_l("Found the group"), _approve, _undecide, reasoned=False, kind="primary"),
            "refuse": Decision(_l("Refuse"), _refuse, _undecide, kind="danger"),
        },
        proposals_shown, audience="secretariat",
    )
)  # fmt: skip


@outbox.inside(events.GroupProposed, events.GroupDecided)
def on_proposals(happened: Sequence[events.GroupProposed | events.GroupDecided]) -> None:
    """In the transaction itself: what is proposed waits from then on; what was decided, on whichever page, does not, and is in the log."""
    for event in happened:
        group = db.session().get_one(Group, event.group_id)
        if isinstance(event, events.GroupProposed):
            language = next(iter(group.space.titles))
            items.ask(KIND, group.id, person_id=group.proposed_by_id, space_id=group.space_id, language=language)
        else:
            _decided(group)


def _decided(group: Group) -> None:
    by = Actor("person", group.decided_by_id, role="secretariat") if group.decided_by_id is not None else Actor.system()
    decision = "refuse" if group.status == "refused" else "approve"
    item = queries.open_item(KIND, group.id)
    if item is not None:  # it was decided on its own page
        items.settle(item, by, decision, reason=group.decision)
    log.write(by, f"{decision}_group", group.decision, space_id=group.space_id, person_id=group.proposed_by_id)
