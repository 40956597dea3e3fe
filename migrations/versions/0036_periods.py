"""What is counted of a period: posts, flags and entries of the queue by the moment they came

Revision: 0036, after 0035.
"""

from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_index("ix_posts_period", "posts", ["created_at", "status", "space_id", "stakeholder_type", "author_id"])
    op.drop_index("ix_posts_created_at", "posts")
    op.create_index(op.f("ix_flags_created_at"), "flags", ["created_at"])
    op.create_index(op.f("ix_review_items_created_at"), "review_items", ["created_at"])


def downgrade() -> None:
    """Go back."""
    op.create_index(op.f("ix_posts_created_at"), "posts", ["created_at"])
    op.drop_index("ix_posts_period", "posts")
    op.drop_index(op.f("ix_review_items_created_at"), "review_items")
    op.drop_index(op.f("ix_flags_created_at"), "flags")
