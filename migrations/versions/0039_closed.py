"""Discussions closed with a public summary

Revision: 0039, after 0038.
"""

import sqlalchemy as sa
from alembic import op

import alliance.core.db

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

CONFIDED = sa.text("confided_at IS NOT NULL")
# What was said in groups that are closed with a public summary was said to their members.
CLOSED = "UPDATE discussions SET confided_at = created_at WHERE space_id IN (SELECT id FROM spaces WHERE attribution = 'closed')"


def upgrade() -> None:
    """Go forward."""
    op.add_column("discussions", sa.Column("confided_at", alliance.core.db.UtcDateTime(timezone=True), nullable=True))
    op.create_index("ix_discussions_closed", "discussions", ["space_id", "id"], sqlite_where=CONFIDED, postgresql_where=CONFIDED)
    op.execute(sa.text(CLOSED))


def downgrade() -> None:
    """Go back: what is closed in a space that others read is hidden from them, for there is nothing else that would keep it."""
    hide = "UPDATE discussions SET status = 'hidden' WHERE confided_at IS NOT NULL AND status = 'visible'"
    op.execute(sa.text(f"{hide} AND space_id IN (SELECT id FROM spaces WHERE visibility = 'public')"))  # noqa: S608 - our own words
    op.drop_index("ix_discussions_closed", "discussions")
    op.drop_column("discussions", "confided_at")
