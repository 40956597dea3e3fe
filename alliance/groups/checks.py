"""What may be said of a group, at every door: errors by field."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

from alliance.core import clock, text, vocabulary
from alliance.core.errors import Invalid
from alliance.core.i18n import gettext as _
from alliance.groups import naming, queries
from alliance.groups.plans import Plan

VISIBILITIES = ("public", "members", "private")
JOINING = ("open", "request", "invitation")
POSTING = ("everyone", "verified", "members", "chairs")
ATTRIBUTIONS = ("named", "type", "closed")
MAX_TITLE = 120
MAX_SUMMARY = 500
MAX_TERMS = 5000
MAX_CHARTER = 50_000
MAX_NOTE = 200
MAX_REASON = 500
MAX_PUBLIC_SUMMARY = 20_000
MAX_TARGET = 1000
Errors = defaultdict[str, list[str]]


def check(plan: Plan) -> Plan:
    """A plan as it is kept.

    Raises:
        Invalid: by field.
    """
    errors: Errors = defaultdict(list)
    plan = replace(
        plan,
        title=text.clean_line(plan.title),
        summary=text.clean_line(plan.summary),
        terms=plan.terms.strip(),
        targets={kind: number for kind, number in plan.targets.items() if number},
    )
    _check_texts(plan, errors)
    _check_choices(plan, errors)
    _check_targets(plan.targets, errors)
    if plan.starts_on and plan.ends_on and plan.ends_on < plan.starts_on:
        errors["ends_on"].append(_("The last day is before the first day."))
    if errors:
        raise Invalid(errors)
    return plan


def check_to_come(plan: Plan) -> None:
    """Nobody proposes what is over already; the secretariat may put one on record.

    Raises:
        Invalid: its last day has passed.
    """
    if plan.ends_on and plan.ends_on < clock.now().date():
        raise Invalid.field("ends_on", _("That day has passed. Give one to come, or none."))


def _check_texts(plan: Plan, errors: Errors) -> None:
    if text.is_blank(plan.title):
        errors["title"].append(_("Give the group a name."))
    for name, value, most in (
        ("title", plan.title, MAX_TITLE),
        ("summary", plan.summary, MAX_SUMMARY),
        ("terms", plan.terms, MAX_TERMS),
    ):
        if len(value) > most:
            errors[name].append(_("At most %(most)s characters.", most=most))
        if text.storable(value) != value:
            errors[name].append(_("The text holds characters that are not text (U+0000 or half of a pair). Remove them and send it again."))


def _check_choices(plan: Plan, errors: Errors) -> None:
    for name, value, choices in (
        ("visibility", plan.visibility, VISIBILITIES),
        ("joining", plan.joining, JOINING),
        ("posting", plan.posting, POSTING),
        ("attribution", plan.attribution, ATTRIBUTIONS),
    ):
        if value not in choices:
            errors[name].append(_("Choose one of the list."))
    if plan.language not in vocabulary.LANGUAGES or any(one not in vocabulary.LANGUAGES for one in plan.languages):
        errors["languages"].append(_("Choose one of the six languages, or leave it open."))
    if len(queries.line_ids(plan.lines)) != len(set(plan.lines)):
        errors["lines"].append(_("Choose action lines from the list."))
    if plan.visibility == "private" and plan.joining != "invitation":
        errors["joining"].append(_("Nobody can ask to join a private group: members are invited."))
    _check_who_reads(plan, errors)
    if plan.slug and not naming.is_code(plan.slug):
        errors["slug"].append(_("An address has small letters (a–z), digits and hyphens only, at most %(most)s.", most=naming.LONGEST))
    elif plan.slug and plan.visibility != "private" and naming.is_taken(plan.slug):
        errors["slug"].append(_("This address is taken. Choose another."))


def _check_who_reads(plan: Plan, errors: Errors) -> None:
    if (plan.visibility != "public" or plan.attribution == "closed") and plan.posting in {"everyone", "verified"}:
        errors["posting"].append(_("Only members can write where only members can read."))
    if plan.attribution == "closed" and plan.visibility == "private":
        errors["attribution"].append(_("Nobody else is told of a private group, nor reads a summary of it: choose otherwise above."))


def _check_targets(targets: Mapping[str, int], errors: Errors) -> None:
    if any(kind not in vocabulary.STAKEHOLDER_TYPES for kind in targets):
        errors["targets"].append(_("Choose a stakeholder type from the list."))
    if any(not 0 <= number <= MAX_TARGET for number in targets.values()):
        errors["targets"].append(_("A target is a number from 0 to %(most)s.", most=MAX_TARGET))


def check_text(name: str, body: str, most: int) -> str:
    """A text as it is kept.

    Raises:
        Invalid: it is too long, or not text.
    """
    if len(body) > most:
        raise Invalid.field(name, _("At most %(most)s characters.", most=most))
    if text.storable(body) != body:
        raise Invalid.field(
            name, _("The text holds characters that are not text (U+0000 or half of a pair). Remove them and send it again.")
        )
    return body


def check_charter(body: str) -> str:
    """A charter as it is kept.

    Raises:
        Invalid: there is none, or it is too long.
    """
    body = body.strip()
    if text.is_blank(body):
        raise Invalid.field("charter", _("Write the charter: what the group is for, what it is to bring about, and by when."))
    if len(body) > MAX_CHARTER:
        raise Invalid.field("charter", _("At most %(most)s characters.", most=MAX_CHARTER))
    if text.storable(body) != body:
        raise Invalid.field(
            "charter", _("The text holds characters that are not text (U+0000 or half of a pair). Remove them and send it again.")
        )
    return body


def check_reason(reason: str, *, needed: bool, name: str = "reason") -> str:
    """A reason as it is kept, on one line.

    Raises:
        Invalid: it is needed and there is none, or it is too long.
    """
    line = text.storable(text.clean_line(reason))
    if needed and text.is_blank(line):
        raise Invalid.field(name, _("Give a reason: it is what the other side reads."))
    if len(line) > MAX_REASON:
        raise Invalid.field(name, _("At most %(most)s characters.", most=MAX_REASON))
    return line
