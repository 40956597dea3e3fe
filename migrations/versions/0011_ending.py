"""What ends with an act: sign-ins that are over where one signs out, and titles that go with their opening posts

Revision: 0011, after 0010.
"""

import sqlalchemy as sa
from alembic import op

import alliance.core.db
from alliance.core.text import slugify

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

DISCUSSIONS = sa.table("discussions", sa.column("id"), sa.column("title"), sa.column("slug"), sa.column("withheld_title"))
POSTS = sa.table("posts", sa.column("discussion_id"), sa.column("number"), sa.column("status"))


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "sign_ins",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("begun_at", alliance.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_sign_ins_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_ins")),
        sa.UniqueConstraint("key", name=op.f("uq_sign_ins_key")),
    )
    op.create_index(op.f("ix_sign_ins_person_id"), "sign_ins", ["person_id"])
    op.add_column("discussions", sa.Column("withheld_title", sa.String(length=200), nullable=True))
    gone = sa.select(POSTS.c.discussion_id).where(POSTS.c.number == 1, POSTS.c.status != "visible")
    taking = sa.update(DISCUSSIONS).where(DISCUSSIONS.c.id.in_(gone))
    op.get_bind().execute(taking.values(withheld_title=DISCUSSIONS.c.title, title="", slug=slugify("")))


def downgrade() -> None:
    """Go back."""
    connection = op.get_bind()
    withheld = sa.select(DISCUSSIONS.c.id, DISCUSSIONS.c.withheld_title).where(DISCUSSIONS.c.withheld_title.is_not(None))
    for row in connection.execute(withheld).all():
        giving = sa.update(DISCUSSIONS).where(DISCUSSIONS.c.id == row.id)
        connection.execute(giving.values(title=row.withheld_title, slug=slugify(row.withheld_title)))
    op.drop_column("discussions", "withheld_title")
    op.drop_table("sign_ins")
