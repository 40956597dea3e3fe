"""Topics of discussions

Revision: 0030, after 0029.
"""

import sqlalchemy as sa
from alembic import op

from alliance.core.db import Json, UtcDateTime

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "topics",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("labels", Json(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("retired_at", UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topics")),
        sa.UniqueConstraint("key", name=op.f("uq_topics_key")),
    )
    op.create_table(
        "discussion_topics",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("discussion_id", sa.Integer(), nullable=False),
        sa.Column("topic_id", sa.Integer(), nullable=False),
        sa.Column("origin_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["discussion_id"], ["discussions.id"], name=op.f("fk_discussion_topics_discussion_id_discussions")),
        sa.ForeignKeyConstraint(["origin_id"], ["discussions.id"], name=op.f("fk_discussion_topics_origin_id_discussions")),
        sa.ForeignKeyConstraint(["topic_id"], ["topics.id"], name=op.f("fk_discussion_topics_topic_id_topics")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discussion_topics")),
        sa.UniqueConstraint("discussion_id", "topic_id", name=op.f("uq_discussion_topics_discussion_id_topic_id")),
    )
    op.create_index(op.f("ix_discussion_topics_topic_id_discussion_id"), "discussion_topics", ["topic_id", "discussion_id"])
    op.create_index(op.f("ix_discussion_topics_origin_id"), "discussion_topics", ["origin_id"])


def downgrade() -> None:
    """Go back."""
    op.drop_table("discussion_topics")
    op.drop_table("topics")
