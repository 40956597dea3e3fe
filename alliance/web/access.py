"""Pages for people signed in: a guest is sent to sign in and comes back to where they were."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from flask import redirect, request, url_for

from alliance.web.actors import current_actor

View = TypeVar("View", bound=Callable[..., Any])


def signed_in(view: View) -> View:
    """Decorator: guests are sent to the sign-in page first."""

    @functools.wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if current_actor().is_authenticated:
            return view(*args, **kwargs)
        target = request.full_path.rstrip("?") if request.method == "GET" else request.path
        return redirect(url_for("accounts.sign_in", next=target), 303)

    return guarded  # type: ignore[return-value]
