"""Forms of working groups."""

from __future__ import annotations

from typing import Any

from wtforms import IntegerField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from alliance.core import vocabulary
from alliance.core.i18n import current_locale
from alliance.core.i18n import lazy_gettext as _l
from alliance.groups import queries
from alliance.groups.belonging import MAX_STATEMENT
from alliance.groups.checks import MAX_CHARTER, MAX_NOTE, MAX_PUBLIC_SUMMARY, MAX_REASON, MAX_SUMMARY, MAX_TERMS, MAX_TITLE
from alliance.groups.plans import Plan
from alliance.groups.words import ATTRIBUTIONS, JOINING, POSTING, ROLES, VISIBILITIES
from alliance.web.forms import DayField, Form, OnceForm


class _Checkboxes(SelectMultipleField):  # type: ignore[misc]
    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class SettingsForm(OnceForm):
    """What is said of a group."""

    title = StringField(_l("Name of the group"), validators=[InputRequired(_l("Give the group a name.")), Length(max=MAX_TITLE)])
    language = SelectField(_l("Language of the name and the summary"))
    summary = TextAreaField(
        _l("In one or two sentences"),
        validators=[Optional(), Length(max=MAX_SUMMARY)],
        description=_l("Stands in the list of groups, and at the head of its page."),
        render_kw={"rows": 2},
    )
    terms = TextAreaField(
        _l("Terms of membership"),
        validators=[Optional(), Length(max=MAX_TERMS)],
        description=_l("Who can become a member, and what is expected of members (Markdown)."),
        render_kw={"rows": 4},
    )
    visibility = RadioField(_l("Who can read"), choices=[])
    joining = RadioField(_l("How one becomes a member"), choices=[])
    posting = RadioField(_l("Who can write"), choices=[])
    attribution = RadioField(
        _l("Authors are shown"),
        choices=[],
        description=_l("This holds for what is written from now on; what was written without a name stays so."),
    )
    lines = _Checkboxes(_l("Action lines it serves"))
    languages = _Checkboxes(_l("Working languages"))
    starts_on = DayField(_l("Begins on"), validators=[Optional()])
    ends_on = DayField(_l("Ends on"), validators=[Optional()])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.language.choices = self.languages.choices = vocabulary.language_choices()
        self.lines.choices = [(line.code, f"{line.code.upper()} {line.title(current_locale())}") for line in queries.action_lines()]
        for field, words in (
            (self.visibility, VISIBILITIES),
            (self.joining, JOINING),
            (self.posting, POSTING),
            (self.attribution, ATTRIBUTIONS),
        ):
            field.choices = [(code, str(label)) for code, label in words.items()]
        self.language.data = self.language.data or current_locale()

    def plan(self) -> Plan:
        """What was entered."""
        return Plan(
            title=self.title.data or "",
            summary=self.summary.data or "",
            terms=self.terms.data or "",
            language=self.language.data or "en",
            languages=self.languages.data or [],
            lines=self.lines.data or [],
            visibility=self.visibility.data or "",
            joining=self.joining.data or "",
            posting=self.posting.data or "",
            attribution=self.attribution.data or "",
            starts_on=self.starts_on.data,
            ends_on=self.ends_on.data,
            targets={kind: self.target(kind).data or 0 for kind in vocabulary.STAKEHOLDER_TYPES},
        )

    def target(self, kind: str) -> Any:
        """The field of how many of a stakeholder type there should be."""
        return self[f"target_{kind}"]

    def targets(self) -> list[Any]:
        """The fields of how many there should be of each stakeholder type."""
        for kind in vocabulary.STAKEHOLDER_TYPES:
            self.target(kind).label.text = vocabulary.stakeholder_label(kind)
        return [self.target(kind) for kind in vocabulary.STAKEHOLDER_TYPES]


for _kind in vocabulary.STAKEHOLDER_TYPES:
    setattr(SettingsForm, f"target_{_kind}", IntegerField("", validators=[Optional()], render_kw={"min": 0, "max": 1000, "size": 4}))


class FoundForm(SettingsForm):
    """Proposing or founding a group."""

    charter = TextAreaField(
        _l("Charter"),
        validators=[
            InputRequired(_l("Write the charter: what the group is for, what it is to bring about, and by when.")),
            Length(max=MAX_CHARTER),
        ],
        description=_l("What the group is for, what it is to bring about, how it works (Markdown). Later revisions are kept beside it."),
        render_kw={"rows": 12},
    )


class CharterForm(OnceForm):
    """A new revision of the charter."""

    body = TextAreaField(
        _l("Charter"),
        validators=[InputRequired(_l("There is no text yet: write something first.")), Length(max=MAX_CHARTER)],
        render_kw={"rows": 18},
    )
    note = StringField(_l("What changes"), validators=[Optional(), Length(max=MAX_NOTE)])
    number = IntegerField(validators=[InputRequired()])


class SummaryForm(Form):
    """What everybody may read of a closed group."""

    public_summary = TextAreaField(
        _l("Public summary"),
        validators=[Optional(), Length(max=MAX_PUBLIC_SUMMARY)],
        description=_l("Everybody who sees the group reads this (Markdown). Name nobody who would not be named."),
        render_kw={"rows": 14},
    )


class StatementForm(Form):
    """Asking to join."""

    statement = TextAreaField(
        _l("Why you want to take part"),
        validators=[InputRequired(_l("Say why you want to take part.")), Length(max=MAX_STATEMENT)],
        description=_l("The chairs of the group read this."),
        render_kw={"rows": 5},
    )


class InviteForm(Form):
    """Inviting somebody, or (the secretariat) making them a member at once."""

    whom = StringField(
        _l("@handle or e-mail address"),
        validators=[InputRequired(_l("Say whom to invite.")), Length(max=320)],
        render_kw={"autocapitalize": "none"},
    )
    role = SelectField(_l("As"), choices=[])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.role.choices = [(code, str(label)) for code, label in reversed(ROLES.items())]


class ReasonForm(Form):
    """A decision, with its reason."""

    reason = StringField(_l("Reason"), validators=[Optional(), Length(max=MAX_REASON)])
