"""What is kept of a person, written into a ZIP: JSON, a file a table, and the files they uploaded. A few hundred rows are in memory at a time."""

from __future__ import annotations

import base64
import json
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from alliance.attachments import store
from alliance.core import clock, db, settings
from alliance.core.text import clean_line
from alliance.privacy.tables import TABLES

BATCH = 500
_README = """\
Everything that Alliance ({base}) keeps of the account of {name}
as of {moment} (UTC).

Each file is a list of records in JSON (UTF-8). Moments are in UTC. A number in a field is that of an address:
post_id 5 is {base}/p/5, discussion_id 5 is {base}/d/5.

{files}

files/ holds what was uploaded, as it is kept (pictures without what cameras write into them); uploads.json says which is
which, its key being the first part of the name of the file.

Not in here: secrets (the digest of the password, tokens, keys), who else decided or told something, counts made of what is in
here, and the text of revisions that moderators took away for good.
"""


def write(target: Path, person_id: int) -> None:
    """Write the archive of a person to a file."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
        counts = {one.file: _table(archive, name, person_id) for name, one in sorted(TABLES.items()) if one.file}
        _files(archive, person_id)
        archive.writestr("README.txt", _readme(person_id, counts))
    db.release()


def _readme(person_id: int, counts: dict[str, int]) -> str:
    people = _of("people")
    name = db.session().scalar(sa.select(people.c.name).where(people.c.id == person_id)) or ""
    files = "\n".join(f"{file + '.json':28}{count}" for file, count in sorted(counts.items()))
    return _README.format(base=settings.current().base_url, name=clean_line(name), moment=f"{clock.now():%Y-%m-%d %H:%M}", files=files)


def _of(name: str) -> sa.Table:
    return db.Base.metadata.tables[name]


def _table(archive: zipfile.ZipFile, name: str, person_id: int) -> int:
    count = 0
    with archive.open(f"{TABLES[name].file}.json", "w", force_zip64=True) as file:
        file.write(b"[")
        for row in rows(name, person_id):
            file.write((",\n" if count else "\n").encode() + json.dumps(row, ensure_ascii=False, default=_plain).encode("utf-8", "replace"))
            count += 1
        file.write(b"\n]\n")
    return count


def rows(name: str, person_id: int) -> Iterator[dict[str, Any]]:
    """The rows of a table that are a person's, oldest first, without what is nobody's business; no transaction lasts from one batch to the next."""
    table, known = _of(name), TABLES[name]
    hidden = {*known.without, *known.others, *known.own}
    columns = [column for column in table.c if column.name == "id" or column.name not in hidden]
    query, last = sa.select(*columns).where(_theirs(name, person_id)).order_by(table.c.id).limit(BATCH), 0
    while found := db.session().execute(query.where(table.c.id > last)).mappings().all():
        db.release()
        yield from ({str(key): value for key, value in row.items()} for row in found)
        last = found[-1]["id"]


def _theirs(name: str, person_id: int) -> sa.ColumnElement[bool]:
    """Which rows: of a revision, those of their posts, unless moderators took its text away."""
    table = _of(name)
    if name == "post_revisions":
        return table.c.post_id.in_(sa.select(_of("posts").c.id).where(_theirs("posts", person_id))) & table.c.suppressed.is_(False)
    return sa.or_(*(table.c[column] == person_id for column in TABLES[name].own))


def _files(archive: zipfile.ZipFile, person_id: int) -> None:
    for row in rows("attachments", person_id):
        path = store.path(row["key"])
        if path.is_file():
            name = "".join("_" if sign in '/\\:*?"<>|' or not sign.isprintable() else sign for sign in row["name"]).lstrip(".")
            packed = zipfile.ZIP_STORED if row["kind"] == "image" else zipfile.ZIP_DEFLATED
            archive.write(path, f"files/{row['key']}-{name}", packed)


def _plain(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return base64.b64encode(value).decode() if isinstance(value, bytes) else str(value)
