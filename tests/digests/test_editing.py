"""Editing: what moves keeps its sources, what is not verbatim is marked, and nobody overwrites anybody."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from alliance.core.errors import Conflict, Invalid, NotFound, Refused
from alliance.digests import checking, editing, queries, services, states, versions
from alliance.digests.models import Digest, KeyPoint
from alliance.digests.sourcing import Worded, fingerprint
from alliance.discussions import services as discussions
from alliance.discussions.models import Post
from alliance.policy import Actor
from tests.digests.conftest import Forum
from tests.digests.test_services import JUNE, verbatim
from tests.people import People

SYSTEM = Actor.system()


@pytest.fixture
def draft(forum: Forum) -> Digest:
    forum.six_languages()
    return again(services.compile_digest(SYSTEM, *JUNE))


@pytest.fixture
def rapporteur(people: People) -> Actor:
    return people.moderator()


def again(digest: Digest) -> Digest:
    return queries.get_digest(SYSTEM, digest.id)


def two_of_a_section(digest: Digest) -> list[KeyPoint]:
    by_section: dict[str, list[KeyPoint]] = {}
    for point in digest.points:
        by_section.setdefault(point.section, []).append(point)
    return max(by_section.values(), key=len)[:2]


def test_reorder(draft: Digest, rapporteur: Actor) -> None:
    first, second = two_of_a_section(draft)
    ids = (first.id, second.id)
    editing.move(rapporteur, draft, ids[1], -1)
    order = [point.id for point in again(draft).points]
    assert order.index(ids[1]) < order.index(ids[0])
    editing.move(rapporteur, again(draft), ids[1], -50)
    editing.move(rapporteur, again(draft), ids[1], 1)
    order = [point.id for point in again(draft).points]
    assert order.index(ids[0]) < order.index(ids[1])


def test_drop_and_take_in_again(draft: Digest, rapporteur: Actor) -> None:
    point = draft.points[0]
    editing.drop(rapporteur, draft, point.id, point.version)
    assert point.id in {one.id for one in again(draft).unused}
    editing.take_in(rapporteur, again(draft), point.id)
    found = next(one for one in again(draft).points if one.id == point.id)
    assert found.reasons[-1] == {"code": "taken_in"}


def test_merged_sentences_keep_their_citations(draft: Digest, rapporteur: Actor, db: Any) -> None:
    one, other = draft.points[0], draft.points[1]
    cited = [c.post_id for c in other.citations], [c.post_id for c in one.citations]
    texts = other.text, one.text
    editing.merge(rapporteur, draft, one.id, one.version, other.id, other.version)
    found = next(point for point in again(draft).points if point.id == other.id)
    assert [sentence["text"] for sentence in found.sentences] == list(texts)
    assert ([c.post_id for c in found.cited(1)], [c.post_id for c in found.cited(2)]) == cited
    assert one.id not in {point.id for point in again(draft).gathered}
    for place, sentence in enumerate(found.sentences, start=1):
        assert found.cited(place)[0].quote == sentence["text"]
    turned = [Worded(str(found.sentences[1]["text"]), None, 2), Worded(str(found.sentences[0]["text"]), None, 1)]
    editing.reword(rapporteur, again(draft), found.id, found.version, turned)
    found = next(point for point in again(draft).points if point.id == other.id)
    assert ([c.post_id for c in found.cited(2)], [c.post_id for c in found.cited(1)]) == cited


def test_what_is_not_verbatim_is_the_rapporteurs_and_needs_a_source(draft: Digest, rapporteur: Actor, people: People) -> None:
    point = draft.points[0]
    editing.reword(rapporteur, draft, point.id, point.version, [Worded("Access was held to be a matter of money.", "en", 1)])
    found = next(one for one in again(draft).points if one.id == point.id)
    assert found.sentences[0]["own"] is True
    assert found.citations
    assert [one for one in checking.warnings(again(draft)) if one.grave] == []
    without = frozenset(one.id for one in found.citations)
    editing.reword(
        rapporteur, again(draft), point.id, found.version, [Worded("Access was held to be a matter of money.", "en", 1, without)]
    )
    assert [one.code for one in checking.warnings(again(draft)) if one.grave] == ["no_source"]
    states.submit(rapporteur, again(draft))
    with pytest.raises(Invalid):
        states.sign(people.moderator(), again(draft))


def test_a_shortened_quotation_is_still_one_and_cites_the_shorter_place(draft: Digest, rapporteur: Actor, db: Any) -> None:
    point = next(one for one in draft.points if one.language == "es")
    shorter = point.text.split(" debería", maxsplit=1)[0]
    editing.reword(rapporteur, draft, point.id, point.version, [Worded(shorter, "es", 1)])
    found = next(one for one in again(draft).points if one.id == point.id)
    assert found.sentences[0]["own"] is False
    assert found.citations[0].quote == shorter
    assert found.citations[0].hash == fingerprint(shorter)
    verbatim(db, again(draft))


def test_a_paragraph_of_ones_own(draft: Digest, rapporteur: Actor, forum: Forum, db: Any) -> None:
    opened = forum.open("Masts", "Masts should be shared by all operators in the valley.")
    post = db.session().query(Post).filter_by(discussion_id=opened.id).one()
    sentences = [Worded("Masts should be shared", "en", cites=(post.id,)), Worded("Nobody objected.", "en", cites=(post.id,))]
    editing.add(rapporteur, again(draft), "convergence", None, sentences)
    found = next(one for one in again(draft).points if one.section == "convergence")
    assert [one["own"] for one in found.sentences] == [False, True]
    assert found.support["by_type"] == {"civil_society": 1}
    with pytest.raises(Invalid):
        editing.add(rapporteur, again(draft), "convergence", None, [Worded("No such post.", "en", cites=(999_999,))])
    with pytest.raises(Invalid):
        editing.add(rapporteur, again(draft), "nowhere", None, sentences)


def test_two_editors_never_overwrite_each_other(draft: Digest, rapporteur: Actor, people: People) -> None:
    point = draft.points[0]
    seen = point.version
    editing.reword(rapporteur, draft, point.id, seen, [Worded("The first editor wrote this.", "en", 1)])
    with pytest.raises(editing.Overtaken) as told:
        editing.reword(people.moderator(), again(draft), point.id, seen, [Worded("The second editor wrote that.", "en", 1)])
    assert told.value.point.text == "The first editor wrote this."
    with pytest.raises(editing.Overtaken):
        editing.drop(people.moderator(), again(draft), point.id, seen)
    assert again(draft).version == 2


@pytest.mark.parametrize("text", ["", "   \n ", "x" * 2001])
def test_bad_sentences_are_refused_and_nothing_is_lost(draft: Digest, rapporteur: Actor, text: str) -> None:
    point = draft.points[0]
    before = versions.snapshot(draft)
    with pytest.raises(Invalid):
        editing.reword(rapporteur, draft, point.id, point.version, [Worded(text, "en", 1)])
    assert versions.snapshot(again(draft)) == before


def test_only_rapporteurs_edit_and_only_drafts(draft: Digest, rapporteur: Actor, people: People) -> None:
    for actor in (Actor.guest(), people.participant()):
        with pytest.raises(Refused):
            editing.move(actor, draft, draft.points[0].id, 1)
    with pytest.raises(NotFound):
        editing.move(rapporteur, draft, 999_999, 1)
    states.submit(rapporteur, again(draft))
    with pytest.raises(Conflict):
        editing.move(rapporteur, again(draft), draft.points[0].id, 1)


def test_what_was_edited_withdrawn_or_left_out_is_told(draft: Digest, db: Any) -> None:
    points = draft.points
    discussions.edit_post(
        SYSTEM, db.session().get_one(Post, points[0].citations[0].post_id), "It reads quite differently by now.", expected_revision=1
    )
    discussions.withdraw_post(SYSTEM, db.session().get_one(Post, points[1].citations[0].post_id))
    codes = {(one.code, one.point_id) for one in checking.warnings(again(draft))}
    assert ("edited", points[0].id) in codes
    assert ("gone", points[1].id) in codes


def test_differences_between_versions(draft: Digest, rapporteur: Actor, db: Any) -> None:
    first, second, *_rest = draft.points
    gone = first.citations[0].post_id
    editing.reword(rapporteur, draft, second.id, second.version, [Worded("Something else is said.", "en", 1)])
    editing.drop(rapporteur, again(draft), first.id, first.version)
    digest = again(draft)
    contents = [versions.get_version(digest, number).content for number in (1, 2, 3)]
    every = versions.posts_of(contents[0])
    assert [one.kind for one in versions.differences(contents[0], contents[1], every)] == ["changed"]
    assert [one.kind for one in versions.differences(contents[1], contents[2], every)] == ["dropped"]
    dropped = versions.differences(contents[1], contents[2], every - {gone})[0]
    assert "".join(piece.text for piece in dropped.pieces) == "[retracted]"


def test_the_desk(draft: Digest, people: People, client: FlaskClient, sign_in: Any) -> None:
    address = f"/digests/{draft.id}/edit"
    assert client.get(address).status_code in {302, 303, 401, 403}
    sign_in(people.person(role="moderator"))
    page = client.get(address).text
    first, second = two_of_a_section(draft)
    for point in draft.points:
        assert f'id="k{point.id}"' in page
        assert f"/p/{point.citations[0].post_id}" in page
    assert client.post(address, data={"act": "down", "point": first.id, "seen": 1}).status_code == 303
    assert client.post(address, data={"act": "burn", "point": first.id}).status_code == 404
    assert client.post(address, data={"act": "drop", "point": "x"}).status_code == 404
    merged = client.post(address, data={"act": "merge", "point": first.id, "seen": 1, "other": f"{second.id}:1"})
    assert merged.status_code == 303
    assert client.post(address, data={"act": "drop", "point": second.id, "seen": 1}).status_code == 409
    words = f"/digests/{draft.id}/paragraphs/{second.id}"
    assert client.get(words).status_code == 200
    form = {"seen": 2, "text-1": "Mine alone.", "was-1": 1, "place-1": 2, "text-2": "And theirs.", "was-2": 2, "place-2": 1}
    assert client.post(words, data=form).status_code == 303
    found = next(one for one in again(draft).points if one.id == second.id)
    assert [one["text"] for one in found.sentences] == ["And theirs.", "Mine alone."]
    late = client.post(words, data=form | {"text-1": "Too late by a minute."})
    assert late.status_code == 409
    assert "Too late by a minute." in late.text
    assert "And theirs." in late.text
    post = draft.points[-1].citations[0].post_id
    new = client.post(
        f"/digests/{draft.id}/paragraphs/new",
        data={"section": "divergence", "space": "c2", "text-1": "Some disagreed.", "cites-1": f"/p/{post}"},
    )
    assert new.status_code == 303
    assert "Some disagreed." in client.get(f"/digests/{draft.id}").text
    bad = client.post(f"/digests/{draft.id}/paragraphs/new", data={"section": "divergence", "text-1": "Kept here.", "cites-1": "999999"})
    assert bad.status_code == 422
    assert "Kept here." in bad.text


def test_comments(draft: Digest, people: People, client: FlaskClient, sign_in: Any) -> None:
    point = draft.points[0]
    address = f"/digests/{draft.id}/comment?point={point.id}"
    assert client.get(address).status_code in {302, 303, 401, 403}
    sign_in(people.person())
    assert client.get(address).status_code == 200
    assert client.post(address, data={"text": "", "nonce": "a"}).status_code == 422
    assert client.post(address, data={"text": "Who said so?", "nonce": "b"}).status_code == 303
    assert client.post(address, data={"text": "Who said so?", "nonce": "b"}).status_code == 303
    comment = queries.comments(draft)[0]
    assert len(queries.comments(draft)) == 1
    assert "Who said so?" in client.get(f"/digests/{draft.id}").text
    assert client.post(f"/digests/{draft.id}/comments/{comment.id}/settle").status_code == 403
    assert "Who said so?" not in client.application.test_client().get(f"/digests/{draft.id}").text
    sign_in(people.person(role="moderator"))
    assert client.post(f"/digests/{draft.id}/comments/{comment.id}/settle").status_code == 303
    assert client.post(f"/digests/{draft.id}/comments/999/settle").status_code == 404


def test_what_was_not_used_can_be_opened(draft: Digest, rapporteur: Actor, client: FlaskClient) -> None:
    point = draft.points[0]
    editing.drop(rapporteur, draft, point.id, point.version)
    assert client.get(f"/digests/{draft.id}/unused").status_code == 200
    assert f"/p/{point.citations[0].post_id}" in client.get(f"/digests/{draft.id}/unused").text
