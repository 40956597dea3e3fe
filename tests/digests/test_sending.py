"""On its way: each mail once, tried again while the server is away, never after a withdrawal; schedules that catch up and never double."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from alliance.core import clock, mail, transports
from alliance.core.errors import Conflict, Invalid, NotFound, Refused
from alliance.digests import distribution, inquiry, queries, scheduling, sealing, sending, services, signing, states
from alliance.digests.models import Digest, DigestDelivery
from alliance.discussions import services as discussions
from alliance.policy import Actor
from tests.digests.conftest import Forum
from tests.digests.test_services import JUNE
from tests.people import People

SYSTEM = Actor.system()


def again(digest: Digest) -> Digest:
    return queries.get_digest(SYSTEM, digest.id)


@pytest.fixture
def signed(forum: Forum, people: People) -> Digest:
    forum.six_languages()
    made = services.compile_digest(SYSTEM, *JUNE)
    states.submit(people.moderator(), made)
    states.sign(people.moderator(), again(made))
    return again(made)


def deliveries(digest_id: int) -> list[DigestDelivery]:
    """Its mails, as they are now: sending ends the transaction in which a digest was read."""
    return distribution.deliveries(queries.get_digest(SYSTEM, digest_id))


def letters(settings: Any) -> list[Path]:
    return sorted((settings.data_dir / "mail").glob("digest-*.eml"))


def test_it_goes_to_the_list_once_with_pdf_and_docx(signed: Digest, people: People, settings: Any) -> None:
    office = people.secretariat()
    number, symbol = signed.id, signed.symbol
    distribution.add(office, "Desk@Example.org", "The desk", "fr")
    distribution.add(office, "other@example.org", "", "ar")
    states.transmit(office, signed)
    assert sending.send_due() == 2
    assert sending.send_due() == 0
    assert len(letters(settings)) == 2
    found = message_from_bytes(letters(settings)[0].read_bytes(), policy=default)
    kinds = {part.get_content_type(): part for part in found.iter_attachments()}
    pdf = kinds["application/pdf"].get_content()
    assert sealing.verify(pdf, signing.public_pem()).genuine
    assert kinds["application/vnd.openxmlformats-officedocument.wordprocessingml.document"].get_content().startswith(b"PK")
    assert symbol in found["Subject"]
    assert {one.status for one in deliveries(number)} == {"sent"}


class Away:
    """A mail server that is down."""

    def __init__(self, error: type[mail.MailError]) -> None:
        self.error = error

    def send(self, _mail: Any) -> None:
        raise self.error("the mail server cannot be used")


def through(monkeypatch: pytest.MonkeyPatch, door: Away) -> None:
    def connect(_settings: Any) -> Any:
        return transports.contextmanager(lambda: iter([door]))()

    monkeypatch.setattr(transports, "connect", connect)


def test_a_server_away_for_a_day_loses_nothing(signed: Digest, people: People, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    office, number = people.secretariat(), signed.id
    for desk in range(4):
        distribution.add(office, f"desk{desk}@example.org", "", "en")
    states.transmit(office, signed)
    with monkeypatch.context() as patch:
        through(patch, Away(mail.TemporaryFailure))
        assert sending.send_due() == 0
        assert {one.status for one in deliveries(number)} == {"waiting"}
    with clock.freeze(clock.now() + timedelta(days=1)):
        assert sending.send_due() == 4
        assert sending.send_due() == 0
    assert len(letters(settings)) == 4


def test_an_address_that_is_refused_is_told(signed: Digest, people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    office, number = people.secretariat(), signed.id
    distribution.add(office, "desk@example.org", "", "en")
    states.transmit(office, signed)
    through(monkeypatch, Away(mail.PermanentFailure))
    sending.send_due()
    assert [(one.status, one.error) for one in deliveries(number)] == [("failed", "the mail server cannot be used")]


def test_what_was_withdrawn_is_not_sent(signed: Digest, people: People, settings: Any) -> None:
    office, number = people.secretariat(), signed.id
    distribution.add(office, "desk@example.org", "", "en")
    states.transmit(office, signed)
    states.withdraw(office, again(signed), "A figure is wrong.")
    assert sending.send_due() == 0
    assert letters(settings) == []
    assert [one.status for one in deliveries(number)] == ["dropped"]


def test_the_distribution_list(people: People, client: FlaskClient, sign_in: Any) -> None:
    office = people.secretariat()
    with pytest.raises(Refused):
        distribution.add(people.moderator(), "desk@example.org", "", "en")
    for bad in ("", "desk", "desk@", "a b@example.org", "x" * 300 + "@example.org"):
        with pytest.raises(Invalid):
            distribution.add(office, bad, "", "en")
    distribution.add(office, "desk@example.org", "", "en")
    with pytest.raises(Invalid):
        distribution.add(office, "DESK@example.org", "", "en")
    sign_in(people.person(role="secretariat"))
    assert "desk@example.org" in client.get("/digests/distribution").text
    bad_page = client.post("/digests/distribution", data={"email": "no address", "language": "en"})
    assert bad_page.status_code == 422
    assert "no address" in bad_page.text
    row = distribution.recipients()[0]
    assert client.post("/digests/distribution", data={"act": "remove", "recipient": row.id}).status_code == 303
    assert distribution.recipients() == []


def test_the_feed_and_the_deliveries(signed: Digest, people: People, client: FlaskClient, sign_in: Any) -> None:
    feed = client.get("/digests.atom")
    assert feed.mimetype == "application/atom+xml"
    assert sealing.checksum(signed) in feed.text
    assert client.get(f"/digests/{signed.id}/deliveries").status_code in {302, 303, 401, 403}
    sign_in(people.person(role="secretariat"))
    assert client.post(f"/digests/{signed.id}", data={"act": "transmit"}).status_code == 303
    assert client.get(f"/digests/{signed.id}/deliveries").status_code == 200


FRIDAY = datetime(2026, 3, 20, 15, 0, tzinfo=UTC)  # 16:00 in Geneva; summer time begins on 29 March


def test_the_hour_of_the_wall_clock_in_summer_and_winter(forum: Forum, people: People) -> None:
    with clock.freeze(FRIDAY):
        schedule = scheduling.set_schedule(people.moderator(), forum.space("c2"), 4, "16:00", "Europe/Zurich")
        cuts = list(scheduling.cut_offs(schedule, FRIDAY, FRIDAY + timedelta(days=21)))
    assert cuts == [datetime(2026, 3, 27, 15, tzinfo=UTC), datetime(2026, 4, 3, 14, tzinfo=UTC), datetime(2026, 4, 10, 14, tzinfo=UTC)]


def test_what_was_missed_is_caught_up_and_nothing_is_doubled(forum: Forum, people: People, db: Any) -> None:
    with clock.freeze(FRIDAY):
        schedule = scheduling.set_schedule(people.moderator(), forum.space("c2"), 4, "16:00", "Europe/Zurich")
        number = schedule.id
        assert scheduling.run(number) == []
    author = people.person(stakeholder_type="media")
    said = datetime(2026, 4, 3, 13, 59, tzinfo=UTC)
    discussions.open_discussion(
        SYSTEM,
        forum.space("c2"),
        "Late",
        "The last minute before the cut-off belongs to its week.",
        language="en",
        author=author,
        created_at=said,
    )
    with clock.freeze(FRIDAY + timedelta(days=17)):
        made = scheduling.run(number)
        assert len(made) == 2
        assert scheduling.run(number) == []
    with clock.freeze(FRIDAY + timedelta(days=8)):  # the clock was set back
        assert scheduling.run(number) == []
    assert db.session().scalar(select(func.count()).select_from(Digest)) == 2
    assert [queries.get_digest(SYSTEM, one).figures["posts"] for one in made] == [0, 1]
    told = db.session().scalars(select(DigestDelivery).where(DigestDelivery.kind == "draft")).all()
    assert len(told) == 2


@pytest.mark.parametrize(
    ("weekday", "at", "zone"), [(7, "16:00", "UTC"), (4, "25:00", "UTC"), (4, "", "UTC"), (4, "16:00", "Mars/Olympus")]
)
def test_bad_schedules_are_refused(forum: Forum, people: People, weekday: int, at: str, zone: str) -> None:
    with pytest.raises(Invalid):
        scheduling.set_schedule(people.moderator(), forum.space("c2"), weekday, at, zone)


def test_schedules_by_page(forum: Forum, people: People, client: FlaskClient, sign_in: Any) -> None:
    forum.space("c2")
    assert client.get("/digests/schedules").status_code in {302, 303, 401, 403}
    sign_in(people.person(role="moderator"))
    assert (
        client.post("/digests/schedules", data={"space": "c2", "weekday": "4", "at": "16:00", "zone": "Africa/Nairobi"}).status_code == 303
    )
    assert "Africa/Nairobi" in client.get("/digests/schedules").text
    assert client.post("/digests/schedules", data={"space": "c2", "weekday": "x", "at": "16:00", "zone": "UTC"}).status_code == 422


def test_inquiry(signed: Digest, forum: Forum, people: People, client: FlaskClient, sign_in: Any) -> None:
    contributor = people.actor(forum.authors["media"])
    with pytest.raises(Refused):
        inquiry.contest(people.participant(), signed, "I was not here.")
    with pytest.raises(Invalid):
        inquiry.contest(contributor, signed, "  ")
    first = inquiry.contest(contributor, signed, "I said more than that.")
    with pytest.raises(Refused):
        inquiry.answer(contributor, signed, first.id, "Yes.")
    with pytest.raises(NotFound):
        inquiry.answer(people.moderator(), signed, 999, "Yes.")
    assert inquiry.answer(people.moderator(), signed, first.id, "You did.", "Paragraph 4 should read otherwise.").corrigendum == 1
    with pytest.raises(Conflict):
        inquiry.answer(people.moderator(), signed, first.id, "Again.")
    page = client.get(f"/digests/{signed.id}/inquiry").text
    assert f"{signed.symbol}/Corr.1" in page
    assert "I said more than that." in page
    sign_in(forum.authors["media"])
    assert client.post(f"/digests/{signed.id}/inquiry", data={"text": ""}).status_code == 422
    assert client.post(f"/digests/{signed.id}/inquiry", data={"text": "And this."}).status_code == 303
    with clock.freeze(clock.now() + timedelta(days=31)), pytest.raises(Conflict):
        inquiry.contest(contributor, again(signed), "Too late.")
