"""Files as they are taken from a script and given to browsers; what they are shown with below the text of a form."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request, send_file
from markupsafe import Markup

from alliance.attachments import naming, queries, services, store
from alliance.attachments.forms import RATE, AttachingForm
from alliance.attachments.models import Attachment
from alliance.core import settings
from alliance.core.attached import keys_in
from alliance.core.errors import AllianceError, Invalid, NotFound
from alliance.core.i18n import gettext as _
from alliance.core.i18n import lazy_gettext as _l
from alliance.policy import can
from alliance.web import current_actor, limits, pages, uploads, words
from alliance.web.errors import STATUS, problem

bp = Blueprint("attachments", __name__)
uploads.allow("attachments.upload", files=1)
# Whatever a file holds, a browser that shows it runs nothing of it and asks nobody for more.
SANDBOX = "default-src 'none'; frame-ancestors 'none'; sandbox"
ACCEPT = "image/jpeg,image/png,image/webp,image/gif,.pdf,.docx,.xlsx,.pptx,.odt,.ods,.odp,.txt,.csv"


@bp.post("/attachments")
@limits.limit(RATE)
def upload() -> Response | tuple[Response, int]:
    """Take one file from the script of a form."""
    actor, sent = current_actor(), request.files.get("file")
    if not actor.is_authenticated:
        return problem(401, _("Sign in first, or send a valid token."))
    try:
        if sent is None:
            raise Invalid.field("file", _("Choose a file."))
        made = services.receive(actor, sent.filename or "", sent.stream, request.form.get("alternative", ""))
    except AllianceError as error:
        status = next(code for kind, code in STATUS.items() if isinstance(error, kind))
        return problem(status, str(error))
    picture = made.kind == "image"
    answer = {"key": made.key, "name": made.name, "picture": picture, "facts": queries.facts(made)}
    return jsonify(answer | {"markdown": naming.reference(made.key, made.name, picture=picture, alternative=made.alternative)}), 201


@bp.get("/attachments/<key>/<name>")
def download(key: str, name: str) -> Response:
    """A file: a picture to be looked at, a document to be kept. The name in the address is for people only."""
    found = queries.get(current_actor(), key)
    # Text as mere bytes: nobody shows it, and it is not packed on the way, so that a download that broke off can go on.
    return _sent(found, store.FILE, "application/octet-stream" if found.media_type.startswith("text/") else found.media_type)


@bp.get("/attachments/<key>/thumbnail")
def thumbnail(key: str) -> Response:
    """The small picture."""
    found = queries.get(current_actor(), key)
    if found.kind != "image":
        raise NotFound
    return _sent(found, store.THUMBNAIL, "image/webp")


def _sent(found: Attachment, part: str, media_type: str) -> Response:
    path = store.path(found.key, part)
    if not path.is_file():
        raise NotFound
    response = send_file(
        path,
        mimetype=media_type,
        as_attachment=found.kind != "image",
        download_name=found.name,
        etag=f"{found.sha256[:32]}-{part}",
        last_modified=found.created_at,
        conditional=True,
    )
    response.headers["Content-Security-Policy"] = SANDBOX
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    # Always asked for again, so that what is hidden or withdrawn is gone at once.
    response.headers["Cache-Control"] = "no-cache, private" if current_actor().is_authenticated else "no-cache, public"
    return response


words.say(
    file_too_large=_l("The file is larger than %(most)s MB."),
    file_sending=_l("Sending %%s"),
    file_sent=_l("%%s is attached."),
    file_failed=_l("%%s could not be sent. Try again."),
    file_alternative=_l("What does the picture show?"),
)


@pages.section("writing", order=20)
def below_the_text(form: Any, **_more: Any) -> Markup | str:
    """The field for files of a form of writing, with those its text refers to."""
    actor = current_actor()
    if not isinstance(form, AttachingForm) or not can(actor, "attachment.upload"):
        return ""
    body = str(form["body"].data or "")
    files = [(one, queries.facts(one), naming.alternative_in(body, one.key) or "") for one in queries.own(actor, keys_in(body))]
    return pages.markup(
        "attachments/_form.html", files=files, accept=ACCEPT, megabytes=settings.current().upload_megabytes, most=services.MOST_PER_POST
    )
