"""Keeping the documents and links of a group: added, replaced by newer versions, put in order, retired."""

from __future__ import annotations

from urllib.parse import urlsplit

from alliance import events
from alliance.attachments.models import Attachment
from alliance.core import clock, db, outbox, text
from alliance.core.errors import Invalid
from alliance.core.i18n import gettext as _
from alliance.groups import queries as groups
from alliance.groups.models import Group, Space
from alliance.library import queries
from alliance.library.models import LibraryItem, LibraryVersion
from alliance.policy import Actor, require

MAX_TITLE, MAX_SUMMARY, MAX_NOTE, MAX_ADDRESS = 200, 500, 200, 2000
MOST_VERSIONS = 200


def add_document(actor: Actor, group: Group, key: str, title: str = "", summary: str = "", note: str = "") -> LibraryItem:
    """Add a document, whose first version is a file the actor has sent; without a title it is called as the file.

    Raises:
        Refused, Invalid: nothing is changed.
    """
    name, lines = _line("title", title, MAX_TITLE), (_line("summary", summary, MAX_SUMMARY), _line("note", note, MAX_NOTE))
    with db.transaction():
        space = _held(actor, group)
        item = _placed(space, "document", name, lines[0])
        made = _joined(actor, item, space, key, lines[1])
        item.title = item.title or made.name.rpartition(".")[0] or made.name
    return item


def add_link(actor: Actor, group: Group, title: str, address: str, summary: str = "") -> LibraryItem:
    """Add a link.

    Raises:
        Refused, Invalid: nothing is changed.
    """
    name, line, where = _titled(title), _line("summary", summary, MAX_SUMMARY), checked_address(address)
    with db.transaction():
        item = _placed(_held(actor, group), "link", name, line)
        item.address = where
        outbox.publish(events.DocumentChanged(item.id, item.space_id))
    return item


def add_version(actor: Actor, group: Group, item_id: int, key: str, note: str = "") -> LibraryItem:
    """Let a file the actor has sent be the newest version of a document; the earlier ones are kept.

    Raises:
        Refused, Invalid, NotFound: nothing is changed.
    """
    line = _line("note", note, MAX_NOTE)
    with db.transaction():
        space = _held(actor, group)
        item = queries.get(actor, space, item_id, fresh=True)
        if item.kind != "document":
            raise Invalid.field("file", _("A link has no versions: change its address."))
        if item.versions_count >= MOST_VERSIONS:
            raise Invalid.field("file", _("A document has at most %(most)s versions. Add a new document.", most=MOST_VERSIONS))
        _joined(actor, item, space, key, line)
    return item


def change(actor: Actor, group: Group, item_id: int, title: str, summary: str, address: str = "") -> LibraryItem:
    """Change what a document or link is called and what is said of it; of a link also where it leads.

    Raises:
        Refused, Invalid, NotFound: nothing is changed.
    """
    name, line = _titled(title), _line("summary", summary, MAX_SUMMARY)
    with db.transaction():
        item = queries.get(actor, _held(actor, group), item_id, fresh=True)
        item.title, item.summary = name, line
        if item.kind == "link":
            item.address = checked_address(address)
        _touch(item)
    return item


def move(actor: Actor, group: Group, item_id: int, *, up: bool) -> None:
    """Put an item before the one above it, or behind the one below it.

    Raises:
        Refused, NotFound: nothing is changed.
    """
    with db.transaction():
        item = queries.get(actor, _held(actor, group), item_id, fresh=True)
        other = queries.neighbour(item, before=up)
        if other is not None and item.retired_at is None:
            item.position, other.position = other.position, item.position


def set_retired(actor: Actor, group: Group, item_id: int, *, retired: bool) -> None:
    """Take something out of what the group has at hand, or put it back (last).

    Raises:
        Refused, Invalid, NotFound: nothing is changed.
    """
    with db.transaction():
        space = _held(actor, group)
        item = queries.get(actor, space, item_id, fresh=True)
        if retired == (item.retired_at is not None):
            return
        if not retired:
            _check_room(space)
            item.position = queries.last_position(space.id) + 1
        item.retired_at = clock.now() if retired else None
        outbox.publish(events.DocumentChanged(item.id, item.space_id))


def take_away(actor: Actor, group: Group, item_id: int, number: int) -> None:
    """Take the file of a version away (it was a mistake, or may not be shown); that there was one stays to be read.

    Raises:
        Refused, NotFound: nothing is changed.
    """
    with db.transaction():
        space = groups.hold(actor, group.id).space
        require(actor, "library.remove", space)
        item = queries.get(actor, space, item_id, fresh=True)
        found = queries.version(item, number)
        if found.attachment is not None:
            found.attachment.space_id, found.attachment.created_at = None, clock.now()
            found.attachment, found.removed_at = None, clock.now()
            outbox.publish(events.DocumentChanged(item.id, item.space_id))


def _held(actor: Actor, group: Group) -> Space:
    """The space of a group, nobody else changing its documents until the end of the transaction."""
    space = groups.hold(actor, group.id).space
    require(actor, "library.keep", space)
    return space


def _check_room(space: Space) -> None:
    if queries.count(space.id) >= queries.MOST:
        raise Invalid.field("title", _("A group has at most %(most)s documents and links at hand. Retire some first.", most=queries.MOST))


def _placed(space: Space, kind: str, title: str, summary: str) -> LibraryItem:
    _check_room(space)
    made = LibraryItem(
        space_id=space.id, kind=kind, title=title, summary=summary, address="", position=queries.last_position(space.id) + 1,
        versions_count=0, created_at=clock.now(), changed_at=clock.now(),
    )  # fmt: skip
    made.space = space
    db.session().add(made)
    db.session().flush()
    return made


def _joined(actor: Actor, item: LibraryItem, space: Space, key: str, note: str) -> Attachment:
    """The file becomes a version of the document, and is the group's from here on."""
    file = queries.sent(actor, key, hold=True)
    if file is None or actor.person_id is None:
        raise Invalid.field("file", _("Choose a file."))
    file.space_id = space.id
    item.versions_count += 1
    db.session().add(
        LibraryVersion(
            item_id=item.id, number=item.versions_count, attachment_id=file.id, note=note, person_id=actor.person_id,
            named=space.attribution != "type", created_at=clock.now(),
        )
    )  # fmt: skip
    _touch(item)
    return file


def _touch(item: LibraryItem) -> None:
    item.changed_at = clock.now()
    outbox.publish(events.DocumentChanged(item.id, item.space_id))


def _titled(title: str) -> str:
    line = _line("title", title, MAX_TITLE)
    if text.is_blank(line):
        raise Invalid.field("title", _("Give it a title."))
    return line


def _line(name: str, value: str, most: int) -> str:
    line = text.storable(text.clean_line(value))
    if len(line) > most:
        raise Invalid.field(name, _("At most %(most)s characters.", most=most))
    return line


def checked_address(address: str) -> str:
    """Where a link leads, as it is kept.

    Raises:
        Invalid: it is no address of the web.
    """
    line = _line("address", address, MAX_ADDRESS)
    try:
        parts = urlsplit(line)
        sound = parts.scheme.lower() in {"http", "https"} and bool(parts.hostname) and parts.username is None and (parts.port or 1) > 0
    except ValueError:
        sound = False
    if not sound or " " in line:
        raise Invalid.field("address", _("Write the whole address, beginning with https:// or http://."))
    return line
