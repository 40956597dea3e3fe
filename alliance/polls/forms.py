"""Forms of polls: what is asked, and the vote."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, RadioField, StringField, TextAreaField
from wtforms.validators import Optional

from alliance.core.errors import Invalid
from alliance.core.i18n import lazy_gettext as _l
from alliance.polls.models import Poll
from alliance.polls.services import LABELS, MAX_QUESTION, Asked
from alliance.web.forms import Form, MomentField


class PollForm(Form):
    """What a poll asks."""

    question = StringField(_l("Question of the poll"), render_kw={"maxlength": MAX_QUESTION, "dir": "auto"})
    options = TextAreaField(_l("Answers"), render_kw={"rows": 4, "dir": "auto"}, description=_l("Two to twenty, one on each line."))
    kind = RadioField(_l("One gives"), choices=list(LABELS.items()), default="single")
    secret = BooleanField(_l("Keep the result secret until the poll is closed, from everybody"))
    closes_at = MomentField(_l("Closes on (UTC)"), validators=[Optional()])

    @property
    def asked(self) -> Asked:
        """What was written."""
        options = (self.options.data or "").splitlines()
        return Asked(self.question.data or "", options, self.kind.data or "", bool(self.secret.data), self.closes_at.moment)

    @property
    def says_something(self) -> bool:
        """Whether a poll is wanted: a question or an answer is written."""
        return bool((self.question.data or "").strip() or (self.options.data or "").strip())


class WritingPollForm(PollForm):
    """The same inside a form of writing, which has the token."""

    class Meta(PollForm.Meta):
        """WTForms' switches."""

        csrf = False

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(prefix="poll-", **kwargs)


class VoteForm(Form):
    """A vote; its fields are made from the options (see `chosen`)."""


def filled(poll: Poll) -> dict[str, Any]:
    """A poll as its form shows it."""
    return {
        "question": poll.question,
        "options": "\n".join(poll.options),
        "kind": poll.kind,
        "secret": poll.secret,
        "closes_at": poll.closes_at,
    }


def chosen(poll: Poll, sent: Any) -> list[int]:
    """The choices in what a browser sent: `choice` (once or several times), or `rank-<option>` with a place each.

    Raises:
        Invalid: two options have the same place, or what was sent is no number.
    """
    if poll.kind != "ranked":
        return [_number(one) for one in sent.getlist("choice")[:100]]
    places = {option: sent.get(f"rank-{option}", "") for option in range(len(poll.options))}
    ranks = {option: _number(place) for option, place in places.items() if place}
    if len(set(ranks.values())) < len(ranks):
        raise Invalid.field("choices", str(_l("Give each place to one answer only.")))
    return sorted(ranks, key=lambda option: ranks[option])


def _number(value: str) -> int:
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 4 else -1
