"""Forms of documents and links. A file that was sent is kept whatever else is wrong with the form: it need not be sent again."""

from __future__ import annotations

from wtforms import FileField, HiddenField, StringField, TextAreaField, URLField
from wtforms.validators import InputRequired, Length, Optional

from alliance.attachments import services as attachments
from alliance.attachments.forms import RATE
from alliance.attachments.models import Attachment
from alliance.attachments.views import ACCEPT
from alliance.core.errors import Invalid
from alliance.core.i18n import gettext as _
from alliance.core.i18n import lazy_gettext as _l
from alliance.library import queries
from alliance.library.services import MAX_ADDRESS, MAX_NOTE, MAX_SUMMARY, MAX_TITLE
from alliance.web import current_actor, limits
from alliance.web.forms import OnceForm

_SUMMARY = _l("In a sentence")


class VersionForm(OnceForm):
    """A newer file of a document."""

    file = FileField(
        _l("File"),
        description=_l("PDF, DOCX, XLSX, PPTX, ODT, ODS, ODP, TXT, CSV, or a picture (JPEG, PNG, WebP, GIF)."),
        render_kw={"accept": ACCEPT},
    )
    key = HiddenField(validators=[Length(max=32)])
    note = StringField(_l("What changes"), validators=[Optional(), Length(max=MAX_NOTE)])

    @property
    def kept(self) -> Attachment | None:
        """The file that came with the form, now or before."""
        return queries.sent(current_actor(), self.key.data or "")

    def take_file(self) -> bool:
        """Keep the file that came with the form; whether there is one and all else is well too."""
        if not self.is_submitted():
            return False
        refusal = self._receive()
        valid = bool(self.validate_on_submit())
        if refusal is None and self.kept is None:
            refusal = Invalid.field("file", _("Choose a file."))
        if refusal is not None:
            self.take(refusal)
        return valid and refusal is None

    def _receive(self) -> Invalid | None:
        sent = self.file.data
        if not sent or not sent.filename:
            return None
        limits.check("attachments", limits.caller(), RATE)
        try:
            made = attachments.receive(current_actor(), sent.filename, sent.stream)
        except Invalid as error:
            return Invalid({"file" if name == "files" else name: found for name, found in error.errors.items()})
        self.key.raw_data, self.key.data = None, made.key
        return None


class DocumentForm(VersionForm):
    """A new document."""

    title = StringField(
        _l("Title"), validators=[Optional(), Length(max=MAX_TITLE)], description=_l("Left empty, it is the name of the file.")
    )
    summary = TextAreaField(_SUMMARY, validators=[Optional(), Length(max=MAX_SUMMARY)], render_kw={"rows": 2})


class ChangeForm(OnceForm):
    """What a document is called and what is said of it."""

    title = StringField(_l("Title"), validators=[InputRequired(_l("Give it a title.")), Length(max=MAX_TITLE)])
    summary = TextAreaField(_SUMMARY, validators=[Optional(), Length(max=MAX_SUMMARY)], render_kw={"rows": 2})


class LinkForm(ChangeForm):
    """A link."""

    address = URLField(
        _l("Address"),
        validators=[InputRequired(_l("Write the whole address, beginning with https:// or http://.")), Length(max=MAX_ADDRESS)],
        render_kw={"dir": "ltr", "placeholder": "https://"},
    )
