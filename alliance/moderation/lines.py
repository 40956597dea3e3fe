"""How an action line shows its authors: by name, by stakeholder type only, or closed with public summaries. A working group says so of itself."""

from __future__ import annotations

from alliance.core import db, outbox
from alliance.core.errors import Invalid
from alliance.core.i18n import gettext as _
from alliance.events import GroupChanged
from alliance.groups import changing, queries
from alliance.groups.models import Space
from alliance.groups.words import LINE_ATTRIBUTIONS
from alliance.moderation import log, reasons
from alliance.policy import Actor, require


def choose(actor: Actor, code: str, attribution: str, reason: str, rule: str = "") -> Space:
    """Choose how an action line shows its authors from now on; all it has is closed when it is closed. Noted in the public log.

    While it is closed, those write in it who read it: whoever speaks for an organization, as verified.

    Raises:
        NotFound, Refused, Invalid: nothing is changed.
    """
    with db.transaction() as session:
        space = queries.get_space(actor, code)
        require(actor, "space.attribute", space)
        line = log.checked(reason, needed=not reasons.checked(rule))
        if attribution not in LINE_ATTRIBUTIONS:
            raise Invalid.field("attribution", _("Choose how authors are shown."))
        held = changing.hold(space.id)
        if held.attribution == attribution:
            raise Invalid.field("attribution", _("This is chosen already: choose another."))
        held.attribution = attribution
        held.posting = "verified" if attribution == "closed" else "everyone"
        session.flush()
        log.write(actor, "attribute", line, code=rule, space_id=held.id, detail=f"attribution:{attribution}")
        outbox.publish(GroupChanged(held.id))
        return held
