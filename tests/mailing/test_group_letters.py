"""Mails about belonging to working groups."""

from __future__ import annotations

import re
from collections.abc import Callable

from flask.testing import FlaskClient

from alliance.core import clock, settings
from alliance.groups import belonging, founding, inviting, queries
from alliance.mailing import review_letters, services
from alliance.moderation import people as judging
from tests.grouping import CHARTER, founded, member, plan
from tests.mailing.test_services import mails, text
from tests.people import People
from tests.signing import signed_in

Drain = Callable[[], int]


def sent(drain: Drain) -> list[tuple[str, str]]:
    """(to, text) of every mail that has left by now."""
    drain()
    services.send_due()
    return [(str(one["To"]), text(one)) for one in mails(settings.current())]


def test_an_invitation_by_mail_leads_to_the_group(client: FlaskClient, people: People, drain: Drain) -> None:
    group = founded(people, visibility="private")
    slug = group.slug
    chair, somebody = member(people, group, "chair", name="Amina Chair"), people.participant()
    inviting.invite(chair, group, "new@example.net", "rapporteur")
    inviting.invite(chair, group, f"@{people.of(somebody).handle}")
    by_address = next(body for to, body in sent(drain) if "new@example.net" in to)
    assert "Amina Chair invites you" in by_address
    found = re.search(r"/groups/invitations/\S+", by_address)
    assert found is not None
    assert client.get(found[0]).status_code == 200
    stranger = people.participant()
    signed_in(client, stranger)
    assert client.post(found[0], data={"decision": "accept"}).location == f"/groups/{slug}"
    assert queries.get_group(stranger, slug).space.role_of(stranger.person_id) == "rapporteur"
    assert len(sent(drain)) == 2


def test_what_was_taken_back_is_not_sent(people: People, drain: Drain) -> None:
    group = founded(people, visibility="private")
    chair = member(people, group, "chair")
    inviting.revoke(chair, inviting.invite(chair, group, "new@example.net").id)
    assert sent(drain) == []


def test_chairs_hear_of_requests_and_askers_of_answers(people: People, drain: Drain) -> None:
    group = founded(people, joining="request")
    chair, somebody = member(people, group, "chair"), people.participant(name="Boris Asker")
    asked = belonging.ask(somebody, group, "We measure too.").id
    ((to, body),) = sent(drain)
    assert (people.of(chair).email or "") in to
    assert "We measure too." in body
    belonging.answer(chair, asked, admitted=False, reason="The group is full.")
    belonging.answer(chair, belonging.ask(somebody, queries.get_group(somebody, "measuring-access"), "Now?").id, admitted=True)
    told = [body for to, body in sent(drain) if (people.of(somebody).email or "") in to]
    assert any("You are now a member" in body for body in told)


def test_the_secretariat_and_the_proposer_are_told(people: People, drain: Drain) -> None:
    office, proposer = people.secretariat(), people.verified()
    number = founding.propose(proposer, plan(), CHARTER).id
    review_letters.note_all(clock.now())
    first = next(body for to, body in sent(drain) if (people.of(office).email or "") in to)
    assert ("Measuring access" in first, "Found the group" in first) == (True, True)
    founding.decide(office, number, approved=False, reason="There is one already.")
    assert any((people.of(proposer).email or "") in to and "There is one already." in body for to, body in sent(drain))


def test_chairs_hear_nothing_of_the_request_of_somebody_removed_meanwhile(people: People, drain: Drain) -> None:
    group = founded(people, joining="request")
    member(people, group, "chair")
    somebody = people.participant()
    belonging.ask(somebody, group, "We sell watches.")
    judging.decide(people.moderator(), somebody.person_id or 0, "remove", judging.Why("spam", "Sells watches."))
    assert [body for _to, body in sent(drain) if "watches" in body and "asks" in body] == []
