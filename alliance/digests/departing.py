"""Contributors who closed their accounts: out of what is not signed; what was signed keeps what it cites, and its page says so."""

from __future__ import annotations

from sqlalchemy import select

from alliance.accounts.models import Person
from alliance.core import db
from alliance.digests.models import Digest


def leave_drafts(handle: str) -> None:
    """Take a contributor off the lists of digests that are not signed."""
    unsigned = select(Digest.id).where(Digest.signed_at.is_(None)).order_by(Digest.id)
    for digest_id in db.session().scalars(unsigned).all():
        with db.transaction() as session:
            digest = session.get_one(Digest, digest_id, with_for_update=True, populate_existing=True)
            listed = digest.figures.get("contributors", [])
            kept = [one for one in listed if one["handle"] != handle]
            if digest.signed_at is None and len(kept) < len(listed):
                digest.figures = {**digest.figures, "contributors": kept}


def departed(digest: Digest) -> int:
    """How many of those a signed digest names have closed their accounts since."""
    named = {one["handle"] for one in digest.figures.get("contributors", [])} if digest.signed_at is not None else set()
    if not named:
        return 0
    return len(named - set(db.session().scalars(select(Person.handle).where(Person.handle.in_(named)))))
