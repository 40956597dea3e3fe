"""Moderators' summaries

Revision: 0023, after 0022.
"""

import sqlalchemy as sa
from alembic import op

import alliance.core.db

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "summaries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("discussion_id", sa.Integer(), nullable=False),
        sa.Column("origin_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sentences", alliance.core.db.Json(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=True),
        sa.Column("next_number", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("created_at", alliance.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["people.id"], name=op.f("fk_summaries_author_id_people")),
        sa.ForeignKeyConstraint(["discussion_id"], ["discussions.id"], name=op.f("fk_summaries_discussion_id_discussions")),
        sa.ForeignKeyConstraint(["origin_id"], ["discussions.id"], name=op.f("fk_summaries_origin_id_discussions")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_summaries")),
        sa.UniqueConstraint("discussion_id", "number", name=op.f("uq_summaries_discussion_id_number")),
    )
    op.create_index(op.f("ix_summaries_origin_id"), "summaries", ["origin_id"])
    op.create_table(
        "summary_sources",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("discussion_id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["discussion_id"], ["discussions.id"], name=op.f("fk_summary_sources_discussion_id_discussions")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_summary_sources")),
        sa.UniqueConstraint("discussion_id", "post_id", name=op.f("uq_summary_sources_discussion_id_post_id")),
    )
    op.create_index(op.f("ix_summary_sources_post_id"), "summary_sources", ["post_id"])


def downgrade() -> None:
    """Go back."""
    op.drop_table("summary_sources")
    op.drop_table("summaries")
