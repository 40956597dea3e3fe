"""Sessions and security history

Revision: 0024, after 0023.
"""

import sqlalchemy as sa
from alembic import op

import alliance.core.db

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "security_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=True),
        sa.Column("device", sa.String(length=60), nullable=False),
        sa.Column("created_at", alliance.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_security_events_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_security_events")),
    )
    with op.batch_alter_table("security_events", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_security_events_created_at"), ["created_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_security_events_person_id_id"), ["person_id", "id"], unique=False)

    with op.batch_alter_table("sign_ins", schema=None) as batch_op:
        batch_op.add_column(sa.Column("seen_at", alliance.core.db.UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("address", sa.String(length=45), nullable=True))
        batch_op.add_column(sa.Column("device", sa.String(length=60), server_default="", nullable=False))


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("sign_ins", schema=None) as batch_op:
        batch_op.drop_column("device")
        batch_op.drop_column("address")
        batch_op.drop_column("seen_at")

    with op.batch_alter_table("security_events", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_security_events_person_id_id"))
        batch_op.drop_index(batch_op.f("ix_security_events_created_at"))

    op.drop_table("security_events")
