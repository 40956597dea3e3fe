"""What goes wrong around a digest: nothing half-published, nothing lost, nothing sent twice, and a message that says what to do."""

from __future__ import annotations

import errno
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from alliance.core import clock
from alliance.core.errors import Invalid
from alliance.digests import distribution, queries, render, sending, services, states
from alliance.groups.models import Group, Space
from alliance.policy import Actor
from tests.digests.conftest import THEN, Forum
from tests.digests.test_services import JUNE, compiled
from tests.people import People

SYSTEM = Actor.system()
PLACES = ("market", "harbour", "school", "clinic", "library", "station", "bridge", "river", "mountain", "island")
FULL = OSError(errno.ENOSPC, "No space left on device")


def test_one_post(forum: Forum) -> None:
    forum.open("Alone", "The library should lend its machines to the schools of the district.")
    digest = compiled()
    assert [one.text for one in digest.points] == ["The library should lend its machines to the schools of the district."]
    assert digest.points[0].support["people"] == 1
    assert "A participant (Civil society) stated:" in " ".join(render.text(digest).split())


def test_one_author_writing_all_is_one_voice(forum: Forum) -> None:
    opened = forum.open("Places", "The town hall asks for a faster line before winter comes to the valley.")
    for place in PLACES:
        forum.reply(opened, f"The {place} asks for a faster line before winter comes to the valley.", "civil_society")
    digest = compiled()
    assert digest.figures["people"] == 1
    assert {one.support["people"] for one in digest.points} == {1}
    text = render.text(digest)
    assert "A participant" in text
    assert not any(word in text.split("Method")[0] for word in ("Many participants", "Most participants", "general agreement ("))
    assert "No contribution was made in the period by these stakeholder types" in " ".join(text.split())


def private(db: Any) -> Space:
    """A group nobody is told of."""
    with db.transaction() as session:
        texts: dict[str, Any] = {"titles": {"en": "Hidden"}, "descriptions": {}, "sources": {}, "facilitators": []}
        space = Space(code="hidden-group", kind="group", visibility="private", **texts)
        session.add(space)
        session.flush()
        session.add(
            Group(space_id=space.id, status="active", visibility="private", joining="open", languages=["en"], targets={}, created_at=THEN)
        )
    return space


def test_a_space_not_everybody_may_see_never_enters(db: Any, forum: Forum) -> None:
    forum.open("Open", "Everybody may read this sentence about the price of the network.")
    space = private(db)
    forum.open("Closed", "Nobody outside may read this secret sentence about the budget.", code="hidden-group")
    digest = compiled()
    assert [one.text for one in digest.points] == ["Everybody may read this sentence about the price of the network."]
    assert digest.figures["posts"] == 1
    assert space.id not in [row["space"] for row in digest.figures["participation"]]
    with pytest.raises(Invalid, match="not public"):
        services.compile_digest(SYSTEM, *JUNE, space)


def test_a_clock_that_goes_back_harms_nothing(forum: Forum, people: People) -> None:
    forum.six_languages()
    now = clock.now()
    first = services.compile_digest(SYSTEM, *JUNE)
    with clock.freeze(now - timedelta(days=400)):
        second = services.compile_digest(SYSTEM, *JUNE)
        states.submit(people.moderator(), queries.get_digest(SYSTEM, first.id))
        done = states.sign(people.moderator(), queries.get_digest(SYSTEM, first.id))
    third = services.compile_digest(SYSTEM, *JUNE)
    assert len({first.symbol, second.symbol, third.symbol}) == 3
    assert [one.act for one in queries.get_digest(SYSTEM, first.id).versions] == ["compiled", "submitted", "signed"]
    assert done.signed_at is not None
    assert render.pdf(queries.get_digest(SYSTEM, first.id)).startswith(b"%PDF")


@pytest.mark.parametrize("form", ["pdf", "docx", "json", "txt"])
def test_a_full_disk_while_rendering_leaves_what_was_there(
    cli: Callable[..., Result], forum: Forum, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    forum.six_languages()
    number, file = str(services.compile_digest(SYSTEM, *JUNE).id), tmp_path / f"digest.{form}"
    file.write_bytes(b"the copy of last week")
    whole = Path.write_bytes

    def full(path: Path, content: bytes) -> int:
        if path.parent != tmp_path:
            return whole(path, content)
        whole(path, content[: len(content) // 2])
        raise FULL

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        done = cli("digest", "render", number, "--format", form, "-o", str(file))
    assert done.exit_code != 0
    assert "No space left on device" in done.output
    assert [one.read_bytes() for one in tmp_path.glob("*digest*")] == [b"the copy of last week"]
    assert cli("digest", "render", number, "--format", form, "-o", str(file)).exit_code == 0


def test_a_full_disk_while_sending_is_tried_again_and_sends_once(
    forum: Forum, people: People, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    forum.six_languages()
    office, number = people.secretariat(), services.compile_digest(SYSTEM, *JUNE).id
    distribution.add(office, "desk@example.org", "", "en")
    states.submit(people.moderator(), queries.get_digest(SYSTEM, number))
    states.sign(people.moderator(), queries.get_digest(SYSTEM, number))
    with monkeypatch.context() as patch:

        def full(_data: str) -> bytes:
            raise FULL

        patch.setattr(render, "_compile", full)
        states.transmit(office, queries.get_digest(SYSTEM, number))
        assert sending.send_due() == 0
        waiting = distribution.deliveries(queries.get_digest(SYSTEM, number))
        assert [(one.status, "No space left" in one.error) for one in waiting] == [("waiting", True)]
    with clock.freeze(clock.now() + timedelta(days=1)):
        assert sending.send_due() == 1
        assert sending.send_due() == 0
    assert len(list((settings.data_dir / "mail").glob("digest-*.eml"))) == 1


def test_nothing_said_at_all(forum: Forum, people: People) -> None:
    """An empty digest is signed and transmitted as any: that nothing was said is news too."""
    number = services.compile_digest(SYSTEM, date(2001, 1, 1), date(2001, 1, 2)).id
    states.submit(people.moderator(), queries.get_digest(SYSTEM, number))
    states.sign(people.moderator(), queries.get_digest(SYSTEM, number))
    assert states.transmit(people.secretariat(), queries.get_digest(SYSTEM, number)).status == "transmitted"
