"""Versions of posts, from which fragments are kept

Revision: 0002, after 0001.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    stamps = op.create_table(
        "stamps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stamps")),
        sa.UniqueConstraint("name", name=op.f("uq_stamps_name")),
    )
    op.bulk_insert(stamps, [{"name": "site", "version": 1}])
    op.add_column("posts", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    with op.batch_alter_table("posts") as batch_op:
        batch_op.alter_column("version", server_default=None)


def downgrade() -> None:
    """Go back."""
    op.drop_table("stamps")
    with op.batch_alter_table("posts") as batch_op:
        batch_op.drop_column("version")
