"""The key digests are signed with (Ed25519). It lies in the data directory, made at its first use; the public one is for everybody."""

from __future__ import annotations

import base64
import hashlib
import os
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from alliance.core import settings
from alliance.core.errors import Invalid
from alliance.core.i18n import gettext as _

FILE = "digest_key.pem"


def _private() -> Ed25519PrivateKey:
    file = settings.current().data_dir / FILE
    if not file.exists():
        _make(file)
    key = load_pem_private_key(file.read_bytes(), None)
    if not isinstance(key, Ed25519PrivateKey):
        raise Invalid.field("", _("The key in %(file)s is not an Ed25519 key; put the right one back from a backup.", file=str(file)))
    return key


def _make(file: Path) -> None:
    """Whole or not at all, and the first one stays: of two processes one makes it, both use it."""
    content = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    temporary = file.with_name(f".{FILE}.{os.getpid()}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    try:
        os.link(temporary, file)
    except FileExistsError:
        pass
    finally:
        temporary.unlink()


def public_pem() -> bytes:
    """The public key, as PEM."""
    return _private().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def sign(content: bytes) -> str:
    """The signature of some bytes, in base64."""
    return base64.b64encode(_private().sign(content)).decode()


def key_id(pem: bytes | None = None) -> str:
    """A short name of a public key: the beginning of its SHA-256."""
    return hashlib.sha256(pem or public_pem()).hexdigest()[:16]


def holds(content: bytes, signature: str, pem: bytes) -> bool:
    """Whether a signature is that of these bytes, by this public key.

    Raises:
        Invalid: the key is none.
    """
    try:
        key = load_pem_public_key(pem)
    except ValueError as error:
        raise Invalid.field("key", _("This is not a public key in PEM.")) from error
    if not isinstance(key, Ed25519PublicKey):
        raise Invalid.field("key", _("This is not an Ed25519 key."))
    try:
        key.verify(base64.b64decode(signature, validate=True), content)
    except (InvalidSignature, ValueError):
        return False
    return True
