"""Who sent a mail, whether that is believed, and whether a person or a program wrote it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.message import Message

from alliance.core import addresses
from alliance.mailing import charsets
from alliance.mailing.archive import author

_AUTO_SUBJECT = re.compile(
    r"^\s*(?:(?:re|aw|tr|sv|rif|fwd?)\s*:\s*)*(?:\[?auto(?:matic)?[- ]?(?:reply|response|reply from)|out of (?:the )?office|vacation|away from|on (?:annual )?leave"
    r"|automatische (?:antwort|reply)|abwesen(?:d|heit)|absence|r[ée]ponse automatique|message d['’]absence|respuesta autom[áa]tica|fuera de (?:la )?oficina|risposta automatica"
    r"|fuori ufficio|resposta autom[áa]tica|automatisch antwoord|afwezig|automatiskt? svar|frånvaro|autosvar|automaattinen vastaus|автоматический ответ|автоответ|нет на месте"
    r"|automatyczna odpowiedź|automatick[áa] odpověď|自动回复|自動回覆|自動返信|不在|رد تلقائي|خارج المكتب|otomatik yanıt)",
    re.IGNORECASE,
)
_BOUNCE_SUBJECT = re.compile(
    r"^\s*(?:undeliver(?:able|ed)|delivery (?:status|failure|error|has failed|notification|delayed)|returned mail|mail delivery (?:failed|failure|system|subsystem|error|warning)"
    r"|failure notice|nondeliverable|(?:message|mail) (?:could not be|not) delivered|unzustellbar|non remis|échec de la remise|no se puede entregar|недоставлен|не доставлено)"
    r"|:\s*non remis\s*$",
    re.IGNORECASE,
)
_ROBOTS = re.compile(
    r"^(?:mailer-daemon|postmaster|no-?reply|do-?not-?reply|noresponse|bounces?|majordomo|listserv|mailman|auto-?(?:reply|respond(?:er)?))(?:[+.=-].*)?@",
    re.IGNORECASE,
)
_RESULT = re.compile(r"\b(spf|dkim|dmarc)\s*=\s*([a-z]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sender:
    """Who a mail says it is from.

    Attributes:
        address: of the From header, lower case, "" when there is none.
        name: never an address.
        proof: "pass", "fail" or "none": what the border server says of the address.
    """

    address: str
    name: str
    proof: str


def header(message: Message, name: str) -> str:
    """A header's first value, decoded, on one line; "" when there is none."""
    return next((charsets.header(value) for value in raw_all(message, name) if value.strip()), "")


def raw_all(message: Message, name: str) -> list[str]:
    """Every value of a header, as it stands."""
    return [str(value) for key, value in message.raw_items() if key.strip().lower() == name.lower()]


def sender_of(message: Message, border: str) -> Sender:
    """Who sent it. Two From headers are nobody: programs would show one and check the other."""
    values = raw_all(message, "from")
    name, address = author(charsets.header(values[0])) if len(values) == 1 else ("", "")
    return Sender(address, name, proof_of(message, address, border))


def proof_of(message: Message, address: str, border: str) -> str:
    """What the border server found, from its own Authentication-Results only: those of others may be forged."""
    if not border:
        return "none"
    for value in raw_all(message, "authentication-results"):
        server, _, rest = value.partition(";")
        if server.strip().split(" ")[0].lower() == border.lower():
            return _verdict({method.lower(): result.lower() for method, result in reversed(_RESULT.findall(rest))}, rest, address)
    return "none"


def _verdict(found: dict[str, str], rest: str, address: str) -> str:
    if found.get("dmarc") in {"pass", "fail"}:
        return found["dmarc"]
    domain = address.rpartition("@")[2]
    # Without a policy of the sender's domain: a signature or an envelope of that very domain.
    named = re.findall(r"(?:header\.(?:d|i|from)|smtp\.mailfrom|envelope-from)\s*=\s*\"?[^\s;]*?@?([\w.-]+)", rest)
    kept = [addresses.kept(f"a@{one}").rpartition("@")[2] for one in named]
    aligned = any(one == domain or domain.endswith(f".{one}") or one.endswith(f".{domain}") for one in kept)
    if "pass" in (found.get("dkim"), found.get("spf")) and aligned:
        return "pass"
    return "fail" if found.get("spf") in {"fail", "softfail"} and found.get("dkim") != "pass" else "none"


def is_bounce(message: Message, envelope_from: str | None) -> bool:
    """Whether a mail server wrote it, about a mail that did not arrive."""
    kind = header(message, "content-type").lower()
    if kind.startswith("multipart/report") and "disposition-notification" not in kind:
        return True
    _name, address = author(header(message, "from"))
    robot = bool(re.match(r"mailer-daemon@", address, re.IGNORECASE)) or envelope_from == ""
    return bool(header(message, "x-failed-recipients")) or bool(_BOUNCE_SUBJECT.search(header(message, "subject"))) or robot


def automatic(message: Message, envelope_from: str | None, own_domain: str) -> str:
    """Why a mail was written by a program and not a person: a word for the record, "" when it was not."""
    if raw_all(message, "x-alliance-loop") or own_domain in header(message, "list-id").lower():
        return "loop"
    if raw_all(message, "auto-submitted") and header(message, "auto-submitted").split(";")[0].strip().lower() != "no":
        return "automatic"
    if header(message, "precedence").lower() in {"bulk", "junk", "list", "auto_reply"} or raw_all(message, "list-id"):
        return "bulk"
    if any(
        raw_all(message, name)
        for name in ("x-autoreply", "x-autorespond", "x-autoresponder", "x-vacation", "feedback-id", "x-mailer-daemon")
    ):
        return "automatic"
    if "disposition-notification" in header(message, "content-type").lower() or envelope_from == "":
        return "automatic"
    _name, address = author(header(message, "from"))
    return "automatic" if _AUTO_SUBJECT.match(header(message, "subject")) or _ROBOTS.match(address) else ""


def is_spam(message: Message) -> bool:
    """Whether a filter on the way has marked it."""
    status = header(message, "x-spam-status").lower()
    return (
        header(message, "x-spam-flag").lower().startswith("yes")
        or status.startswith("yes")
        or header(message, "x-spam").lower() in {"yes", "spam"}
    )
