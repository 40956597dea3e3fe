"""Forms of writing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms import HiddenField, IntegerField, SelectField, SelectMultipleField, StringField, SubmitField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp
from wtforms.widgets import CheckboxInput, HiddenInput, ListWidget

from alliance.attachments.forms import AttachingForm
from alliance.core import vocabulary
from alliance.core.i18n import gettext as _
from alliance.core.i18n import lazy_gettext as _l
from alliance.core.i18n import ngettext
from alliance.core.ids import MAX_ID
from alliance.discussions import topics
from alliance.discussions.checks import MAX_TITLE
from alliance.drafts.forms import DraftedForm
from alliance.policy import Actor
from alliance.stakeholders import queries as stakeholders


class _Writing(DraftedForm, AttachingForm):
    """What every text is written with."""

    body = TextAreaField(
        _l("Text"),
        render_kw={"rows": 8, "dir": "auto"},
        description=_l("Plain text or Markdown: **bold**, *emphasis*, > quote, - list, [link](https://…)."),
    )
    language = SelectField(_l("Language of the text"), validators=[Optional()])
    preview = SubmitField(_l("Preview"))

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.language.choices = [("", _("Recognise it")), *vocabulary.language_choices()]


class _Speaking(_Writing):
    """A new text: in which capacity."""

    capacity = SelectField(_l("You write"), validators=[Optional()])

    def __init__(self, actor: Actor, **kwargs: object) -> None:
        super().__init__(**kwargs)
        mine = stakeholders.capacities(actor.person_id) if actor.person_id else ()
        named = [(str(key), self._speaking_for(organization, verified=status == "verified")) for key, organization, status in mine]
        self.capacity.choices = [("", _("personally")), *named]

    @staticmethod
    def _speaking_for(name: str, *, verified: bool) -> str:
        return _("for %(organization)s", organization=name) if verified else _("for %(organization)s (unverified)", organization=name)

    @property
    def affiliation_id(self) -> int | None:
        """The affiliation chosen, None for personally."""
        return int(self.capacity.data) if self.capacity.data else None


class ReplyForm(_Speaking):
    """Answering a discussion, or one of its posts."""

    parent_id = IntegerField(widget=HiddenInput(), validators=[Optional(), NumberRange(min=1, max=MAX_ID)])
    quotes = HiddenField(validators=[Length(max=2000)])  # what is quoted: see quoting.py
    seen = HiddenField(validators=[Length(max=10)])  # the number of the last post when the page was opened
    newer_posts: Sequence[Any] = ()  # said meanwhile by others, to be looked at before publishing


class TopicsField(SelectMultipleField):  # type: ignore[misc]
    """Topics of the list, a box each."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def __init__(self, **kwargs: Any) -> None:
        most = ngettext("At most %(num)s topic.", "At most %(num)s topics.", topics.MOST)
        super().__init__(_("Topics"), validators=[Optional(), Length(max=topics.MOST, message=most)], description=most, **kwargs)


class OpenForm(_Speaking):
    """Opening a discussion."""

    title = StringField(
        _l("Title"),
        render_kw={"maxlength": MAX_TITLE, "dir": "auto"},
        description=_l("A question or a proposal, so that one sees what is asked."),
    )
    topics = TopicsField()

    def __init__(self, actor: Actor, **kwargs: object) -> None:
        super().__init__(actor, **kwargs)
        self.topics.choices = topics.choices()


class EditForm(_Writing):
    """Changing a text of one's own; `revision` is the one that was read."""

    revision = HiddenField(validators=[InputRequired(), Regexp(r"[0-9]{1,9}\Z")])

    @property
    def base(self) -> int | None:
        """The revision that was read."""
        return int(self.revision.data) if self.revision.data and not self.revision.errors else None
