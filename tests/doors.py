"""The doors that are open to a guest. A route that is not here must send a guest to sign in, or refuse."""

from __future__ import annotations

# GET, by rule.
PUBLIC = frozenset(
    {
        "/",
        "/about",
        "/healthz",
        "/readyz",
        "/sign-in",
        "/register",
    }
)


class Doors(frozenset[tuple[str, str]]):
    """(method, rule) of what a guest may send."""

    # Those that need no CSRF token: what authenticates them is in the address itself.
    without_token: frozenset[tuple[str, str]] = frozenset()


OPEN_POSTS = Doors(
    {
        ("POST", "/settings/theme"),
        ("POST", "/settings/language"),
        ("POST", "/sign-in"),
        ("POST", "/register"),
    }
)
