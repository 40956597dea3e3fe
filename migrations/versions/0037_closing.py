"""Closing accounts

Revision: 0037, after 0036.
"""

import sqlalchemy as sa
from alembic import op

import alliance.core.db

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.add_column("people", sa.Column("closing_at", alliance.core.db.UtcDateTime(timezone=True), nullable=True))
    op.create_index(op.f("ix_people_closing_at"), "people", ["closing_at"])
    op.create_table(
        "retired_handles",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("skeleton_hash", sa.String(length=64), nullable=False),
        sa.Column("handle", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_retired_handles_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retired_handles")),
        sa.UniqueConstraint("person_id", name=op.f("uq_retired_handles_person_id")),
        sa.UniqueConstraint("skeleton_hash", name=op.f("uq_retired_handles_skeleton_hash")),
    )


def downgrade() -> None:
    """Go back: no account closes, and handles of closed ones can be given out again."""
    op.drop_table("retired_handles")
    op.drop_index(op.f("ix_people_closing_at"), "people")
    op.drop_column("people", "closing_at")
