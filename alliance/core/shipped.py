"""Where the files that come with the product lie, in a checkout and in an installed wheel alike."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


def path(name: str) -> Path:
    """The folder `templates`, `static` or `migrations`."""
    inside = _PACKAGE / "_shipped" / name
    return inside if inside.is_dir() else _PACKAGE.parent / name


def data(*parts: str) -> Path:
    """A file or folder below `alliance/data`."""
    return _PACKAGE.joinpath("data", *parts)


def locales() -> Path:
    """The folder of the message catalogues."""
    return _PACKAGE / "locale"
