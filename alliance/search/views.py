"""The search page: one form, sent by GET, so that every result has an address."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, jsonify, make_response, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from alliance.core import i18n
from alliance.core.cursors import BadCursor
from alliance.core.errors import Invalid
from alliance.core.i18n import gettext as _
from alliance.core.vocabulary import language_choices, stakeholder_choices
from alliance.discussions import feeds
from alliance.discussions.queries import newest_posts
from alliance.groups.queries import spaces
from alliance.search import facets, finding, suggesting
from alliance.search.engine import Sort
from alliance.search.filters import LONGEST_VALUE
from alliance.search.finding import Wish
from alliance.search.saved import ALERT_LABELS
from alliance.web import current_actor, pages

bp = Blueprint("search", __name__)
CHOICES = ("space", "topic", "author", "organization", "stakeholder_type", "language", "country", "kind", "year", "from", "to")


def _given(q: str, *more: str) -> dict[str, str]:
    """The query as it was read, and the choices: what addresses on the page are made of, however long what was sent is."""
    return {"q": q} | {name: value[:LONGEST_VALUE] for name in (*CHOICES, *more) if (value := request.args.get(name))}


def _asked(q: str) -> str:
    """The query and its choices as they stand in an address."""
    return urlencode({name: value for name, value in _given(q).items() if value})


@bp.get("/search.atom")
def feed() -> Response:
    """What a search finds, newest first, for programs that look again."""
    actor = current_actor()
    query, wrong = finding.ask(actor, request.args.get("q", ""), _choices())
    if wrong:
        raise Invalid(wrong)
    found = finding.find(actor, query, "new", limit=30)
    where = f"{url_for('search.search')}?{_asked(query.text)}"
    head = feeds.Feed(f"search:{_asked(query.text)}", _("Search: %(q)s", q=query.text), where, feeds.BEGAN, i18n.current_locale())
    return feeds.answer(head, newest_posts(actor, ids=[result.post.id for result in found.results]))


@bp.get("/search")
def search() -> tuple[str, int]:
    """Find what was said, and who, where, in which documents."""
    actor = current_actor()
    query, wrong = finding.ask(actor, request.args.get("q", ""), _choices())
    wish = Wish(_sort(), request.args.get("after"), kinds=None, grouped=True, facets=True)
    notes = [message for messages in wrong.values() for message in messages]
    try:
        found = finding.look(actor, query, wish)
    except BadCursor:
        notes.append(_("That page of the results could not be found; this is the first one."))
        found = finding.look(actor, query, replace(wish, after=None))
    page = pages.render(
        "search/search.html", q=query.text, asked=not query.empty, found=found, notes=[*notes, *found.notes], sort=wish.sort, wrong=wrong,
        spaces=spaces(actor), languages=language_choices(), stakeholder_types=stakeholder_choices(), chosen=request.args,
        kinds=facets.kinds(), one=facets.kind_of_one(), facets=facets.shown(actor, found.facets, _given(query.text, "sort")), feed_url=f"{url_for('search.feed')}?{_asked(query.text)}",
        meant_url=f"{url_for('search.search')}?{urlencode(_given(found.meant, 'sort'))}" if found.meant else "",
        alerts=ALERT_LABELS, address=_asked(query.text),
        narrowed=any(request.args.get(name) for name in CHOICES),
    )  # fmt: skip
    return page, 422 if wrong else 200


@bp.get("/search/suggestions")
def suggest() -> Response:
    """Names for what is being typed: titles, people, organizations, spaces."""
    found = suggesting.suggestions(current_actor(), request.args.get("q", ""))
    labels = {"discussion": _("Discussion"), "topic": _("Topic"), **facets.kind_of_one()}
    answer = jsonify(items=[{"text": one.text, "kind": labels[one.kind], "url": one.url} for one in found])
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@bp.get("/search/similar")
def similar() -> Response:
    """Discussions like the one that is about to be opened, as a piece of the form."""
    answer = make_response(_similar(request.args.get("title", "")))
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@pages.section("writing", 20)
def similar_to_form(form: Any, **_more: Any) -> Markup:
    """Below the form for a new discussion: what is like it, as soon as it has a title (without script, with the preview)."""
    if not hasattr(form, "title") or "post_id" in (request.view_args or {}):
        return Markup()
    found = _similar(form.title.data) if form.title.data else ""
    return pages.markup("search/_similar_place.html", found=found)


def _similar(title: str) -> Markup:
    return pages.markup("search/_similar.html", results=suggesting.similar(current_actor(), title))


def _choices() -> dict[str, str]:
    return {name: request.args.get(name, "") for name in CHOICES}


def _sort() -> Sort:
    asked = request.args.get("sort")
    return "new" if asked == "new" else "supported" if asked == "supported" else "relevance"
