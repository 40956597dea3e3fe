"""A real Postfix in front, set up as `deploy/postfix` says: mail comes in once, waits while we are away, and goes out."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import select

from alliance.core import db as database
from alliance.core import settings as settings_module
from alliance.core.settings import Settings
from alliance.discussions.models import Discussion, Post
from alliance.mailing import addressing, services
from alliance.mailing.models import IncomingMail, OutgoingMail
from tests.mailing.test_incoming import Talk, message
from tests.people import People
from tests.postfix import Postfix, postfix

Listening = Callable[[], object]


@pytest.fixture(scope="module")
def server() -> Iterator[Postfix]:
    with postfix() as running:
        yield running


@pytest.fixture
def house(settings: Settings, server: Postfix) -> Iterator[Settings]:
    """The settings the README names."""
    made = replace(
        settings, mail_reply_domain="forum.example.org", mail_border="mx.example.org", mail_from="Alliance <alliance@forum.example.org>",
        smtp_url=f"smtp://127.0.0.1:{server.port}",
    )  # fmt: skip
    settings_module.use(made)
    yield made
    settings_module.use(settings)


@contextmanager
def listening(house: Settings, server: Postfix) -> Iterator[None]:
    """`alliance mail listen`, as a service runs it."""
    known = {
        "ALLIANCE_DATA_DIR": str(house.data_dir), "ALLIANCE_DATABASE_URL": house.database, "ALLIANCE_SECRET_KEY": house.secret_key, "ALLIANCE_BASE_URL": house.base_url,
        "ALLIANCE_MAIL_REPLY_DOMAIN": house.mail_reply_domain, "ALLIANCE_MAIL_BORDER": house.mail_border,
    }  # fmt: skip
    command = [sys.executable, "-m", "alliance", "mail", "listen", "--port", str(server.lmtp)]
    with subprocess.Popen(command, env={**os.environ, **known}, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert "takes mail by LMTP" in process.stdout.readline()
            yield
        finally:
            process.terminate()
            process.wait(30)


def outcomes() -> list[tuple[str, str]]:
    database.release()
    return [(row.status, row.reason) for row in database.session().scalars(select(IncomingMail).order_by(IncomingMail.id))]


def bodies() -> list[str]:
    database.release()
    return list(database.session().scalars(select(Post.body).order_by(Post.id)))


def test_mail_comes_in_once_each_address_for_itself(house: Settings, server: Postfix, people: People) -> None:
    talk = Talk(people)
    with listening(house, server):
        raw = message("Jane Doe <jane@example.org>", talk.address, "I agree with this.")
        server.send("jane@example.org", [talk.address, "c4@forum.example.org", "nowhere@forum.example.org"], raw)
        server.until(lambda: len(outcomes()) == 3 and not server.waiting())
        server.send("jane@example.org", [talk.address], raw)  # once more, as a server does that had no answer
        server.until(lambda: server.log().count("status=sent") >= 4 and not server.waiting())
    assert sorted(outcomes()) == [("posted", ""), ("posted", ""), ("refused", "not-found")]
    assert bodies() == ["I ask.", "I agree with this.", "I agree with this."]
    assert len(set(database.session().scalars(select(Discussion.id)))) == 2


def test_what_comes_while_we_are_away_is_kept_and_comes_in_later(house: Settings, server: Postfix, people: People) -> None:
    talk = Talk(people)
    server.send("jane@example.org", [talk.address], message("jane@example.org", talk.address, "Said while nobody listened."))
    server.until(lambda: "status=deferred" in server.log() and server.waiting())
    assert outcomes() == []
    with listening(house, server):
        server.until(lambda: outcomes() and not server.waiting())
    assert outcomes() == [("posted", "")]
    assert bodies() == ["I ask.", "Said while nobody listened."]


def test_who_is_not_proven_is_held_whatever_the_mail_says_of_itself(house: Settings, server: Postfix, people: People) -> None:
    talk = Talk(people)
    forged = "Authentication-Results: mx.example.org; dmarc=pass header.from=evil.example"
    with database.transaction():
        People.of(talk.jane).email = "jane@evil.example"
    with listening(house, server):
        server.send("jane@evil.example", [talk.address], message("jane@evil.example", talk.address, "Pay here.", headers=forged))
        server.until(lambda: outcomes() and not server.waiting())
    assert outcomes() == [("held", "unproven")]
    assert bodies() == ["I ask."]


def test_mail_goes_out_through_it(house: Settings, server: Postfix, people: People, drain: Callable[[], int]) -> None:
    talk = Talk(people)
    number = len(server.log())
    with listening(house, server):
        server.send("jane@example.org", [talk.address], message("jane@example.org", talk.address, "I agree with this."))
        server.until(lambda: ("posted", "") in outcomes())
    drain()
    assert services.send_due() >= 1
    assert set(database.session().scalars(select(OutgoingMail.status))) == {"sent"}
    server.until(lambda: "relay=none, delay" in server.log()[number:] or "status=sent (example.org)" in server.log()[number:])
    bounces = addressing.bounce_address(database.session().scalars(select(OutgoingMail.id)).all()[0])
    assert f"from=<{bounces}>" in server.log()[number:]
