"""How an action line shows its authors: chosen by the secretariat, with a reason in the public log; what is said there follows."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from alliance.accounts import services as accounts
from alliance.core import db as database
from alliance.core import i18n
from alliance.core.errors import Conflict, Invalid, NotFound, Refused
from alliance.discussions import confiding as closing
from alliance.discussions import queries, recounting
from alliance.discussions import services as saying
from alliance.discussions.models import Discussion, Post
from alliance.groups.models import Space
from alliance.moderation import acts as wording
from alliance.moderation import lines, log
from alliance.moderation import queries as moderating
from alliance.policy import Actor
from tests import discussing
from tests.grouping import founded
from tests.people import People
from tests.signing import signed_in


def acts() -> list[tuple[str, str]]:
    """What the public log says, the newest first."""
    return [(one.act, one.detail) for one in moderating.log(Actor.guest())[0]]


def test_by_stakeholder_type_only(people: People, db: Any, client: FlaskClient) -> None:
    before = discussing.discussion(people.participant(name="Ada Before"), "Before", "Said with a name.")
    lines.choose(people.secretariat(), "c2", "type", "Asked for by those who speak there.")
    later = discussing.discussion(people.participant(name="Ben After"), "After", "Said without a name.")
    answer = saying.publish_post(people.participant(name="Cat After"), before, "Answered without a name.")
    before_id, later_id, answer_id = before.id, later.id, answer.id
    page = client.get(f"/d/{later_id}", follow_redirects=True).text
    assert "Ben After" not in page
    assert "Participant 1" in page
    page = client.get(f"/d/{before_id}", follow_redirects=True).text
    assert "Ada Before" in page
    assert "Cat After" not in page
    assert database.session().get_one(Post, answer_id).written_by_id is not None
    assert client.get(f"/api/v1/discussions/{later_id}").json["attribution"] == "type"  # type: ignore[index]
    assert client.get("/api/v1/spaces/c2").json["attribution"] == "type"  # type: ignore[index]
    assert "By their stakeholder type only" in client.get("/action-lines/c2").text
    assert acts() == [("attribute", "attribution:type")]
    entry = client.get("/moderation/log").text
    assert "Asked for by those who speak there." in entry
    assert "By their stakeholder type only" in entry
    assert log.verify() == (1, None)
    lines.choose(people.secretariat(), "c2", "named", "No longer needed.")
    named = discussing.discussion(people.participant(name="Dan Named"), "Named", "Said with a name again.")
    assert "Dan Named" in client.get(f"/d/{named.id}", follow_redirects=True).text
    assert "Ben After" not in client.get(f"/d/{later_id}", follow_redirects=True).text
    assert len(recounting.check()) == 0


def test_closed_with_public_summaries(people: People, db: Any, client: FlaskClient) -> None:
    outsider, inside = people.participant(), people.verified()
    found = discussing.discussion(outsider, "What was open", "Said in public.").id
    path = f"/d/{found}"
    for _again in range(2):
        assert "Said in public." in client.get(path, follow_redirects=True).text
    lines.choose(people.secretariat(), "c2", "closed", "They speak in confidence.")
    assert "Said in public." not in client.get(path, follow_redirects=True).text
    assert "What was open" in client.get("/action-lines/c2").text
    for actor in (Actor.guest(), outsider):
        with pytest.raises(NotFound):
            queries.get_discussion(actor, found)
    assert queries.get_discussion(inside, found).id == found
    space = database.session().get_one(Space, discussing.space().id)
    assert (space.posts_count, space.discussions_count) == (0, 0)
    with pytest.raises(Refused):  # nobody writes where they cannot read
        saying.open_discussion(outsider, space, "Mine", "Words.")
    later = saying.open_discussion(inside, space, "Another one", "In confidence.")
    assert later.confided_at is not None
    later_id = later.id
    with pytest.raises(Conflict, match="secretariat"), database.transaction():
        closing.open_again(later_id, inside.person_id, lambda _found: False)
    assert acts() == [("confide", ""), ("attribute", "attribution:closed")]
    for path in ("/moderation/log", "/moderation/log.atom"):
        assert "The secretariat closes all of its discussions." in client.get(path).text
    lines.choose(people.secretariat(), "c2", "named", "Done.")
    with pytest.raises(NotFound):  # what was closed stays closed
        queries.get_discussion(outsider, later_id)
    space = database.session().get_one(Space, space.id)
    assert saying.open_discussion(outsider, space, "Mine", "Words.").confided_at is None
    assert database.session().get_one(Discussion, found).confided_at is not None
    assert len(recounting.check()) == 0
    assert log.verify()[1] is None


def test_why_settings_closed_something_is_said_in_the_language_of_who_reads(people: People, db: Any, client: FlaskClient) -> None:
    discussing.discussion(people.participant())
    lines.choose(people.secretariat(), "c2", "closed", "The secretariat closes all of its discussions.")
    by_itself, by_hand = moderating.log(Actor.guest())[0]
    assert (by_itself.role, by_hand.role, by_itself.reason) == ("system", "secretariat", by_hand.reason)
    with i18n.use_locale("fr"):
        assert (wording.reason(by_itself), wording.reason(by_hand)) == (i18n.gettext(by_itself.reason), by_hand.reason)
        told = i18n.gettext(wording.OF_LINE)
    assert {wording.OF_GROUP, wording.OF_LINE} == wording.WRITTEN.keys()
    said = [one["reason"] for one in client.get("/api/v1/moderation/log", headers={"Accept-Language": "fr"}).json["items"]]  # type: ignore[index]
    assert (said, told == wording.OF_LINE) == ([told, wording.OF_LINE], False)
    assert all(isinstance(one, i18n.Lazy) for one in wording.WRITTEN.values())


def test_only_the_secretariat_of_action_lines_with_a_reason(people: People, db: Any) -> None:
    discussing.space()
    group = founded(people)
    for actor in (people.moderator(), people.participant()):
        with pytest.raises(Refused):
            lines.choose(actor, "c2", "type", "Because.")
    with pytest.raises(Refused):
        lines.choose(people.secretariat(), group.slug, "type", "Because.")
    for given in (("type", " "), ("nameless", "Because."), ("named", "Because.")):
        with pytest.raises(Invalid):
            lines.choose(people.secretariat(), "c2", *given)
    with pytest.raises(NotFound):
        lines.choose(people.secretariat(), "c99", "type", "Because.")
    assert (discussing.space().attribution, acts()) == ("named", [])


def test_the_page_and_the_api(app: Flask, people: People, db: Any) -> None:
    discussing.space()
    secretary = people.secretariat()
    client = signed_in(app.test_client(), secretary)
    assert "/admin/attribution" in client.get("/admin").text
    page = client.get("/admin/attribution?line=c2")
    assert page.status_code == 200
    assert 'value="c2"' in page.text
    lacking = client.post("/admin/attribution", data={"line": "c2", "attribution": "type", "reason": ""})
    assert lacking.status_code == 422
    assert "Give a reason" in lacking.text
    done = client.post("/admin/attribution", data={"line": "c2", "attribution": "type", "reason": "Because."})
    assert (done.status_code, discussing.space().attribution) == (303, "type")
    assert "By their stakeholder type only" in client.get("/admin/attribution").text
    moderator = signed_in(app.test_client(), people.moderator())
    assert moderator.get("/admin/attribution").status_code == 403
    token = accounts.create_token(People.of(secretary), "admin")
    asked = {"json": {"attribution": "named", "reason": "Because."}, "headers": {"Authorization": f"Bearer {token}"}}
    answer = app.test_client().put("/api/v1/spaces/c2/attribution", **asked)  # type: ignore[arg-type]
    assert answer.status_code in {200, 204}
    assert discussing.space().attribution == "named"
    assert app.test_client().put("/api/v1/spaces/c2/attribution", **asked).status_code == 422  # type: ignore[arg-type]
