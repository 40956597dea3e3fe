"""Polls in posts, for every reader; and in the forms of writing."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

from flask import request
from markupsafe import Markup
from sqlalchemy import Row

from alliance.core import i18n, vocabulary
from alliance.core.errors import Invalid
from alliance.core.i18n import gettext as _
from alliance.discussions import extras, fragments
from alliance.discussions.forms import EditForm
from alliance.discussions.models import Post
from alliance.policy import Actor
from alliance.polls import chart, forms, queries, services
from alliance.web import current_actor, pages


@fragments.part("poll", 50)
def polls(posts: Sequence[Row[Any]]) -> Mapping[int, Markup]:
    """The polls of posts; making one raises a post's version, so new posts are not asked about."""
    found = queries.of_posts([post.id for post in posts if post.status == "visible" and post.version > 1])
    results = queries.results(found)
    return {poll.post_id: poll_of(poll, results.get(poll.id)) for poll in found}


@extras.as_text
def texts(posts: Sequence[Row[Any]]) -> Mapping[int, str]:
    """The polls of posts as plain text."""
    found = queries.of_posts([post.id for post in posts if post.status == "visible" and post.version > 1])
    results = queries.results(found)
    return {poll.post_id: _text_of(poll, results.get(poll.id)) for poll in found}


def _text_of(poll: Any, results: queries.Results | None) -> str:
    """The question, and each answer with its votes (ranked: points) by stakeholder type."""
    numbers = (results.points or results.votes) if results else [{} for _option in poll.options]
    lines = [f"[{_('Straw poll')}] {poll.question} ({services.LABELS[poll.kind]})"]
    for option, by_type in zip(poll.options, numbers, strict=True):
        said = ", ".join(f"{vocabulary.stakeholder_label(one)} {number}" for one, number in by_type.items())
        lines.append(f"- {option}: {said}" if said else f"- {option}")
    return "\n".join(lines)


def poll_of(poll: Any, results: queries.Results | None, *, linked: bool = True) -> Markup:
    """A poll with its result (None: it is not to be told yet), the same for every reader."""
    drawn = chart.draw(poll.post_id, poll.question, poll.options, results) if results and results.types else None
    made = pages.fragment("polls/_poll.html", poll=poll, results=results, chart=drawn, linked=linked, labels=services.LABELS)
    return Markup(made)  # noqa: S704 - made by a template, which escapes


@pages.section("writing", order=40)
def in_writing(form: Any) -> Markup:
    """A fold with the fields of a poll, below the text of a new post."""
    if isinstance(form, EditForm):
        return pages.markup("polls/_own.html", post_id=(form.place or "").removeprefix("p:"))
    if request.method != "POST":
        return _empty(i18n.current_locale())
    sent = forms.WritingPollForm()
    if sent.says_something and sent.validate():
        try:
            services.check(sent.asked)
        except Invalid as error:
            sent.take(error)
    return _fold(sent)


@functools.lru_cache(maxsize=16)
def _empty(_language: str) -> Markup:
    """The fields with nothing in them, which are the same for everybody."""
    return _fold(forms.WritingPollForm(formdata=None))


def _fold(form: forms.WritingPollForm) -> Markup:
    made = pages.fragment("polls/_writing.html", form=form, open=form.says_something)
    return Markup(made)  # noqa: S704 - made by a template, which escapes


@extras.with_new_post
def keep(actor: Actor, post: Post) -> None:
    """The poll that was sent with a new post; what is wrong with it keeps the post from being published."""
    form = forms.WritingPollForm()
    if not form.says_something:
        return
    if not form.validate():
        raise Invalid({f"poll-{name}": list(messages) for name, messages in form.errors.items() if name})
    try:
        services.set_poll(actor, post, form.asked)
    except Invalid as error:
        raise Invalid({f"poll-{name}": messages for name, messages in error.errors.items()}) from error


@pages.section("home.open", 20)
def open_now() -> Markup:
    """On the front page: the polls that end at a moment and can still be answered."""
    found = queries.open_until(current_actor(), 5)
    return pages.markup("polls/_open.html", polls=found) if found else Markup()
