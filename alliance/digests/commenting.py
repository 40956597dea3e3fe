"""What is said about the paragraphs of a digest in the making."""

from __future__ import annotations

from alliance.core import clock, db
from alliance.core.errors import Conflict
from alliance.core.i18n import gettext as _
from alliance.digests import editing
from alliance.digests.models import Digest, DigestComment
from alliance.digests.states import held
from alliance.policy import Actor, require

MAKING = ("draft", "review", "returned")


def comment(actor: Actor, digest: Digest, point_id: int | None, text: str) -> DigestComment:
    """Say something about a paragraph, or (None) about the whole.

    Raises:
        Refused: the actor may not act.
        Conflict: the digest is signed.
        NotFound: it has no such paragraph.
    """
    require(actor, "digest.comment", digest)
    with db.transaction() as session:
        now = held(digest)
        if now.status not in MAKING:
            raise Conflict(_("This digest is signed; comments ended with that."))
        if point_id is not None:
            editing.find(now, point_id)
        made = DigestComment(digest_id=now.id, point_id=point_id, person_id=actor.person_id, text=text.strip(), created_at=clock.now())
        session.add(made)
        session.flush()
    return made


def settle(actor: Actor, digest: Digest, one: DigestComment) -> None:
    """A comment was taken care of."""
    require(actor, "digest.edit", digest)
    with db.transaction():
        one.settled_at = one.settled_at or clock.now()
