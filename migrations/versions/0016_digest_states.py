"""States and versions of digests, sentences of their paragraphs, comments

Revision: 0016, after 0015.
"""

import hashlib

import sqlalchemy as sa
from alembic import op

import alliance.core.db

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

MOMENT = alliance.core.db.UtcDateTime(timezone=True)
JSON = alliance.core.db.Json()
DIGESTS = sa.table("digests", sa.column("id"), sa.column("compiled_by_id"), sa.column("compiled_at", MOMENT))
POINTS = sa.table(
    "digest_points", sa.column("id"), sa.column("digest_id"), sa.column("position"), sa.column("section"), sa.column("text"),
    sa.column("language"), sa.column("sentences", JSON), sa.column("used"),
)  # fmt: skip
CITATIONS = sa.table(
    "digest_citations", sa.column("id"), sa.column("point_id"), sa.column("quote"), sa.column("hash"), sa.column("sentence")
)
VERSIONS = sa.table(
    "digest_versions", sa.column("digest_id"), sa.column("number"), sa.column("act"), sa.column("person_id"), sa.column("note"),
    sa.column("content", JSON), sa.column("created_at", MOMENT),
)  # fmt: skip


def upgrade() -> None:
    """Go forward."""
    _digests()
    _points()
    _citations()
    _tables()
    _fill()


def _digests() -> None:
    with op.batch_alter_table("digests", schema=None) as batch:
        batch.add_column(sa.Column("begins_at", MOMENT, nullable=True))
        batch.add_column(sa.Column("ends_at", MOMENT, nullable=True))
        batch.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
        batch.add_column(sa.Column("edition", sa.Integer(), nullable=False, server_default="1"))
        batch.add_column(sa.Column("corrects_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("language", sa.String(length=8), nullable=False, server_default="en"))
        batch.add_column(sa.Column("run", sa.String(length=60), nullable=True))
        batch.add_column(sa.Column("signed_by_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("signed_at", MOMENT, nullable=True))
        batch.add_column(sa.Column("transmitted_at", MOMENT, nullable=True))
        batch.add_column(sa.Column("sealed", sa.Text(), nullable=True))
        batch.add_column(sa.Column("signature", sa.String(length=200), nullable=True))
        batch.create_unique_constraint(batch.f("uq_digests_run"), ["run"])
        batch.create_foreign_key(batch.f("fk_digests_corrects_id_digests"), "digests", ["corrects_id"], ["id"])
        batch.create_foreign_key(batch.f("fk_digests_signed_by_id_people"), "people", ["signed_by_id"], ["id"])
        batch.create_index(batch.f("ix_digests_status_id"), ["status", "id"], unique=False)


def _points() -> None:
    with op.batch_alter_table("digest_points", schema=None) as batch:
        batch.add_column(sa.Column("sentences", JSON, nullable=False, server_default="[]"))
        batch.add_column(sa.Column("used", sa.Boolean(), nullable=False, server_default=sa.true()))
        batch.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
        batch.drop_constraint("uq_digest_points_digest_id_position", type_="unique")
        batch.create_index(batch.f("ix_digest_points_digest_id_position"), ["digest_id", "position"], unique=False)


def _citations() -> None:
    with op.batch_alter_table("digest_citations", schema=None) as batch:
        batch.add_column(sa.Column("sentence", sa.Integer(), nullable=False, server_default="1"))
        batch.add_column(sa.Column("hash", sa.String(length=64), nullable=False, server_default=""))
        batch.add_column(sa.Column("language", sa.String(length=8), nullable=True))
        batch.drop_constraint("uq_digest_citations_point_id_position", type_="unique")
        batch.create_index(batch.f("ix_digest_citations_point_id_sentence_position"), ["point_id", "sentence", "position"], unique=False)


def _tables() -> None:
    op.create_table(
        "digest_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(length=20), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["digest_id"], ["digests.id"], name=op.f("fk_digest_versions_digest_id_digests")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_digest_versions_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digest_versions")),
        sa.UniqueConstraint("digest_id", "number", name=op.f("uq_digest_versions_digest_id_number")),
    )
    op.create_table(
        "digest_comments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest_id", sa.Integer(), nullable=False),
        sa.Column("point_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("settled_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["digest_id"], ["digests.id"], name=op.f("fk_digest_comments_digest_id_digests")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_digest_comments_person_id_people")),
        sa.ForeignKeyConstraint(["point_id"], ["digest_points.id"], name=op.f("fk_digest_comments_point_id_digest_points")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digest_comments")),
    )
    op.create_index(op.f("ix_digest_comments_digest_id_id"), "digest_comments", ["digest_id", "id"], unique=False)


def _fill() -> None:
    """Digests made before: each paragraph is its one sentence, and its citations are those of that sentence."""
    connection = op.get_bind()
    content: dict[int, list[dict[str, object]]] = {}
    for row in connection.execute(sa.select(POINTS).order_by(POINTS.c.digest_id, POINTS.c.position)).all():
        sentences = [{"text": row.text, "language": row.language, "own": False}]
        connection.execute(sa.update(POINTS).where(POINTS.c.id == row.id).values(sentences=sentences))
        content.setdefault(row.digest_id, []).append({"id": row.id, "section": row.section, "sentences": sentences})
    for row in connection.execute(sa.select(CITATIONS.c.id, CITATIONS.c.quote)).all():
        digest = hashlib.sha256(row.quote.encode()).hexdigest()
        connection.execute(sa.update(CITATIONS).where(CITATIONS.c.id == row.id).values(hash=digest))
    for row in connection.execute(sa.select(DIGESTS)).all():
        first = {"number": 1, "act": "compiled", "note": "", "content": content.get(row.id, [])}
        made = {"digest_id": row.id, "person_id": row.compiled_by_id, "created_at": row.compiled_at}
        connection.execute(sa.insert(VERSIONS).values(**first, **made))


def downgrade() -> None:
    """Go back. Paragraphs that were dropped, and citations of a paragraph's further sentences, have no place there."""
    op.drop_table("digest_comments")
    op.drop_table("digest_versions")
    connection = op.get_bind()
    left_out = sa.select(POINTS.c.id).where(POINTS.c.used.is_(False))
    connection.execute(sa.delete(CITATIONS).where(sa.or_(CITATIONS.c.sentence > 1, CITATIONS.c.point_id.in_(left_out))))
    connection.execute(sa.delete(POINTS).where(POINTS.c.used.is_(False)))
    with op.batch_alter_table("digest_citations", schema=None) as batch:
        batch.drop_index(batch.f("ix_digest_citations_point_id_sentence_position"))
        for name in ("language", "hash", "sentence"):
            batch.drop_column(name)
        batch.create_unique_constraint(batch.f("uq_digest_citations_point_id_position"), ["point_id", "position"])
    with op.batch_alter_table("digest_points", schema=None) as batch:
        batch.drop_index(batch.f("ix_digest_points_digest_id_position"))
        for name in ("version", "used", "sentences"):
            batch.drop_column(name)
        batch.create_unique_constraint(batch.f("uq_digest_points_digest_id_position"), ["digest_id", "position"])
    with op.batch_alter_table("digests", schema=None) as batch:
        batch.drop_index(batch.f("ix_digests_status_id"))
        batch.drop_constraint("fk_digests_signed_by_id_people", type_="foreignkey")
        batch.drop_constraint("fk_digests_corrects_id_digests", type_="foreignkey")
        batch.drop_constraint("uq_digests_run", type_="unique")
        for name in (
            "signature",
            "sealed",
            "transmitted_at",
            "signed_at",
            "signed_by_id",
            "run",
            "language",
            "corrects_id",
            "edition",
            "version",
            "ends_at",
            "begins_at",
        ):
            batch.drop_column(name)
