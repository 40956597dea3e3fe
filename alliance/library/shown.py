"""What the page of a group shows of its documents and links."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from alliance.attachments.models import Attachment
from alliance.attachments.naming import address
from alliance.attachments.queries import facts
from alliance.library import queries
from alliance.policy import can
from alliance.web import current_actor, pages

NEWEST = 4


@pages.section("space.side", 10)
def in_group(space: Any, **_more: Any) -> Markup:
    """The newest documents and links of a group."""
    actor = current_actor()
    if space.kind != "group":
        return Markup()
    found = queries.newest(actor, space, NEWEST)
    if not found and not can(actor, "library.keep", space):
        return Markup()
    return pages.markup("library/_newest.html", space=space, items=found, current=queries.current(found))


@pages.provide("file_address")
def file_address(file: Attachment) -> str:
    """Where a file is served."""
    return address(file.key, file.name)


@pages.provide("file_facts")
def file_facts(file: Attachment) -> str:
    """Type and size of a file."""
    return facts(file)
