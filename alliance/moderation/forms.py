"""Forms of moderation."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from alliance.core import text, vocabulary
from alliance.core.i18n import LANGUAGES
from alliance.core.i18n import gettext as _
from alliance.core.i18n import lazy_gettext as _l
from alliance.moderation import options, reasons
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
    """The reason of an act: of the list, in words, or both."""

    code = SelectField(_l("Rule"), validators=[Optional()])
    reason = StringField(
        _l("Reason"),
        validators=[Optional(), Length(max=MAX_REASON)],
        description=_l("One sentence. It stands in the public log and is told to whoever it concerns. Do not repeat what the post says."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.code.choices = [("", _("Another one: say it in your words")), *reasons.choices()]


class EditForm(ActForm):
    """A new text for somebody else's post."""

    body = TextAreaField(_l("Text"), validators=[InputRequired(), Length(max=text.MAX_BODY)], render_kw={"rows": 10, "dir": "auto"})
    withhold = BooleanField(
        _l("Nobody is to read the old text again"),
        description=_l("For personal data: the old text is left out of the history of the post."),
    )


class RewriteForm(Form):
    """One's own text, to be written anew."""

    body = TextAreaField(_l("Text"), validators=[InputRequired(), Length(max=text.MAX_BODY)], render_kw={"rows": 10, "dir": "auto"})


class NoteForm(Form):
    """A note for other moderators."""

    note = TextAreaField(_l("Note for other moderators"), validators=[InputRequired(), Length(max=MAX_NOTE)], render_kw={"rows": 2})


class ReasonForm(Form):
    """A reason of the list, in the six languages."""

    code = StringField(_l("Code"), validators=[InputRequired(), Length(max=40)], render_kw={"dir": "ltr"})
    active = BooleanField(_l("Offered in the list"), default=True)


for _language in LANGUAGES:
    setattr(
        ReasonForm,
        _language,
        StringField(_language, validators=[Optional(), Length(max=reasons.MAX_TITLE)], render_kw={"lang": _language, "dir": "auto"}),
    )


def _number(label: Any, description: Any = "") -> IntegerField:
    return IntegerField(label, validators=[InputRequired(), NumberRange(0, 1000)], description=description)


class OptionsForm(Form):
    """How strict the installation is."""

    hide_weight = _number(_l("Flags that hide a post"), _l("Their weight together, in tenths of a flag by somebody without a record."))
    first_posts = SelectField(_l("First posts of new people"), choices=list(options.FIRST_POSTS.items()))
    new_posts = _number(_l("Posts until one is no longer new"), _l("Nobody with a verified affiliation is new."))
    new_links = _number(_l("Links in a post by somebody new, at most"))
    new_mentions = _number(_l("People named in a post by somebody new, at most"))
    new_repeats = _number(_l("Posts with the same text within a day, by somebody new, at most"))
    new_per_hour = _number(_l("Posts an hour by somebody new, at most"), _l("0: as many as they like."))


class WordsForm(Form):
    """Words to be watched, and what becomes of a post that holds one."""

    words = TextAreaField(
        _l("Words"), validators=[InputRequired()], render_kw={"rows": 6, "dir": "auto"},
        description=_l(
            "One a line, or several that stand together. * is any letters within a word: casino* finds casinos. Accents and capitals make no difference."
        ),
    )  # fmt: skip
    language = SelectField(_l("In posts in"), validators=[Optional()])
    everybody = RadioField(
        _l("Of whom"),
        choices=[("", _l("People who are new, without a verified affiliation")), ("1", _l("Everybody but moderators"))],
        default="",
    )
    waits = RadioField(
        _l("Such a post"),
        choices=[("1", _l("Waits until a moderator approves it")), ("", _l("Appears at once, and is looked at"))],
        default="1",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.language.choices = [("", _("All languages")), *vocabulary.language_choices()]
