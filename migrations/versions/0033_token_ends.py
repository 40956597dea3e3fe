"""API tokens end

Revision: 0033, after 0032.
"""

import sqlalchemy as sa
from alembic import op

import alliance.core.db

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward: tokens there are work until they are ended, as was said when they were made."""
    op.add_column("api_tokens", sa.Column("expires_at", alliance.core.db.UtcDateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Go back: tokens whose time is over stay ended."""
    tokens = sa.table("api_tokens", *(sa.column(name) for name in ("revoked_at", "expires_at")))
    over = sa.and_(tokens.c.revoked_at.is_(None), tokens.c.expires_at <= sa.func.current_timestamp())
    op.execute(tokens.update().where(over).values(revoked_at=tokens.c.expires_at))
    op.drop_column("api_tokens", "expires_at")
