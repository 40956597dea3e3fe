"""What moderators are told of a period: counted right, of what they keep order over and of nothing else, in few statements."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from lxml import html

from alliance.accounts import passwords
from alliance.accounts import services as accounts
from alliance.core import clock
from alliance.core import db as database
from alliance.core.errors import Invalid
from alliance.discussions import services as discussions
from alliance.discussions.models import Post
from alliance.groups.models import Space
from alliance.moderation import appeals, counting, items, queries, services, statistics
from alliance.moderation import people as judging
from alliance.moderation.figures import Statistics, Wanted
from alliance.policy import Actor
from tests import discussing, grouping
from tests.counting import statements
from tests.people import PASSWORD, People

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAYS = Wanted(date(2026, 3, 2), date(2026, 3, 8))


@pytest.fixture
def week(db: Any, people: People) -> dict[str, Any]:
    """A week: posts of two types, flags, decisions, one taken back, one reversed on appeal."""
    one, other = people.moderator(), people.moderator()
    author = people.participant(posts_count=9, stakeholder_type="government")
    with clock.freeze(MONDAY):
        found = discussing.discussion(author)
        posts = [discussing.reply(author, found, body=f"The users do, number {number}.") for number in range(3)]
    with clock.freeze(MONDAY + timedelta(days=1)):
        voice = people.participant(posts_count=9, stakeholder_type="media")
        discussing.reply(voice, found, body="Nobody does.")
        for post in posts:
            services.flag_post(people.participant(), post.id, "spam")
        services.flag_post(people.participant(), posts[0].id, "off_topic")
    waiting = {item.post_id: item for item in queries.queue(one)[0] and [entry.item for entry in queries.queue(one)[0]]}
    with clock.freeze(MONDAY + timedelta(days=1, hours=2)):
        items.decide(one, waiting[posts[0].id].id, "hide", "spam")
    with clock.freeze(MONDAY + timedelta(days=1, hours=4)):
        items.decide(one, waiting[posts[1].id].id, "keep")
        items.undo(one, waiting[posts[1].id].id)
    with clock.freeze(MONDAY + timedelta(days=2)):
        appeals.appeal(author, posts[0].id, "It sells nothing.")
        [appeal] = [entry.item for entry in queries.queue(other)[0] if entry.item.kind == "appeal"]
        items.decide(other, appeal.id, "grant", "", "Right.")
    return {"moderator": one, "author": author, "space": found.space, "posts": posts}


def figures(actor: Actor, wanted: Wanted = DAYS) -> Statistics:
    return counting.of(actor, wanted)


class TestFigures:
    def test_activity_by_day(self, week: dict[str, Any]) -> None:
        found = figures(week["moderator"])
        assert [one.begins.day for one in found.activity] == [2, 3, 4, 5, 6, 7, 8]
        told = [(one.discussions, one.posts, one.people, one.flags, one.held, one.decided) for one in found.activity[:3]]
        assert told == [(1, 4, 1, 0, 0, 0), (0, 1, 1, 4, 0, 1), (0, 0, 0, 0, 0, 1)]
        assert (found.people, found.is_empty) == (2, False)

    def test_activity_by_week_begins_on_mondays(self, week: dict[str, Any]) -> None:
        found = figures(week["moderator"], Wanted(date(2026, 2, 19), date(2026, 4, 1)))
        assert [one.begins.isoformat() for one in found.activity][:3] == ["2026-02-16", "2026-02-23", "2026-03-02"]
        assert [one.posts for one in found.activity] == [0, 0, 5, 0, 0, 0, 0]

    def test_times_to_decide_and_what_waits(self, week: dict[str, Any]) -> None:
        by_kind = {one.kind: one for one in figures(week["moderator"]).responses}
        flags = by_kind["flag"]
        assert (flags.decided, flags.median, flags.ninety) == (1, 7200, 7200)
        assert (flags.waiting, flags.oldest) == (2, MONDAY + timedelta(days=1))
        assert (by_kind["appeal"].decided, by_kind["appeal"].median, by_kind["appeal"].waiting) == (1, 0, 0)

    @pytest.mark.parametrize(("hours", "median", "ninety"), [((1, 2), 1.5, 2), ((1, 2, 9), 2, 9), (tuple(range(1, 21)), 10.5, 18)])
    def test_the_middle_and_nine_of_ten(self, db: Any, people: People, hours: tuple[int, ...], median: float, ninety: int) -> None:
        moderator, author = people.moderator(), people.participant(posts_count=9)
        found = discussing.discussion(author)
        for took in hours:
            with clock.freeze(MONDAY):
                post = discussing.reply(author, found, body=f"It took {took} hours to say so.")
                services.flag_post(people.participant(), post.id, "spam")
            with clock.freeze(MONDAY + timedelta(hours=took)):
                services.dismiss(moderator, post.id, "Fine.")
        [one] = [one for one in figures(moderator).responses if one.kind == "flag"]
        assert (one.decided, one.median, one.ninety) == (len(hours), median * 3600, ninety * 3600)

    def test_flags_by_reason(self, week: dict[str, Any]) -> None:
        told = {one.reason: (one.flags, one.upheld, one.dismissed, one.open, one.closed) for one in figures(week["moderator"]).flags}
        assert (told["spam"], told["off_topic"], told["unlawful"]) == ((3, 1, 0, 2, 0), (1, 1, 0, 0, 0), (0, 0, 0, 0, 0))

    def test_decisions_with_what_became_of_them(self, week: dict[str, Any]) -> None:
        told = {one.act: (one.number, one.undone, one.appealed, one.reversed) for one in figures(week["moderator"]).decisions}
        assert told == {"hide": (1, 0, 1, 1), "dismiss": (1, 1, 0, 0), "grant_appeal": (1, 0, 0, 0)}

    def test_decisions_about_people(self, db: Any, people: People) -> None:
        moderator, person = people.moderator(), people.person()
        with clock.freeze(MONDAY):
            judging.decide(moderator, person.id, "warn", judging.Why(reason="Be kind."))
            judging.take_back(moderator, judging.decide(moderator, person.id, "warn", judging.Why(reason="Again.")).id, "A mistake.")
        told = {one.act: (one.number, one.undone) for one in figures(moderator).decisions}
        assert told == {"warn": (2, 1)}

    def test_balance_by_stakeholder_type(self, week: dict[str, Any]) -> None:
        told = {one.type: (one.posts, one.people, one.flags, one.left, one.against) for one in figures(week["moderator"]).balance}
        assert told["government"] == (4, 1, 4, 1, 1)
        assert told["media"] == (1, 1, 0, 0, 0)
        assert (told["civil_society"], None in told) == ((0, 0, 0, 0, 0), False)

    def test_outside_the_period_is_nothing(self, week: dict[str, Any]) -> None:
        found = figures(week["moderator"], Wanted(date(2026, 3, 9), date(2026, 3, 15)))
        assert (found.is_empty, found.people, [one.waiting for one in found.responses]) == (True, 0, [2])

    def test_a_space_alone(self, week: dict[str, Any]) -> None:
        elsewhere = discussing.space("c5")
        found = figures(week["moderator"], Wanted(DAYS.since, DAYS.until, elsewhere))
        assert (found.is_empty, found.responses) == (True, [])
        here = figures(week["moderator"], Wanted(DAYS.since, DAYS.until, week["space"]))
        assert (here.people, sum(one.flags for one in here.activity), len(here.decisions)) == (2, 4, 3)


class TestSight:
    def test_a_private_group_counts_for_its_own_moderators_only(self, db: Any, people: People) -> None:
        group = grouping.founded(people, "Secret", visibility="private")
        chair, member = grouping.member(people, group, "chair"), grouping.member(people, group, posts_count=9)
        with clock.freeze(MONDAY):
            found = discussions.open_discussion(member, group.space, "A secret question", "What do we do about it?")
            post = discussing.reply(member, found, body="Nothing that is told.")
            services.flag_post(chair, post.id, "spam")
            services.hide(chair, post.id, "Off.")
        mine = figures(chair)
        assert (mine.people, sum(one.posts for one in mine.activity), sum(one.flags for one in mine.flags)) == (1, 1, 1)
        assert [one.act for one in mine.decisions] == ["hide"]
        assert [one.code for one in counting.spaces(chair)] == [group.slug]
        for actor in (people.moderator(), people.secretariat(), member, people.participant(), Actor.guest()):
            theirs = figures(actor)
            assert (theirs.is_empty, theirs.responses, theirs.people) == (True, [], 0)
            assert group.slug not in {one.code for one in counting.spaces(actor)}

    def test_a_chair_counts_the_group_and_nothing_else(self, week: dict[str, Any], people: People) -> None:
        chair = grouping.member(people, grouping.founded(people), "chair")
        found = figures(chair)
        assert (found.is_empty, found.responses) == (True, [])

    def test_the_page_is_there_for_those_who_keep_order(self, client: FlaskClient, people: People) -> None:
        def status(**columns: Any) -> tuple[int, int, int]:
            visitor = client.application.test_client()
            person = people.person(password_hash=passwords.make(PASSWORD), **columns)
            visitor.post("/sign-in", data={"email": person.email, "password": PASSWORD})
            addresses = "/moderation/statistics", "/moderation/statistics/flags.csv", "/api/v1/moderation/statistics"
            first, second, third = (visitor.get(one).status_code for one in addresses)
            return first, second, third

        assert status(role="moderator") == status(role="secretariat") == (200, 200, 200)
        assert status() == (404, 404, 404)
        assert client.get("/moderation/statistics").location.startswith("/sign-in")
        assert client.get("/api/v1/moderation/statistics").status_code == 404


@pytest.fixture
def moderator(client: FlaskClient, people: People) -> FlaskClient:
    person = people.person(role="moderator", password_hash=passwords.make(PASSWORD))
    client.post("/sign-in", data={"email": person.email, "password": PASSWORD})
    return client


PERIOD = "from=2026-03-02&to=2026-03-08"


class TestPage:
    def test_tables_and_charts_say_the_same(self, moderator: FlaskClient, week: dict[str, Any]) -> None:
        page = html.fromstring(moderator.get(f"/moderation/statistics?{PERIOD}").text)
        sections = page.xpath("//section[@class='figures']")
        assert [one.xpath("h2/@id")[0] for one in sections] == ["activity", "responses", "flags", "decisions", "balance"]
        for one in sections:
            assert one.xpath(".//table/caption")
            assert one.xpath(".//thead//th[@scope='col']")
            assert one.xpath(".//tbody//th[@scope='row']")
            drawn = one.xpath(".//*[local-name()='svg']")[0]
            assert drawn.xpath("@role") == ["img"]
            assert all(drawn.xpath(f"string(.//*[@id='{name}'])").strip() for name in drawn.get("aria-labelledby").split())
            assert not drawn.xpath(".//@style")
            assert drawn.xpath(".//*[local-name()='rect']")
        flags = next(one for one in sections if one.xpath("h2/@id") == ["flags"])
        assert [cell.strip() for cell in flags.xpath(".//tbody/tr[1]/*/text()")] == ["Off topic here", "1", "1", "0", "0", "0"]
        assert "Advertising or spam: 3" in flags.xpath("string(.//*[local-name()='desc'])")

    def test_a_table_is_given_as_csv(self, moderator: FlaskClient, week: dict[str, Any]) -> None:
        answer = moderator.get(f"/moderation/statistics/responses.csv?{PERIOD}")
        assert answer.content_type == "text/csv; charset=utf-8"
        assert "responses-2026-03-02-2026-03-08.csv" in answer.headers["Content-Disposition"]
        head, *rows = csv.reader(io.StringIO(answer.data.decode("utf-8-sig")))
        assert head[:3] == ["Code", "What waits", "Decided"]
        assert {row[0]: row[2:6] for row in rows}["flag"] == ["1", "7200", "7200", "2"]
        assert moderator.get("/moderation/statistics/secrets.csv").status_code == 404

    def test_every_table_is_given_as_csv(self, moderator: FlaskClient, week: dict[str, Any]) -> None:
        for name in ("activity", "flags", "decisions", "balance"):
            rows = list(csv.reader(io.StringIO(moderator.get(f"/moderation/statistics/{name}.csv?{PERIOD}").data.decode("utf-8-sig"))))
            assert (len(rows) > 1, {len(row) for row in rows}) == (True, {len(rows[0])}), name

    def test_an_empty_period_says_so(self, moderator: FlaskClient) -> None:
        page = moderator.get("/moderation/statistics?from=2001-01-01&to=2001-01-31").text
        assert "Nothing happened in this period." in page
        assert "<svg class=" not in page

    @pytest.mark.parametrize(
        ("query", "said"),
        [
            ("from=2026-02-31", "Give a day like 2026-05-31."),
            ("from=2026-03-08&to=2026-03-02", "The last day is before the first day."),
            ("from=2020-01-01&to=2026-03-02", "Choose a period of at most 366 days."),
            ("from=0001-01-01&to=0001-01-02", "Give a day of the years 1990 to 2999."),
            ("to=9999-12-31", "Give a day of the years 1990 to 2999."),
            ("from=nonsense", "Give a day like 2026-05-31."),
            ("space=nowhere", "Choose one of the list."),
            ("period=77", "Choose one of the list."),
        ],
    )
    def test_a_wrong_period_comes_back_with_a_message(self, moderator: FlaskClient, query: str, said: str) -> None:
        answer = moderator.get(f"/moderation/statistics?{query}")
        assert answer.status_code == 422
        assert said in answer.text
        assert not query.startswith(("from", "to")) or f'value="{query.split("&", maxsplit=1)[0].split("=")[1]}"' in answer.text
        assert moderator.get(f"/moderation/statistics/flags.csv?{query}").status_code == 422

    def test_a_private_space_is_as_unknown_as_one_that_is_not_there(self, moderator: FlaskClient, people: People) -> None:
        grouping.founded(people, "Secret", visibility="private")
        there, nowhere = (moderator.get(f"/moderation/statistics?space={code}") for code in ("secret", "nowher"))
        assert there.status_code == nowhere.status_code == 422
        assert len(there.text) == len(nowhere.text)

    def test_the_queue_and_administration_lead_there(self, moderator: FlaskClient, people: People) -> None:
        assert 'href="/moderation/statistics"' in moderator.get("/moderation").text

    def test_in_arabic_time_runs_from_the_right(self, moderator: FlaskClient, week: dict[str, Any]) -> None:
        page = html.fromstring(moderator.get(f"/moderation/statistics?{PERIOD}&lang=ar").text)
        drawn = page.xpath("//section[h2/@id='activity']//*[local-name()='svg']")[0]
        assert float(drawn.xpath(".//*[local-name()='rect']/@x")[0]) > 160


class TestPrograms:
    def test_they_read_the_same(self, client: FlaskClient, week: dict[str, Any], people: People) -> None:
        token = accounts.create_token(people.of(week["moderator"]), "read")
        headers = {"Authorization": f"Bearer {token}"}
        told = client.get(f"/api/v1/moderation/statistics?{PERIOD}&space=c2", headers=headers).json
        assert (told["from"], told["to"], told["space"], told["people"]) == ("2026-03-02", "2026-03-08", "c2", 2)
        assert told["decisions"][0].keys() == {"act", "number", "undone", "appealed", "reversed"}
        assert [one["posts"] for one in told["activity"]] == [4, 1, 0, 0, 0, 0, 0]
        for query in ("days=0", "days=367", "from=x", "from=2026-03-08&to=2026-03-02", "space=nowhere", "other=1"):
            assert client.get(f"/api/v1/moderation/statistics?{query}", headers=headers).status_code == 422, query

    def test_they_may_ask_for_days_up_to_one(self, db: Any) -> None:
        asked = statistics.wanted([], 7, None, date(2026, 3, 8))
        assert (asked.since, asked.until) == (date(2026, 3, 2), date(2026, 3, 8))
        with pytest.raises(Invalid):
            statistics.wanted([Space(code="c1")], 7, None, None, "c2")


def test_statements_do_not_grow(week: dict[str, Any], people: People) -> None:
    moderator = week["moderator"]
    with statements() as few:
        figures(moderator)
    author = people.participant(posts_count=9, stakeholder_type="private_sector")
    with clock.freeze(MONDAY):
        for number in range(20):
            post = discussing.reply(
                author, database.session().get_one(Post, week["posts"][0].id).discussion, body=f"And number {number} too."
            )
            services.flag_post(people.participant(), post.id, "disrespectful")
    with statements() as many:
        found = figures(moderator, Wanted(date(2025, 6, 1), date(2026, 3, 31)))
    assert sum(one.flags for one in found.activity) == 24
    assert len(many) == len(few) <= 16
