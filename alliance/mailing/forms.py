"""Forms of mail."""

from __future__ import annotations

from wtforms import BooleanField

from alliance.core.i18n import lazy_gettext as _l
from alliance.web.forms import Form


class PreferencesForm(Form):
    """What is sent by e-mail."""

    replies = BooleanField(_l("Send me an e-mail when somebody answers or mentions me"))
