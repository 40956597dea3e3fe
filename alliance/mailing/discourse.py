"""Topics of a Discourse forum as a mail archive: each post a message, so that they come in by the door archives come in by.

Read are topics as Discourse gives them (`/t/<id>.json`, with `?print=true&include_raw=1` whole and as typed): one in a file,
a list or `{"topics": […]}` of them, JSON lines, a folder or a ZIP of such files. Where a post's text as typed (`raw`) is missing,
it is made of the rendered one (`cooked`).
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import IO, Any

from alliance.core import clock
from alliance.core.errors import Invalid
from alliance.core.mail import POLICY, one_line
from alliance.mailing import hypertext
from alliance.mailing.exporting import TITLE, between
from alliance.mailing.masking import hide_addresses
from alliance.mailing.plaintext import to_markdown

MAX_FILE = 256 * 2**20
_QUOTE = re.compile(r"""(\[quote(?:=[^\]\n]{0,200})?\]|\[/quote\])""", re.IGNORECASE)
_FOLDED = re.compile(r"""\[/?(?:details(?:="?[^\]\n]{0,200})?|spoiler)\]""", re.IGNORECASE)
_FORUM = re.compile(r"/user_avatar/([a-z0-9.-]{3,200})/")
_REGULAR, _WIKI = 1, 2  # of `post_type`; 3 are notes of what moderators did, 4 whispers among staff


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic, or why none was found where one should be.

    Attributes:
        where: the file, and the line or the number in it.
        facts: as Discourse gives it.
        problem: "" when it can be read.
    """

    where: str
    facts: dict[str, Any]
    problem: str = ""


def topics(path: Path) -> Iterator[Topic]:
    """Every topic in a file, folder or ZIP.

    Raises:
        Invalid: it cannot be read, or there is no JSON in it.
    """
    found = False
    try:
        for name, file in _files(path):
            found = True
            yield from _in_file(name, file)
    except (OSError, zipfile.BadZipFile) as error:
        raise Invalid.field("file", f"{path} cannot be read: {getattr(error, 'strerror', None) or 'it is damaged'}") from error
    if not found:
        raise Invalid.field("file", f"{path} holds no topic: no .json or .jsonl file")


def _files(path: Path) -> Iterator[tuple[str, IO[bytes]]]:
    if path.is_dir():
        for one in sorted([*path.rglob("*.json"), *path.rglob("*.jsonl")]):
            with one.open("rb") as file:
                yield str(one.relative_to(path)), file
    elif path.suffix == ".zip":
        with zipfile.ZipFile(path) as packed:
            for member in sorted(packed.namelist()):
                if member.endswith((".json", ".jsonl")):
                    with packed.open(member) as inner:
                        yield member, inner
    else:
        with path.open("rb") as file:
            yield path.name, file


def _in_file(name: str, file: IO[bytes]) -> Iterator[Topic]:
    if name.endswith(".jsonl"):
        for number, line in enumerate(iter(lambda: file.readline(MAX_FILE), b""), 1):
            if line.strip():
                yield from _parsed(f"{name}, line {number}", line)
        return
    data = file.read(MAX_FILE + 1)
    if len(data) > MAX_FILE:
        yield Topic(name, {}, f"it is larger than {MAX_FILE // 2**20} MB: give its topics as JSON lines")
    else:
        yield from _parsed(name, data)


def _parsed(where: str, data: bytes) -> Iterator[Topic]:
    try:
        read = json.loads(data)
    except (ValueError, RecursionError):
        yield Topic(where, {}, "it is no JSON")
        return
    inner = read.get("topics") if isinstance(read, dict) and "post_stream" not in read else read
    listed = inner if isinstance(inner, list) else [inner]
    for number, one in enumerate(listed, 1):
        at = where if len(listed) == 1 else f"{where}, topic {number}"
        stream = one.get("post_stream") if isinstance(one, dict) else None
        if isinstance(stream, dict) and isinstance(stream.get("posts"), list) and isinstance(one.get("id"), int):
            yield Topic(at, one)
        else:
            yield Topic(at, {}, "it is no topic: it has no id, or no posts in post_stream")


def forum_of(topic: dict[str, Any]) -> str:
    """The name of the forum a topic comes from, as far as it tells: "discourse" when it does not."""
    told = (_FORUM.search(str(post.get("avatar_template") or "")) for post in _posts(topic))
    return next((match[1] for match in told if match), "discourse")


def category(topic: dict[str, Any]) -> str:
    """What the category of a topic is called in addresses; "" when that is not told."""
    inner = topic.get("category")
    told = topic.get("category_slug") or (inner.get("slug") if isinstance(inner, dict) else inner)
    return str(told or "").lower()


def write(topic: dict[str, Any], forum: str, out: IO[bytes]) -> Iterator[tuple[str, str]]:
    """Write the posts of a topic as messages of an mbox, oldest first.

    Args:
        topic: as Discourse gives it.
        forum: its host name; posts and people are known by it when they come again.
        out: the archive.

    Yields:
        For each post, ("", "") when it was written, (which, why) when it was not.
    """
    if topic.get("archetype") == "private_message":
        yield from ((_which(post), "it is a private message") for post in _posts(topic))
        return
    known: dict[int, str] = {}
    for post in sorted(_posts(topic), key=_number):
        problem = _problem(post)
        if problem:
            yield _which(post), problem
            continue
        answered = known.get(_whole(post, "reply_to_post_number")) or next(iter(known.values()), "")
        message = _message(topic, post, forum, answered)
        known[_number(post)] = str(message["Message-ID"])
        out.write(between(message, f"{_user(post)}@{forum}.invalid", _moment(post)))
        yield "", ""
    missing = _whole(topic, "posts_count") - len(_posts(topic))
    yield from ((f"topic {topic['id']}", "its text is not in the file: fetch the topic with ?print=true") for _post in range(missing))


def _posts(topic: dict[str, Any]) -> list[dict[str, Any]]:
    return [post for post in topic["post_stream"]["posts"] if isinstance(post, dict)]


def _number(post: dict[str, Any]) -> int:
    return _whole(post, "post_number")


def _whole(facts: dict[str, Any], name: str) -> int:
    number = facts.get(name)
    return number if isinstance(number, int) and not isinstance(number, bool) else 0


def _which(post: dict[str, Any]) -> str:
    return f"post {post.get('id') or '?'}"


def _problem(post: dict[str, Any]) -> str:
    if not _whole(post, "id") or not _number(post):
        return "it has no id or no number"
    if post.get("post_type", _REGULAR) not in (_REGULAR, _WIKI):
        return "it is a note of the staff"
    if post.get("deleted_at") or post.get("user_deleted") or post.get("hidden"):
        return "it was deleted or hidden"
    return "" if _body(post).strip() else "there is no text in it"


def _body(post: dict[str, Any]) -> str:
    raw = post.get("raw")
    if isinstance(raw, str) and raw.strip():
        return hide_addresses(_FOLDED.sub("", quoted(raw)))
    return to_markdown(hide_addresses(hypertext.to_text(str(post.get("cooked") or ""))))


def quoted(raw: str) -> str:
    """Markdown in which Discourse's `[quote="somebody, post:1, topic:2"]…[/quote]` is a quotation; one never closed is text."""
    stack: list[tuple[str, list[str]]] = [("", [])]
    after = ""
    for piece in _QUOTE.split(raw):
        before, after = after, piece.lower()
        if piece.lower().startswith("[quote") and piece.endswith("]") and len(stack) < 20:
            stack.append((piece, []))
        elif piece.lower() == "[/quote]" and len(stack) > 1:
            opened, inside = stack.pop()
            around = stack[-1][1]
            around[-1:] = [f"{one.rstrip()}\n\n" if one.strip() else "" for one in around[-1:]]
            around.append(_as_quote(opened, "".join(inside)))
        else:
            stack[-1][1].append(piece.lstrip("\n") if before == "[/quote]" else piece)
    return "".join(opened + "".join(inside) for opened, inside in stack)


def _as_quote(opened: str, inside: str) -> str:
    who = opened[len("[quote") : -1].lstrip("=").strip('"').split(",")[0].strip()
    lines = [*([f"{who}:", ""] if who else []), *inside.strip().split("\n")]
    return "\n".join(f"> {line}".rstrip() for line in lines) + "\n\n"


def _user(post: dict[str, Any]) -> str:
    return re.sub(r"[^A-Za-z0-9._-]", "-", str(post.get("username") or ""))[:60].strip(".") or "unknown"


def _moment(post: dict[str, Any]) -> datetime:
    try:
        moment = datetime.fromisoformat(str(post.get("created_at")))
    except ValueError:
        return clock.now()
    return moment if moment.tzinfo else moment.replace(tzinfo=clock.now().tzinfo)


def _message(topic: dict[str, Any], post: dict[str, Any], forum: str, answered: str) -> EmailMessage:
    mail = EmailMessage(policy=POLICY)
    title = one_line(str(topic.get("title") or ""), 200)
    mail["From"] = Address(one_line(str(post.get("name") or post.get("username") or ""), 100), _user(post), f"{forum}.invalid")
    mail["Subject"] = f"Re: {title}" if answered else title
    mail["Date"] = format_datetime(_moment(post))
    mail["Message-ID"] = f"<discourse.{post['id']}@{forum}>"
    if answered:
        mail["In-Reply-To"] = mail["References"] = answered
    elif title:
        mail[TITLE] = json.dumps(title)
    mail.set_content(_body(post), subtype="markdown", charset="utf-8", cte="base64")
    return mail
