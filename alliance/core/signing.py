"""DKIM: what leaves is signed for the domain of its sender, when a key is set."""

from __future__ import annotations

from collections.abc import Callable
from email.utils import parseaddr
from pathlib import Path

import dkim

from alliance.core.errors import SettingsError
from alliance.core.settings import Settings

HEADERS = (
    b"from", b"to", b"subject", b"date", b"message-id", b"reply-to", b"in-reply-to", b"references", b"mime-version", b"content-type",
    b"list-id", b"list-archive", b"list-unsubscribe", b"list-unsubscribe-post", b"auto-submitted", b"feedback-id", b"content-language",
)  # fmt: skip
# Signed once more than they are there: whoever adds another (which some programs show instead) breaks the signature.
ONCE = (
    b"from",
    b"to",
    b"cc",
    b"subject",
    b"date",
    b"message-id",
    b"reply-to",
    b"in-reply-to",
    b"references",
    b"mime-version",
    b"content-type",
)


def sealing(settings: Settings) -> Callable[[bytes], bytes]:
    """The function that signs a mail; one that changes nothing when no key is set.

    Raises:
        SettingsError: the key cannot be used.
    """
    if not settings.mail_dkim_key:
        return bytes
    try:
        key = Path(settings.mail_dkim_key).read_bytes()
        made = dkim.DKIM(b"From: a@b.c\r\n\r\n")
        made.sign(b"check", b"example.org", key, include_headers=[b"from"])
    except (OSError, dkim.DKIMException, ValueError) as error:
        raise SettingsError(
            f"ALLIANCE_MAIL_DKIM_KEY: the key cannot be used ({type(error).__name__}); it must be a private key in PEM"
        ) from error
    domain = parseaddr(settings.mail_from)[1].rpartition("@")[2].encode("idna")
    selector = settings.mail_dkim_selector.encode()

    def seal(content: bytes) -> bytes:
        signer = dkim.DKIM(content)
        present = [name for name in HEADERS if any(name == one[0].lower() for one in signer.headers)]
        signature: bytes = signer.sign(selector, domain, key, canonicalize=(b"relaxed", b"relaxed"), include_headers=[*present, *ONCE])
        return signature + content

    return seal
