"""Numbers that move when something of a person's own changes

Revision: 0028, after 0027.
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward. The triggers that move the numbers are made after every migration (`core.own.watch`)."""
    op.create_table(
        "own_versions",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_own_versions")),
    )


def downgrade() -> None:
    """Go back."""
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        op.execute("DROP FUNCTION IF EXISTS own_person_id_changed() CASCADE")
        op.execute("DROP FUNCTION IF EXISTS own_id_changed() CASCADE")
    else:
        found = connection.execute(sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND substr(name, 1, 4) = 'own_'"))
        for name in found.scalars().all():
            op.execute(f"DROP TRIGGER {name}")
    op.drop_table("own_versions")
