"""Texts with their names linked (people by handle, spaces by code, working groups by either sign) and their files shown. One query for all people a text names, one for all spaces, one for all files."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import and_, or_, select

from alliance.accounts.models import Person
from alliance.attachments import queries as attachments
from alliance.core import db, text
from alliance.core.attached import keys_in
from alliance.core.names import named
from alliance.groups.models import Space
from alliance.policy import Actor, visible


def rendered(body: str, *, writer_id: int | None = None, post_id: int | None = None) -> text.Rendered:
    """The HTML of a text, the same for every reader: only what everybody may see is linked.

    Args:
        body: Markdown.
        writer_id: the files of this person that are in no post yet are shown too.
        post_id: and those of this post.
    """
    return text.render(body, known(named(body)), attachments.shown(keys_in(body), writer_id=writer_id, post_id=post_id))


def known(names: Collection[str]) -> dict[str, str]:
    """Of names as "@amina" and "#c1", those that everybody may follow, and where they lead."""
    guest = Actor.guest()
    handles, codes = ({name[1:] for name in names if name[0] == sign} for sign in "@#")
    found: dict[str, str] = {}
    if handles or codes:
        meant = or_(Space.code.in_(codes), and_(Space.code.in_(handles), Space.kind == "group"))
        for space in db.session().scalars(select(Space).where(meant, visible(guest, Space))):
            found |= {f"{sign}{space.code}": space.path for sign, named in (("#", codes), ("@", handles)) if space.code in named}
    if handles:
        people = select(Person.handle).where(Person.handle.in_(handles), Person.claimed.is_(True), visible(guest, Person))
        found |= {f"@{handle}": f"/people/{handle}" for handle in db.session().scalars(people)}
    return found
