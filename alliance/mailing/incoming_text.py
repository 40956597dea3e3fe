"""The text of a mail that comes in, as it would be posted."""

from __future__ import annotations

import re
from email.message import Message

from alliance.mailing import bodies, replies
from alliance.mailing.archive import MAX_HEADERS, MAX_MESSAGE, Unreadable, tree

_HEADER = re.compile(rb"(?i)^(?:from|to|subject|date|message-id|mime-version|content-type|received|return-path|delivered-to)[ \t]*:")
_FIELD = re.compile(rb"^[!-9;-~]+[ \t]*:|^[ \t]|^>?From ")
_END = re.compile(rb"\r?\n\r?\n")
_PLAIN = b"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"


def parse(raw: bytes) -> Message:
    """A message as a tree; what has no header of a mail at all is text from its first line, so that none is lost.

    Raises:
        Unreadable: it is too large, or nested too deeply; the reason is a sentence's end.
    """
    if len(raw) > MAX_MESSAGE:
        raise Unreadable(f"it is larger than {MAX_MESSAGE // 2**20} MB")
    if not _has_headers(raw):
        raw = _PLAIN + raw
    end = _END.search(raw)
    if (end.start() if end else len(raw)) > MAX_HEADERS:
        raise Unreadable(f"its headers are larger than {MAX_HEADERS // 2**10} kB")
    return tree(raw)


def _has_headers(raw: bytes) -> bool:
    found = 0
    lines = raw[:MAX_HEADERS].lstrip(b"\r\n").splitlines()
    for line in lines[:-1] if len(raw) > MAX_HEADERS else lines:
        if not line.strip():
            break
        if not _FIELD.match(line):
            return False
        found += bool(_HEADER.match(line))
    return found > 0


def said(message: Message) -> tuple[replies.Reply, int]:
    """(what a person wrote, as Markdown, and what was cut; how many parts of the mail were left out).

    Raises:
        Unreadable: see `parse`.
    """
    try:
        body = bodies.body(message)
    except RecursionError:
        raise Unreadable("its parts are nested too deeply") from None
    except (ValueError, TypeError, AttributeError, LookupError, AssertionError) as error:
        raise Unreadable(f"it cannot be parsed ({type(error).__name__})") from error
    reply = replies.reply_of(body.text)
    return replies.Reply(replies.as_posted(reply.text), reply.cut, reply.is_own), body.attachments


def read(raw: bytes) -> replies.Reply:
    """What a person wrote in a mail, as it would be posted, and what was cut.

    Raises:
        Unreadable: see `parse`.
    """
    return said(parse(raw))[0]
