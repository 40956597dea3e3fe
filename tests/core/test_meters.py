"""Counting without a lock, and the text that is made of it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from alliance.core import meters
from alliance.core.meters import Sample, Timings


@pytest.fixture(autouse=True)
def _nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what a test itself describes, and nothing of it afterwards."""
    for registry in ("_families", "_timings", "_sources"):
        monkeypatch.setattr(meters, registry, {})
    monkeypatch.setattr(meters, "_beside", [])
    meters.describe(meters.FAILED, "What failed.")


def test_nothing_is_lost_where_many_threads_count_and_somebody_looks() -> None:
    timings = Timings("things_seconds", "Things.", ("kind",))

    def work() -> None:
        for _ in range(5000):
            timings.add(("one",), 0.25)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        meters.page()
    assert timings.count(("one",)) == 30_000
    told = {one.name: one.value for one in timings.samples()}
    assert told["things_seconds_count"] == 30_000
    assert told["things_seconds_sum"] == 7500


def test_what_was_counted_takes_no_more_room_than_its_kinds() -> None:
    timings = Timings("things_seconds", "Things.", ("kind",))
    for _ in range(3 * meters.GATHERED):
        timings.add(("one",), 0.01)
    assert len(timings._heard) <= meters.GATHERED


def test_buckets_are_cumulative_and_a_bound_belongs_to_its_bucket() -> None:
    timings = Timings("things_seconds", "Things.", ("kind",))
    for seconds in (0.001, 0.0011, 0.3, 11.0):
        timings.add(("one",), seconds)
    buckets = {dict(one.labels)["le"]: one.value for one in timings.samples() if one.name.endswith("_bucket")}
    assert (buckets["0.001"], buckets["0.0025"], buckets["0.25"], buckets["0.5"], buckets["10"], buckets["+Inf"]) == (1, 2, 2, 3, 3, 4)


def test_labels_are_escaped() -> None:
    meters.describe("a_thing", "A thing.")

    @meters.source(shared=True)
    def things() -> Iterator[Sample]:
        yield Sample("a_thing", 2.5, (("said", 'a "b" \\ c\nd'),))

    assert meters.page() == '# HELP a_thing A thing.\n# TYPE a_thing gauge\na_thing{said="a \\"b\\" \\\\ c\\nd"} 2.5\n'


def test_what_cannot_be_found_out_is_named_and_hides_nothing_else() -> None:
    meters.describe("a_thing", "A thing.")
    meters.describe("b_thing", "Another.")

    @meters.source(shared=True)
    def broken() -> Iterator[Sample]:
        yield Sample("b_thing", 1)
        raise OSError("away")

    @meters.source(shared=True)
    def whole() -> Iterator[Sample]:
        yield Sample("a_thing", 7)

    told = meters.page()
    assert "a_thing 7\n" in told
    assert "b_thing" not in told
    assert f'{meters.FAILED}{{source="{__name__}.broken"' in told


def test_what_a_process_leaves_is_told_by_another_as_its_own(tmp_path: Path) -> None:
    timings = Timings("things_seconds", "Things.", ("kind",))
    with (tmp_path / "left").open("w+b") as file:
        meters.tell_too(file.fileno())
        assert meters.page() == ""
        timings.add(("one",), 0.25)
        meters.leave(file.fileno())
        told = meters.page()
        assert told.count("# TYPE things_seconds histogram") == 1
        assert told.count('things_seconds_count{kind="one"') == 2  # this process is both here
        file.seek(0)
        file.write(b'[["half\n')
        file.flush()
        assert meters.page().count('things_seconds_count{kind="one"') == 1
