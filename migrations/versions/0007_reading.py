"""What one has read

Revision: 0007, after 0006.
"""

from itertools import groupby

import sqlalchemy as sa
from alembic import op

from alliance.core.db import Json, UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "read_marks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("discussion_id", sa.Integer(), nullable=False),
        sa.Column("numbers", sa.Text(), nullable=False),
        sa.Column("read_count", sa.Integer(), nullable=False),
        sa.Column("updated_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_read_marks_person_id_people")),
        sa.ForeignKeyConstraint(["discussion_id"], ["discussions.id"], name=op.f("fk_read_marks_discussion_id_discussions")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_read_marks")),
        sa.UniqueConstraint("person_id", "discussion_id", name=op.f("uq_read_marks_person_id_discussion_id")),
    )
    op.add_column("people", sa.Column("reading_order", sa.String(length=10), nullable=False, server_default="tree"))
    op.add_column("posts", sa.Column("type_rank", sa.Integer(), nullable=False, server_default="0"))
    op.execute(
        "UPDATE posts SET type_rank = ranked.n FROM (SELECT id, row_number() OVER"
        " (PARTITION BY discussion_id, stakeholder_type ORDER BY number) AS n FROM posts) AS ranked WHERE ranked.id = posts.id"
    )
    op.add_column("discussions", sa.Column("turns", Json(), nullable=False, server_default="{}"))
    _fill_turns()
    with op.batch_alter_table("people") as batch_op:
        batch_op.alter_column("reading_order", server_default=None)
    with op.batch_alter_table("discussions") as batch_op:
        batch_op.alter_column("turns", server_default=None)
    with op.batch_alter_table("posts") as batch_op:
        batch_op.alter_column("type_rank", server_default=None)
    op.create_index("ix_posts_time", "posts", ["discussion_id", "created_at", "id"])
    op.create_index("ix_posts_balanced", "posts", ["discussion_id", "type_rank", "number"])
    gone = sa.text("status != 'visible'")
    op.create_index("ix_posts_gone", "posts", ["discussion_id", "number"], sqlite_where=gone, postgresql_where=gone)


def _fill_turns() -> None:
    """How many posts of each type a discussion has, from the posts."""
    connection = op.get_bind()
    discussions = sa.table("discussions", sa.column("id", sa.Integer), sa.column("turns", Json()))
    counted = (
        "SELECT discussion_id, stakeholder_type, max(type_rank) FROM posts GROUP BY discussion_id, stakeholder_type ORDER BY discussion_id"
    )
    for discussion_id, rows in groupby(connection.execute(sa.text(counted)).all(), key=lambda row: row[0]):
        turns = {kind or "": last for _id, kind, last in rows}
        connection.execute(discussions.update().where(discussions.c.id == discussion_id).values(turns=turns))


def downgrade() -> None:
    """Go back."""
    for name in ("ix_posts_gone", "ix_posts_balanced", "ix_posts_time"):
        op.drop_index(name, table_name="posts")
    with op.batch_alter_table("posts") as batch_op:
        batch_op.drop_column("type_rank")
    with op.batch_alter_table("discussions") as batch_op:
        batch_op.drop_column("turns")
    with op.batch_alter_table("people") as batch_op:
        batch_op.drop_column("reading_order")
    op.drop_table("read_marks")
