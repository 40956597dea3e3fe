"""`/metrics`: whom it answers, and that what it says is so."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.middleware.proxy_fix import ProxyFix

from alliance.core import clock, db, jobs, outbox
from alliance.core import figures as core_figures
from alliance.core import settings as settings_module
from alliance.core.settings import Settings
from alliance.mailing.models import OutgoingMail
from alliance.web import figures, kept
from tests import discussing
from tests.people import People

LINE = re.compile(r'([a-z_]+)(?:\{((?:[a-z_]+="(?:[^"\\\n]|\\.)*",?)*)\})? (-?[0-9.e+-]+)')
Told = dict[str, dict[tuple[tuple[str, str], ...], float]]


def parsed(text: str) -> Told:
    """The figures by name and labels, after a look at the form of the whole text."""
    told: Told = {}
    described: set[str] = set()
    for line in text.removesuffix("\n").split("\n"):
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert name not in described, f"{name} stands in two places"
            assert kind in {"gauge", "counter", "histogram"}
            described.add(name)
        elif not line.startswith("# HELP "):
            found = LINE.fullmatch(line)
            assert found, line
            assert {found[1], re.sub(r"_(bucket|sum|count)$", "", found[1])} & described, line
            labels = tuple(re.findall(r'([a-z_]+)="((?:[^"\\]|\\.)*)"', found[2] or ""))
            of_name = told.setdefault(found[1], {})
            assert labels not in of_name, f"twice: {line}"
            of_name[labels] = float(found[3])
    return told


@pytest.fixture
def allowed(settings: Settings) -> Callable[[str], None]:
    """Choose whom /metrics answers."""
    return lambda whom: settings_module.use(replace(settings_module.current(), metrics=whom))


@pytest.fixture
def told(app: Flask, allowed: Callable[[str], None]) -> Callable[[], Told]:
    """What /metrics says now."""
    allowed("loopback")

    def ask() -> Told:
        answer = app.test_client().get("/metrics")
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        assert answer.headers["Cache-Control"] == "no-store"
        return parsed(answer.text)

    return ask


def one(told: Told, name: str, **labels: str) -> float:
    """The figure that has these labels (and others)."""
    found = [value for given, value in told[name].items() if labels.items() <= dict(given).items()]
    assert len(found) == 1, (name, labels, told[name])
    return found[0]


def test_nobody_is_answered_unless_a_setting_says_so(client: FlaskClient) -> None:
    answer, absent = client.get("/metrics"), client.get("/no-such-page")
    assert Settings().metrics == "off"
    assert answer.status_code == 404
    assert re.sub(r"no-such-page", "metrics", absent.text) == answer.text


@pytest.mark.parametrize(
    ("peer", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {"Host": "[::1]:8000"}, 200),
        ("::ffff:127.0.0.1", {"Host": "127.0.0.1:8000"}, 200),
        ("192.0.2.7", {}, 404),
        ("10.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, 404),
        ("", {}, 404),
        ("127.0.0.1", {"X-Forwarded-For": "192.0.2.7"}, 404),
        ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, 404),
        ("127.0.0.1", {"Forwarded": "for=192.0.2.7"}, 404),
        ("127.0.0.1", {"Via": "1.1 somewhere"}, 404),
        ("127.0.0.1", {"Host": "forum.example.org"}, 404),
        ("127.0.0.1", {"Host": "[::1"}, 404),
    ],
)
def test_loopback_means_a_program_of_this_machine_that_asks_the_process_itself(
    client: FlaskClient, allowed: Callable[[str], None], peer: str, headers: dict[str, str], status: int
) -> None:
    allowed("loopback")
    assert client.get("/metrics", headers=headers, environ_base={"REMOTE_ADDR": peer}).status_code == status


def test_loopback_is_not_what_a_client_tells_a_trusted_proxy(app: Flask, allowed: Callable[[str], None], monkeypatch: Any) -> None:
    allowed("loopback")
    monkeypatch.setattr(app, "wsgi_app", ProxyFix(app.wsgi_app, x_for=1))
    client = app.test_client()
    for peer in ("192.0.2.7", "127.0.0.1"):
        answer = client.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}, environ_base={"REMOTE_ADDR": peer})
        assert answer.status_code == 404
    assert client.get("/metrics", environ_base={"REMOTE_ADDR": "127.0.0.1"}).status_code == 200


def test_on_means_whoever_reaches_it(client: FlaskClient, allowed: Callable[[str], None]) -> None:
    allowed("on")
    assert client.get("/metrics", headers={"Host": "forum.example.org"}, environ_base={"REMOTE_ADDR": "192.0.2.7"}).status_code == 200


def test_requests_are_counted_by_route_and_class_of_status_and_never_by_address(app: Flask, told: Callable[[], Told]) -> None:
    def count(route: str, status: str, method: str = "GET") -> int:
        return figures.answers.count((method, route, status))

    wanted = [("/people/<handle>", "4xx"), ("none", "4xx"), ("/healthz", "2xx")]
    before = [count(*one) for one in wanted]
    client = app.test_client()
    for path in ("/people/very-secret-name", "/very-secret-path?very=secret", "/healthz", "/healthz"):
        client.get(path)
    assert [count(*one) for one in wanted] == [before[0] + 1, before[1] + 1, before[2] + 2]
    posted = count("/settings/theme", "3xx", "POST")
    client.post("/settings/theme", data={"theme": "dark"})
    assert count("/settings/theme", "3xx", "POST") == posted + 1
    client.open("/healthz", method="VERYSECRET")
    text = client.get("/metrics").text
    assert "secret" not in text.lower()
    assert one(parsed(text), "alliance_request_seconds_count", route="/healthz", status="2xx", method="GET") == before[2] + 2


def test_pages_that_were_kept_are_counted_under_the_route_they_were_made_for(app: Flask, people: People) -> None:
    author = people.participant()
    found = discussing.discussion(author, body="Words.")
    path, route = f"/d/{found.id}/{found.slug}", "/d/<int:discussion_id>/<slug>"
    kept.shelf.clear()
    guest = app.test_client()
    before = figures.answers.count(("GET", route, "2xx")), figures.answers.count(("GET", route, "3xx"))
    tag = [guest.get(path) for _ in range(3)][-1].headers["ETag"]
    assert guest.get(path, headers={"If-None-Match": tag}).status_code == 304
    assert figures.answers.count(("GET", route, "2xx")) == before[0] + 3
    assert figures.answers.count(("GET", route, "3xx")) == before[1] + 1


def test_how_far_listeners_and_the_index_are_behind(told: Callable[[], Told], drain: Callable[[], int], people: People) -> None:
    author = people.participant()
    assert one(told(), "alliance_index_usable") in {0, 1}  # an empty database may have none yet
    discussing.discussion(author, body="Words that are passed on.")
    drain()
    quiet = told()
    assert set(quiet["alliance_listener_behind_events"].values()) == {0}
    assert set(quiet["alliance_listener_lag_seconds"].values()) == {0}
    assert one(quiet, "alliance_index_lag_seconds") == 0
    discussing.discussion(author, body="Words.")
    written = outbox.read(outbox.head() - 1, 1)[0].created_at
    with clock.freeze(written + timedelta(seconds=90)):
        behind = told()
    names = {dict(labels)["listener"] for labels in behind["alliance_listener_behind_events"]}
    assert names == {one.name for one in outbox.listeners()}
    assert min(behind["alliance_listener_behind_events"].values()) >= 1
    assert min(behind["alliance_listener_lag_seconds"].values()) >= 90
    assert one(behind, "alliance_index_lag_seconds") >= 90
    drain()
    assert one(told(), "alliance_index_lag_seconds") == 0
    assert one(told(), "alliance_index_usable") == 1


def test_what_could_not_be_delivered(told: Callable[[], Told], db: Any) -> None:
    with db.transaction() as session:
        for event_id, next_at in ((1, clock.now()), (2, None), (3, None)):
            session.add(
                outbox.FailedDelivery(listener="search", event_id=event_id, attempts=1, next_at=next_at, error="x", created_at=clock.now())
            )
    assert one(told(), "alliance_failed_deliveries", state="tried_again") == 1
    assert one(told(), "alliance_failed_deliveries", state="given_up") == 2


@pytest.mark.parametrize("kind", ["file", "redis"])
def test_what_waits_on_the_queue_and_since_when(
    told: Callable[[], Told], settings: Settings, kind: str, request: pytest.FixtureRequest
) -> None:
    url = request.getfixturevalue("redis_url") if kind == "redis" else ""
    jobs.connect(replace(settings, redis_url=url))
    assert one(told(), "alliance_jobs_waiting") == one(told(), "alliance_jobs_oldest_seconds") == 0
    began = clock.now()
    for seconds in (0, 30):
        with clock.freeze(began + timedelta(seconds=seconds)):
            jobs.drain.enqueue("search")
    with clock.freeze(began + timedelta(seconds=40)):
        found = told()
    assert one(found, "alliance_jobs_waiting") == 2
    assert one(found, "alliance_jobs_oldest_seconds") == pytest.approx(40, abs=0.01)


def test_mail_that_waits(told: Callable[[], Told], people: People, db: Any) -> None:
    person = people.of(people.participant())
    with db.transaction() as session:
        for number, (status, minutes) in enumerate((("waiting", -10), ("waiting", 10), ("failed", -20), ("sent", -30))):
            at = clock.now() + timedelta(minutes=minutes)
            session.add(
                OutgoingMail(person_id=person.id, key=f"k{number}", kind="event", status=status, next_at=at, created_at=clock.now())
            )
    found = told()
    assert one(found, "alliance_mail_waiting") == 2
    assert one(found, "alliance_mail_failed") == 1
    assert 600 <= one(found, "alliance_mail_due_seconds") < 1200


def test_connections_and_sockets_are_those_of_this_process(told: Callable[[], Told]) -> None:
    found = told()
    process = dict(next(iter(found["alliance_sockets_open"])))["process"]
    assert one(found, "alliance_sockets_open", process=process) == 0
    assert one(found, "alliance_database_up", process=process) == 1
    assert one(found, "alliance_database_connections", pool="sessions", state="in_use", process=process) >= 0
    assert one(found, "process_resident_memory_bytes", process=process) > 10**6
    assert one(found, "process_open_fds") > 2
    assert "alliance_figures_failed" not in found


def test_a_process_says_when_itself_was_forked_and_not_when_the_program_began(app: Flask, allowed: Callable[[str], None]) -> None:
    allowed("on")
    mine = one(parsed(app.test_client().get("/metrics").text), "process_start_time_seconds")
    reading, writing = os.pipe()
    before = time.time()
    child = os.fork()
    if child == 0:
        try:
            told = [sample.value for sample in core_figures.process() if sample.name == core_figures.STARTED]
            os.write(writing, repr(told[0]).encode())
        finally:  # whatever happened: the child must not go on with the tests
            os._exit(0)
    os.waitpid(child, 0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        theirs = float(pipe.read())
    assert mine < theirs
    assert before - 1 <= theirs <= time.time() + 1


def test_while_the_database_is_away_the_rest_is_told(app: Flask, allowed: Callable[[str], None], monkeypatch: Any) -> None:
    def gone(*_: Any) -> Any:
        raise OSError("gone")

    allowed("on")
    monkeypatch.setattr(db, "session", gone)
    found = parsed(app.test_client().get("/metrics").text)
    assert one(found, "alliance_database_up") == 0
    assert one(found, "alliance_figures_failed", source="core.figures.event_log") == 1
    assert one(found, "alliance_sockets_open") == 0
    assert one(found, "alliance_jobs_waiting") == 0
