"""Watched words: who is held, what it says, how a rule is tried, that every process learns of a change."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from alliance.core.errors import Conflict, Invalid, NotFound, Refused
from alliance.discussions import services as discussions
from alliance.discussions.models import Discussion
from alliance.moderation import desk, items, own, queries, services, trial, watched
from alliance.moderation.watched import Rule
from alliance.policy import Actor
from tests import discussing
from tests.counting import statements
from tests.moderation.test_reviewing import browser_of
from tests.people import People

__all__ = ["browser_of"]


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    watched._kept.clear()
    yield
    watched._kept.clear()


@pytest.fixture
def secretariat(db: Any, people: People) -> Actor:
    return people.secretariat()


@pytest.fixture
def found(secretariat: Actor, people: People) -> Discussion:
    return discussing.discussion(people.participant(posts_count=9))


def rules(moderator: Actor) -> list[tuple[str, str]]:
    return [(one.item.kind, one.item.rule) for one in queries.queue(moderator)[0]]


def test_a_post_by_somebody_new_waits_and_says_which_word(people: People, secretariat: Actor, found: Discussion) -> None:
    watched.keep(secretariat, Rule(("poker", "casino*")))
    newcomer = people.participant()
    post = discussing.reply(newcomer, found, body="Visit our CASINOS.")
    assert (post.status, rules(secretariat)) == ("held", [("held_post", "watched:casino*")])
    waits = own.standing(newcomer, post.id).waits
    assert waits is not None
    assert "casino*" in desk.words(waits.rule)
    assert discussing.reply(people.participant(posts_count=9), found, body="Visit our casinos.").status == "visible"
    assert discussing.reply(people.moderator(), found, body="Visit our casinos.").status == "visible"
    title = discussing.discussion(people.participant(), title="Poker for all", body="We ask because nobody knows.")
    assert title.status == "hidden"


def test_a_rule_may_be_for_everybody_and_for_edits(people: People, secretariat: Actor, found: Discussion) -> None:
    watched.keep(secretariat, Rule(("casino",), everybody=True))
    author = people.participant(posts_count=9)
    assert discussing.reply(author, found, body="The casino.").status == "held"
    post = discussing.reply(author, found, body="Nothing.")
    discussions.edit_post(author, post, "Now a casino.", expected_revision=1)
    assert (post.body, own.standing(author, post.id).proposed) == ("Nothing.", "Now a casino.")
    assert discussing.reply(people.moderator(), found, body="The casino.").status == "visible"


def test_a_post_may_appear_and_be_looked_at(people: People, secretariat: Actor, found: Discussion) -> None:
    watched.keep(secretariat, Rule(("casino",), everybody=True, waits=False))
    author = people.participant(posts_count=9)
    post = discussing.reply(author, found, body="The casino.")
    assert (post.status, rules(secretariat)) == ("visible", [("watched_post", "watched:casino")])
    discussions.edit_post(author, post, "The casino again.", expected_revision=1)
    assert post.body == "The casino again.", "an edit is published: the post is looked at already"
    items.decide(secretariat, queries.queue(secretariat)[0][0].item.id, "hide", "spam")
    assert post.status == "hidden"
    second = discussing.reply(author, found, body="The casino once more.")
    services.hide(secretariat, second.id, "Again.")
    assert rules(secretariat) == [], "whatever waits about a post is decided with it"


def test_a_rule_of_one_language_knows_what_is_said_in_it(people: People, secretariat: Actor, found: Discussion) -> None:
    watched.keep(secretariat, Rule(("chat",), language="en", everybody=True))
    author = people.participant(posts_count=9)

    def status(body: str, language: str | None) -> str:
        return discussing.reply(author, found, body=body, language=language).status

    assert status("Le chat dort sur la table de la cuisine depuis ce matin.", "fr") == "visible"
    assert status("Join our chat tonight and talk about everything with us.", "en") == "held"
    assert status("Join our chat tonight and talk about everything with all of us there.", "fr") == "held", "whatever it is said to be"
    assert status("chat", None) == "held"


def test_a_retired_rule_holds_nothing_and_may_come_back(people: People, secretariat: Actor, found: Discussion) -> None:
    row = watched.keep(secretariat, Rule(("casino",), everybody=True))
    watched.retire(secretariat, row.id)
    author = people.participant(posts_count=9)
    assert discussing.reply(author, found, body="The casino.").status == "visible"
    with pytest.raises(Conflict):
        watched.retire(secretariat, row.id)
    watched.keep(secretariat, Rule(("casino", "poker"), everybody=True), row.id)
    assert discussing.reply(author, found, body="The poker.").status == "held"
    assert [one.id for one in watched.every(secretariat)] == [row.id]


def test_another_process_sees_a_change_by_its_version(people: People, secretariat: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    row = watched.keep(secretariat, Rule(("casino",)))
    assert [one.pattern.written for one in watched.in_force()] == ["casino"]
    elsewhere = list(watched._kept)
    watched.keep(secretariat, Rule(("poker",)), row.id)
    watched._kept[:] = elsewhere
    assert [one.pattern.written for one in watched.in_force()] == ["casino"], "kept for a few seconds"
    monkeypatch.setattr(watched, "KEPT_SECONDS", -1.0)
    assert [one.pattern.written for one in watched.in_force()] == ["poker"]
    with statements() as seen:
        watched.in_force()
    assert len(seen) == 1, "the version alone, as nothing changed"


def test_what_cannot_be_watched_is_said(people: People, secretariat: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(lines: str, language: str = "") -> list[str]:
        with pytest.raises(Invalid) as wrong:
            watched.checked(lines, language, everybody=False, waits=True)
        return sorted(wrong.value.errors)

    assert refused(" \n ") == refused("*") == refused("x" * 81) == refused("\n".join(f"word{n}" for n in range(51))) == ["words"]
    assert refused("casino", "xx") == ["language"]
    assert watched.checked("casino\n\ncasino \n poker", "fr", everybody=True, waits=False) == Rule(("casino", "poker"), "fr", True, False)
    monkeypatch.setattr(watched, "MAX_IN_FORCE", 2)
    row = watched.keep(secretariat, Rule(("one",)))
    with pytest.raises(Invalid):
        watched.keep(secretariat, Rule(("two", "three")))
    watched.keep(secretariat, Rule(("two", "three")), row.id)


def test_only_the_secretariat_watches_words(people: People, secretariat: Actor) -> None:
    row = watched.keep(secretariat, Rule(("casino",)))
    for actor in (people.moderator(), people.participant(), Actor.guest()):
        for act in (
            lambda who: watched.keep(who, Rule(("poker",))), lambda who: watched.retire(who, row.id), watched.every, lambda who: watched.get(who, row.id), lambda who: trial.of(who, Rule(("poker",)))
        ):  # fmt: skip
            with pytest.raises(Refused):
                act(actor)
    with pytest.raises(NotFound):
        watched.get(secretariat, row.id + 1)


def test_a_rule_is_tried_against_the_archive(
    people: People, secretariat: Actor, found: Discussion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trial, "BATCH", 2)
    author = people.participant(posts_count=9)
    first = discussing.reply(author, found, body="A casino.")
    for number in range(3):
        discussing.reply(author, found, body=f"Nothing {number}.")
    discussing.reply(author, found, body="A casino, by somebody known.")
    hidden = discussing.reply(people.participant(), found, body="A casino, for a moment.")
    services.hide(secretariat, hidden.id, "Spam.")
    made = trial.of(secretariat, Rule(("casino",)))
    assert (made.looked, made.is_all, made.held, made.others) == (7, True, 2, 1)
    assert [post.id for post in made.shown] == [hidden.id, first.id]
    assert trial.of(secretariat, Rule(("casino",), everybody=True)).held == 3
    assert trial.of(secretariat, Rule(("last mile",), everybody=True)).held == 1, "a title belongs to its opening"
    monkeypatch.setattr(trial, "MOST_POSTS", 4)
    few = trial.of(secretariat, Rule(("casino",), everybody=True))
    assert (few.looked, few.is_all, few.held) == (4, False, 2)


def test_what_one_may_not_read_is_in_no_trial(people: People, secretariat: Actor, found: Discussion) -> None:
    chair = people.participant(posts_count=9)
    discussing.reply(chair, found, body="A casino, withdrawn.")
    gone = discussing.reply(chair, found, body="A casino of ours.")
    discussions.withdraw_post(chair, gone)
    made = trial.of(secretariat, Rule(("casino",), everybody=True))
    assert (made.held, made.looked) == (1, 2)


def test_a_rule_goes_live_only_as_it_was_tried(
    browser_of: Callable[..., FlaskClient], secretariat: Actor, found: Discussion, people: People
) -> None:
    post_id = discussing.reply(people.participant(), found, body="MARK casino.").id
    browser, address = browser_of(role="secretariat"), "/admin/moderation/words/new"
    form = {"words": "casino*\npoker", "language": "", "everybody": "", "waits": "1"}
    assert "No word is watched." in browser.get("/admin/moderation/words").text
    assert browser.post(address, data={**form, "words": "*"}).status_code == 422
    blind = browser.post(address, data={**form, "step": "live", "tried": "x"})
    assert (blind.status_code, watched.in_force()) == (200, ())
    page = browser.post(address, data={**form, "step": "try"}).text
    assert ("Would have held 1 of 2 posts." in page, "MARK casino." in page, f"/p/{post_id}" in page) == (True,) * 3
    token = page.split('name="tried" value="')[1].split('"')[0]
    assert "look again" in browser.post(address, data={**form, "words": "poker*", "step": "live", "tried": token}).text
    assert browser.post(address, data={**form, "step": "live", "tried": token}).status_code == 303
    [row] = watched.every(secretariat)
    assert row.words == ["casino*", "poker"]
    rule = f"/admin/moderation/words/{row.id}"
    assert "2 words are watched." in browser.get("/admin/moderation").text
    assert "casino*" in browser.get("/admin/moderation/words").text
    assert browser.post(f"{rule}/retire").status_code == 303
    assert browser.post(f"{rule}/retire").status_code == 303
    assert "retired" in browser.get(rule).text
    assert browser.get(f"{rule}0").status_code == 404
    outsider = browser_of(role="moderator")
    assert (outsider.get("/admin/moderation/words").status_code, outsider.post(address, data=form).status_code) == (403, 403)
