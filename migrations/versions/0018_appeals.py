"""Appeals

Revision: 0018, after 0017.
"""

import sqlalchemy as sa
from alembic import op

import alliance.core.db

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "appeals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("answer", sa.String(length=500), nullable=False),
        sa.Column("created_at", alliance.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("decided_at", alliance.core.db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["entry_id"], ["moderation_log.id"], name=op.f("fk_appeals_entry_id_moderation_log")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_appeals_person_id_people")),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_appeals_post_id_posts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeals")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_appeals_entry_id")),
    )
    op.create_index(op.f("ix_appeals_person_id"), "appeals", ["person_id"])
    op.create_index(op.f("ix_appeals_post_id"), "appeals", ["post_id"])


def downgrade() -> None:
    """Go back."""
    op.drop_index(op.f("ix_appeals_post_id"), table_name="appeals")
    op.drop_index(op.f("ix_appeals_person_id"), table_name="appeals")
    op.drop_table("appeals")
