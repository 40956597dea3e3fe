"""The list of topics as the secretariat keeps it, and the topics moderators give to discussions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import func, select

from alliance.core import clock, db, i18n, outbox, text
from alliance.core.errors import Conflict, Invalid, NotFound
from alliance.core.i18n import gettext as _
from alliance.discussions import counters
from alliance.discussions import queries as discussions
from alliance.discussions import topics as known
from alliance.discussions.models import Discussion
from alliance.discussions.topic_models import Topic
from alliance.events import DiscussionChanged
from alliance.moderation import log
from alliance.policy import Actor, require

MAX_LABEL, MAX_POSITION = 80, 9999


def save(actor: Actor, key: str | None, labels: Mapping[str, str], *, position: int | None = None, retired: bool = False) -> Topic:
    """Add a topic to the list, word one anew, give it another place, retire it or bring it back.

    Args:
        actor: the secretariat.
        key: of one that is there; None adds one, whose key is made of its English label.
        labels: by language; an empty one is left out (English stands for it).
        position: its place; None: as it is, or the last.
        retired: whether it is offered no more.

    Raises:
        Refused, NotFound, Invalid: nothing is changed.
    """
    require(actor, "topic.edit")
    worded = _worded(labels)
    if position is not None and not 0 <= position <= MAX_POSITION:
        raise Invalid.field("position", _("Give a number from %(least)s to %(most)s.", least=0, most=MAX_POSITION))
    with db.transaction() as session:
        topic = _existing(key) if key is not None else _added(worded["en"])
        if topic.labels != worded:
            topic.labels = worded
        topic.position = position if position is not None else topic.position
        if retired != (topic.retired_at is not None):
            topic.retired_at = clock.now() if retired else None
        session.add(topic)
        known.listed()
    return topic


def _worded(labels: Mapping[str, str]) -> dict[str, str]:
    lines = {language: text.clean_line(labels.get(language, "")).strip() for language in i18n.LANGUAGES}
    errors = {language: [_("At most %(most)s characters.", most=MAX_LABEL)] for language, line in lines.items() if len(line) > MAX_LABEL}
    if not lines["en"]:
        errors["en"] = [_("The English label is required: it stands where another is missing.")]
    if errors:
        raise Invalid(errors)
    return {language: line for language, line in lines.items() if line}


def _existing(key: str) -> Topic:
    found = db.session().scalar(select(Topic).where(Topic.key == key).with_for_update())
    if found is None:
        raise NotFound
    return found


def _added(label: str) -> Topic:
    session, key = db.session(), text.slugify(label)[:40].strip("-")
    if session.scalar(select(Topic.id).where(Topic.key == key)) is not None:
        raise Invalid.field("en", _("There is a topic of this name already. If it is retired, bring it back."))
    number, last = session.execute(select(func.count(Topic.id), func.max(Topic.position))).one()
    if number >= known.MOST_LISTED:
        raise Conflict(_("The list has %(most)s topics, and takes no more.", most=known.MOST_LISTED))
    return Topic(key=key, position=(last or 0) + 1)


def tag(actor: Actor, discussion_id: int, keys: Iterable[str]) -> list[Topic]:
    """Say which topics a discussion has; none takes them away. Doing what is done already changes nothing.

    Raises:
        NotFound, Refused, Invalid: nothing is changed.
    """
    with db.transaction():
        found = discussions.get_discussion(actor, discussion_id)
        require(actor, "discussion.tag", found)
        held = counters.hold(db.session(), found.id)
        before = known.of([held.id]).get(held.id, [])
        wanted = known.chosen(keys, before)
        if {one.id for one in wanted} != {one.id for one in before}:
            known.give(held.id, wanted)
            _note(actor, held, wanted)
    return wanted


def _note(actor: Actor, discussion: Discussion, topics: list[Topic]) -> None:
    discussion.version += 1
    log.write(actor, "tag" if topics else "untag", ", ".join(one.label("en") for one in topics), discussion=discussion)
    outbox.publish(DiscussionChanged(discussion.id, discussion.space_id))
