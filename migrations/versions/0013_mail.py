"""What becomes of mail that comes in, and how one wants the mail that goes out

Revision: 0013, after 0012.
"""

import sqlalchemy as sa
from alembic import op

import alliance.core.db

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "suppressed_addresses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("created_at", alliance.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suppressed_addresses")),
        sa.UniqueConstraint("address", name=op.f("uq_suppressed_addresses_address")),
    )
    op.create_table(
        "mail_choices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("rhythm", sa.String(length=10), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("time_zone", sa.String(length=50), nullable=False),
        sa.Column("revoked_at", alliance.core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("bounces", sa.Integer(), nullable=False),
        sa.Column("bounced_at", alliance.core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("stopped_at", alliance.core.db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_mail_choices_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_choices")),
        sa.UniqueConstraint("person_id", name=op.f("uq_mail_choices_person_id")),
    )
    op.create_table(
        "space_mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("space_id", sa.Integer(), nullable=False),
        sa.Column("mode", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_space_mail_person_id_people")),
        sa.ForeignKeyConstraint(["space_id"], ["spaces.id"], name=op.f("fk_space_mail_space_id_spaces")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_space_mail")),
        sa.UniqueConstraint("person_id", "space_id", name=op.f("uq_space_mail_person_id_space_id")),
    )
    with op.batch_alter_table("space_mail", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_space_mail_space_id_mode_person_id"), ["space_id", "mode", "person_id"], unique=False)

    op.create_table(
        "incoming_mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("recipient", sa.String(length=320), nullable=False),
        sa.Column("sender", sa.String(length=320), nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("cut", sa.Text(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("discussion_id", sa.Integer(), nullable=True),
        sa.Column("space_id", sa.Integer(), nullable=True),
        sa.Column("post_id", sa.Integer(), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("answered_at", alliance.core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("created_at", alliance.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["decided_by"], ["people.id"], name=op.f("fk_incoming_mail_decided_by_people")),
        sa.ForeignKeyConstraint(["discussion_id"], ["discussions.id"], name=op.f("fk_incoming_mail_discussion_id_discussions")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_incoming_mail_person_id_people")),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_incoming_mail_post_id_posts")),
        sa.ForeignKeyConstraint(["space_id"], ["spaces.id"], name=op.f("fk_incoming_mail_space_id_spaces")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incoming_mail")),
        sa.UniqueConstraint("key", "recipient", name=op.f("uq_incoming_mail_key_recipient")),
    )
    with op.batch_alter_table("incoming_mail", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_incoming_mail_person_id_id"), ["person_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_incoming_mail_post_id"), ["post_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_incoming_mail_status_id"), ["status", "id"], unique=False)

    with op.batch_alter_table("outgoing_mail", schema=None) as batch_op:
        batch_op.add_column(sa.Column("address", sa.String(length=320), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("incoming_id", sa.Integer(), nullable=True))
        batch_op.alter_column("person_id", existing_type=sa.INTEGER(), nullable=True)
        batch_op.create_index(batch_op.f("ix_outgoing_mail_address"), ["address"], unique=False)
    with op.batch_alter_table("outgoing_mail", schema=None) as batch_op:
        batch_op.alter_column("address", existing_type=sa.String(length=320), server_default=None)


def downgrade() -> None:
    """Go back."""
    op.execute(sa.text("DELETE FROM outgoing_mail WHERE person_id IS NULL"))
    with op.batch_alter_table("outgoing_mail", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_outgoing_mail_address"))
        batch_op.alter_column("person_id", existing_type=sa.INTEGER(), nullable=False)
        batch_op.drop_column("incoming_id")
        batch_op.drop_column("address")

    with op.batch_alter_table("incoming_mail", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_incoming_mail_status_id"))
        batch_op.drop_index(batch_op.f("ix_incoming_mail_post_id"))
        batch_op.drop_index(batch_op.f("ix_incoming_mail_person_id_id"))

    op.drop_table("incoming_mail")
    with op.batch_alter_table("space_mail", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_space_mail_space_id_mode_person_id"))

    op.drop_table("space_mail")
    op.drop_table("mail_choices")
    op.drop_table("suppressed_addresses")
