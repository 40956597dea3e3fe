"""Forms of curating."""

from __future__ import annotations

from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from alliance.core.i18n import lazy_gettext as _l
from alliance.curating.services import MAX_NOTE
from alliance.web.forms import Form


class KeyForm(Form):
    """Why a post is a key contribution."""

    key_note = StringField(
        _l("Why, in a few words"), validators=[Optional(), Length(max=MAX_NOTE)], render_kw={"dir": "auto"},
        description=_l("Shown with the post and in the public log. It may stay empty."),
    )  # fmt: skip


class SummaryForm(Form):
    """The text of a summary, and the revision it was made from."""

    body = TextAreaField(
        _l("Summary"), validators=[InputRequired()], render_kw={"rows": 14, "dir": "auto"},
        description=_l("Behind each sentence stand, in brackets, the numbers or addresses of the posts it rests on: Nobody has measured it yet. [#12, #14]"),
    )  # fmt: skip
    base = HiddenField(validators=[Optional(), Length(max=9)])
