"""Reading discussions: the balance of voices."""

from __future__ import annotations

from alliance.core.vocabulary import STAKEHOLDER_TYPES
from alliance.discussions import queries, services
from alliance.policy import Actor
from tests import discussing
from tests.people import People


def test_voices_count_what_may_be_read_and_name_who_was_not_heard(people: People) -> None:
    ministry, network = people.participant(stakeholder_type="government"), people.participant(stakeholder_type="civil_society")
    found = discussing.discussion(ministry)
    discussing.reply(network, found)
    services.withdraw_post(network, discussing.reply(network, found, body="Something to take back."))
    voices = queries.voices(Actor.guest(), found.id)
    assert [kind for kind, _count in voices] == list(STAKEHOLDER_TYPES)
    assert {kind: count for kind, count in voices if count} == {"government": 1, "civil_society": 1}


def test_who_states_no_type_is_counted_as_such(people: People) -> None:
    found = discussing.discussion(people.participant(stakeholder_type=None))
    assert queries.voices(Actor.guest(), found.id)[-1] == (None, 1)
