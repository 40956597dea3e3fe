"""Forms of moderation."""

from __future__ import annotations

from wtforms import RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from alliance.core.i18n import lazy_gettext as _l
from alliance.moderation.services import MAX_NOTE, MAX_REASON, REASONS
from alliance.web.forms import Form


class FlagForm(Form):
    """What is wrong with a post."""

    reason = RadioField(
        _l("What is wrong with this post?"), choices=list(REASONS.items()), validators=[InputRequired(_l("Choose a reason from the list."))]
    )
    note = TextAreaField(
        _l("In your words"),
        validators=[Optional(), Length(max=MAX_NOTE)],
        description=_l("Read by moderators only; never shown to the author."),
        render_kw={"rows": 3},
    )


class ActForm(Form):
    """The reason of an act, for the public log."""

    reason = StringField(
        _l("Reason"),
        validators=[InputRequired(_l("Give a reason: it stands in the public log.")), Length(max=MAX_REASON)],
        description=_l("Stands in the public log. Do not repeat what the post says."),
    )
