"""The API of accounts."""

from __future__ import annotations

from alliance.accounts import session
from alliance.core.errors import Refused
from alliance.core.i18n import gettext as _
from alliance.web import actors, api


class Me(api.Out):
    """Whoever holds the token."""

    handle: str
    name: str
    country: str | None
    languages: list[str]
    interface_language: str
    stakeholder_type: str | None
    role: str
    posts_count: int


@api.get("/me", returns=Me)
def me() -> Me:
    """Who I am."""
    if actors.me() is None:
        raise Refused(_("Send a valid token to be known."))
    return Me.model_validate(session.me()).model_copy(update=session.standing())
