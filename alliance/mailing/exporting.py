"""A space as files that need no server: an mbox, JSON lines, or pages of HTML. What is read into an mbox can be imported again, nothing lost.

Discussion by discussion, post by post: memory does not grow with the space. Only what everybody who may read the space reads; no addresses of people.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from html import escape
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from alliance.attachments import queries as attached
from alliance.attachments import store
from alliance.core import db, i18n, nameless
from alliance.core.attached import keys_in
from alliance.core.mail import POLICY, message_id, one_line
from alliance.discussions import recounting, retracting
from alliance.discussions.models import Discussion, Post
from alliance.groups.models import Space
from alliance.mailing import addressing

TITLE = "X-Alliance-Title"
_FROM = re.compile(rb"^(>*From )", re.MULTILINE)
_FILES = re.compile(r"""(src|href)="/attachments/([0-9a-f]{32})/[^"]*\"""")
PAGE = """<!doctype html>
<html lang="{language}" dir="{direction}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>
<style>body{{max-width:42rem;margin:2rem auto;padding:0 1rem;font:16px/1.5 system-ui,sans-serif;color-scheme:light dark}}article{{margin-block:1.5rem;padding-inline-start:1rem;
border-inline-start:3px solid #1f5e8c;overflow-wrap:anywhere}}.who{{color:#777;font-size:.9rem}}img{{max-width:100%;height:auto}}</style></head><body>
{body}
</body></html>
"""


@dataclass(frozen=True, slots=True)
class Exported:
    """A post, and the numbers above it that are exported too."""

    post: Post
    body: str
    above: tuple[int, ...]  # post ids, oldest first


def posts(space_id: int) -> Iterator[tuple[Discussion, Iterator[Exported]]]:
    """Every visible discussion of a space, oldest first, each with its visible posts in the order of their numbers; closed ones left out
    where others read the space.
    """
    after = 0
    while True:
        query = select(Discussion).where(Discussion.space_id == space_id, Discussion.status == "visible", ~recounting.VEILED)
        found = db.session().scalar(query.where(Discussion.id > after).order_by(Discussion.id).limit(1))
        if found is None:
            return
        after = found.id
        yield found, _of(found)
        db.release()


def _of(discussion: Discussion) -> Iterator[Exported]:
    """Its posts; one that answers what is gone answers what that answered."""
    chains: dict[int, tuple[int, ...]] = {}
    after = 0
    while True:
        query = select(Post).where(Post.discussion_id == discussion.id, Post.number > after).order_by(Post.number).limit(100)
        batch = list(db.session().scalars(query.options(joinedload(Post.author), joinedload(Post.organization))))
        if not batch:
            return
        clean = retracting.bodies(batch)
        for post in batch:
            above = chains.get(post.parent_number or 1, ())
            shown = post.status == "visible"
            chains[post.number] = (*above, post.id)[-50:] if shown else above
            if shown:
                yield Exported(post, clean[post.id], above)
        after = batch[-1].number


def as_mbox(space: Space, out: BinaryIO, tick: Callable[[int], object] = int) -> int:
    """Write a space as an mbox; returns how many posts."""
    number = 0
    for discussion, found in posts(space.id):
        for one in found:
            out.write(between(_message(space, discussion, one), _address(one.post), one.post.created_at))
            number += 1
            tick(1)
    return number


def between(mail: EmailMessage, address: str, moment: datetime) -> bytes:
    """A message as it stands in an mbox: behind its line "From …", no other line of it taken for one."""
    raw = mail.as_bytes(policy=POLICY.clone(linesep="\n", max_line_length=None))
    return f"From {address} {moment:%a %b %d %H:%M:%S %Y}\n".encode() + _FROM.sub(rb">\1", raw).rstrip(b"\n") + b"\n\n"


def _address(post: Post) -> str:
    """An address that is nobody's, the same for all that one person wrote."""
    return f"{post.author.handle}@people.{addressing.domain()}.invalid"


def _message(space: Space, discussion: Discussion, one: Exported) -> EmailMessage:
    post, mail = one.post, EmailMessage(policy=POLICY)
    local, _, host = _address(post).partition("@")
    mail["From"] = Address(one_line(post.author.name, 100), local, host)
    mail["Subject"] = one_line(f"{'Re: ' if one.above else ''}{discussion.title}", 300)
    mail["Date"] = format_datetime(post.created_at)
    mail["Message-ID"] = f"<{_id(post.id)}>"
    if one.above:
        mail["In-Reply-To"] = f"<{_id(one.above[-1])}>"
        mail["References"] = " ".join(f"<{_id(number)}>" for number in one.above)
    else:
        mail[TITLE] = json.dumps(discussion.title)
    mail["List-Id"] = f"<{space.code}.{addressing.domain()}>"
    mail.set_content(one.body, subtype="markdown", charset="utf-8", cte="base64")
    if post.language:
        mail["Content-Language"] = post.language
    for file in attached.of_post(post.id):
        if store.path(file.key).is_file():
            kind, _, subtype = file.media_type.partition("/")
            data = store.path(file.key).read_bytes()
            mail.add_attachment(data, maintype=kind, subtype=subtype, filename=file.name, cid=f"<{file.key}@files>")
    return mail


def _id(post_id: int) -> str:
    return message_id(f"export-{post_id}", addressing.domain())


def as_lines(space: Space, out: BinaryIO, tick: Callable[[int], object] = int) -> int:
    """Write a space as JSON, a post a line; returns how many."""
    number = 0
    for discussion, found in posts(space.id):
        for one in found:
            out.write(json.dumps(_facts(space, discussion, one), ensure_ascii=False).encode() + b"\n")
            number += 1
            tick(1)
    return number


def _facts(space: Space, discussion: Discussion, one: Exported) -> dict[str, object]:
    post = one.post
    return {
        "id": post.id, "space": space.code, "discussion_id": discussion.id, "title": discussion.title, "number": post.number,
        "parent_id": one.above[-1] if one.above else None, "body": one.body, "html": post.html, "language": post.language,
        "created_at": post.created_at.isoformat(), "edited_at": post.edited_at.isoformat() if post.edited_at else None,
        "author": {
            "handle": nameless.handle_out(post.author.handle), "name": post.author.name, "stakeholder_type": post.stakeholder_type,
            "organization": post.organization.name if post.organization is not None else None, "country": post.country,
        },
    }  # fmt: skip


def as_pages(space: Space, out: BinaryIO, tick: Callable[[int], object] = int) -> int:
    """Write a space as a ZIP of pages that read without a server, its files beside them; returns how many posts."""
    number, listed = 0, list[str]()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for discussion, found in posts(space.id):
            articles, keys = [], list[str]()
            for one in found:
                articles.append(_article(one))
                keys += keys_in(one.body)
                number += 1
                tick(1)
            title = escape(discussion.title)
            body = f'<p><a href="../index.html">{escape(space.title("en"))}</a></p><h1>{title}</h1>{"".join(articles)}'
            archive.writestr(f"d/{discussion.id}.html", _page(discussion.title, discussion.language, body))
            listed.append(f'<li><a href="d/{discussion.id}.html">{title}</a> · {len(articles)}</li>')
            _add_files(archive, keys)
        archive.writestr("index.html", _page(space.title("en"), "en", f"<h1>{escape(space.title('en'))}</h1><ul>{''.join(listed)}</ul>"))
    return number


def _page(title: str, language: str | None, body: str) -> str:
    return PAGE.format(title=escape(title), language=language or "en", direction=i18n.direction(language), body=body)


def _article(one: Exported) -> str:
    post = one.post
    organization = f", {escape(post.organization.name)}" if post.organization is not None else ""
    who = f'<p class="who">#{post.number} <bdi>{escape(post.author.name)}</bdi>{organization} · {post.created_at:%Y-%m-%d %H:%M} UTC</p>'
    answered = f' <a class="who" href="#p{one.above[-1]}">↑</a>' if one.above else ""
    html = _FILES.sub(r'\1="../files/\2"', post.html)
    return f'<article id="p{post.id}">{who}<div lang="{post.language or ""}" dir="{i18n.direction(post.language)}">{html}</div>{answered}</article>'


def _add_files(archive: zipfile.ZipFile, keys: list[str]) -> None:
    for key in dict.fromkeys(keys):
        file, there = store.path(key), set(archive.namelist())
        name = f"files/{key}"
        if file.is_file() and name not in there:
            archive.write(file, name)


FORMS: dict[str, Callable[..., int]] = {".mbox": as_mbox, ".jsonl": as_lines, ".zip": as_pages}


def write(space: Space, target: Path, tick: Callable[[int], object] = int) -> int:
    """Write a space to a file, in the form its name says; the file is there as a whole or not at all."""
    temporary = target.with_name(f".{target.name}.part")
    try:
        with temporary.open("wb") as out:
            number = FORMS[target.suffix](space, out, tick)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
    return number
