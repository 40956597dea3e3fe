"""Pages: what every template may use."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from flask import Flask, get_flashed_messages, render_template, request
from jinja2 import Environment
from jinja2.ext import Extension
from markupsafe import Markup

from alliance.core import i18n, nameless, settings, vocabulary
from alliance.policy import can
from alliance.web import actors, assets, outlines, scripts

_provided: dict[str, Callable[..., Any]] = {}
_sections: dict[str, dict[str, tuple[int, Callable[..., Any]]]] = {}
_environment: list[Environment] = []
LONGEST_SAID = 2000  # characters of a value in an address
_INDENTED = re.compile(r"\n\s+(?=[<{])")


class _Unindented(Extension):
    """Leaves the indentation of templates out of pages: it is for whoever reads the templates (texts keep their own)."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """The source without blanks at the beginning of lines, and without empty lines."""
        return _INDENTED.sub("\n", source)


def provide(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorator: templates may call `name()`, asked at most when the template does (the header's unread count …)."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        _provided[name] = function
        return function

    return register


def section(place: str, order: int) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorator: `function(**context)` gives HTML (Markup) that stands at a place of a page of a lower room.

    Places: `discussion.head`, `discussion.side` (discussion), `posts.head` (discussion, page: above other views of its posts), `space.side` (space), `home.head` (people signed in), `home.open` (lines of what is open until a moment), `home.came` (what came of what was open),
    `writing` (form: below the text of every form of writing), `person.side` (person), `queue.head` (above the review queue), `list.item` (discussion).
    """

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        _sections.setdefault(place, {})[f"{function.__module__}.{function.__name__}"] = (order, function)
        return function

    return register


def sections(place: str, **context: Any) -> Markup:
    """What the rooms above put at a place of a page, in order."""
    found = sorted(_sections.get(place, {}).values(), key=lambda one: one[0])
    return Markup("").join(function(**context) or "" for _order, function in found)


def render(template: str, **context: Any) -> str:
    """A page."""
    return render_template(template, **context)


def fragment(template: str, **context: Any) -> str:
    """A piece of a page made outside requests (sockets): filters and gettext are there, nothing of a request is."""
    return _environment[0].get_template(template).render(**context)


def markup(template: str, **context: Any) -> Markup:
    """A piece of a page, for a template to put in as it is."""
    return Markup(render_template(template, **context))  # noqa: S704 - made by a template, which escapes


def language_url(language: str) -> str:
    """This page in another language; of what is said in its address at great length, as much as any page reads."""
    return f"?{urlencode({name: value[:LONGEST_SAID] for name, value in request.args.items()} | {'lang': language})}"


def time_tag(moment: datetime, shown: str) -> Markup:
    """A <time> element: the moment for machines, `shown` for people, the full date as title."""
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        moment.isoformat(timespec="seconds"), i18n.format_datetime(moment), shown
    )


def day_tag(day: date | datetime) -> Markup:
    """A <time> element of a day: of a moment's with the hour as title, of a date (which has none) the date alone."""
    if isinstance(day, datetime):
        return time_tag(day, i18n.format_date(day))
    return Markup('<time datetime="{}">{}</time>').format(day.isoformat(), i18n.format_date(day))


def moment_tag(moment: datetime) -> Markup:
    """A short <time> element that stays true however long a page is kept; script makes "3 hours ago" of it."""
    return Markup('<time datetime="{}">{}</time>').format(moment.strftime("%Y-%m-%dT%H:%M:%SZ"), i18n.format_moment(moment))


@outlines.filler("flash")
def flashed() -> Markup:
    """What has just been done, above the page."""
    messages = get_flashed_messages(with_categories=True)
    return Markup(fragment("web/_flash.html", messages=messages)) if messages else Markup()  # noqa: S704 - made by a template


def _token() -> Markup:
    return outlines.own("token")


def _context() -> dict[str, Any]:
    actor = actors.current_actor()
    theme = request.cookies.get("theme", "")
    return {
        "actor": actor,
        "me": actors.me(),
        "can": lambda name, thing=None: can(actor, name, thing),
        "theme": theme if theme in {"light", "dark"} else "",
        "csrf_token": _token,
        **_provided,
    }


def install(app: Flask) -> None:
    """Give the templates of an app their globals and filters."""
    app.context_processor(_context)
    env = app.jinja_env
    _environment[:] = [env]
    env.trim_blocks = env.lstrip_blocks = True
    env.add_extension("jinja2.ext.i18n")
    env.add_extension(_Unindented)
    env.install_gettext_callables(i18n.gettext, i18n.plain_ngettext, newstyle=True)  # type: ignore[attr-defined]
    env.globals.update(
        static=assets.static, script=scripts.address, current_locale=i18n.current_locale, direction=i18n.direction, language_url=language_url, section=sections, own_name=i18n.own_name, own_part=outlines.own, csrf_token=_token,
        LANGUAGES=i18n.LANGUAGES, STAKEHOLDER_TYPES=vocabulary.STAKEHOLDER_TYPES, base_url=lambda: settings.current().base_url,
    )  # fmt: skip
    env.tests["nameless"] = nameless.is_nameless
    env.filters.update(
        date=i18n.format_date,
        datetime=i18n.format_datetime,
        moment=moment_tag,
        relative=lambda moment: time_tag(moment, i18n.relative_time(moment)),
        duration=i18n.format_duration,
        day=day_tag,
        number=i18n.format_number,
        percent=i18n.format_percent,
        language_name=i18n.language_name,
        country_name=vocabulary.country_name,
        called=nameless.called,
        region_label=vocabulary.region_label,
        stakeholder_label=vocabulary.stakeholder_label,
    )
