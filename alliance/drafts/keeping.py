"""Nothing written is lost: whatever stands in the way of a text that was sent, the answer still has the text.

A form of writing whose session has ended is answered with a way to sign in that leads back to the text; one that was
refused (the discussion was locked, hidden or taken away, or too much was sent) leaves the text as a draft; one with a
token that is too old comes back filled in, with a fresh one.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Response, current_app, flash, make_response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from alliance.accounts.forms import SignInForm
from alliance.core.errors import AllianceError, Conflict, Invalid, NotFound, Refused, TooMany
from alliance.core.i18n import gettext as _
from alliance.drafts import places, queries, services
from alliance.drafts.forms import DraftedForm
from alliance.web import current_actor, errors, limits, pages

View = TypeVar("View", bound=Callable[..., Any])
PLACE = "place_of_writing"


def writing(place: Callable[..., str]) -> Callable[[View], View]:
    """Decorator of a view with a form of writing, for people signed in; `place(**arguments of the view)` says where it is."""

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            here = place(**kwargs)
            if not current_actor().is_authenticated:
                return _sign_in_first(here, 401)
            try:
                return view(*args, **kwargs)
            except (NotFound, Refused, TooMany) as error:
                if request.method != "POST" or not services.says_something(request.form):
                    raise
                return _not_taken(here, error)

        setattr(guarded, PLACE, place)
        return guarded  # type: ignore[return-value]

    return decorate


@errors.rescue
def _token_too_old() -> Response | None:
    """A form of writing whose token is refused."""
    view = current_app.view_functions.get(request.endpoint or "")
    place = getattr(view, PLACE, None)
    if place is None or request.method != "POST" or not services.says_something(request.form):
        return None
    if not current_actor().is_authenticated:
        return make_response(_sign_in_first(place(**(request.view_args or {})), 400))
    # Nothing is written in anybody's name by a request without a token: the text only comes back.
    sent = {name: value for name, value in request.form.items() if name not in {"csrf_token", "body", "preview", "save"}}
    return make_response(pages.render("drafts/again.html", body=request.form.get("body", ""), sent=sent), 400)


def _sign_in_first(place: str, status: int) -> AnyResponse:
    address = request.full_path.rstrip("?") if request.method == "GET" else places.address(place)
    if request.method != "POST" or not services.says_something(request.form):
        return redirect(url_for("accounts.sign_in", next=address), 303)
    try:
        limits.check("kept-texts", limits.caller("address"), "30/hour")
        address = f"/drafts/kept/{services.keep(place, request.form)}"
        kept = True
    except (TooMany, Invalid):
        kept = False  # the page still shows it
    form = SignInForm(formdata=None)
    page = pages.render(
        "drafts/sign_in.html", form=form, target=address, kept=kept, title=request.form.get("title", ""), body=request.form.get("body", "")
    )
    return make_response(page, status)


def _not_taken(place: str, error: AllianceError) -> AnyResponse:
    """The text of a form that was refused, kept as a draft."""
    actor = current_actor()
    known = queries.find(actor, place)
    try:
        services.save(actor, place, request.form, revision=known.revision if known is not None else 0, nonce=request.form.get("nonce", ""))
        saved = True
    except AllianceError:
        saved = False
    status = next(code for kind, code in errors.STATUS.items() if isinstance(error, kind))
    detail = errors.said(error) or errors.sentence(status)
    page = pages.render(
        "drafts/not_taken.html",
        title=errors.title(status),
        detail=detail,
        saved=saved,
        heading=request.form.get("title", ""),
        body=request.form.get("body", ""),
    )
    response = make_response(page, status)
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def restore(form: DraftedForm, place: str) -> None:
    """Tell a form where it is, and fill in what the person was writing there."""
    form.place = place
    form.restore(queries.find(current_actor(), place))


def save(form: DraftedForm) -> AnyResponse | None:
    """The button "Save draft": an answer, or None when the form has to be shown again (with a newer draft, or what is wrong)."""
    actor = current_actor()
    place = places.check(form.place or "")
    try:
        services.save(actor, place, form.draft_fields(), revision=form.based_on, nonce=form.nonce.data or "")
    except services.StaleDraft as stale:
        form.newer = stale
        form.draft_revision.data = str(stale.revision)
        return None
    except (Invalid, Conflict) as error:
        form.take(error if isinstance(error, Invalid) else Invalid.field("", str(error)))
        return None
    flash(_("The draft is saved."), "success")
    return redirect(places.address(place), 303)
