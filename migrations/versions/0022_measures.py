"""What moderators decide about people

Revision: 0022, after 0021.
"""

import sqlalchemy as sa
from alembic import op

from alliance.core.db import Json, UtcDateTime

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.add_column("people", sa.Column("suspended_until", UtcDateTime(timezone=True), nullable=True))
    op.add_column("people", sa.Column("silenced_until", UtcDateTime(timezone=True), nullable=True))
    op.add_column("moderation_log", sa.Column("detail", sa.String(length=60), nullable=False, server_default=""))
    with op.batch_alter_table("moderation_log") as batch_op:
        batch_op.alter_column("detail", server_default=None)
    with op.batch_alter_table("appeals") as batch_op:
        batch_op.alter_column("post_id", existing_type=sa.Integer(), nullable=True)
    op.create_table(
        "measures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("moderator_id", sa.Integer(), nullable=True),
        sa.Column("reason_code", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("until", UtcDateTime(timezone=True), nullable=True),
        sa.Column("data", Json(), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("seen_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("ended_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("ended_how", sa.String(length=12), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["moderation_log.id"], name=op.f("fk_measures_entry_id_moderation_log")),
        sa.ForeignKeyConstraint(["moderator_id"], ["people.id"], name=op.f("fk_measures_moderator_id_people")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_measures_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measures")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_measures_entry_id")),
    )
    op.create_index(op.f("ix_measures_person_id_id"), "measures", ["person_id", "id"])
    op.create_index(op.f("ix_measures_ended_at_until"), "measures", ["ended_at", "until"])


def downgrade() -> None:
    """Go back."""
    op.drop_table("measures")
    op.execute("DELETE FROM appeals WHERE post_id IS NULL")
    with op.batch_alter_table("appeals") as batch_op:
        batch_op.alter_column("post_id", existing_type=sa.Integer(), nullable=False)
    with op.batch_alter_table("moderation_log") as batch_op:
        batch_op.drop_column("detail")
    op.drop_column("people", "silenced_until")
    op.drop_column("people", "suspended_until")
