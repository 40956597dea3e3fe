"""Forms of affiliations."""

from __future__ import annotations

from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from alliance.core import vocabulary
from alliance.core.i18n import gettext as _
from alliance.core.i18n import lazy_gettext as _l
from alliance.stakeholders.services import MAX_EVIDENCE, MAX_NAME, Claim
from alliance.web.forms import Form


class AffiliationForm(Form):
    """Declaring to speak for an organization."""

    organization = StringField(
        _l("Organization"),
        validators=[InputRequired(_l("Enter the name of the organization.")), Length(max=MAX_NAME)],
        render_kw={"list": "organizations", "autocomplete": "organization"},
    )
    title = StringField(_l("Your function"), validators=[Optional(), Length(max=120)], render_kw={"autocomplete": "organization-title"})
    stakeholder_type = SelectField(
        _l("Stakeholder type of the organization"),
        validators=[Optional()],
        description=_l("Used when the organization is not known here yet."),
    )
    country = SelectField(_l("Country of the organization"), validators=[Optional()])
    evidence = TextAreaField(
        _l("How the secretariat can verify it"),
        validators=[Optional(), Length(max=MAX_EVIDENCE)],
        description=_l("For example a page that names you, or an official address. Only the secretariat reads this."),
        render_kw={"rows": 3},
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.stakeholder_type.choices = [("", _("Not stated")), *vocabulary.stakeholder_choices()]
        self.country.choices = [("", _("Not stated")), *vocabulary.country_choices()]

    def claim(self) -> Claim:
        """What was entered."""
        return Claim(
            organization=self.organization.data or "",
            stakeholder_type=self.stakeholder_type.data or None,
            country=self.country.data or None,
            title=self.title.data or "",
            evidence=self.evidence.data or "",
        )
