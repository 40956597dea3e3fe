"""Consensus calls and meetings

Revision: 0020, after 0019.
"""

import sqlalchemy as sa
from alembic import op

import alliance.core.db

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "consensus_calls",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("discussion_id", sa.Integer(), nullable=False),
        sa.Column("space_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=True),
        sa.Column("called_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", alliance.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("closes_at", alliance.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("closed_at", alliance.core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("result", alliance.core.db.Json(), nullable=False),
        sa.ForeignKeyConstraint(["called_by_id"], ["people.id"], name=op.f("fk_consensus_calls_called_by_id_people")),
        sa.ForeignKeyConstraint(["discussion_id"], ["discussions.id"], name=op.f("fk_consensus_calls_discussion_id_discussions")),
        sa.ForeignKeyConstraint(["space_id"], ["spaces.id"], name=op.f("fk_consensus_calls_space_id_spaces")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consensus_calls")),
    )
    with op.batch_alter_table("consensus_calls", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_consensus_calls_closed_at_closes_at"), ["closed_at", "closes_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_consensus_calls_discussion_id_id"), ["discussion_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_consensus_calls_space_id_closed_at_id"), ["space_id", "closed_at", "id"], unique=False)

    op.create_table(
        "meetings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("discussion_id", sa.Integer(), nullable=False),
        sa.Column("space_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", alliance.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ends_at", alliance.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("place", sa.String(length=300), nullable=False),
        sa.Column("minutes", sa.Text(), nullable=False),
        sa.Column("minutes_html", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("changed_at", alliance.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["discussion_id"], ["discussions.id"], name=op.f("fk_meetings_discussion_id_discussions")),
        sa.ForeignKeyConstraint(["space_id"], ["spaces.id"], name=op.f("fk_meetings_space_id_spaces")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meetings")),
        sa.UniqueConstraint("discussion_id", name=op.f("uq_meetings_discussion_id")),
    )
    with op.batch_alter_table("meetings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_meetings_space_id_starts_at"), ["space_id", "starts_at"], unique=False)

    op.create_table(
        "consensus_answers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("answer", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("stakeholder_type", sa.String(length=30), nullable=True),
        sa.Column("answered_at", alliance.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["consensus_calls.id"], name=op.f("fk_consensus_answers_call_id_consensus_calls")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_consensus_answers_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consensus_answers")),
        sa.UniqueConstraint("call_id", "person_id", name=op.f("uq_consensus_answers_call_id_person_id")),
    )
    with op.batch_alter_table("consensus_answers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_consensus_answers_person_id"), ["person_id"], unique=False)


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("consensus_answers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_consensus_answers_person_id"))

    op.drop_table("consensus_answers")
    with op.batch_alter_table("meetings", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_meetings_space_id_starts_at"))

    op.drop_table("meetings")
    with op.batch_alter_table("consensus_calls", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_consensus_calls_space_id_closed_at_id"))
        batch_op.drop_index(batch_op.f("ix_consensus_calls_discussion_id_id"))
        batch_op.drop_index(batch_op.f("ix_consensus_calls_closed_at_closes_at"))

    op.drop_table("consensus_calls")
