"""Drafts and quotes

Revision: 0003, after 0002.
"""

import sqlalchemy as sa
from alembic import op

import alliance.core.db

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "drafts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(length=80), nullable=False),
        sa.Column("fields", alliance.core.db.Json(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("nonce", sa.String(length=100), nullable=False),
        sa.Column("created_at", alliance.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", alliance.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_drafts_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drafts")),
        sa.UniqueConstraint("person_id", "place", name=op.f("uq_drafts_person_id_place")),
    )
    op.create_index(op.f("ix_drafts_person_id_updated_at_id"), "drafts", ["person_id", "updated_at", "id"])
    op.create_index(op.f("ix_drafts_updated_at"), "drafts", ["updated_at"])
    op.create_table(
        "kept_texts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("place", sa.String(length=80), nullable=False),
        sa.Column("fields", alliance.core.db.Json(), nullable=False),
        sa.Column("created_at", alliance.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_texts")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_kept_texts_token_hash")),
    )
    op.create_index(op.f("ix_kept_texts_created_at"), "kept_texts", ["created_at"])
    op.create_table(
        "quotes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("quoted_post_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_quotes_post_id_posts")),
        sa.ForeignKeyConstraint(["quoted_post_id"], ["posts.id"], name=op.f("fk_quotes_quoted_post_id_posts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quotes")),
        sa.UniqueConstraint(
            "post_id", "quoted_post_id", "revision", "start", "end", name=op.f("uq_quotes_post_id_quoted_post_id_revision_start_end")
        ),
    )
    op.create_index(op.f("ix_quotes_quoted_post_id"), "quotes", ["quoted_post_id"])


def downgrade() -> None:
    """Go back."""
    op.drop_table("quotes")
    op.drop_table("kept_texts")
    op.drop_table("drafts")
