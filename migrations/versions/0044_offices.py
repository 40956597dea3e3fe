"""Finding those who moderate or are of the secretariat

Revision: 0044, after 0043.
"""

from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_index(op.f("ix_people_role_name_key_id"), "people", ["role", "name_key", "id"])


def downgrade() -> None:
    """Go back."""
    op.drop_index(op.f("ix_people_role_name_key_id"), table_name="people")
