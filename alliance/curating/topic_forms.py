"""Forms of topics."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, IntegerField, StringField
from wtforms.validators import Length, NumberRange, Optional

from alliance.core.i18n import LANGUAGES
from alliance.core.i18n import lazy_gettext as _l
from alliance.curating.topics import MAX_LABEL, MAX_POSITION
from alliance.discussions.forms import TopicsField
from alliance.web.forms import Form


class TagForm(Form):
    """The topics of a discussion."""

    topics = TopicsField()

    def __init__(self, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.topics.choices = choices


class TopicForm(Form):
    """A topic of the list, in the six languages."""

    position = IntegerField(_l("Place in the list"), validators=[Optional(), NumberRange(0, MAX_POSITION)])
    retired = BooleanField(_l("Retired: offered no more, kept where it stands"))

    @property
    def labels(self) -> dict[str, str]:
        """What it is called, by language."""
        return {language: self[language].data or "" for language in LANGUAGES}


for _language in LANGUAGES:
    setattr(
        TopicForm,
        _language,
        StringField(_language, validators=[Optional(), Length(max=MAX_LABEL)], render_kw={"lang": _language, "dir": "auto"}),
    )
