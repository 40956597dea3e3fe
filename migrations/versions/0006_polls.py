"""Straw polls

Revision: 0006, after 0005.
"""

import sqlalchemy as sa
from alembic import op

import alliance.core.db

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "polls",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("question", sa.String(length=300), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("options", alliance.core.db.Json(), nullable=False),
        sa.Column("secret", sa.Boolean(), nullable=False),
        sa.Column("closes_at", alliance.core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("closed_at", alliance.core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("created_at", alliance.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_polls_post_id_posts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_polls")),
        sa.UniqueConstraint("post_id", name=op.f("uq_polls_post_id")),
    )
    op.create_index(op.f("ix_polls_closed_at_closes_at"), "polls", ["closed_at", "closes_at"], unique=False)
    op.create_table(
        "poll_votes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("poll_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("choices", alliance.core.db.Json(), nullable=False),
        sa.Column("stakeholder_type", sa.String(length=30), nullable=True),
        sa.Column("changed_at", alliance.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_poll_votes_person_id_people")),
        sa.ForeignKeyConstraint(["poll_id"], ["polls.id"], name=op.f("fk_poll_votes_poll_id_polls")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_poll_votes")),
        sa.UniqueConstraint("poll_id", "person_id", name=op.f("uq_poll_votes_poll_id_person_id")),
    )
    op.create_index(op.f("ix_poll_votes_person_id"), "poll_votes", ["person_id"], unique=False)
    op.create_table(
        "poll_counts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("poll_id", sa.Integer(), nullable=False),
        sa.Column("option", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("stakeholder_type", sa.String(length=30), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["poll_id"], ["polls.id"], name=op.f("fk_poll_counts_poll_id_polls")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_poll_counts")),
        sa.UniqueConstraint(
            "poll_id", "option", "rank", "stakeholder_type", name=op.f("uq_poll_counts_poll_id_option_rank_stakeholder_type")
        ),
    )


def downgrade() -> None:
    """Go back."""
    op.drop_table("poll_counts")
    op.drop_table("poll_votes")
    op.drop_table("polls")
