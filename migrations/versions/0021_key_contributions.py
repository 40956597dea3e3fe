"""Key contributions

Revision: 0021, after 0020.
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

MARKED = sa.text("key_note IS NOT NULL")


def upgrade() -> None:
    """Go forward. The column is added in place: both databases do so without writing the rows of posts anew."""
    op.add_column("posts", sa.Column("key_note", sa.String(length=200), nullable=True))
    op.create_index("ix_posts_key", "posts", ["discussion_id", "number"], sqlite_where=MARKED, postgresql_where=MARKED)


def downgrade() -> None:
    """Go back."""
    op.drop_index("ix_posts_key", table_name="posts")
    op.drop_column("posts", "key_note")
