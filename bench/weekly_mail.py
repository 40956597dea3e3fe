"""How fast the weekly e-mail is composed and handed to a local SMTP server: `python -m bench.weekly_mail [PEOPLE]`.

Prints mails a second of one worker, and the most memory it took.
"""

from __future__ import annotations

import logging
import resource
import socket
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from sqlalchemy import insert

from alliance import app
from alliance.accounts.models import Person
from alliance.core import clock, db
from alliance.core.settings import Settings
from alliance.discussions import services as discussions
from alliance.groups import queries as groups
from alliance.mailing import services, weekly
from alliance.policy import Actor
from alliance.watching.models import SpaceWatch

LANGUAGES = ("en", "fr", "es", "ru", "zh", "ar")
TYPES = ("government", "private_sector", "civil_society", "international_organization", "academia_technical", "media")


class Sink:
    """Takes every mail."""

    taken = 0

    async def handle_DATA(self, *_: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Count it."""
        Sink.taken += 1
        return "250 OK"


def fill(people: int) -> None:
    """People, most of whom watch something, and a week's discussions."""
    now = clock.now()
    rows = [
        {
            "handle": f"p-{n}", "email": f"p{n}@example.org", "name": f"Person {n}", "country": "CH", "languages": ["en"], "confirmed_at": now, "created_at": now,
            "stakeholder_type": TYPES[n % 6], "interface_language": LANGUAGES[n % 6],
        }
        for n in range(people)
    ]  # fmt: skip
    with db.transaction() as session:
        for start in range(0, people, 1000):
            session.execute(insert(Person), rows[start : start + 1000])
    actors = [Actor("person", n + 1, confirmed=True) for n in range(min(people, 60))]
    spaces = [space.id for space in groups.spaces(actors[0])][:10]
    for number in range(30):
        space = groups.get_space(actors[0], f"c{number % 6 + 1}")
        # Each text its own: the same one over and over would be held as advertising.
        body = f"Public funds must pay for the fibre that reaches village {number} of every country."
        made = discussions.open_discussion(actors[number % 60 % len(actors)], space, f"Matter number {number}", body, language="en")
        for one in range(5):
            discussions.publish_post(actors[(number + one) % len(actors)], made, f"We agree in part, {one}. {body}", language="en")
    with db.transaction() as session:
        watches = [
            {"person_id": n + 1, "space_id": spaces[n % len(spaces)], "level": "watch", "created_at": now} for n in range(people) if n % 4
        ]
        session.execute(insert(SpaceWatch), watches)


def main() -> None:
    """Measure."""
    people = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    sink = Controller(Sink(), hostname="127.0.0.1", port=port)
    sink.start()
    with tempfile.TemporaryDirectory() as folder:
        logging.disable(logging.INFO)
        app.start(Settings(data_dir=Path(folder), smtp_url=f"smtp://127.0.0.1:{port}", secret_key="x" * 32))
        app.migrate()
        fill(people)
        began, cpu = time.monotonic(), time.process_time()
        noted = weekly.note_all(clock.now(), everybody=True)
        sent = services.send_due(alone=True)
        took = time.monotonic() - began
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        cpu = time.process_time() - cpu
        print(
            f"{noted} noted, {sent} sent in {took:.1f} s: {sent / took:.0f}/s, {cpu * 1000 / max(1, sent):.1f} ms of processor each, {most} MB at most (the SMTP server included)"
        )
        db.disconnect()
    sink.stop()


if __name__ == "__main__":
    main()
