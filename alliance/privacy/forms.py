"""Forms of what is kept of oneself."""

from __future__ import annotations

from wtforms import StringField
from wtforms.validators import Length

from alliance.accounts.forms import PresentPasswordForm
from alliance.core.i18n import lazy_gettext as _l


class ArchiveForm(PresentPasswordForm):
    """Asking for an archive."""


class CloseForm(PresentPasswordForm):
    """Asking for the account to be closed; whoever signs in with two steps enters a code as well."""

    code = StringField(
        _l("Six digits, or a recovery code"),
        validators=[Length(max=60)],
        render_kw={"autocomplete": "one-time-code", "dir": "ltr", "spellcheck": "false", "autocapitalize": "none"},
    )
