"""Where posts and discussions went

Revision: 0017, after 0016.
"""

import sqlalchemy as sa
from alembic import op

import alliance.core.db

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "moves",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("target_id", sa.Integer(), nullable=False),
        sa.Column("moved_by_id", sa.Integer(), nullable=True),
        sa.Column("posts", sa.Integer(), nullable=False),
        sa.Column("created_at", alliance.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("undone_at", alliance.core.db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["moved_by_id"], ["people.id"], name=op.f("fk_moves_moved_by_id_people")),
        sa.ForeignKeyConstraint(["source_id"], ["discussions.id"], name=op.f("fk_moves_source_id_discussions")),
        sa.ForeignKeyConstraint(["target_id"], ["discussions.id"], name=op.f("fk_moves_target_id_discussions")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moves")),
    )
    with op.batch_alter_table("moves") as batch_op:
        batch_op.create_index(batch_op.f("ix_moves_source_id_id"), ["source_id", "id"])

    op.create_table(
        "moved_posts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("move_id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("parent_number", sa.Integer(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("path", alliance.core.db.BinaryText(), nullable=False),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("type_rank", sa.Integer(), nullable=False),
        sa.Column("went", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["move_id"], ["moves.id"], name=op.f("fk_moved_posts_move_id_moves")),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_moved_posts_post_id_posts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moved_posts")),
        sa.UniqueConstraint("move_id", "post_id", name=op.f("uq_moved_posts_move_id_post_id")),
    )
    with op.batch_alter_table("moved_posts") as batch_op:
        batch_op.create_index(batch_op.f("ix_moved_posts_post_id"), ["post_id"])

    op.add_column("discussions", sa.Column("moved_to_id", sa.Integer(), nullable=True))


def downgrade() -> None:
    """Go back."""
    connection = op.get_bind()
    connection.execute(sa.text("UPDATE discussions SET status = 'hidden' WHERE status = 'merged'"))
    op.drop_column("discussions", "moved_to_id")
    with op.batch_alter_table("moved_posts") as batch_op:
        batch_op.drop_index(batch_op.f("ix_moved_posts_post_id"))

    op.drop_table("moved_posts")
    with op.batch_alter_table("moves") as batch_op:
        batch_op.drop_index(batch_op.f("ix_moves_source_id_id"))

    op.drop_table("moves")
