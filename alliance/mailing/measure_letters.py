"""The mail to a person about what moderators decided about them: until when, which rule, why, and how to appeal; also while suspended."""

from __future__ import annotations

from alliance.accounts.models import Person
from alliance.core import db, i18n
from alliance.core.i18n import gettext as _
from alliance.core.i18n import isolated
from alliance.core.mail import Draft, message_id
from alliance.mailing.letters import Letter, _domain, base, draft_for
from alliance.moderation import appeals, measures
from alliance.moderation.measures import Measure


def draft(person: Person, key: str) -> Draft | None:
    """The mail ("measure-how-number-event"), None when there is nothing to say any more."""
    how, _dash, number = key.removeprefix("measure-").partition("-")
    one = db.session().get(Measure, int(number.partition("-")[0]))
    if one is None or person.confirmed_at is None or (how == "taken" and not one.runs):
        return None
    with i18n.use_locale(person.interface_language):
        letter = {"taken": _taken, "ended": _ended, "refused": _refused, "reopened": _reopened}[how](one)
        return draft_for(person.name, person.email or "", letter, message_id(f"{key}.{person.id}", _domain()))


def _taken(one: Measure) -> Letter:
    end = i18n.format_datetime(one.until) if one.until is not None else ""
    said = {
        "warn": _("A moderator of Alliance warns you."),
        "silence": _("A moderator of Alliance decided that you may read but not write until %(end)s.", end=end),
        "suspend": _("A moderator of Alliance suspended your account until %(end)s.", end=end),
        "remove": _("A moderator of Alliance suspended your account and hid your posts."),
    }[one.kind]
    reason = measures.why(one)
    after = [
        _(
            "You can appeal within 20 days: somebody else than who decided looks at it again, and answers with a reason. For this you can sign in as before."
        )
    ]
    return _letter(
        measures.label(one.kind),
        [said, *([_("The reason: %(reason)s", reason=isolated(reason))] if reason else []), *filter(None, [one.words])],
        one,
        after,
    )


def _ended(one: Measure) -> Letter:
    said = _("What moderators decided about you holds no more: %(what)s.", what=measures.label(one.kind))
    over = _("It holds no more")
    return _letter(f"{measures.label(one.kind)}: {over}", [said, *_answer(one)], one, [])


def _refused(one: Measure) -> Letter:
    return _letter(
        _("Your appeal was refused"),
        [_("Somebody else than who decided has looked at it again. It stays as it is."), *_answer(one)],
        one,
        [],
    )


def _reopened(one: Measure) -> Letter:
    said = _(
        "The answer to your appeal was taken back: somebody looks at it again, and you will be told. Until then holds what was decided."
    )
    return _letter(_("Your appeal waits again"), [said], one, [])


def _answer(one: Measure) -> list[str]:
    """What was answered to an appeal, if there was one."""
    made = appeals.of_entry(one.entry_id)
    return [_("The answer to your appeal: %(answer)s", answer=isolated(made.answer))] if made is not None and made.answer else []


def _letter(subject: str, paragraphs: list[str], one: Measure, after: list[str]) -> Letter:
    return Letter(subject=subject, paragraphs=paragraphs, link=f"{base()}/moderation/measures/{one.id}", label=_("Read it"), after=after)
