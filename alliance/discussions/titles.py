"""A title belongs to the opening post: hidden or withdrawn with it, it stands nowhere any more, nor in addresses; restored, it is back.

This is done where titles are kept, so that lists, search, feeds, mail, digests, notifications, the API and sockets need not
ask: the column is empty while `withheld_title` holds what it said, and whoever reads an empty title reads a line that says so.
"""

from __future__ import annotations

from sqlalchemy import Dialect, String
from sqlalchemy.types import TypeDecorator

from alliance.core.i18n import gettext as _


class Title(TypeDecorator[str]):
    """One line; read as a neutral note, in the language of whoever reads, when it was taken away."""

    impl = String
    cache_ok = True

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """What may be read."""
        return _("[The title was taken away]") if value == "" else value
