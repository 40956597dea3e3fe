"""Attribution

Revision: 0025, after 0024.
"""

import sqlalchemy as sa
from alembic import op

import alliance.core.db

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.add_column("people", sa.Column("participant", sa.Integer(), nullable=True))
    op.add_column("spaces", sa.Column("attribution", sa.String(length=10), nullable=False, server_default="named"))
    op.add_column("groups", sa.Column("public_summary", sa.Text(), nullable=False, server_default=""))
    op.add_column("groups", sa.Column("summarised_at", alliance.core.db.UtcDateTime(timezone=True), nullable=True))
    op.add_column("discussions", sa.Column("attribution", sa.String(length=10), nullable=False, server_default="named"))
    for table in ("discussions", "posts"):  # no copy of a large table for a column that is empty
        reference = f"CONSTRAINT fk_{table}_written_by_id_people REFERENCES people (id)"
        op.execute(f"ALTER TABLE {table} ADD COLUMN written_by_id INTEGER {reference}")
    op.create_index(op.f("ix_discussions_written_by_id"), "discussions", ["written_by_id"])
    op.create_index("ix_posts_written", "posts", ["written_by_id", "created_at", "id"])
    op.add_column("signals", sa.Column("nameless", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "masks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("discussion_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("shown_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["discussion_id"], ["discussions.id"], name=op.f("fk_masks_discussion_id_discussions")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_masks_person_id_people")),
        sa.ForeignKeyConstraint(["shown_id"], ["people.id"], name=op.f("fk_masks_shown_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_masks")),
        sa.UniqueConstraint("discussion_id", "person_id", name=op.f("uq_masks_discussion_id_person_id")),
    )


def downgrade() -> None:
    """Go back. What was written without a name stays so: it is somebody's who stands for its author."""
    op.drop_table("masks")
    op.drop_column("signals", "nameless")
    op.drop_index("ix_posts_written", table_name="posts")
    op.drop_index(op.f("ix_discussions_written_by_id"), table_name="discussions")
    for table in ("posts", "discussions"):
        op.drop_column(table, "written_by_id")
    op.drop_column("discussions", "attribution")
    op.drop_column("groups", "summarised_at")
    op.drop_column("groups", "public_summary")
    op.drop_column("spaces", "attribution")
    op.drop_column("people", "participant")
