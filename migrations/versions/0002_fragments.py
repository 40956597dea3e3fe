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
    op.add_column("posts", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    with op.batch_alter_table("posts") as batch_op:
        batch_op.alter_column("version", server_default=None)


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("posts") as batch_op:
        batch_op.drop_column("version")
