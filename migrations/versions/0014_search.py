"""The text of attached documents, and saved searches

Revision: 0014, after 0013.
"""

import sqlalchemy as sa
from alembic import op

import alliance.core.db

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "attachment_texts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attachment_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("read_at", alliance.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["attachment_id"], ["attachments.id"], name=op.f("fk_attachment_texts_attachment_id_attachments"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment_texts")),
        sa.UniqueConstraint("attachment_id", name=op.f("uq_attachment_texts_attachment_id")),
    )
    op.create_table(
        "saved_searches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("address", sa.String(length=2000), nullable=False),
        sa.Column("alert", sa.String(length=10), nullable=False),
        sa.Column("seen_at", alliance.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("told_post_id", sa.Integer(), nullable=False),
        sa.Column("told_week", sa.String(length=8), nullable=False),
        sa.Column("created_at", alliance.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_saved_searches_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_searches")),
        sa.UniqueConstraint("person_id", "address", name=op.f("uq_saved_searches_person_id_address")),
    )
    op.create_index(op.f("ix_saved_searches_alert_id"), "saved_searches", ["alert", "id"])


def downgrade() -> None:
    """Go back."""
    op.drop_table("saved_searches")
    op.drop_table("attachment_texts")
