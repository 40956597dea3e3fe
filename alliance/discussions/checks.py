"""What a title and a text must be to be taken, at every door."""

from __future__ import annotations

from alliance.core import text
from alliance.core.errors import Invalid
from alliance.core.i18n import LANGUAGES
from alliance.core.i18n import gettext as _

MAX_TITLE = 200


def check_title(title: str) -> str:
    """A title as it is kept: on one line, without characters that deceive.

    Raises:
        Invalid: nothing is left, or it is too long.
    """
    line = text.clean_line(title)
    if text.is_blank(line):
        raise Invalid.field("title", _("Give the discussion a title."))
    if len(line) > MAX_TITLE:
        raise Invalid.field("title", _("A title may have at most %(most)s characters.", most=MAX_TITLE))
    return line


def check_body(body: str) -> None:
    """Refuse a text nobody could read or no database hold; every other is kept byte for byte.

    Raises:
        Invalid: with what is wrong.
    """
    if text.is_blank(body):
        raise Invalid.field("body", _("There is no text yet: write something first."))
    if len(body) > text.MAX_BODY:
        raise Invalid.field(
            "body", _("A text may have at most %(most)s characters; this one has %(found)s.", most=text.MAX_BODY, found=len(body))
        )
    if text.storable(body) != body:
        raise Invalid.field(
            "body", _("The text holds characters that are not text (U+0000 or half of a pair). Remove them and send it again.")
        )


def spoken_language(declared: str | None, body: str) -> str | None:
    """The language declared, or else recognised; None when it is neither.

    Raises:
        Invalid: it is not one of the six.
    """
    if declared and declared not in LANGUAGES:
        raise Invalid.field("language", _("Choose one of the six languages, or leave it open."))
    return declared or text.detect_language(body)
