"""The form of a position."""

from __future__ import annotations

from wtforms import RadioField, TextAreaField
from wtforms.validators import InputRequired, Optional

from alliance.core.i18n import lazy_gettext as _l
from alliance.signals.services import LABELS
from alliance.web.forms import Form


class PositionForm(Form):
    """A position, and why."""

    position = RadioField(_l("Your position"), choices=list(LABELS.items()), validators=[InputRequired(_l("Choose one of the positions."))])
    reason = TextAreaField(
        _l("Why"),
        validators=[Optional()],
        description=_l("At most 500 characters. Shown with your name and stakeholder type to everybody who reads the post."),
        render_kw={"rows": 3, "maxlength": 500},
    )
