"""What a form of writing has so that files can be attached without script: they are taken as soon as the form is sent, whatever becomes of it.

The text is what remembers them: each file that was taken is referred to at its end, so that drafts, previews and rejected
forms have them still.
"""

from __future__ import annotations

from flask import request
from werkzeug.datastructures import FileStorage
from wtforms import SubmitField

from alliance.attachments import naming, services
from alliance.core import text
from alliance.core.attached import keys_in
from alliance.core.errors import Invalid
from alliance.core.i18n import gettext as _
from alliance.core.i18n import lazy_gettext as _l
from alliance.policy import can
from alliance.web import current_actor, limits
from alliance.web.forms import Form

RATE = "240/hour"


class AttachingForm(Form):
    """A form with a field `body`, below which files may be chosen."""

    attach = SubmitField(_l("Attach"))
    refused: bool = False

    @property
    def staying(self) -> bool:
        """Whether the form is to be shown again, because that was asked for or because a file was not taken."""
        return bool(self.attach.data) or self.refused

    def take_files(self) -> None:
        """Keep the files that came with the form, and the words for pictures."""
        if not self.is_submitted() or not can(current_actor(), "attachment.upload"):
            return
        body: str = _described(self["body"].data or "")
        sent = [file for file in request.files.getlist("files") if file.filename]
        if len(sent) > services.MOST_PER_POST:
            self._refuse(_("A post may have at most %(most)s attached files.", most=services.MOST_PER_POST))
        for file in sent[: services.MOST_PER_POST]:
            try:
                body = f"{body.rstrip()}\n\n{_taken(file)}".lstrip()
            except Invalid as error:
                self._refuse(f"\u2068{text.clean_line(file.filename or '')[:80]}\u2069: {error}")
        self["body"].data = body

    def _refuse(self, message: str) -> None:
        self.refused = True
        self.take(Invalid.field("files", message))


def _taken(file: FileStorage) -> str:
    """A reference to a file that was sent."""
    limits.check("attachments", limits.caller(), RATE)
    made = services.receive(current_actor(), file.filename or "", file.stream)
    return naming.reference(made.key, made.name, picture=made.kind == "image", alternative=made.alternative)


def _described(body: str) -> str:
    """The text with the words that were written for its pictures; where both were changed, those in the text stay."""
    for key in keys_in(body):
        given, before = request.form.get(f"alt-{key}"), request.form.get(f"was-{key}")
        if given is not None and given != before and (naming.alternative_in(body, key) or "") == (before or ""):
            body = naming.with_alternative(body, key, text.clean_line(given)[: services.MAX_ALTERNATIVE])
    return body
