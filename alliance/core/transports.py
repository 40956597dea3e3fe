"""How mail leaves: through an SMTP server, or into .eml files below the data directory.

`connect` gives the door the settings name. What a server answered is told as `TemporaryFailure` (worth trying again:
4xx, no connection, garbage) or `PermanentFailure` (5xx about this mail). A connection that ended between two mails is
opened again at once; one that is lost after a whole mail was handed over leaves it open whether the mail arrived.
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

from alliance.core import smtp
from alliance.core.errors import SettingsError
from alliance.core.mail import POLICY, MailError, PermanentFailure, TemporaryFailure, Unreached, one_line
from alliance.core.settings import Settings
from alliance.core.signing import sealing

TIMEOUT = 20.0
GOODBYE = 2.0
CLOSING = 421  # the answer of a server that ends the connection, whatever was asked
ABOUT_US = {503, 530, 534, 535, 538}  # out of order, to sign in first: a matter of settings, not of a mail
ABOUT_THIS_MAIL = {552, 555}  # too large, of a kind not taken: said to MAIL, where all else is about the server and us
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
            _write(self._folder / f"{name}.eml", self._seal(_written(mail)))
        except OSError as error:
            raise TemporaryFailure(f"the mail folder cannot be written: {error.strerror}") from error


def _written(mail: EmailMessage) -> bytes:
    """A mail as it goes out; an address in letters of its own script stands in it as it is (RFC 6532)."""
    return mail.as_bytes(policy=POLICY.clone(utf8=not mail["To"].addresses[0].addr_spec.isascii()))


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

    def __init__(self, server: Server, timeout: float = TIMEOUT, seal: Seal = bytes, verdict: float = smtp.VERDICT) -> None:
        self._server, self._seal = server, seal
        self._timeout, self._verdict = timeout, verdict
        self._client: smtp.Client | smtp.EncryptedClient | None = None

    def open(self) -> smtp.Client | smtp.EncryptedClient:
        """Connect and sign in, without sending anything, unless that is done."""
        try:
            client = self._client = self._client or self._open()
        except (smtplib.SMTPException, OSError, ValueError) as error:
            raise Unreached(f"the mail server cannot be used: {_words(error)}") from error
        return client

    def send(self, mail: EmailMessage, bounces_to: str = "") -> None:
        """Hand the mail to the server."""
        sender, recipient = (mail[name].addresses[0].addr_spec for name in ("From", "To"))
        options = [] if recipient.isascii() else ["SMTPUTF8"]
        content = self._seal(_written(mail))
        kept = self._client is not None
        try:
            self._hand_over(bounces_to or sender, recipient, content, options)
        except _Ended:
            # Servers end a connection after so many mails, or so long: that is no failure of this mail.
            if not kept:
                raise
            self._hand_over(bounces_to or sender, recipient, content, options)

    def _hand_over(self, sender: str, recipient: str, content: bytes, options: list[str]) -> None:
        client = self.open()
        client.handed_over = False
        try:
            client.sendmail(sender, [recipient], content, mail_options=options)
        except smtplib.SMTPNotSupportedError as error:
            raise PermanentFailure(f"the mail server cannot take this mail: {error}") from error
        except (smtplib.SMTPException, OSError, ValueError) as error:
            failure = _failure(error, recipient, handed_over=client.handed_over)
            if isinstance(failure, Unreached) or not isinstance(error, smtplib.SMTPRecipientsRefused):
                self.close()
            raise failure from error

    def _open(self) -> smtp.Client | smtp.EncryptedClient:
        server = self._server
        context = ssl.create_default_context()
        client: smtp.Client | smtp.EncryptedClient
        if server.tls == "ssl":
            client = smtp.EncryptedClient(server.host, server.port, timeout=self._timeout, context=context)
        else:
            client = smtp.Client(server.host, server.port, timeout=self._timeout)
        client.verdict = self._verdict
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
            client.timeout = min(self._timeout, GOODBYE)
            client.handed_over = False
            try:
                client.quit()
            except (smtplib.SMTPException, OSError, ValueError):
                client.close()


class _Ended(Unreached):
    """The connection came to its end before anything of this mail was handed over."""


def _failure(error: Exception, recipient: str, *, handed_over: bool) -> MailError:
    """What an error means for a mail."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return _answered(*error.recipients[recipient])
    if isinstance(error, smtplib.SMTPSenderRefused):
        # The sender is always ours: what is wrong with it is wrong with every mail, and no reason to give this one up.
        return _answered(error.smtp_code, error.smtp_error, for_good=error.smtp_code in ABOUT_THIS_MAIL)
    if isinstance(error, smtplib.SMTPDataError):
        return _answered(error.smtp_code, error.smtp_error)
    if handed_over:
        return Unreached(f"no answer of the mail server to the whole mail, which it may have: {_words(error)}")
    kind = _Ended if isinstance(error, smtplib.SMTPServerDisconnected) else Unreached
    return kind(f"the mail server cannot be used: {_words(error)}")


def _answered(code: int, text: bytes | str, *, for_good: bool = True) -> MailError:
    said = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    sentence = one_line(f"the mail server answered {code} {said}", 400)
    if code == CLOSING:
        return _Ended(sentence)
    return PermanentFailure(sentence) if for_good and 500 <= code < 600 and code not in ABOUT_US else TemporaryFailure(sentence)


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
    transport = SmtpTransport(Server.parse(settings.smtp_url), TIMEOUT, sealing(settings), smtp.VERDICT)
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
