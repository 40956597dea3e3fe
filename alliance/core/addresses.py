"""E-mail addresses: one form in which they are kept and compared, and one in which servers take their domain.

Letters of any script may stand in them (RFC 6532). What a mail program writes for such a domain is its name in ASCII
("xn--…"); whoever typed it when registering wrote the letters. Both are the same address.
"""

from __future__ import annotations

from email_validator import EmailNotValidError, validate_email


def checked(address: str) -> str:
    """An address somebody gave, as it is kept.

    Raises:
        EmailNotValidError: it is none that mail can be sent to.
    """
    return _normal(address)


def kept(address: str) -> str:
    """Any address as it is kept, to be compared; what is none stays as it is."""
    plain = address.strip()
    if plain.isascii() and "xn--" not in plain.lower():
        return plain.lower()
    try:
        return _normal(plain)
    except EmailNotValidError:
        return plain.lower()


def ascii_domain(domain: str) -> str:
    """A domain as servers know it. (The library's own way takes ß for ss, and so one domain for another.)

    Raises:
        ValueError: there is no such domain.
    """
    if domain.isascii():
        return domain.encode("idna").decode("ascii")
    return validate_email(f"a@{domain}", check_deliverability=False).ascii_domain


def _normal(address: str) -> str:
    return validate_email(address.strip(), check_deliverability=False).normalized.lower()
