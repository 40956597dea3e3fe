"""Groups nobody runs any more are shown to the secretariat."""

from __future__ import annotations

from datetime import timedelta

from flask.testing import FlaskClient
from sqlalchemy import update

from alliance.core import clock, db
from alliance.discussions import services as saying
from alliance.groups.models import Group, Membership
from alliance.mailing import bounces, choices
from alliance.mailing.models import OutgoingMail
from alliance.policy import Actor
from alliance.proceedings import attending
from tests.grouping import founded, member
from tests.people import People
from tests.signing import signed_in

LONG = timedelta(days=40)


def age() -> None:
    """Let everything about groups have happened forty days ago."""
    with db.transaction() as session:
        session.execute(update(Group).values(created_at=clock.now() - LONG))
        session.execute(update(Membership).values(joined_at=clock.now() - LONG))


def test_a_group_is_attended_as_long_as_a_chair_is_seen(client: FlaskClient, people: People) -> None:
    office = people.secretariat()
    alone, busy = founded(people, "Alone", visibility="private"), founded(people, "Busy")
    chair, active = member(people, alone, "chair"), member(people, busy, "chair")
    titles = {"alone": alone.space.title("en"), "busy": busy.space.title("en")}
    assert attending.unattended(office) == []
    age()
    saying.open_discussion(active, busy.space, "A question", "What is access?")
    assert [(one.group.space.title("en"), [p.id for p in one.chairs]) for one in attending.unattended(office)] == [
        (titles["alone"], [chair.person_id])
    ]
    signed_in(client, office)
    page = client.get("/admin/groups").text
    assert titles["alone"] in page
    assert titles["busy"] not in page
    signed_in(client.application.test_client(), chair)
    assert attending.unattended(office) == []
    other = signed_in(client.application.test_client(), active)
    assert other.get("/admin/groups").status_code == 403


def test_chairs_whom_no_mail_reaches_are_shown(client: FlaskClient, people: People) -> None:
    group = founded(people)
    chair = member(people, group, "chair", name="Unreachable Chair")
    signed_in(client, people.secretariat())
    assert "Unreachable Chair" not in client.get("/admin/groups").text
    with db.transaction() as session:
        session.add(OutgoingMail(person_id=chair.person_id, key="x", kind="reply", status="failed", created_at=clock.now()))
    assert "Unreachable Chair" in client.get("/admin/groups").text


def test_chairs_whose_mail_comes_back_are_shown_though_other_mail_went(client: FlaskClient, people: People) -> None:
    group = founded(people)
    bouncing, refused, heard = (member(people, group, "chair", name=name) for name in ("Bouncing Chair", "Refused Chair", "Heard Chair"))
    plain = member(people, group, "member", name="Bouncing Member")
    for one in (bouncing, heard, plain):
        with db.transaction() as session:
            session.add(
                OutgoingMail(person_id=one.person_id, key="x", kind="reply", status="sent", created_at=clock.now(), sent_at=clock.now())
            )
    for one in (bouncing, plain):
        came_back(one)
    bounces.suppress((People.of(refused).email or "").upper(), "refused by its server")
    signed_in(client, people.secretariat())
    page = client.get("/admin/groups").text
    assert [name in page for name in ("Bouncing Chair", "Refused Chair", "Heard Chair", "Bouncing Member")] == [True, True, False, False]
    with clock.freeze(clock.now() + LONG):
        signed_in(client, people.secretariat())
        page = client.get("/admin/groups").text
        assert "Chairs whom no mail reaches" in page
        assert page.count("Bouncing Chair") == 1  # of the first list alone: nobody was here for forty days
        assert page.count("Refused Chair") == 2


def came_back(actor: Actor) -> None:
    """A mail to somebody came back for a while."""
    with db.transaction():
        mine = choices.of(actor.person_id or 0)
        mine.bounces, mine.bounced_at = 1, clock.now()
