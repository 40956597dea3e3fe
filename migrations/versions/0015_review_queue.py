"""One review queue, and a log whose entries are bound to each other

What is flagged and what affiliations wait becomes items of the queue, in their order; the log so far becomes a chain.

Revision: 0015, after 0014.
"""

import sqlalchemy as sa
from alembic import op

import alliance.core.db
from alliance.moderation.log import BEGINNING, digest

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

FIELDS = ("act", "moderator_id", "role", "space_id", "discussion_id", "post_id", "person_id", "reason_code", "reason", "created_at")
MOMENT = alliance.core.db.UtcDateTime(timezone=True)
LOG = sa.table(
    "moderation_log",
    *(sa.column(name) for name in ("id", *FIELDS) if name != "created_at"),
    sa.column("created_at", MOMENT),
    sa.column("previous"),
    sa.column("hash"),
)
FLAGS = sa.table("flags", sa.column("id"), sa.column("post_id"), sa.column("status"), sa.column("created_at", MOMENT))
POSTS = sa.table("posts", *(sa.column(name) for name in ("id", "author_id", "space_id", "language", "status")))
AFFILIATIONS = sa.table(
    "affiliations", *(sa.column(name) for name in ("id", "person_id", "status", "ended_on")), sa.column("created_at", MOMENT)
)
ITEMS = sa.table(
    "review_items",
    *(sa.column(name) for name in ("kind", "subject_id", "status", "audience", "post_id", "person_id", "space_id", "language", "rule")),
    *(sa.column(name, alliance.core.db.Json()) for name in ("data", "notes")),
    *(sa.column(name) for name in ("decision", "reason_code", "reason")),
    sa.column("created_at", MOMENT),
)


def upgrade() -> None:
    """Go forward."""
    _tables()
    for table, column in (
        ("flags", "weight"),
        ("moderation_log", "reason_code"),
        ("moderation_log", "previous"),
        ("moderation_log", "hash"),
        ("post_revisions", "suppressed"),
    ):
        with op.batch_alter_table(table) as batch_op:
            batch_op.alter_column(column, server_default=None)
    _bind()
    _queue()


def _tables() -> None:
    op.create_table(
        "moderation_options",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("values", alliance.core.db.Json(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moderation_options")),
    )
    op.create_table(
        "review_reasons",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("titles", alliance.core.db.Json(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_reasons")),
        sa.UniqueConstraint("code", name=op.f("uq_review_reasons_code")),
    )
    op.create_table(
        "review_items",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("audience", sa.String(length=12), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("space_id", sa.Integer(), nullable=True),
        sa.Column("language", sa.String(length=8), nullable=True),
        sa.Column("rule", sa.String(length=200), nullable=False),
        sa.Column("data", alliance.core.db.Json(), nullable=False),
        sa.Column("notes", alliance.core.db.Json(), nullable=False),
        sa.Column("claimed_by_id", sa.Integer(), nullable=True),
        sa.Column("claimed_until", alliance.core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("decision", sa.String(length=20), nullable=False),
        sa.Column("reason_code", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", alliance.core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("wait", sa.Integer(), nullable=True),
        sa.Column("created_at", alliance.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["claimed_by_id"], ["people.id"], name=op.f("fk_review_items_claimed_by_id_people")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["people.id"], name=op.f("fk_review_items_decided_by_id_people")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_review_items_person_id_people")),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_review_items_post_id_posts")),
        sa.ForeignKeyConstraint(["space_id"], ["spaces.id"], name=op.f("fk_review_items_space_id_spaces")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_items")),
    )
    with op.batch_alter_table("review_items") as batch_op:
        batch_op.create_index(batch_op.f("ix_review_items_decided_at_id"), ["decided_at", "id"])
        batch_op.create_index(batch_op.f("ix_review_items_kind_subject_id_id"), ["kind", "subject_id", "id"])
        batch_op.create_index(batch_op.f("ix_review_items_person_id_id"), ["person_id", "id"])
        batch_op.create_index(batch_op.f("ix_review_items_post_id_id"), ["post_id", "id"])
        batch_op.create_index(batch_op.f("ix_review_items_status_id"), ["status", "id"])
        batch_op.create_index(batch_op.f("ix_review_items_status_kind_audience_space_id"), ["status", "kind", "audience", "space_id"])
        batch_op.create_index(batch_op.f("ix_review_items_status_kind_id"), ["status", "kind", "id"])
        batch_op.create_index(batch_op.f("ix_review_items_status_language_id"), ["status", "language", "id"])
        batch_op.create_index(batch_op.f("ix_review_items_status_space_id_id"), ["status", "space_id", "id"])
        batch_op.create_index(
            "uq_review_items_open",
            ["kind", "subject_id"],
            unique=True,
            sqlite_where=sa.text("status = 'open'"),
            postgresql_where=sa.text("status = 'open'"),
        )

    with op.batch_alter_table("flags") as batch_op:
        batch_op.add_column(sa.Column("weight", sa.Integer(), nullable=False, server_default="10"))
        batch_op.drop_index(batch_op.f("ix_flags_person_id"))
        batch_op.create_index(batch_op.f("ix_flags_person_id_status"), ["person_id", "status"])

    with op.batch_alter_table("moderation_log") as batch_op:
        batch_op.add_column(sa.Column("person_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("reason_code", sa.String(length=40), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("previous", sa.String(length=64), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("hash", sa.String(length=64), nullable=False, server_default=""))
        batch_op.alter_column("space_id", existing_type=sa.INTEGER(), nullable=True)
        batch_op.alter_column("discussion_id", existing_type=sa.INTEGER(), nullable=True)
        batch_op.create_index(batch_op.f("ix_moderation_log_act_id"), ["act", "id"])
        batch_op.create_index(batch_op.f("ix_moderation_log_person_id_id"), ["person_id", "id"])
        batch_op.create_index(batch_op.f("ix_moderation_log_space_id_id"), ["space_id", "id"])
        batch_op.create_foreign_key(batch_op.f("fk_moderation_log_person_id_people"), "people", ["person_id"], ["id"])

    with op.batch_alter_table("post_revisions") as batch_op:
        batch_op.add_column(sa.Column("suppressed", sa.Boolean(), nullable=False, server_default=sa.false()))


def _bind() -> None:
    """Make a chain of what the log holds."""
    connection, previous = op.get_bind(), BEGINNING
    for row in connection.execute(sa.select(LOG).order_by(LOG.c.id)).mappings().all():
        made = digest(previous, {name: row[name] for name in FIELDS})
        connection.execute(sa.update(LOG).where(LOG.c.id == row["id"]).values(previous=previous, hash=made))
        previous = made


def _queue() -> None:
    """Have what is flagged, and the affiliations that nobody has decided, wait in the queue."""
    connection, plain = (
        op.get_bind(),
        {"status": "open", "rule": "", "data": {}, "notes": [], "decision": "", "reason_code": "", "reason": ""},
    )
    first = (
        sa.select(FLAGS.c.post_id, sa.func.min(FLAGS.c.created_at).label("since"))
        .where(FLAGS.c.status == "open")
        .group_by(FLAGS.c.post_id)
        .subquery()
    )
    flagged = sa.select(
        POSTS.c.id, POSTS.c.author_id, POSTS.c.space_id, POSTS.c.language, sa.type_coerce(first.c.since, MOMENT).label("since")
    )
    flagged = flagged.join(first, first.c.post_id == POSTS.c.id).where(POSTS.c.status != "withdrawn")
    declared = sa.select(AFFILIATIONS.c.id, AFFILIATIONS.c.person_id, AFFILIATIONS.c.created_at)
    declared = declared.where(AFFILIATIONS.c.status == "declared", AFFILIATIONS.c.ended_on.is_(None))
    found = [
        {**plain, "kind": "flag", "subject_id": row.id, "audience": "moderators", "post_id": row.id, "person_id": row.author_id, "space_id": row.space_id,
         "language": row.language, "created_at": row.since}
        for row in connection.execute(flagged)
    ] + [
        {**plain, "kind": "affiliation", "subject_id": row.id, "audience": "secretariat", "post_id": None, "person_id": row.person_id, "space_id": None,
         "language": None, "created_at": row.created_at}
        for row in connection.execute(declared)
    ]  # fmt: skip
    if found:
        connection.execute(sa.insert(ITEMS), sorted(found, key=lambda one: one["created_at"]))


def downgrade() -> None:
    """Go back."""
    connection = op.get_bind()
    connection.execute(sa.update(POSTS).where(POSTS.c.status == "held").values(status="hidden"))
    connection.execute(sa.delete(LOG).where(sa.or_(LOG.c.space_id.is_(None), LOG.c.discussion_id.is_(None))))
    with op.batch_alter_table("post_revisions") as batch_op:
        batch_op.drop_column("suppressed")

    with op.batch_alter_table("moderation_log") as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_moderation_log_person_id_people"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_moderation_log_space_id_id"))
        batch_op.drop_index(batch_op.f("ix_moderation_log_person_id_id"))
        batch_op.drop_index(batch_op.f("ix_moderation_log_act_id"))
        batch_op.alter_column("discussion_id", existing_type=sa.INTEGER(), nullable=False)
        batch_op.alter_column("space_id", existing_type=sa.INTEGER(), nullable=False)
        batch_op.drop_column("hash")
        batch_op.drop_column("previous")
        batch_op.drop_column("reason_code")
        batch_op.drop_column("person_id")

    with op.batch_alter_table("flags") as batch_op:
        batch_op.drop_index(batch_op.f("ix_flags_person_id_status"))
        batch_op.create_index(batch_op.f("ix_flags_person_id"), ["person_id"])
        batch_op.drop_column("weight")

    with op.batch_alter_table("review_items") as batch_op:
        batch_op.drop_index("uq_review_items_open", sqlite_where=sa.text("status = 'open'"), postgresql_where=sa.text("status = 'open'"))
        batch_op.drop_index(batch_op.f("ix_review_items_status_space_id_id"))
        batch_op.drop_index(batch_op.f("ix_review_items_status_language_id"))
        batch_op.drop_index(batch_op.f("ix_review_items_status_kind_id"))
        batch_op.drop_index(batch_op.f("ix_review_items_status_kind_audience_space_id"))
        batch_op.drop_index(batch_op.f("ix_review_items_status_id"))
        batch_op.drop_index(batch_op.f("ix_review_items_post_id_id"))
        batch_op.drop_index(batch_op.f("ix_review_items_person_id_id"))
        batch_op.drop_index(batch_op.f("ix_review_items_kind_subject_id_id"))
        batch_op.drop_index(batch_op.f("ix_review_items_decided_at_id"))

    op.drop_table("review_items")
    op.drop_table("review_reasons")
    op.drop_table("moderation_options")
