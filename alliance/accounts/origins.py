"""From where somebody acts: the address and the kind of device of the present request."""

from __future__ import annotations

from typing import NamedTuple

from flask import has_request_context, request

# The first that a browser says of itself counts: most also say to be an older one.
_BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox", "Firefox"), ("FxiOS", "Firefox"),
             ("CriOS", "Chrome"), ("Chromium", "Chromium"), ("Chrome", "Chrome"), ("Safari", "Safari"))  # fmt: skip
_SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("CrOS", "ChromeOS"),
            ("Mac OS X", "macOS"), ("Linux", "Linux"))  # fmt: skip


class Origin(NamedTuple):
    """An address ("" for commands and jobs), and a device such as "Firefox, Linux" ("" when it does not say)."""

    address: str = ""
    device: str = ""


def present() -> Origin:
    """That of the present request."""
    if not has_request_context():
        return Origin()
    return Origin((request.remote_addr or "")[:45], device(request.headers.get("User-Agent", "")))


def device(agent: str) -> str:
    """What a browser says to be, in two words; nothing else of it is kept."""
    found = [next((name for mark, name in known if mark in agent), "") for known in (_BROWSERS, _SYSTEMS)]
    return ", ".join(filter(None, found))
