"""What becomes of what people had chosen before there were levels."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command

from alliance import app as application
from alliance.core import db as database
from alliance.core import schema
from alliance.core.settings import Settings
from alliance.discussions.models import Discussion
from alliance.watching import queries, services
from tests import databases, discussing
from tests.people import People


@pytest.fixture
def before(all_databases: databases.Databases, settings: Settings, tmp_path: Path) -> Iterator[sa.Engine]:
    """A database of the version before, with people, a discussion, one who muted it and one who wants no mail."""
    application.start(Settings(database_url=all_databases.empty(), data_dir=tmp_path / "fresh", secret_key="only for tests"))
    application.migrate()
    yield database.engine()
    database.disconnect()


def test_muted_stays_muted_and_no_mail_stays_no_mail(before: sa.Engine) -> None:
    people = People()
    opener, muter, silent = (people.participant() for _ in range(3))
    discussion = discussing.discussion(opener).id
    discussing.reply(silent, database.session().get_one(Discussion, discussion))
    services.choose(muter, discussion, "mute")
    services.set_mail(silent.person_id or 0, wanted=False)
    database.release()
    command.downgrade(schema.config(), "0007")
    with before.connect() as connection:
        assert connection.execute(sa.text("SELECT person_id, discussion_id FROM muted_discussions")).all() == [
            (muter.person_id, discussion)
        ]
        lists = sa.text("SELECT person_id, list_name FROM unsubscriptions")
        assert connection.execute(lists).all() == [(silent.person_id, "replies")]
    application.migrate()
    found = database.session().get_one(Discussion, discussion)
    ids = [actor.person_id or 0 for actor in (opener, muter, silent)]
    assert queries.levels(ids, found) == dict(zip(ids, ("watch", "mute", "watch"), strict=True))
    assert found.stakeholder_type == "civil_society"
    # Mails about saved searches came later, and only to those who ask for them; those about the review queue go to moderators; what
    # they decide about one's own posts is told whatever else is not wanted.
    assert {kind for kind, channel in queries.wanted(silent.person_id or 0) if channel == "mail"} <= {"search", "review", "moderation"}
    assert ("reply", "mail") in queries.wanted(opener.person_id or 0)
