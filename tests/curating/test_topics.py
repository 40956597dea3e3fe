"""Topics: a list the secretariat keeps, given to discussions, shown, filtered by, taken along."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from alliance import events
from alliance.core import db as database
from alliance.core import outbox
from alliance.core.errors import Invalid, NotFound, Refused
from alliance.core.i18n import LANGUAGES
from alliance.curating import topics
from alliance.discussions import listing
from alliance.discussions import topics as known
from alliance.discussions.models import Discussion, Post
from alliance.moderation import moves, queries
from alliance.policy import Actor
from tests import discussing
from tests.grouping import founded, member
from tests.people import People
from tests.signing import signed_in


@pytest.fixture(autouse=True)
def seeded(db: Any) -> None:
    known.load_reference()


def keys(discussion_id: int) -> list[str]:
    return known.keys_of([discussion_id]).get(discussion_id, [])


def found(actor: Actor, key: str, limit: int = 30, after: str | None = None, **more: Any) -> tuple[list[int], str | None]:
    wanted = listing.Wanted(topic=known.by_key(key), **more)
    rows, following = listing.discussions(actor, None, wanted, after, limit)
    return [row.id for row in rows], following


def test_the_list_comes_in_six_languages_once_and_edits_stay(people: People) -> None:
    listed = known.every()
    assert len(listed) >= 15
    assert all(set(one.labels) == set(LANGUAGES) for one in listed)
    topics.save(people.secretariat(), "skills", {"en": "Skills for all"}, retired=True)
    assert known.load_reference() == 0
    skills = known.by_key("skills")
    assert skills is not None
    assert skills.labels == {"en": "Skills for all"}
    assert skills.label("fr") == "Skills for all"
    assert "skills" not in {one.key for one in known.every()}
    topics.save(people.secretariat(), "skills", {"en": "Skills for all", "fr": "Compétences"})
    assert "skills" in {one.key for one in known.every()}
    assert skills.label("fr") == "Compétences"


def test_what_is_wrong_with_a_topic_is_said_by_field(people: People) -> None:
    by = people.secretariat()
    for labels, field in (
        ({"fr": "Santé"}, "en"),
        ({"en": "x" * 81}, "en"),
        ({"en": "Good", "ru": "ж" * 81}, "ru"),
        ({"en": "Gender"}, "en"),
    ):
        with pytest.raises(Invalid) as wrong:
            topics.save(by, None, labels)
        assert field in wrong.value.errors
    with pytest.raises(NotFound):
        topics.save(by, "nothing", {"en": "Nothing"})
    for actor in (Actor.guest(), people.participant(), people.moderator()):
        with pytest.raises(Refused):
            topics.save(actor, None, {"en": "Mine"})


def test_whoever_opens_a_discussion_chooses_its_topics(people: People) -> None:
    author = people.participant()
    made = known.open_discussion(author, discussing.space(), "A question", "What now?", topics=["skills", "health", "skills"])
    assert keys(made.id) == ["skills", "health"]
    assert queries.log(Actor.guest())[0] == []
    with pytest.raises(Invalid):
        known.open_discussion(author, discussing.space(), "Another", "What now?", topics=["no-such"])
    with pytest.raises(Invalid):
        known.open_discussion(
            author, discussing.space(), "Another", "What now?", topics=[one.key for one in known.every()[: known.MOST + 1]]
        )
    assert database.session().query(Discussion).count() == 1
    with pytest.raises(Refused):  # afterwards only who moderates
        topics.tag(author, made.id, ["gender"])


def test_a_moderator_says_which_topics_a_discussion_has_and_the_log_tells(people: People) -> None:
    made, moderator = discussing.discussion(people.participant()), people.moderator()
    version = made.version
    topics.tag(moderator, made.id, ["gender", "skills"])
    topics.tag(moderator, made.id, ["skills", "gender"])  # changes nothing, tells nobody
    database.session().refresh(made)
    assert (keys(made.id), made.version) == (["skills", "gender"], version + 1)
    changed = [one.event for one in outbox.read(0, 100) if isinstance(one.event, events.DiscussionChanged)]
    assert [one.discussion_id for one in changed] == [made.id]
    topics.tag(moderator, made.id, [])
    assert [(one.act, one.reason) for one in queries.log(Actor.guest())[0]] == [
        ("untag", ""),
        ("tag", "Gender equality, Digital skills and literacy"),
    ]
    with pytest.raises(Invalid):
        topics.tag(moderator, made.id, ["no-such"])


def test_a_retired_topic_stays_where_it_is_and_goes_nowhere_else(people: People) -> None:
    moderator, author = people.moderator(), people.participant()
    one, other = discussing.discussion(author), discussing.discussion(author)
    topics.tag(moderator, one.id, ["gender"])
    topics.save(people.secretariat(), "gender", {"en": "Gender equality"}, retired=True)
    topics.tag(moderator, one.id, ["gender", "health"])
    assert (keys(one.id), found(author, "gender")[0]) == (["gender", "health"], [one.id])
    with pytest.raises(Invalid):
        topics.tag(moderator, other.id, ["gender"])


def test_the_discussions_of_a_topic_page_by_page(people: People) -> None:
    author = people.participant()
    made = [known.open_discussion(author, discussing.space(), f"Number {n}", "What now?", topics=["health"]).id for n in range(5)]
    discussing.discussion(author)
    for sort in ("active", "new", "top"):
        first, after = found(author, "health", 3, sort=sort)
        rest, end = found(author, "health", 3, after, sort=sort)
        assert ([*first, *rest], end) == (made[::-1], None)


def test_what_lies_in_a_private_group_is_in_nobody_elses_list(people: People) -> None:
    group = founded(people, visibility="private")
    inside = member(people, group)
    made = known.open_discussion(inside, group.space, "A secret", "What now?", topics=["health"])
    assert (found(inside, "health")[0], found(people.participant(), "health")[0]) == ([made.id], [])
    with pytest.raises(NotFound):
        topics.tag(people.participant(), made.id, ["gender"])
    topics.tag(member(people, group, "rapporteur"), made.id, ["gender"])
    assert keys(made.id) == ["gender"]
    with pytest.raises(Refused):
        topics.tag(inside, made.id, [])


def test_topics_go_along_when_posts_are_split_off_merged_and_put_back(people: People) -> None:
    moderator, author = people.moderator(), people.participant()
    one, other = discussing.discussion(author), discussing.discussion(author)
    topics.tag(moderator, one.id, ["skills", "health"])
    topics.tag(moderator, other.id, ["health", "gender"])
    reply: Post = discussing.reply(author, one, body="Something else.")
    apart = moves.branches(moderator, one.id, [reply.number], title="Something else", reason="Another matter").target
    assert keys(apart.id) == ["skills", "health"]
    merged = moves.merge(moderator, one.id, str(other.id), "The same").move
    assert keys(other.id) == ["skills", "gender", "health"]
    moves.put_back(moderator, merged.id)
    assert (keys(one.id), keys(other.id)) == (["skills", "health"], ["gender", "health"])


def test_on_pages_and_in_feeds(client: FlaskClient, people: People) -> None:
    made = known.open_discussion(people.participant(), discussing.space(), "A question", "What do nurses say?", topics=["health"])
    other = discussing.discussion(people.participant(), title="Another one", body="Nothing of it.")
    path, other_path = f"/d/{made.id}/{made.slug}", f"/d/{other.id}/"
    page = client.get(path).get_data(as_text=True)
    assert '<a class="topic" href="/latest?topic=health">Health</a>' in page
    assert ">Santé</a>" in client.get(f"{path}?lang=fr").get_data(as_text=True)
    listed = client.get("/latest?topic=health&lang=en").get_data(as_text=True)
    assert path in listed
    assert other_path not in listed
    assert 'value="health" selected' in listed
    assert other_path in client.get("/latest?topic=no-such").get_data(as_text=True)
    feed = client.get("/feeds/topics/health.atom").get_data(as_text=True)
    assert "What do nurses say?" in feed
    assert "Nothing of it." not in feed
    assert client.get("/feeds/topics/no-such.atom").status_code == 404
    assert "/latest?topic=gender" in client.get("/topics").get_data(as_text=True)
    topics.save(people.secretariat(), "health", {"en": "Health for all"})
    assert ">Health for all</a>" in client.get(f"{path}?lang=en").get_data(as_text=True)  # kept pages are made anew
    assert ">Health for all</a>" in client.get("/latest?topic=health").get_data(as_text=True)


def test_by_forms_and_api(client: FlaskClient, people: People) -> None:
    made = discussing.discussion(people.participant()).id
    secretary, moderator = people.secretariat(), people.moderator()
    signed_in(client, secretary)
    assert client.post("/admin/topics/new", data={"en": ""}).status_code == 422
    assert client.post("/admin/topics/new", data={"en": "Space weather", "ar": "طقس الفضاء"}).status_code == 303
    assert client.post("/admin/topics/space-weather", data={"en": "Space weather", "retired": "y"}).status_code == 303
    assert "retired" in client.get("/admin/topics").get_data(as_text=True)
    signed_in(client, moderator)
    assert client.get("/admin/topics").status_code == 403
    path = f"/moderation/discussions/{made}/topics"
    assert client.post(path, data={"topics": ["skills", "no-such"]}).status_code == 422
    assert client.post(path, data={"topics": ["skills", "gender"]}).status_code == 303
    assert client.get(path).get_data(as_text=True).count(" checked") == 2
    assert keys(made) == ["skills", "gender"]
    assert client.get(f"/api/v1/discussions/{made}").get_json()["topics"] == ["skills", "gender"]
    listed = client.get("/api/v1/discussions?topic=gender").get_json()["items"]
    assert [(one["id"], one["topics"]) for one in listed] == [(made, ["skills", "gender"])]
    assert client.get("/api/v1/discussions?topic=no-such").status_code == 404
    given = {one["key"]: one for one in client.get("/api/v1/topics").get_json()["items"]}
    assert given["space-weather"]["retired"]
    assert given["skills"]["labels"]["zh"] == "数字技能和数字素养"
