"""Forms of curating."""

from __future__ import annotations

from wtforms import StringField
from wtforms.validators import Length, Optional

from alliance.core.i18n import lazy_gettext as _l
from alliance.curating.services import MAX_NOTE
from alliance.web.forms import Form


class KeyForm(Form):
    """Why a post is a key contribution."""

    key_note = StringField(
        _l("Why, in a few words"), validators=[Optional(), Length(max=MAX_NOTE)], render_kw={"dir": "auto"},
        description=_l("Shown with the post and in the public log. It may stay empty."),
    )  # fmt: skip
