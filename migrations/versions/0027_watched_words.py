"""Watched words

Revision: 0027, after 0026.
"""

import sqlalchemy as sa
from alembic import op

import alliance.core.db

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "hold_rules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("words", alliance.core.db.Json(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=True),
        sa.Column("everybody", sa.Boolean(), nullable=False),
        sa.Column("waits", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        sa.Column("changed_at", alliance.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["changed_by_id"], ["people.id"], name=op.f("fk_hold_rules_changed_by_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold_rules")),
    )
    op.create_index(op.f("ix_hold_rules_active_id"), "hold_rules", ["active", "id"])


def downgrade() -> None:
    """Go back."""
    op.drop_index(op.f("ix_hold_rules_active_id"), table_name="hold_rules")
    op.drop_table("hold_rules")
