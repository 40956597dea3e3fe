"""How mail leaves: through an SMTP server, or into .eml files below the data directory.

`connect` gives the door the settings name. What a server answered is told as `TemporaryFailure` (worth trying again:
4xx, no connection, garbage) or `PermanentFailure` (5xx about this mail).
"""

from __future__ import annotations

import os
import re
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from alliance.core.errors import SettingsError
from alliance.core.mail import POLICY, MailError, PermanentFailure, TemporaryFailure, one_line
from alliance.core.settings import Settings
from alliance.core.signing import sealing

TIMEOUT = 20.0
Seal = Callable[[bytes], bytes]
TLS_MODES = ("starttls", "ssl", "none")


class Transport(Protocol):
    """A door mail leaves through."""

    def send(self, mail: EmailMessage, bounces_to: str = "") -> None:
        """Send one mail, or raise TemporaryFailure or PermanentFailure. `bounces_to`: the envelope sender, else that of the mail."""


class FileTransport:
    """Writes `<folder>/<date>-<message id>.eml`: whole or not at all, and the same mail never twice."""

    def __init__(self, folder: Path, seal: Seal = bytes) -> None:
        self._folder, self._seal = folder, seal

    def send(self, mail: EmailMessage, bounces_to: str = "") -> None:
        """Write the mail to its file."""
        name = re.sub(r"[^A-Za-z0-9.-]", "_", str(mail["Message-ID"]).strip("<>"))[:150]
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            _write(self._folder / f"{name}.eml", self._seal(mail.as_bytes()))
        except OSError as error:
            raise TemporaryFailure(f"the mail folder cannot be written: {error.strerror}") from error


def _write(file: Path, content: bytes) -> None:
    """Through a temporary file and a rename, each flushed to the disk: a reader never sees half a mail."""
    temporary = file.with_name(f".{file.name}.{os.getpid()}")
    with temporary.open("wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    temporary.replace(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@dataclass(frozen=True, slots=True)
class Server:
    """Where ALLIANCE_SMTP_URL points."""

    host: str
    port: int
    tls: str
    user: str
    password: str

    @classmethod
    def parse(cls, url: str) -> Server:
        """Read the URL.

        Raises:
            SettingsError: it cannot be used; says what is wrong, never the password.
        """
        parts = urlsplit(url)
        tls = parse_qs(parts.query).get("tls", ["starttls" if parts.port == 587 else "none"])[0]
        if parts.scheme != "smtp" or not parts.hostname:
            raise SettingsError("ALLIANCE_SMTP_URL must look like smtp://user:password@host:port?tls=starttls")
        if tls not in TLS_MODES:
            raise SettingsError("ALLIANCE_SMTP_URL: tls must be starttls, ssl or none")
        port = parts.port or {"starttls": 587, "ssl": 465, "none": 25}[tls]
        return cls(parts.hostname, port, tls, unquote(parts.username or ""), unquote(parts.password or ""))


class SmtpTransport:
    """One connection, opened for the first mail and again after it was lost."""

    def __init__(self, server: Server, timeout: float = TIMEOUT, seal: Seal = bytes) -> None:
        self._server, self._seal = server, seal
        self._timeout = timeout
        self._client: smtplib.SMTP | None = None

    def open(self) -> None:
        """Connect and sign in, without sending anything."""
        try:
            self._client = self._client or self._open()
        except (smtplib.SMTPException, OSError, ValueError) as error:
            raise TemporaryFailure(f"the mail server cannot be used: {_words(error)}") from error

    def send(self, mail: EmailMessage, bounces_to: str = "") -> None:
        """Hand the mail to the server."""
        sender, recipient = (mail[name].addresses[0].addr_spec for name in ("From", "To"))
        options = [] if recipient.isascii() else ["SMTPUTF8"]
        content = self._seal(mail.as_bytes(policy=POLICY.clone(utf8=bool(options))))
        try:
            client = self._client = self._client or self._open()
            client.sendmail(bounces_to or sender, [recipient], content, mail_options=options)
        except smtplib.SMTPRecipientsRefused as error:
            raise _answered(*error.recipients[recipient]) from error
        except smtplib.SMTPNotSupportedError as error:
            raise PermanentFailure(f"the mail server cannot take this mail: {error}") from error
        except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
            self.close()
            raise _answered(error.smtp_code, error.smtp_error) from error
        except (smtplib.SMTPException, OSError, ValueError) as error:
            self.close()
            raise TemporaryFailure(f"the mail server cannot be used: {_words(error)}") from error

    def _open(self) -> smtplib.SMTP:
        server = self._server
        context = ssl.create_default_context()
        client: smtplib.SMTP
        if server.tls == "ssl":
            client = smtplib.SMTP_SSL(server.host, server.port, timeout=self._timeout, context=context)
        else:
            client = smtplib.SMTP(server.host, server.port, timeout=self._timeout)
        try:
            if server.tls == "starttls":
                client.starttls(context=context)
            if server.user:
                client.login(server.user, server.password)
        except BaseException:
            client.close()
            raise
        return client

    def close(self) -> None:
        """Say goodbye; whatever the server makes of that does not matter any more."""
        client, self._client = self._client, None
        if client is not None:
            try:
                client.quit()
            except (smtplib.SMTPException, OSError, ValueError):
                client.close()


def _answered(code: int, text: bytes | str) -> MailError:
    said = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    kind = PermanentFailure if 500 <= code < 600 else TemporaryFailure
    return kind(one_line(f"the mail server answered {code} {said}", 400))


def _words(error: Exception) -> str:
    """What went wrong, without what was sent (a failed sign-in must not write the password to a log)."""
    if isinstance(error, smtplib.SMTPResponseException):
        return str(_answered(error.smtp_code, error.smtp_error))
    return one_line(f"{type(error).__name__}: {error}", 300)


@contextmanager
def connect(settings: Settings) -> Iterator[Transport]:
    """The door the settings name: an SMTP server, or .eml files below the data directory."""
    if not settings.smtp_url:
        yield FileTransport(settings.data_dir / "mail", sealing(settings))
        return
    transport = SmtpTransport(Server.parse(settings.smtp_url), seal=sealing(settings))
    try:
        yield transport
    finally:
        transport.close()


def probe(settings: Settings) -> None:
    """Open and close the mail server's door (`alliance doctor`); raises TemporaryFailure when it stays shut."""
    transport = SmtpTransport(Server.parse(settings.smtp_url), timeout=5)
    try:
        transport.open()
    finally:
        transport.close()
