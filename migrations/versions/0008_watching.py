"""Watching and bookmarks, what one is told, and how active discussions are

Revision: 0008, after 0007. Muted discussions become a level of watching; the switch "no e-mail about replies" becomes
preferences; the opener's stakeholder type stands with the discussion, so that lists can be filtered by it.
"""

import sqlalchemy as sa
from alembic import op

from alliance.core.db import UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None
ALONE = sa.text("posts_count + 0 = 1")


def upgrade() -> None:
    """Go forward."""
    _levels()
    _keeping()
    _lists()
    with op.batch_alter_table("notifications") as batch_op:
        batch_op.add_column(sa.Column("actor_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("detail", sa.String(length=20), nullable=False, server_default=""))
        batch_op.create_foreign_key(op.f("fk_notifications_actor_id_people"), "people", ["actor_id"], ["id"])
        batch_op.drop_index(op.f("ix_notifications_post_id"))
        batch_op.create_index(op.f("ix_notifications_post_id_person_id"), ["post_id", "person_id"])
        batch_op.create_index(op.f("ix_notifications_person_id_discussion_id_id"), ["person_id", "discussion_id", "id"])
        batch_op.create_index(op.f("ix_notifications_person_id_id"), ["person_id", "id"])
    with op.batch_alter_table("notifications") as batch_op:
        batch_op.alter_column("detail", server_default=None)


def _levels() -> None:
    for table, thing, things in (("watches", "discussion_id", "discussions"), ("space_watches", "space_id", "spaces")):
        more = [sa.Column("automatic", sa.Boolean(), nullable=False)] if table == "watches" else []
        op.create_table(
            table,
            sa.Column("id", sa.Integer(), nullable=False),
            sa.Column("person_id", sa.Integer(), nullable=False),
            sa.Column(thing, sa.Integer(), nullable=False),
            sa.Column("level", sa.String(length=10), nullable=False),
            *more,
            sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
            sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f(f"fk_{table}_person_id_people")),
            sa.ForeignKeyConstraint([thing], [f"{things}.id"], name=op.f(f"fk_{table}_{thing}_{things}")),
            sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
            sa.UniqueConstraint("person_id", thing, name=op.f(f"uq_{table}_person_id_{thing}")),
        )
        op.create_index(op.f(f"ix_{table}_{thing}_level_person_id"), table, [thing, "level", "person_id"])
    op.execute(
        "INSERT INTO watches (person_id, discussion_id, level, automatic, created_at)"
        " SELECT person_id, discussion_id, 'mute', false, created_at FROM muted_discussions"
    )
    op.drop_table("muted_discussions")
    op.execute(
        "INSERT INTO watches (person_id, discussion_id, level, automatic, created_at)"
        " SELECT author_id, discussion_id, 'watch', true, min(created_at) FROM posts WHERE imported = false"
        " GROUP BY author_id, discussion_id ON CONFLICT (person_id, discussion_id) DO NOTHING"
    )
    op.create_table(
        "notification_preferences",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_notification_preferences_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification_preferences")),
        sa.UniqueConstraint("person_id", "kind", "channel", name=op.f("uq_notification_preferences_person_id_kind_channel")),
    )
    op.execute(
        "INSERT INTO notification_preferences (person_id, kind, channel, wanted)"
        " SELECT person_id, 'reply', 'mail', false FROM unsubscriptions WHERE list_name = 'replies'"
        " UNION ALL SELECT person_id, 'mention', 'mail', false FROM unsubscriptions WHERE list_name = 'replies'"
    )
    op.execute("DELETE FROM unsubscriptions WHERE list_name = 'replies'")


def _keeping() -> None:
    op.create_table(
        "bookmarks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=True),
        sa.Column("discussion_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(post_id IS NULL) <> (discussion_id IS NULL)", name=op.f("ck_bookmarks_one_thing")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_bookmarks_person_id_people")),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_bookmarks_post_id_posts")),
        sa.ForeignKeyConstraint(["discussion_id"], ["discussions.id"], name=op.f("fk_bookmarks_discussion_id_discussions")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bookmarks")),
        sa.UniqueConstraint("person_id", "post_id", name=op.f("uq_bookmarks_person_id_post_id")),
        sa.UniqueConstraint("person_id", "discussion_id", name=op.f("uq_bookmarks_person_id_discussion_id")),
    )
    op.create_index(op.f("ix_bookmarks_person_id_id"), "bookmarks", ["person_id", "id"])


def _lists() -> None:
    op.create_table(
        "discussion_activity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("discussion_id", sa.Integer(), nullable=False),
        sa.Column("space_id", sa.Integer(), nullable=False),
        sa.Column("week", sa.Integer(), nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("refreshed_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["discussion_id"], ["discussions.id"], name=op.f("fk_discussion_activity_discussion_id_discussions")),
        sa.ForeignKeyConstraint(["space_id"], ["spaces.id"], name=op.f("fk_discussion_activity_space_id_spaces")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discussion_activity")),
        sa.UniqueConstraint("discussion_id", name=op.f("uq_discussion_activity_discussion_id")),
    )
    for columns in (["week", "discussion_id"], ["month", "discussion_id"], ["refreshed_at"]):
        op.create_index(op.f(f"ix_discussion_activity_{'_'.join(columns)}"), "discussion_activity", columns)
        if len(columns) > 1:
            op.create_index(op.f(f"ix_discussion_activity_space_id_{'_'.join(columns)}"), "discussion_activity", ["space_id", *columns])
    op.add_column("discussions", sa.Column("stakeholder_type", sa.String(length=30), nullable=True))
    op.execute(
        "UPDATE discussions SET stakeholder_type ="
        " (SELECT p.stakeholder_type FROM posts p WHERE p.discussion_id = discussions.id AND p.number = 1)"
    )
    for name, columns in LIST_INDEXES.items():
        op.create_index(name, "discussions", columns)
    for name, columns in ALONE_INDEXES.items():
        op.create_index(name, "discussions", columns, sqlite_where=ALONE, postgresql_where=ALONE)


LIST_INDEXES = {
    "ix_discussions_all_new": ["created_at", "id"],
    "ix_discussions_all_top": ["posts_count", "id"],
    "ix_discussions_language_active": ["language", "last_post_at", "id"],
    "ix_discussions_language_new": ["language", "created_at", "id"],
    "ix_discussions_type_active": ["stakeholder_type", "last_post_at", "id"],
    "ix_discussions_type_new": ["stakeholder_type", "created_at", "id"],
}
ALONE_INDEXES = {"ix_discussions_unanswered": ["space_id", "created_at", "id"], "ix_discussions_all_unanswered": ["created_at", "id"]}


def downgrade() -> None:
    """Go back."""
    for name in (*LIST_INDEXES, *ALONE_INDEXES):
        op.drop_index(name, table_name="discussions")
    with op.batch_alter_table("discussions") as batch_op:
        batch_op.drop_column("stakeholder_type")
    op.drop_table("discussion_activity")
    op.drop_table("bookmarks")
    _downgrade_notifications()
    op.execute(
        "INSERT INTO unsubscriptions (person_id, list_name, created_at) SELECT person_id, 'replies', CURRENT_TIMESTAMP"
        " FROM notification_preferences WHERE kind = 'reply' AND channel = 'mail'"
    )
    op.drop_table("notification_preferences")
    op.create_table(
        "muted_discussions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("discussion_id", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["discussion_id"], ["discussions.id"], name=op.f("fk_muted_discussions_discussion_id_discussions")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_muted_discussions_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_muted_discussions")),
        sa.UniqueConstraint("person_id", "discussion_id", name=op.f("uq_muted_discussions_person_id_discussion_id")),
    )
    op.execute(
        "INSERT INTO muted_discussions (person_id, discussion_id, created_at)"
        " SELECT person_id, discussion_id, created_at FROM watches WHERE level = 'mute'"
    )
    op.drop_table("space_watches")
    op.drop_table("watches")


def _downgrade_notifications() -> None:
    op.execute("DELETE FROM notifications WHERE kind NOT IN ('reply', 'mention')")
    with op.batch_alter_table("notifications") as batch_op:
        batch_op.drop_index(op.f("ix_notifications_person_id_id"))
        batch_op.drop_index(op.f("ix_notifications_person_id_discussion_id_id"))
        batch_op.drop_index(op.f("ix_notifications_post_id_person_id"))
        batch_op.create_index(op.f("ix_notifications_post_id"), ["post_id"])
        batch_op.drop_constraint(op.f("fk_notifications_actor_id_people"), type_="foreignkey")
        batch_op.drop_column("detail")
        batch_op.drop_column("actor_id")
