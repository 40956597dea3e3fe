"""Telling many, telling once, and never telling what is muted or not to be read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from alliance.accounts.models import Person
from alliance.core import clock, outbox
from alliance.core import db as database
from alliance.discussions.models import Discussion, Post
from alliance.groups.models import Space
from alliance.mailing import services as mailing
from alliance.mailing.models import OutgoingMail
from alliance.moderation import services as moderation
from alliance.notifications import handlers, queries, telling
from alliance.notifications.models import Notification
from alliance.policy import Actor
from alliance.signals import services as signals
from alliance.watching import services as watching
from alliance.watching.models import BY_DEFAULT, Watch
from tests import discussing
from tests.counting import statements
from tests.people import People

Drain = Callable[[], int]


def told(kind: str | None = None) -> list[tuple[int, str, int]]:
    database.release()
    rows = database.session().scalars(select(Notification).order_by(Notification.id))
    return [(row.person_id, row.kind, row.post_id) for row in rows if kind in {None, row.kind}]


def say(actor: Actor, discussion_id: int, body: str = "An answer.") -> int:
    return discussing.reply(actor, database.session().get_one(Discussion, discussion_id), body=body).id


def again() -> None:
    """Every listener reads the whole log once more."""
    handlers.on_events([one for one in outbox.read(0, 1000) if type(one.event).__name__ in _KINDS])


_KINDS = {"PostPublished", "PostSignalled", "PostHidden", "PostRestored", "FlagsDecided"}


def crowd(people: People, discussion_id: int, size: int) -> list[int]:
    """Many who watch a discussion."""
    now = clock.now()
    with database.transaction() as session:
        common = {"name": "One of many", "languages": [], "confirmed_at": now, "created_at": now}
        session.execute(insert(Person), [{"handle": f"many-{n}", "email": f"many{n}@example.org", **common} for n in range(size)])
        ids = list(session.scalars(select(Person.id).where(Person.name == "One of many").order_by(Person.id)))
        session.execute(
            insert(Watch),
            [{"person_id": n, "discussion_id": discussion_id, "level": "watch", "created_at": now - timedelta(1)} for n in ids],
        )
    return ids


def test_five_hundred_watchers_are_told_by_a_handful_of_statements(people: People, drain: Drain) -> None:
    opener, writer = people.participant(), people.participant()
    discussion = discussing.discussion(opener).id
    drain()
    say(writer, discussion)
    with statements() as alone:
        drain()
    ids = crowd(people, discussion, 520)
    post = say(writer, discussion)
    with statements() as seen:
        drain()
    assert sorted(person for person, _kind, about in told("watched") if about == post) == ids
    # Two batches instead of one: a transaction more, not five hundred.
    assert len(seen) <= len(alone) + 20
    again()
    assert len([1 for _person, _kind, about in told("watched") if about == post]) == 520


def test_publishing_asks_no_more_when_many_watch(people: People, drain: Drain) -> None:
    opener, writer = people.participant(), people.participant()
    discussion = discussing.discussion(opener).id
    say(writer, discussion)
    counted = []
    for size in (0, 300):
        if size:
            crowd(people, discussion, size)
        with statements() as seen:
            say(writer, discussion)
        counted.append(len(seen))
    assert counted[0] == counted[1]


def test_levels_decide(people: People, drain: Drain) -> None:
    opener, writer = people.participant(), people.participant()
    discussion = discussing.discussion(opener).id
    by_level = {level: people.participant(handle=f"i-{level}") for level in ("watch", "track", "normal", "mute")}
    of_space, muted_there = people.participant(), people.participant()
    for level, actor in by_level.items():
        watching.choose(actor, discussion, level)
    for actor in (of_space, muted_there):
        watching.choose_space(actor, "c2", "watch")
    watching.choose(muted_there, discussion, "mute")
    drain()
    post = say(writer, discussion)
    named = say(writer, discussion, "What do you say, @i-watch @i-track @i-normal @i-mute?")
    drain()
    assert [person for person, _kind, about in told("watched") if about == post] == [by_level["watch"].person_id, of_space.person_id]
    assert [person for person, _kind, _about in told("mention")] == [by_level[one].person_id for one in ("watch", "track", "normal")]
    assert [person for person, _kind, about in told("watched") if about == named] == [of_space.person_id]


def test_the_opener_is_told_of_every_post_until_they_watch_no_more(people: People, drain: Drain) -> None:
    opener, one, two = (people.participant() for _ in range(3))
    discussion = discussing.discussion(opener).id
    first = say(one, discussion)
    watching.choose(opener, discussion, "normal")
    with database.transaction():
        found = database.session().get_one(Discussion, discussion)
        parent = database.session().get_one(Post, first)
        discussing.reply(two, found, parent)
    drain()
    assert [about for person, _kind, about in told() if person == opener.person_id] == [first]


def test_who_begins_to_watch_is_not_told_of_older_posts(people: People, drain: Drain) -> None:
    discussion = discussing.discussion(people.participant()).id
    late = people.participant()
    watching.choose(late, discussion, "watch")
    drain()
    assert told() == []


def test_suspended_unconfirmed_and_unclaimed_watchers_are_not_told(people: People, drain: Drain) -> None:
    opener = people.participant()
    discussion = discussing.discussion(opener).id
    watching.choose(opener, discussion, "normal")
    drain()
    ids = crowd(people, discussion, 4)
    with database.transaction() as session:
        session.execute(update(Person).where(Person.id == ids[0]).values(suspended_at=clock.now()))
        session.execute(update(Person).where(Person.id == ids[1]).values(confirmed_at=None))
        session.execute(update(Person).where(Person.id == ids[2]).values(claimed=False))
    say(people.participant(), discussion)
    drain()
    assert [person for person, _kind, _about in told("watched")] == [ids[3]]


def test_private_and_hidden_posts_notify_nobody_and_leave_the_list(people: People, drain: Drain) -> None:
    opener, writer, watcher = (people.participant() for _ in range(3))
    discussion = discussing.discussion(opener).id
    watching.choose(watcher, discussion, "watch")
    drain()
    hidden = say(writer, discussion)
    moderation.hide(people.moderator(), hidden, "Spam.")
    drain()
    assert [kind for _person, kind, _about in told()] == ["moderation"]
    say(writer, discussion)
    drain()
    assert (queries.unread(watcher), queries.unread(opener)) == (1, 1)
    with database.transaction() as session:
        session.scalars(select(Space).where(Space.code == "c2")).one().visibility = "members"
    assert (queries.unread(watcher), queries.unread(opener), queries.unread(writer)) == (0, 0, 0)
    assert queries.groups(watcher) == ([], None)
    post = say(writer, discussion)
    signals_before = len(told())
    drain()
    assert len(told()) == signals_before
    assert post


def test_preferences_are_asked_for_each_channel(people: People, drain: Drain) -> None:
    opener, writer, quiet, mailed = (people.participant() for _ in range(4))
    discussion = discussing.discussion(opener).id
    for actor in (quiet, mailed):
        watching.choose(actor, discussion, "watch")
    drain()
    watching.choose_news(opener, {("reply", "mail")})
    watching.choose_news(quiet, BY_DEFAULT - {("watched", "page")})
    watching.choose_news(mailed, {("watched", "mail")})
    say(writer, discussion)
    drain()
    assert told() == []
    mails = database.session().scalars(select(OutgoingMail).order_by(OutgoingMail.id)).all()
    assert sorted((row.person_id, row.kind) for row in mails) == sorted([(opener.person_id, "reply"), (mailed.person_id, "watched")])
    assert mailing.send_due() == 2


@pytest.mark.parametrize("change", ["mute", "preference", "normal", "private", "withdrawn"])
def test_mail_asks_when_it_is_sent(people: People, drain: Drain, change: str) -> None:
    writer, reader = people.participant(), people.participant()
    discussion = discussing.discussion(people.participant()).id
    watching.choose(reader, discussion, "watch")
    watching.choose_news(reader, {("watched", "mail")})
    drain()
    post = say(writer, discussion)
    drain()
    database.release()
    if change in {"mute", "normal"}:
        watching.choose(reader, discussion, change)
    elif change == "preference":
        watching.choose_news(reader, BY_DEFAULT)
    elif change == "private":
        with database.transaction() as session:
            session.scalars(select(Space).where(Space.code == "c2")).one().visibility = "members"
    else:
        from alliance.discussions import services as discussions  # noqa: PLC0415

        discussions.withdraw_post(writer, database.session().get_one(Post, post))
    mailing.send_due()
    rows = database.session().scalars(select(OutgoingMail.status).where(OutgoingMail.person_id == reader.person_id)).all()
    assert rows == ["dropped"]


def test_a_watchers_mail_says_why(people: People, drain: Drain, settings: Any) -> None:
    writer, reader = people.participant(name="Boris"), people.participant()
    discussion = discussing.discussion(people.participant()).id
    watching.choose_space(reader, "c2", "watch")
    watching.choose_news(reader, {("watched", "mail")})
    drain()
    say(writer, discussion)
    drain()
    mailing.send_due()
    (mine,) = [one for one in (settings.data_dir / "mail").iterdir() if people.of(reader).email in one.read_text()]
    text = mine.read_text().replace("=\n", "")
    assert "which you watch" in text
    assert "List-Unsubscribe" in text


def test_thanks_are_told_once_per_person_and_post(people: People, drain: Drain) -> None:
    author, thankful, muter = (people.participant() for _ in range(3))
    made = discussing.discussion(author)
    post = discussing.opening(made)
    discussion, post_id = made.id, post.id
    for _ in range(2):
        signals.thank(thankful, post)
        signals.unthank(thankful, post)
    signals.thank(thankful, post)
    drain()
    again()
    assert told() == [(author.person_id, "thanks", post_id)]
    watching.choose(author, discussion, "mute")
    signals.thank(muter, database.session().get_one(Post, post_id))
    drain()
    assert len(told()) == 1


def test_moderation_is_told_to_author_and_flaggers_never_to_who_did_it(people: People, drain: Drain) -> None:
    opener, author, flagger = (people.participant() for _ in range(3))
    moderator = people.moderator()
    discussion = discussing.discussion(opener).id
    post = say(author, discussion)
    drain()
    with database.transaction() as session:
        session.query(Notification).delete()
    moderation.flag_post(flagger, post, "spam", "")
    moderation.hide(moderator, post, "Advertising.")
    drain()
    again()
    assert sorted(told("moderation")) == sorted([(author.person_id, "moderation", post), (flagger.person_id, "moderation", post)])
    (group,) = queries.groups(author)[0]
    assert (group.title, group.rows[0].detail, queries.unread(author)) == ("Who pays for the last mile?", "hidden", 1)
    own = say(moderator, discussion)
    moderation.hide(moderator, own, "A mistake of mine.")
    drain()
    assert [one for one in told("moderation") if one[0] == moderator.person_id] == []


def test_the_title_of_a_hidden_discussion_is_not_told(people: People, drain: Drain) -> None:
    opener, author = people.participant(), people.participant()
    made = discussing.discussion(opener)
    discussion, opening = made.id, discussing.opening(made).id
    post = say(author, discussion)
    moderator = people.moderator()
    moderation.hide(moderator, post, "Advertising.")
    drain()
    with database.transaction() as session:
        session.get_one(Discussion, discussion).status = "hidden"
    assert opening
    assert [group.title for group in queries.groups(author)[0]] == [None]


def test_groups_are_by_discussion_newest_first_by_cursor(people: People, drain: Drain) -> None:
    opener, writer = people.participant(), people.participant()
    made = [discussing.discussion(opener, f"Discussion number {n}").id for n in range(3)]
    for discussion in (made[0], made[1], made[0], made[2], *[made[0]] * 6):
        say(writer, discussion)
        drain()
    groups, end = queries.groups(opener)
    assert [(group.discussion.id, len(group.rows), group.total, group.unread) for group in groups] == [
        (made[0], 5, 8, 8),
        (made[2], 1, 1, 1),
        (made[1], 1, 1, 1),
    ]
    assert end is None
    first, following = queries.groups(opener, limit=2)
    rest, _end = queries.groups(opener, following, limit=2)
    assert [group.discussion.id for group in [*first, *rest]] == [made[0], made[2], made[1]]


def test_the_page_goes_back_so_far_and_no_further(people: People, drain: Drain, monkeypatch: pytest.MonkeyPatch) -> None:
    opener, writer = people.participant(), people.participant()
    first, second = (discussing.discussion(opener, f"Discussion number {n}").id for n in range(2))
    for discussion in (first, second, second, second):
        say(writer, discussion)
    drain()
    monkeypatch.setattr(queries, "HORIZON", 2)
    assert [(group.discussion.id, group.total) for group in queries.groups(opener)[0]] == [(second, 2)]
    assert len(queries.notifications(opener)[0]) == 4


def test_names_of_spaces_reach_nobody(people: People, drain: Drain) -> None:
    discussion = discussing.discussion(people.participant()).id
    watching.choose_space(people.participant(), "c5", "watch")
    drain()
    post = say(people.participant(), discussion, "What do those of @c5 and #c5 say?")
    drain()
    assert "mention" not in {kind for _person, kind, about in told() if about == post}
    assert telling.mentioned("#c5") == []


def test_sockets_are_told_the_counts_of_those_connected_only(people: People, drain: Drain) -> None:
    discussion = discussing.discussion(people.participant()).id
    drain()
    ids = crowd(people, discussion, 3)
    say(people.participant(), discussion)
    drain()
    *_earlier, event = [one.event for one in outbox.read(0, 1000) if type(one.event).__name__ == "WatchersNotified"]
    assert queries.unread_counts(event.event_id, [ids[0], ids[2], 999_999]) == {ids[0]: 1, ids[2]: 1}
