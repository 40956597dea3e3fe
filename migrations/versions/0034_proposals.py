"""Proposed working groups wait in the review queue

Revision: 0034, after 0033.
"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

WAITING = """
INSERT INTO review_items (kind, subject_id, status, audience, person_id, space_id, rule, data, notes, decision, reason_code, reason, created_at)
SELECT 'group_proposal', id, 'open', 'secretariat', proposed_by_id, space_id, '', '{}', '[]', '', '', '', created_at
FROM groups WHERE status = 'proposed'
"""


def upgrade() -> None:
    """Go forward."""
    op.execute(sa.text(WAITING))


def downgrade() -> None:
    """Go back: they are found among the groups, as before."""
    op.execute(sa.text("DELETE FROM review_items WHERE kind = 'group_proposal'"))
