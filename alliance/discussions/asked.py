"""Which posts of a discussion a request asks for: an order (named, or the one the person chose), a place in it, folds."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import request, url_for

from alliance.discussions import orders, queries
from alliance.discussions.orders import Order
from alliance.discussions.queries import PostPage
from alliance.web import actors, current_actor, pages


def preferred() -> Order:
    """The order the person signed in has chosen."""
    me = actors.me()
    return (orders.order_of(me.reading_order) if me is not None else None) or "tree"


def order() -> Order:
    """The order asked for. An address that names a place without an order means the tree."""
    named = orders.order_of(request.args.get("order"))
    placed = any(name in request.args for name in ("from", "fold"))
    return named or ("tree" if placed else preferred())


def page(discussion_id: int) -> PostPage:
    """The posts to be shown."""
    actor, chosen = current_actor(), order()
    start = request.args.get("from")
    if start is None and request.args.get("at") == "last":
        start = orders.last_start(actor, discussion_id, chosen)
    folds = orders.folds_of(request.args.getlist("fold")) if chosen == "tree" else ()
    if chosen == "tree" and not folds:
        return queries.post_page(actor, discussion_id, start)
    return orders.page(actor, discussion_id, chosen, start, folds)


def place(discussion_id: int, number: int) -> dict[str, Any]:
    """The query of the address of the page on which a post stands, in the order the person chose."""
    chosen = preferred()
    start = orders.start_of(current_actor(), discussion_id, chosen, number)
    more: dict[str, Any] = {"order": chosen} if chosen != "tree" else {}
    return more | ({"from": start} if start else {})


@pages.provide("here")
def here(discussion: Any, shown: Any, **change: str | None) -> str:
    """The address that keeps order and folds of a page of posts (`unfold`: a path folded no longer), with changes."""
    chosen: Order = getattr(shown, "order", "tree")
    unfold = change.pop("unfold", None)
    parts: list[tuple[str, str]] = [("order", chosen)] if chosen != "tree" or chosen != preferred() else []
    parts += [("fold", path) for path in getattr(shown, "folds", ()) if path != unfold]
    if unfold is not None and request.args.get("from"):
        parts.append(("from", request.args["from"]))
    parts += [(name, value) for name, value in change.items() if value is not None]
    path = url_for("discussions.show", discussion_id=discussion.id, slug=discussion.slug)
    return f"{path}?{urlencode(parts)}" if parts else path
