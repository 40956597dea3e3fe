"""Files that are in no post yet are kept as long as a draft refers to them."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select

from alliance.attachments import cleaning
from alliance.core import db
from alliance.core.attached import keys_in
from alliance.drafts.models import Draft


@cleaning.wanting
def of_drafts(owners: Mapping[str, int]) -> set[str]:
    """The files that drafts of their owners refer to."""
    drafts = db.session().scalars(select(Draft.fields).where(Draft.person_id.in_(set(owners.values()))))
    return {key for fields in drafts for key in keys_in(str(fields.get("body", "")))}
