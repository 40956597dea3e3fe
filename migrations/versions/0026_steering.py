"""Slow mode, pinning, answers, closing on a date

Revision: 0026, after 0025.
"""

import sqlalchemy as sa
from alembic import op

from alliance.core.db import UtcDateTime

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None
MOMENTS = ("closes_at", "pinned_at", "pinned_until")
PINNED = sa.text("pinned_at IS NOT NULL")


def upgrade() -> None:
    """Go forward."""
    for name in MOMENTS:
        op.add_column("discussions", sa.Column(name, UtcDateTime(timezone=True), nullable=True))
    op.add_column("discussions", sa.Column("slow_minutes", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("discussions", sa.Column("answer_id", sa.Integer(), nullable=True))
    op.create_index("ix_discussions_pinned", "discussions", ["space_id", "pinned_at"], sqlite_where=PINNED, postgresql_where=PINNED)
    op.create_index(op.f("ix_discussions_pinned_until"), "discussions", ["pinned_until"])
    op.create_index(op.f("ix_discussions_closes_at"), "discussions", ["closes_at"])


def downgrade() -> None:
    """Go back."""
    for name in ("ix_discussions_pinned", "ix_discussions_pinned_until", "ix_discussions_closes_at"):
        op.drop_index(name, table_name="discussions")
    for name in ("answer_id", "slow_minutes", *reversed(MOMENTS)):
        op.drop_column("discussions", name)
