"""Words the secretariat watches: what a rule is, which are in force, and whether a text meets one.

A process compiles them when they change: it asks for their version (one number) every few seconds, and for the rules when it is another.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from alliance.core import clock, db, folding, text
from alliance.core.errors import Conflict, Invalid, NotFound
from alliance.core.i18n import LANGUAGES, ngettext
from alliance.core.i18n import gettext as _
from alliance.discussions.holding import Written
from alliance.moderation import patterns
from alliance.moderation.models import HoldRule
from alliance.moderation.patterns import Pattern
from alliance.policy import Actor, require

KEPT_SECONDS = 3.0
MAX_WORDS = 50
MAX_IN_FORCE = 1000
MAX_LISTED = 500


@dataclass(frozen=True, slots=True)
class Rule:
    """What a rule says; see `HoldRule`."""

    words: tuple[str, ...]
    language: str | None = None
    everybody: bool = False
    waits: bool = True

    def compiled(self) -> list[Watched]:
        """Its words, ready to be looked for."""
        return [Watched(patterns.made(word), self.language, self.everybody, self.waits) for word in self.words]


@dataclass(frozen=True, slots=True)
class Watched:
    """A word of a rule."""

    pattern: Pattern
    language: str | None
    everybody: bool
    waits: bool


_kept: list[tuple[float, int, tuple[Watched, ...]]] = []
db.when_replaced(_kept.clear)


def in_force() -> tuple[Watched, ...]:
    """The words that are watched at present, those for which posts wait first (a change is seen a few seconds later by other processes)."""
    if not _kept or time.monotonic() - _kept[0][0] > KEPT_SECONDS:
        version = int(db.session().scalar(select(func.coalesce(func.sum(HoldRule.revision), 0))) or 0)
        known = _kept[0][2] if _kept and _kept[0][1] == version else _compiled()
        _kept[:] = [(time.monotonic(), version, known)]
    return _kept[0][2]


def _compiled() -> tuple[Watched, ...]:
    found = [word for row in db.session().scalars(_active()) for word in said(row).compiled()]
    return tuple(sorted(found, key=lambda word: not word.waits))


def _active() -> Select[HoldRule]:
    return select(HoldRule).where(HoldRule.active.is_(True)).order_by(HoldRule.id)


def said(row: HoldRule) -> Rule:
    """What a row says."""
    return Rule(tuple(row.words), row.language, row.everybody, row.waits)


def met(written: Written, *, everybody_only: bool) -> Watched | None:
    """The first watched word that a text holds; asking nothing of a database, but for a change every few seconds."""
    watched = [word for word in in_force() if word.everybody or not everybody_only]
    return first(watched, f"{written.title}\n{written.body}", written.language) if watched else None


def first(watched: Sequence[Watched], said: str, language: str | None) -> Watched | None:
    """The first of some words that a text holds which is said to be in a language.

    A word of one language counts in texts said to be in that language, in none, or (whatever is said) recognised to be in it.
    """
    folded = folding.fold(said)
    spoken: set[str | None] | None = None
    for word in watched:
        if not patterns.found(word.pattern, folded):
            continue
        if word.language is None or language in {None, word.language}:
            return word
        spoken = spoken if spoken is not None else {text.detect_language(said)}
        if word.language in spoken:
            return word
    return None


def checked(lines: str, language: str, *, everybody: bool, waits: bool) -> Rule:
    """A rule as the secretariat wrote it: a word (or several that stand together) a line.

    Raises:
        Invalid: by field.
    """
    words = tuple(dict.fromkeys(line for line in map(text.clean_line, lines.splitlines()) if line))
    if not words or len(words) > MAX_WORDS:
        raise Invalid.field("words", _("Write 1 to %(most)s words, each on a line of its own.", most=MAX_WORDS))
    wrong = [word for word in words if _is_wrong(word)]
    if wrong:
        said = _(
            "“%(word)s” cannot be watched: write at least two letters and at most %(most)s, and no * that stands alone.",
            word=text.excerpt(wrong[0], 40), most=patterns.MAX_LENGTH,
        )  # fmt: skip
        raise Invalid.field("words", said)
    if language and language not in LANGUAGES:
        raise Invalid.field("language", _("Choose one of the list."))
    return Rule(words, language or None, everybody, waits)


def _is_wrong(word: str) -> bool:
    try:
        patterns.made(word)
    except patterns.Unusable:
        return True
    return False


def every(actor: Actor) -> list[HoldRule]:
    """All rules: those in force first, the newest of each first.

    Raises:
        Refused: not the secretariat.
    """
    require(actor, "moderation.configure")
    query = select(HoldRule).options(joinedload(HoldRule.changed_by)).order_by(HoldRule.active.desc(), HoldRule.id.desc())
    return list(db.session().scalars(query.limit(MAX_LISTED)))


def get(actor: Actor, rule_id: int) -> HoldRule:
    """A rule.

    Raises:
        Refused: not the secretariat.
        NotFound: none such.
    """
    require(actor, "moderation.configure")
    found = db.session().get(HoldRule, rule_id)
    if found is None:
        raise NotFound
    return found


def keep(actor: Actor, rule: Rule, rule_id: int | None = None) -> HoldRule:
    """Put a rule in force: a new one, or in place of what one said.

    Raises:
        Refused: not the secretariat.
        Invalid: too many words would be watched.
    """
    require(actor, "moderation.configure")
    with db.transaction() as session:
        others = sum(len(row.words) for row in session.scalars(_active()) if row.id != rule_id)
        if others + len(rule.words) > MAX_IN_FORCE:
            raise Invalid.field("words", ngettext(
                "At most %(num)s word can be watched at a time: retire what is no longer needed.",
                "At most %(num)s words can be watched at a time: retire what is no longer needed.", MAX_IN_FORCE,
            ))  # fmt: skip
        row = session.get(HoldRule, rule_id, with_for_update=True) if rule_id is not None else HoldRule(revision=0)
        if row is None:
            raise NotFound
        row.words, row.language, row.everybody, row.waits = list(rule.words), rule.language, rule.everybody, rule.waits
        _noted(actor, row, active=True)
        session.add(row)
    _kept.clear()
    return row


def retire(actor: Actor, rule_id: int) -> None:
    """Have a rule hold nothing any more; it stays, to be put in force again.

    Raises:
        Refused: not the secretariat.
        Conflict: it is retired.
    """
    require(actor, "moderation.configure")
    with db.transaction() as session:
        row = session.get(HoldRule, rule_id, with_for_update=True)
        if row is None:
            raise NotFound
        if not row.active:
            raise Conflict(_("This rule is retired already."))
        _noted(actor, row, active=False)
    _kept.clear()


def _noted(actor: Actor, row: HoldRule, *, active: bool) -> None:
    row.active, row.revision, row.changed_by_id, row.changed_at = active, row.revision + 1, actor.person_id, clock.now()
