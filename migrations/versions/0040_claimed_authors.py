"""Authors of archives who were found to be a person

Revision: 0040, after 0039.
"""

import sqlalchemy as sa
from alembic import op

import alliance.core.db

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.add_column("people", sa.Column("proven_at", alliance.core.db.UtcDateTime(timezone=True), nullable=True))
    op.add_column("people", sa.Column("claimed_by_id", sa.Integer(), nullable=True))
    op.create_index(op.f("ix_people_claimed_by_id"), "people", ["claimed_by_id"])


def downgrade() -> None:
    """Go back: the posts stay the person's; the author they were of is listed nowhere and has no posts."""
    op.drop_index(op.f("ix_people_claimed_by_id"), "people")
    op.drop_column("people", "claimed_by_id")
    op.drop_column("people", "proven_at")
