"""Archives of what is kept of a person

Revision: 0035, after 0034.
"""

import sqlalchemy as sa
from alembic import op

import alliance.core.db

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "archives",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", alliance.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ready_at", alliance.core.db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_archives_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_archives")),
        sa.UniqueConstraint("key", name=op.f("uq_archives_key")),
    )
    op.create_index(op.f("ix_archives_person_id"), "archives", ["person_id"])


def downgrade() -> None:
    """Go back: their files lie on until they are removed by hand."""
    op.drop_table("archives")
