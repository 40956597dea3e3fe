"""Distribution, schedules and inquiries of digests

Revision: 0019, after 0018.
"""

import sqlalchemy as sa
from alembic import op

import alliance.core.db

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

MOMENT = alliance.core.db.UtcDateTime(timezone=True)


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "digest_recipients",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["added_by_id"], ["people.id"], name=op.f("fk_digest_recipients_added_by_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digest_recipients")),
        sa.UniqueConstraint("email", name=op.f("uq_digest_recipients_email")),
    )
    op.create_table(
        "digest_deliveries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", MOMENT, nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["digest_id"], ["digests.id"], name=op.f("fk_digest_deliveries_digest_id_digests")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digest_deliveries")),
        sa.UniqueConstraint("digest_id", "kind", "email", name=op.f("uq_digest_deliveries_digest_id_kind_email")),
    )
    op.create_index(op.f("ix_digest_deliveries_status_next_at"), "digest_deliveries", ["status", "next_at"], unique=False)
    op.create_table(
        "digest_schedules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("space_id", sa.Integer(), nullable=True),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("minute", sa.Integer(), nullable=False),
        sa.Column("zone", sa.String(length=60), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.Column("set_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["set_by_id"], ["people.id"], name=op.f("fk_digest_schedules_set_by_id_people")),
        sa.ForeignKeyConstraint(["space_id"], ["spaces.id"], name=op.f("fk_digest_schedules_space_id_spaces")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digest_schedules")),
    )
    op.create_table(
        "digest_objections",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("correction", sa.Text(), nullable=False),
        sa.Column("corrigendum", sa.Integer(), nullable=True),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["answered_by_id"], ["people.id"], name=op.f("fk_digest_objections_answered_by_id_people")),
        sa.ForeignKeyConstraint(["digest_id"], ["digests.id"], name=op.f("fk_digest_objections_digest_id_digests")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_digest_objections_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digest_objections")),
        sa.UniqueConstraint("digest_id", "corrigendum", name=op.f("uq_digest_objections_digest_id_corrigendum")),
    )
    op.create_index(op.f("ix_digest_objections_digest_id_id"), "digest_objections", ["digest_id", "id"], unique=False)


def downgrade() -> None:
    """Go back."""
    for table in ("digest_objections", "digest_schedules", "digest_deliveries", "digest_recipients"):
        op.drop_table(table)
