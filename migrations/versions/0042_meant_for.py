"""For which discussion a mail is meant that is held

Revision: 0042, after 0041.
"""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

KNOWN = """
UPDATE review_items SET meant_for_id = (SELECT discussion_id FROM incoming_mail WHERE incoming_mail.id = review_items.subject_id)
WHERE kind = 'held_mail'
"""


def upgrade() -> None:
    """Go forward."""
    with op.batch_alter_table("review_items") as batch:
        batch.add_column(sa.Column("meant_for_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(op.f("fk_review_items_meant_for_id_discussions"), "discussions", ["meant_for_id"], ["id"])
        batch.create_index(op.f("ix_review_items_meant_for_id"), ["meant_for_id"], unique=False)
    op.execute(sa.text(KNOWN))


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("review_items") as batch:
        batch.drop_index(op.f("ix_review_items_meant_for_id"))
        batch.drop_constraint(op.f("fk_review_items_meant_for_id_discussions"), type_="foreignkey")
        batch.drop_column("meant_for_id")
