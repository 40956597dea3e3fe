"""What every form of writing has so that nothing written in it is lost."""

from __future__ import annotations

from typing import Any

from wtforms import HiddenField, SubmitField
from wtforms.validators import Length

from alliance.core import ids
from alliance.core.i18n import lazy_gettext as _l
from alliance.drafts.models import Draft
from alliance.drafts.services import FIELDS, StaleDraft
from alliance.web.forms import OnceForm


class DraftedForm(OnceForm):
    """A form at a place (`place`, see places.py), whose text is kept as one types, or by the button `save`."""

    draft_revision = HiddenField(validators=[Length(max=10)], default="0")
    save = SubmitField(_l("Save draft"))

    place: str | None = None
    restored: Draft | None = None
    newer: StaleDraft | None = None

    @property
    def based_on(self) -> int:
        """The revision of the draft this form was filled with, 0 for none."""
        return ids.given(self.draft_revision.data) or 0

    def draft_fields(self) -> dict[str, str]:
        """What a draft keeps of this form."""
        return {name: str(self[name].data or "") for name in FIELDS if name in self}

    def restore(self, draft: Draft | None) -> None:
        """Fill in a draft; what a field does not take (a choice that is gone) it leaves out."""
        if draft is None:
            return
        self.restored = draft
        self.nonce.data, self.draft_revision.data = draft.nonce, str(draft.revision)
        for name, value in draft.fields.items():
            if name in self:
                self._fill(self[name], str(value))

    @staticmethod
    def _fill(field: Any, value: str) -> None:
        choices = getattr(field, "choices", None)
        if choices is None or value in {str(one[0]) for one in choices}:
            field.data = ids.given(value) if field.type == "IntegerField" else value
