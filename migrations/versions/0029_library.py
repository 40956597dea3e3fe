"""Documents and links of working groups

Revision: 0029, after 0028.
"""

import sqlalchemy as sa
from alembic import op

from alliance.core.db import UtcDateTime

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "library_items",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("space_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("summary", sa.String(length=500), nullable=False),
        sa.Column("address", sa.String(length=2000), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("versions_count", sa.Integer(), nullable=False),
        sa.Column("retired_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("changed_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["space_id"], ["spaces.id"], name=op.f("fk_library_items_space_id_spaces")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_library_items")),
    )
    op.create_index(op.f("ix_library_items_space_id_position"), "library_items", ["space_id", "position"])
    op.create_index(op.f("ix_library_items_space_id_changed_at"), "library_items", ["space_id", "changed_at"])
    op.create_table(
        "library_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("attachment_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("named", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("removed_at", UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["attachment_id"], ["attachments.id"], name=op.f("fk_library_versions_attachment_id_attachments")),
        sa.ForeignKeyConstraint(["item_id"], ["library_items.id"], name=op.f("fk_library_versions_item_id_library_items")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_library_versions_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_library_versions")),
        sa.UniqueConstraint("attachment_id", name=op.f("uq_library_versions_attachment_id")),
        sa.UniqueConstraint("item_id", "number", name=op.f("uq_library_versions_item_id_number")),
    )
    with op.batch_alter_table("attachments") as batch:
        batch.add_column(sa.Column("space_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(batch.f("fk_attachments_space_id_spaces"), "spaces", ["space_id"], ["id"])


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("attachments") as batch:
        batch.drop_constraint(batch.f("fk_attachments_space_id_spaces"), type_="foreignkey")
        batch.drop_column("space_id")
    op.drop_table("library_versions")
    op.drop_index(op.f("ix_library_items_space_id_changed_at"), table_name="library_items")
    op.drop_index(op.f("ix_library_items_space_id_position"), table_name="library_items")
    op.drop_table("library_items")
