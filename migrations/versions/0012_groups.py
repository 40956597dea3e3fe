"""Working groups, their members, charters, requests and invitations

Revision: 0012, after 0011.
"""

import sqlalchemy as sa
from alembic import op

import alliance.core.db

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "groups",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("space_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("visibility", sa.String(length=20), nullable=False),
        sa.Column("joining", sa.String(length=20), nullable=False),
        sa.Column("languages", alliance.core.db.Json(), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("targets", alliance.core.db.Json(), nullable=False),
        sa.Column("charter_number", sa.Integer(), nullable=False),
        sa.Column("members_count", sa.Integer(), nullable=False),
        sa.Column("proposed_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", alliance.core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("decision", sa.String(length=500), nullable=False),
        sa.Column("created_at", alliance.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["decided_by_id"], ["people.id"], name=op.f("fk_groups_decided_by_id_people")),
        sa.ForeignKeyConstraint(["proposed_by_id"], ["people.id"], name=op.f("fk_groups_proposed_by_id_people")),
        sa.ForeignKeyConstraint(["space_id"], ["spaces.id"], name=op.f("fk_groups_space_id_spaces")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_groups")),
        sa.UniqueConstraint("space_id", name=op.f("uq_groups_space_id")),
    )
    with op.batch_alter_table("groups", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_groups_status_id"), ["status", "id"], unique=False)

    op.create_table(
        "memberships",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("space_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("joined_at", alliance.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_memberships_person_id_people")),
        sa.ForeignKeyConstraint(["space_id"], ["spaces.id"], name=op.f("fk_memberships_space_id_spaces")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_memberships")),
        sa.UniqueConstraint("space_id", "person_id", name=op.f("uq_memberships_space_id_person_id")),
    )
    with op.batch_alter_table("memberships", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_memberships_person_id_space_id"), ["person_id", "space_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_memberships_space_id_role"), ["space_id", "role"], unique=False)

    op.create_table(
        "charter_revisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("created_at", alliance.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["people.id"], name=op.f("fk_charter_revisions_author_id_people")),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_charter_revisions_group_id_groups")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_charter_revisions")),
        sa.UniqueConstraint("group_id", "number", name=op.f("uq_charter_revisions_group_id_number")),
    )
    op.create_table(
        "group_lines",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("space_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_group_lines_group_id_groups")),
        sa.ForeignKeyConstraint(["space_id"], ["spaces.id"], name=op.f("fk_group_lines_space_id_spaces")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_lines")),
        sa.UniqueConstraint("group_id", "space_id", name=op.f("uq_group_lines_group_id_space_id")),
    )
    with op.batch_alter_table("group_lines", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_group_lines_space_id"), ["space_id"], unique=False)

    op.create_table(
        "invitations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("email", sa.String(length=320), nullable=True),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("invited_by_id", sa.Integer(), nullable=True),
        sa.Column("expires_at", alliance.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_at", alliance.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_invitations_group_id_groups")),
        sa.ForeignKeyConstraint(["invited_by_id"], ["people.id"], name=op.f("fk_invitations_invited_by_id_people")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_invitations_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("key", name=op.f("uq_invitations_key")),
    )
    with op.batch_alter_table("invitations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_invitations_group_id_status_id"), ["group_id", "status", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_invitations_person_id_status"), ["person_id", "status"], unique=False)

    op.create_table(
        "join_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("answer", sa.String(length=500), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", alliance.core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("created_at", alliance.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["decided_by_id"], ["people.id"], name=op.f("fk_join_requests_decided_by_id_people")),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_join_requests_group_id_groups")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_join_requests_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_join_requests")),
        sa.UniqueConstraint("group_id", "person_id", name=op.f("uq_join_requests_group_id_person_id")),
    )
    with op.batch_alter_table("join_requests", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_join_requests_group_id_status_id"), ["group_id", "status", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_join_requests_person_id"), ["person_id"], unique=False)

    with op.batch_alter_table("spaces", schema=None) as batch_op:
        batch_op.add_column(sa.Column("closed_at", alliance.core.db.UtcDateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("spaces", schema=None) as batch_op:
        batch_op.drop_column("closed_at")

    with op.batch_alter_table("join_requests", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_join_requests_person_id"))
        batch_op.drop_index(batch_op.f("ix_join_requests_group_id_status_id"))

    op.drop_table("join_requests")
    with op.batch_alter_table("invitations", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_invitations_person_id_status"))
        batch_op.drop_index(batch_op.f("ix_invitations_group_id_status_id"))

    op.drop_table("invitations")
    with op.batch_alter_table("group_lines", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_group_lines_space_id"))

    op.drop_table("group_lines")
    op.drop_table("charter_revisions")
    with op.batch_alter_table("memberships", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_memberships_space_id_role"))
        batch_op.drop_index(batch_op.f("ix_memberships_person_id_space_id"))

    op.drop_table("memberships")
    with op.batch_alter_table("groups", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_groups_status_id"))

    op.drop_table("groups")
