"""What people choose about being present

Revision: 0010, after 0009.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "live_choices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("presence", sa.Boolean(), nullable=False),
        sa.Column("typing", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_live_choices_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_live_choices")),
        sa.UniqueConstraint("person_id", name=op.f("uq_live_choices_person_id")),
    )


def downgrade() -> None:
    """Go back."""
    op.drop_table("live_choices")
