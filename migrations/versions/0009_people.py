"""Lists of people and organizations

Handles that cannot be read for one another, names in order, who has spoken where: counters kept by the writer.

Revision: 0009, after 0008.
"""

from collections import Counter

import sqlalchemy as sa
from alembic import op

import alliance.core.db
from alliance.accounts.models import skeleton
from alliance.core.text import sort_key
from alliance.core.vocabulary import region_of

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

BATCH = 1000
PEOPLE = sa.table("people", sa.column("id"), sa.column("handle"), sa.column("name"), sa.column("handle_skeleton"), sa.column("name_key"))
DISCUSSIONS = sa.table("discussions", sa.column("id"), sa.column("voices", alliance.core.db.Json()))
POSTS = sa.table(
    "posts",
    *(
        sa.column(name)
        for name in ("discussion_id", "space_id", "author_id", "organization_id", "stakeholder_type", "country", "number", "status")
    ),
)


def upgrade() -> None:
    """Go forward."""
    _people()
    _tables()
    op.add_column("discussions", sa.Column("voices", alliance.core.db.Json(), nullable=False, server_default="{}"))
    with op.batch_alter_table("discussions") as batch_op:
        batch_op.alter_column("voices", server_default=None)
    op.create_index("ix_posts_of_person", "posts", ["author_id", "created_at", "id"])
    op.create_index("ix_posts_of_person_in_space", "posts", ["author_id", "space_id", "created_at", "id"])
    op.create_index("ix_posts_of_organization", "posts", ["organization_id", "created_at", "id"])
    op.create_index("ix_posts_of_organization_in_space", "posts", ["organization_id", "space_id", "created_at", "id"])
    op.drop_index("ix_posts_author_id_created_at", table_name="posts")
    op.drop_index("ix_posts_organization_id", table_name="posts")
    _count_contributions()
    _count_voices()


def _people() -> None:
    op.add_column("people", sa.Column("handle_skeleton", sa.String(length=100), nullable=True))
    op.add_column("people", sa.Column("name_key", alliance.core.db.BinaryText(), nullable=True))
    _fill_people()
    with op.batch_alter_table("people") as batch_op:
        batch_op.alter_column("handle_skeleton", existing_type=sa.String(length=100), nullable=False)
        batch_op.alter_column("name_key", existing_type=alliance.core.db.BinaryText(), nullable=False)
        batch_op.create_unique_constraint(op.f("uq_people_handle_skeleton"), ["handle_skeleton"])
        batch_op.drop_index(op.f("ix_people_stakeholder_type"))
        batch_op.create_index(op.f("ix_people_name_key_id"), ["name_key", "id"])
        batch_op.create_index(op.f("ix_people_stakeholder_type_name_key_id"), ["stakeholder_type", "name_key", "id"])
        batch_op.create_index(op.f("ix_people_country_name_key_id"), ["country", "name_key", "id"])
        batch_op.create_index(op.f("ix_people_stakeholder_type_country_name_key_id"), ["stakeholder_type", "country", "name_key", "id"])


def _fill_people() -> None:
    """Of two handles that look alike already, the older keeps the skeleton; the other's is one that nobody can ask for."""
    connection = op.get_bind()
    taken: set[str] = set()
    for person_id, handle, name in connection.execute(sa.select(PEOPLE.c.id, PEOPLE.c.handle, PEOPLE.c.name).order_by(PEOPLE.c.id)).all():
        own = skeleton(handle) if skeleton(handle) not in taken else f"{skeleton(handle)}#{person_id}"
        taken.add(own)
        connection.execute(sa.update(PEOPLE).where(PEOPLE.c.id == person_id).values(handle_skeleton=own, name_key=sort_key(name)))


def _tables() -> None:
    op.create_table(
        "discussion_voices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("discussion_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("stakeholder_type", sa.String(length=30), nullable=False),
        sa.Column("region", sa.String(length=30), nullable=False),
        sa.Column("posts", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["discussion_id"], ["discussions.id"], name=op.f("fk_discussion_voices_discussion_id_discussions")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_discussion_voices_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discussion_voices")),
        sa.UniqueConstraint("discussion_id", "person_id", "stakeholder_type", "region", name="uq_discussion_voices"),
    )
    for table, whose, target in (
        ("person_contributions", "person_id", "people"),
        ("organization_contributions", "organization_id", "organizations"),
    ):
        op.create_table(
            table,
            sa.Column("id", sa.Integer(), nullable=False),
            sa.Column(whose, sa.Integer(), nullable=False),
            sa.Column("space_id", sa.Integer(), nullable=False),
            sa.Column("posts", sa.Integer(), nullable=False),
            sa.Column("discussions", sa.Integer(), nullable=False),
            sa.ForeignKeyConstraint([whose], [f"{target}.id"], name=op.f(f"fk_{table}_{whose}_{target}")),
            sa.ForeignKeyConstraint(["space_id"], ["spaces.id"], name=op.f(f"fk_{table}_space_id_spaces")),
            sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
            sa.UniqueConstraint(whose, "space_id", name=op.f(f"uq_{table}_{whose}_space_id")),
        )


def _count_contributions() -> None:
    for table, whose, column in (
        ("person_contributions", "person_id", "author_id"),
        ("organization_contributions", "organization_id", "organization_id"),
    ):
        op.execute(
            f"INSERT INTO {table} ({whose}, space_id, posts, discussions)"  # noqa: S608 - names of this file
            f" SELECT {column}, space_id, count(*), sum(CASE WHEN number = 1 THEN 1 ELSE 0 END) FROM posts"
            f" WHERE status = 'visible' AND {column} IS NOT NULL GROUP BY {column}, space_id"
        )


def _count_voices() -> None:
    """Discussion after discussion, so that no large table is held in memory."""
    connection = op.get_bind()
    table = sa.table(
        "discussion_voices", *(sa.column(name) for name in ("discussion_id", "person_id", "stakeholder_type", "region", "posts"))
    )
    for discussion_id in connection.execute(sa.select(DISCUSSIONS.c.id).order_by(DISCUSSIONS.c.id)).scalars().all():
        voices = _voices(connection, discussion_id)
        if voices:
            names = ("discussion_id", "person_id", "stakeholder_type", "region", "posts")
            connection.execute(sa.insert(table), [dict(zip(names, (discussion_id, *key, n), strict=True)) for key, n in voices.items()])
        connection.execute(sa.update(DISCUSSIONS).where(DISCUSSIONS.c.id == discussion_id).values(voices=_tally(voices)))


def _voices(connection: sa.Connection, discussion_id: int) -> Counter[tuple[int, str, str]]:
    columns = (POSTS.c.author_id, POSTS.c.stakeholder_type, POSTS.c.country)
    query = sa.select(*columns, sa.func.count()).where(POSTS.c.discussion_id == discussion_id, POSTS.c.status == "visible")
    voices: Counter[tuple[int, str, str]] = Counter()
    for person_id, kind, country, number in connection.execute(query.group_by(*columns)):
        voices[person_id, kind or "", region_of(country) or ""] += number
    return voices


def _tally(voices: Counter[tuple[int, str, str]]) -> dict[str, dict[str, list[int]]]:
    found: dict[str, dict[str, list[int]]] = {}
    for aspect, position in (("types", 1), ("regions", 2)):
        posts: Counter[str] = Counter()
        people: dict[str, set[int]] = {}
        for key, number in voices.items():
            posts[str(key[position])] += number
            people.setdefault(str(key[position]), set()).add(key[0])
        found[aspect] = {name: [posts[name], len(people[name])] for name in sorted(posts)}
    return found


def downgrade() -> None:
    """Go back."""
    op.create_index("ix_posts_author_id_created_at", "posts", ["author_id", "created_at"])
    op.create_index("ix_posts_organization_id", "posts", ["organization_id"])
    for name in ("of_organization_in_space", "of_organization", "of_person_in_space", "of_person"):
        op.drop_index(f"ix_posts_{name}", table_name="posts")
    with op.batch_alter_table("discussions") as batch_op:
        batch_op.drop_column("voices")
    op.drop_table("organization_contributions")
    op.drop_table("person_contributions")
    op.drop_table("discussion_voices")
    with op.batch_alter_table("people") as batch_op:
        for columns in ("stakeholder_type_country_name_key_id", "country_name_key_id", "stakeholder_type_name_key_id", "name_key_id"):
            batch_op.drop_index(f"ix_people_{columns}")
        batch_op.create_index("ix_people_stakeholder_type", ["stakeholder_type"])
        batch_op.drop_constraint("uq_people_handle_skeleton", type_="unique")
        batch_op.drop_column("name_key")
        batch_op.drop_column("handle_skeleton")
