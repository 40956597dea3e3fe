"""Passkeys and security keys

Revision: 0041, after 0040.
"""

import sqlalchemy as sa
from alembic import op

import alliance.core.db

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    moment = alliance.core.db.UtcDateTime(timezone=True)
    op.create_table(
        "security_keys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("credential_id", sa.String(length=1400), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("transports", alliance.core.db.Json(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("last_used_at", moment, nullable=True),
        sa.Column("suspect_at", moment, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_security_keys_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_security_keys")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_security_keys_credential_id")),
    )
    op.create_index(op.f("ix_security_keys_person_id"), "security_keys", ["person_id"])
    op.create_table(
        "key_challenges",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("challenge", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=10), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("created_at", moment, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_key_challenges_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_challenges")),
        sa.UniqueConstraint("challenge", name=op.f("uq_key_challenges_challenge")),
    )
    op.create_index(op.f("ix_key_challenges_created_at"), "key_challenges", ["created_at"])
    op.create_index(op.f("ix_key_challenges_person_id"), "key_challenges", ["person_id"])


def downgrade() -> None:
    """Go back: whoever had no app signs in with a recovery code, and sets one up."""
    op.drop_table("key_challenges")
    op.drop_table("security_keys")
