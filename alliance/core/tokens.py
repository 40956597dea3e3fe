"""Signed links and random secrets."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from typing import Any

from itsdangerous import BadSignature, URLSafeTimedSerializer

from alliance.core import settings
from alliance.core.errors import NotFound


class BadToken(Exception):
    """A link that was not signed here, was altered, or is too old."""


def _serializer(purpose: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings.current().secret_key, salt=f"alliance.{purpose}")


def sign(purpose: str, payload: Any) -> str:
    """A signed token holding `payload` (JSON), good for one `purpose` only."""
    return str(_serializer(purpose).dumps(payload))


def unsign(purpose: str, token: str, max_age: int | None) -> Any:
    """The payload of a token.

    Args:
        purpose: the one it was signed for.
        token: what `sign` returned.
        max_age: seconds it stays good; None for ever.

    Raises:
        BadToken: see there.
    """
    try:
        return _serializer(purpose).loads(token, max_age=max_age)
    except (BadSignature, UnicodeEncodeError) as error:
        raise BadToken(purpose) from error


def opened(purpose: str, token: str, max_age: int | None, size: int) -> list[Any]:
    """The `size` parts of a link's payload.

    Raises:
        NotFound: the link was not signed here for this, was altered, or is too old.
    """
    try:
        payload = unsign(purpose, token, max_age)
    except BadToken as error:
        raise NotFound from error
    if not isinstance(payload, list) or len(payload) != size:
        raise NotFound
    return payload


def seal(purpose: str, text: str) -> str:
    """Sixteen letters and digits that only this server can write below a short text: 80 bits, the same in capitals."""
    key = hashlib.sha256(f"alliance.{purpose}\0{settings.current().secret_key}".encode()).digest()
    return base64.b32encode(hmac.digest(key, text.encode(), "sha256")[:10]).decode().lower()


def is_seal(given: str, purpose: str, text: str) -> bool:
    """Whether something is the seal of a text."""
    return hmac.compare_digest(given.lower().encode("utf-8", "replace"), seal(purpose, text).encode())


def random_secret() -> str:
    """A new secret of 256 bits, safe in a URL."""
    return secrets.token_urlsafe(32)


def digest_of(secret: str) -> str:
    """How a random secret is stored: its SHA-256 (it has no guessable structure, so no slow hash is needed)."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
