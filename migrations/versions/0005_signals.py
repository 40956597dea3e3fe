"""Thanks and positions

Revision: 0005, after 0004.
"""

import sqlalchemy as sa
from alembic import op

import alliance.core.db

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "signals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("about", sa.String(length=10), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("stakeholder_type", sa.String(length=30), nullable=True),
        sa.Column("created_at", alliance.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("changed_at", alliance.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_signals_person_id_people")),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_signals_post_id_posts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signals")),
        sa.UniqueConstraint("post_id", "person_id", "about", name=op.f("uq_signals_post_id_person_id_about")),
    )
    with op.batch_alter_table("signals", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_signals_person_id_post_id"), ["person_id", "post_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_signals_post_id_about_id"), ["post_id", "about", "id"], unique=False)

    op.create_table(
        "signal_counts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("stakeholder_type", sa.String(length=30), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_signal_counts_post_id_posts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signal_counts")),
        sa.UniqueConstraint("post_id", "kind", "stakeholder_type", name=op.f("uq_signal_counts_post_id_kind_stakeholder_type")),
    )


def downgrade() -> None:
    """Go back."""
    op.drop_table("signal_counts")
    with op.batch_alter_table("signals", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_signals_post_id_about_id"))
        batch_op.drop_index(batch_op.f("ix_signals_person_id_post_id"))
    op.drop_table("signals")
