"""A number for each person that moves when anything of their own changes: what they read, keep, watch, drafted, were told, may do.

The database moves it itself, in the transaction of the change, whoever makes it and in whatever way: pages that are
kept for a person (`web.owned`) are compared with it, and a writer who forgot to say so would show them what was.
"""

from __future__ import annotations

import re

from sqlalchemy import Connection, text
from sqlalchemy.orm import Mapped, mapped_column

from alliance.core import db

# Tables whose rows are of one person, and shown to them on pages; `people` is watched, too.
TABLES = (
    "affiliations", "appeals", "attachments", "bookmarks", "consensus_answers", "drafts", "flags", "invitations", "join_requests",
    "live_choices", "mail_choices", "masks", "measures", "memberships", "notification_preferences", "notifications", "poll_votes",
    "read_marks", "saved_searches", "signals", "space_mail", "space_watches", "unsubscriptions", "watches",
)  # fmt: skip
# Tables that name a person, and that no kept page shows to them as their own.
APART = (
    "api_tokens", "archives", "authenticators", "digest_comments", "digest_objections", "digest_versions", "discussion_voices", "given_answers",
    "incoming_mail", "key_challenges", "library_versions", "linked_identities", "moderation_log", "outgoing_mail", "person_contributions", "recovery_codes", "retired_handles", "review_items", "security_events",
    "security_keys", "sign_ins",
)  # fmt: skip
# Tables of which what kept pages show is the same for all of the same rights: whoever writes them moves the version of the
# discussion, publishes an event or moves the stamp of the site, and the sources of kept pages ask for these.
COMMON = (
    "charter_revisions", "consensus_calls", "discussion_activity", "discussion_topics", "discussions", "events", "group_lines", "groups", "meetings",
    "organizations", "poll_counts", "polls", "posts", "quotes", "signal_counts", "spaces", "stamps", "summaries", "summary_sources", "topics",
)  # fmt: skip
# Tables that no kept page shows.
UNSEEN = (
    "attachment_texts", "digest_citations", "digest_deliveries", "digest_points", "digest_recipients", "digest_schedules", "digests",
    "failed_deliveries", "hold_rules", "imported_messages", "kept_texts", "library_items", "listeners", "milestones", "moderation_options",
    "moved_posts", "moves",
    "organization_contributions", "own_versions", "post_revisions", "review_reasons", "suppressed_addresses",
)  # fmt: skip
LOCK = 4171_2017
_MOVE = "ON CONFLICT (id) DO UPDATE SET version = own_versions.version + 1"


class OwnVersion(db.Base):
    """The number of the person with this id; none, as long as nothing has changed."""

    __tablename__ = "own_versions"

    version: Mapped[int] = mapped_column(default=1)


def watch() -> None:
    """Have the database move the numbers (done whenever it was migrated: SQLite forgets triggers of tables it writes anew)."""
    is_watched, have_watched = (_postgresql_has, _on_postgresql) if db.engine().dialect.name == "postgresql" else (_sqlite_has, _on_sqlite)
    with db.engine().connect() as connection:
        if is_watched(connection):  # as at nearly every start: nobody waits for the turn to write
            return
    with db.engine().connect().execution_options(writing=True) as connection:
        have_watched(connection)
        connection.commit()


def _watched() -> list[tuple[str, str]]:
    return [(table, "person_id") for table in TABLES] + [("people", "id")]


def _sqlite_has(connection: Connection) -> bool:
    return _sqlite_there(connection).items() >= _sqlite_triggers().items()


def _sqlite_there(connection: Connection) -> dict[str, str]:
    rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'own\\_%' ESCAPE '\\'"))
    return {str(name): str(sql) for name, sql in rows}


def _sqlite_triggers() -> dict[str, str]:
    """Every trigger there is to be, as it is made and as SQLite keeps it."""
    made = {}
    for table, column in _watched():
        for act, row in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
            moves = [_move(f"{row}.{column}", f"{row}.{column} IS NOT NULL")]
            if act == "UPDATE":
                moves.append(_move(f"OLD.{column}", f"OLD.{column} IS NOT NULL AND OLD.{column} IS NOT NEW.{column}"))
            name = f"own_{table}_{act.lower()}"
            made[name] = f"CREATE TRIGGER {name} AFTER {act} ON {table} BEGIN {'; '.join(moves)}; END"
    return made


def _on_sqlite(connection: Connection) -> None:
    """One of another version of the product is made anew."""
    there = _sqlite_there(connection)
    for name, made in _sqlite_triggers().items():
        if there.get(name) != made:
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
            connection.exec_driver_sql(made)


def _move(person: str, when: str) -> str:
    return f"INSERT INTO own_versions (id, version) SELECT {person}, 1 WHERE {when} {_MOVE}"


_FUNCTION = """
CREATE OR REPLACE FUNCTION own_{column}_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'DELETE' AND NEW.{column} IS NOT NULL THEN
    INSERT INTO own_versions (id, version) VALUES (NEW.{column}, 1) {move};
  END IF;
  IF TG_OP = 'DELETE' OR (TG_OP = 'UPDATE' AND OLD.{column} IS DISTINCT FROM NEW.{column}) THEN
    INSERT INTO own_versions (id, version) SELECT OLD.{column}, 1 WHERE OLD.{column} IS NOT NULL {move};
  END IF;
  RETURN NULL;
END $$
"""


_BODY = re.compile(r"\$\$(.*)\$\$", re.DOTALL)
_TRIGGERS = "SELECT tgname FROM pg_trigger WHERE tgname LIKE 'own\\_%'"


def _postgresql_has(connection: Connection) -> bool:
    there = set(connection.scalars(text(_TRIGGERS)))
    bodies = set(connection.scalars(text("SELECT prosrc FROM pg_proc WHERE proname LIKE 'own\\_%\\_changed'")))
    wanted = {_BODY.findall(_FUNCTION.format(column=column, move=_MOVE))[0] for column in ("person_id", "id")}
    return bodies >= wanted and there.issuperset(f"own_{table}" for table, _column in _watched())


def _on_postgresql(connection: Connection) -> None:
    """Just before the commit, when whoever publishes has stood in line for the log already: so no two wait for each other's people."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})  # processes that start at once come one after the other
    for column in ("person_id", "id"):
        connection.exec_driver_sql(_FUNCTION.format(column=column, move=_MOVE))
    there = set(connection.scalars(text(_TRIGGERS)))
    for table, column in _watched():
        if f"own_{table}" not in there:
            when = f"AFTER INSERT OR UPDATE OR DELETE ON {table} DEFERRABLE INITIALLY DEFERRED"
            connection.exec_driver_sql(f"CREATE CONSTRAINT TRIGGER own_{table} {when} FOR EACH ROW EXECUTE FUNCTION own_{column}_changed()")
