"""The API of attached files."""

from __future__ import annotations

from datetime import datetime

from flask import request

from alliance.attachments import naming, queries, services
from alliance.attachments.models import Attachment
from alliance.core.errors import Invalid
from alliance.core.i18n import gettext as _
from alliance.web import api, current_actor, uploads

uploads.allow("api.attachments_upload", files=1)


class AttachmentOut(api.Out):
    """A file; `markdown` is how a text refers to it, and belongs to the post that does first."""

    id: int
    key: str
    name: str
    kind: str
    media_type: str
    size: int
    sha256: str
    width: int | None
    height: int | None
    alternative: str
    post_id: int | None
    created_at: datetime
    address: str
    markdown: str


def _out(one: Attachment) -> AttachmentOut:
    columns = {name: getattr(one, name) for name in AttachmentOut.model_fields if name not in {"address", "markdown"}}
    markdown = naming.reference(one.key, one.name, picture=one.kind == "image", alternative=one.alternative)
    return AttachmentOut(**columns, address=naming.address(one.key, one.name), markdown=markdown)


@api.post("/attachments", returns=AttachmentOut, files=("file", "alternative"))
def upload() -> AttachmentOut:
    """Send a file (`multipart/form-data`: `file`, and `alternative` for what a picture shows). Sent again, the same file is the same."""
    sent = request.files.get("file")
    if sent is None:
        raise Invalid.field("file", _("Choose a file."))
    return _out(services.receive(current_actor(), sent.filename or "", sent.stream, request.form.get("alternative", "")))


@api.get("/attachments/<key>", returns=AttachmentOut)
def attachment(key: str) -> AttachmentOut:
    """What is known of a file; its content is at `address`."""
    return _out(queries.get(current_actor(), key))
