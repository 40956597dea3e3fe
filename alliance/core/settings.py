"""Settings, read once from the environment (and a `.env` file), each with a default and a sentence."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from alliance.core.errors import SettingsError

PREFIX = "ALLIANCE_"
_SECRET = {"secret_key", "smtp_url", "mail_imap_url", "database_url", "redis_url"}


def _setting(default: object, sentence: str) -> object:
    return field(default=default, metadata={"sentence": sentence})


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set from outside; the names are those of the environment, lower case."""

    database_url: str = _setting("", "SQLite file or PostgreSQL; unset = alliance.db in the data directory.")  # type: ignore[assignment]
    redis_url: str = _setting("", "Unset = one process; redis://… = many (jobs, rate limits, wake-ups).")  # type: ignore[assignment]
    data_dir: Path = _setting(Path("instance"), "Database, index, attachments, mail files, secret key.")  # type: ignore[assignment]
    base_url: str = _setting("http://127.0.0.1:8000", "Links in mail, feeds and digests; the Host header is never trusted for them.")  # type: ignore[assignment]
    secret_key: str = _setting("", "Signs sessions and links; generated into the data directory on first start.")  # type: ignore[assignment]
    smtp_url: str = _setting("", "Unset = mail is written as .eml files; smtp://user:pass@host:port?tls=starttls|ssl|none.")  # type: ignore[assignment]
    mail_from: str = _setting("Alliance <alliance@localhost>", "The sender of every mail.")  # type: ignore[assignment]
    mail_reply_domain: str = _setting("localhost", "The domain mail comes in at, and of Message-ID and List-Id.")  # type: ignore[assignment]
    mail_border: str = _setting("", "The name your border mail server writes into Authentication-Results; only its findings are believed.")  # type: ignore[assignment]
    mail_mismatch: str = _setting("hold", "hold or refuse mail that is not from the account's address, or not shown to be.")  # type: ignore[assignment]
    mail_imap_url: str = _setting("", "A mailbox to fetch mail from: imaps://user:pass@host/INBOX.")  # type: ignore[assignment]
    mail_dkim_key: str = _setting("", "File with a private key (PEM): mail is signed with DKIM.")  # type: ignore[assignment]
    mail_dkim_selector: str = _setting("alliance", "Under which name the DKIM key stands in the DNS.")  # type: ignore[assignment]
    mail_per_minute: int = _setting(0, "How many mails leave in a minute at most; 0 = as many as the server takes.")  # type: ignore[assignment]
    trusted_proxies: int = _setting(0, "How many reverse proxies stand in front (X-Forwarded-* believed that often).")  # type: ignore[assignment]
    log_format: str = _setting("text", "text or json.")  # type: ignore[assignment]
    metrics: str = _setting("off", "off, loopback or on: whom /metrics answers, with figures for Prometheus.")  # type: ignore[assignment]
    upload_megabytes: int = _setting(10, "How large one attached file may be.")  # type: ignore[assignment]
    address_days: int = _setting(90, "After how many days the addresses people signed in from are forgotten.")  # type: ignore[assignment]
    draft_days: int = _setting(180, "After how many days drafts nobody went on with are removed.")  # type: ignore[assignment]
    unconfirmed_days: int = _setting(30, "After how many days registrations whose address was never confirmed are removed.")  # type: ignore[assignment]
    backup_dir: Path | None = _setting(None, "Where a backup is kept every night; unset = none is made.")  # type: ignore[assignment]
    backup_keep: int = _setting(7, "How many of those are kept.")  # type: ignore[assignment]
    backup_keys: bool = _setting(False, "on or off: whether the secret keys are in them.")  # type: ignore[assignment]
    two_step_required: bool = _setting(False, "on or off: whether the rights of moderators and the secretariat need two-step sign-in.")  # type: ignore[assignment]
    oidc_issuer: str = _setting("", "Sign-in with an account elsewhere: the address of an OpenID Connect issuer; unset = none.")  # type: ignore[assignment]
    oidc_client_id: str = _setting("", "What the issuer knows this forum as.")  # type: ignore[assignment]
    oidc_client_secret: str = _setting("", "The secret it gave this forum; unset for a public client.")  # type: ignore[assignment]
    oidc_name: str = _setting("", "What the issuer is called on the pages; unset = the name of its host.")  # type: ignore[assignment]
    rate_limits: bool = _setting(True, "on or off (off only for load tests on loopback).")  # type: ignore[assignment]

    @property
    def database(self) -> str:
        """The database URL in force."""
        return self.database_url or f"sqlite:///{self.data_dir / 'alliance.db'}"

    @property
    def secure(self) -> bool:
        """Whether people reach the product over TLS."""
        return self.base_url.startswith("https://")

    def shown(self) -> list[tuple[str, str, str]]:
        """(environment name, value without secrets, sentence) of every setting."""
        return [(PREFIX + f.name.upper(), self._public(f.name), str(f.metadata["sentence"])) for f in fields(self)]

    def _public(self, name: str) -> str:
        value = getattr(self, name)
        if isinstance(value, bool):
            return "on" if value else "off"
        if name == "secret_key":
            return "(set)" if value else "(generated)"
        if name == "oidc_client_secret":
            return "(set)" if value else ""
        return _without_password(str(value)) if name in _SECRET else str("" if value is None else value)


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    if parts.password is None:
        return url
    return url.replace(f":{parts.password}@", ":***@")


def load(environ: dict[str, str] | None = None) -> Settings:
    """Read the settings.

    Raises:
        SettingsError: a value cannot be used; the message names the variable and says what to do.
    """
    given = dict(_dotenv() if environ is None else {}) | dict(os.environ if environ is None else environ)
    unknown = sorted(k for k in given if k.startswith(PREFIX) and k[len(PREFIX) :].lower() not in _NAMES and k not in _OTHERS)
    if unknown:
        raise SettingsError(f"{unknown[0]} is not a setting of Alliance; `alliance settings` lists them all")
    values = {name: _parse(name, given[PREFIX + name.upper()]) for name in _NAMES if given.get(PREFIX + name.upper())}
    settings = replace(Settings(), **values)  # type: ignore[arg-type]
    _check(settings)
    return settings


_NAMES = [f.name for f in fields(Settings)]
_OURS = ("alliance.db*", "jobs.db*", "archives", "attachments", "index", "locks", "mail", "mail/*.eml")
# Read by the tests, never by the product.
_OTHERS = {"ALLIANCE_CORPORA", "ALLIANCE_TEST_DATABASE"}


_WORDS = {"rate_limits", "backup_keys", "two_step_required"}
_FOLDERS = {"data_dir", "backup_dir"}
# The least and the most, and how an error says it.
_NUMBERS = {
    "trusted_proxies": (0, 10**6, "a number of proxies such as 1"),
    "mail_per_minute": (0, 10**6 - 1, "a number of mails such as 600, or 0"),
    "upload_megabytes": (1, 100, "a number from 1 to 100"),
    "address_days": (1, 3650, "a number of days from 1 to 3650"),
    "draft_days": (1, 3650, "a number of days from 1 to 3650"),
    "unconfirmed_days": (8, 3650, "a number of days from 8 to 3650 (links that confirm an address work for seven)"),
    "backup_keep": (1, 1000, "a number from 1 to 1000"),
}


def _parse(name: str, text: str) -> object:
    env = PREFIX + name.upper()
    if name in _FOLDERS:
        return Path(text).expanduser().absolute()
    if name in _WORDS:
        if text.lower() not in {"on", "off"}:
            raise SettingsError(f"{env} must be on or off, not {text!r}")
        return text.lower() == "on"
    if name in _NUMBERS:
        least, most, words = _NUMBERS[name]
        if not text.isdecimal() or len(text) > len(str(most)) or not least <= int(text) <= most:
            raise SettingsError(f"{env} must be {words}, not {text!r}")
        return int(text)
    return text.rstrip("/") if name == "base_url" else text


def _check(settings: Settings) -> None:
    if settings.log_format not in {"text", "json"}:
        raise SettingsError(f"ALLIANCE_LOG_FORMAT must be text or json, not {settings.log_format!r}")
    if settings.metrics not in {"off", "loopback", "on"}:
        raise SettingsError(f"ALLIANCE_METRICS must be off, loopback or on, not {settings.metrics!r}")
    if urlsplit(settings.base_url).scheme not in {"http", "https"} or not urlsplit(settings.base_url).netloc:
        raise SettingsError("ALLIANCE_BASE_URL must be an address such as https://forum.example.org")
    if settings.redis_url and urlsplit(settings.redis_url).scheme not in {"redis", "rediss", "unix"}:
        raise SettingsError("ALLIANCE_REDIS_URL must begin with redis://, rediss:// or unix://")
    if settings.smtp_url and urlsplit(settings.smtp_url).scheme != "smtp":
        raise SettingsError("ALLIANCE_SMTP_URL must begin with smtp://")
    if settings.mail_mismatch not in {"hold", "refuse"}:
        raise SettingsError(f"ALLIANCE_MAIL_MISMATCH must be hold or refuse, not {settings.mail_mismatch!r}")
    if settings.mail_imap_url and urlsplit(settings.mail_imap_url).scheme not in {"imap", "imaps"}:
        raise SettingsError("ALLIANCE_MAIL_IMAP_URL must look like imaps://user:password@host/INBOX")
    _check_issuer(settings)
    _check_database(settings.database_url)


def _check_issuer(settings: Settings) -> None:
    """An issuer is reached encrypted, unless it is on this machine (for tests)."""
    parts = urlsplit(settings.oidc_issuer)
    here = parts.scheme == "http" and parts.hostname in {"localhost", "127.0.0.1"}
    if settings.oidc_issuer and (
        not parts.netloc or parts.query or len(settings.oidc_issuer) > 200 or not (parts.scheme == "https" or here)
    ):
        raise SettingsError("ALLIANCE_OIDC_ISSUER must be an address such as https://login.example.org")
    if bool(settings.oidc_issuer) != bool(settings.oidc_client_id):
        raise SettingsError("ALLIANCE_OIDC_ISSUER and ALLIANCE_OIDC_CLIENT_ID go together: set both or neither")


def _check_database(url: str) -> None:
    if not url:
        return
    try:
        driver = make_url(url).drivername
    except ArgumentError:
        driver = ""
    if driver not in {"sqlite", "postgresql+psycopg"}:
        raise SettingsError("ALLIANCE_DATABASE_URL must begin with sqlite:/// or postgresql+psycopg://")


def _dotenv() -> dict[str, str]:
    """The pairs of a `.env` file in the working directory: NAME=value lines, # comments, optional quotes."""
    file = Path(".env")
    if not file.is_file():
        return {}
    pairs = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if equals and not name.startswith("#"):
            pairs[name.strip()] = value.strip().strip("\"'")
    return pairs


def prepare(settings: Settings) -> Settings:
    """Make the data directory, and the secret key when none is given.

    Raises:
        SettingsError: the directory cannot be written.
    """
    folder = settings.data_dir
    # What lies there is people's mail, private posts and secrets: nobody else's to read, whoever of us writes it.
    os.umask(0o077)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".write-{os.getpid()}"
        probe.touch()
        probe.unlink()
        _close_to_others(folder)
        if settings.secret_key:
            return settings
        return replace(settings, secret_key=_stored_secret(folder / "secret_key"))
    except OSError as error:
        raise SettingsError(f"the data directory {folder} cannot be written ({error.strerror}); set ALLIANCE_DATA_DIR") from error


def _close_to_others(folder: Path) -> None:
    """What earlier versions left readable; the names are ours, as the directory may hold other things."""
    for pattern in _OURS:
        for path in folder.glob(pattern):
            mode = path.stat().st_mode
            if mode & 0o077 and path.stat().st_uid == os.geteuid():
                path.chmod(mode & 0o7700)


def _stored_secret(file: Path) -> str:
    try:
        # O_EXCL: of two processes starting together one writes, the other reads.
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_text(encoding="ascii").strip()
    with os.fdopen(handle, "w", encoding="ascii") as out:
        out.write(secrets.token_hex(32))
        out.flush()
        os.fsync(out.fileno())
    return file.read_text(encoding="ascii").strip()


_current: list[Settings] = []


def use(settings: Settings) -> None:
    """Make `settings` those of this process."""
    _current[:] = [settings]


def current() -> Settings:
    """The settings of this process."""
    if not _current:
        raise SettingsError("the settings were not loaded: call alliance.app.start() first")
    return _current[0]
