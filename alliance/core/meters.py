"""Figures for whoever watches the machine, in the text format of Prometheus (0.0.4).

What a process does is counted without a lock: each thing done is put on a queue (`deque.append` is one step of the interpreter), and added up
by whoever looks, or by every thousandth. What can be asked at any time (how much waits, how far behind) is asked when somebody looks.
"""

from __future__ import annotations

import json
import os
import threading
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import astuple, dataclass

import structlog

from alliance.core import db

log = structlog.get_logger(__name__)
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
GATHERED = 1000
Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """One number, under the name of a family that was described."""

    name: str
    value: float
    labels: Labels = ()


@dataclass(frozen=True, slots=True)
class _Source:
    ask: Callable[[], Iterable[Sample]]
    shared: bool


_families: dict[str, tuple[str, str]] = {}
_timings: dict[str, Timings] = {}
_sources: dict[str, _Source] = {}
_beside: list[int] = []


def describe(name: str, words: str, kind: str = "gauge") -> str:
    """Say what a figure is (its name ends with its unit); returns the name."""
    _families[name] = (kind, words)
    return name


def source(*, shared: bool) -> Callable[[Callable[[], Iterable[Sample]]], Callable[[], Iterable[Sample]]]:
    """Decorator: figures to be asked for when somebody looks.

    Args:
        shared: they come from the database or the queue, and every process says the same; else they are of this process.
    """

    def register(ask: Callable[[], Iterable[Sample]]) -> Callable[[], Iterable[Sample]]:
        _sources[f"{ask.__module__}.{ask.__name__}"] = _Source(ask, shared)
        return ask

    return register


class Timings:
    """How often things of a kind were done by this process, and how long they took.

    Args:
        name: of the family; ends with `_seconds`.
        words: what it is.
        labels: what they are told apart by. Each must have few values: never what a visitor wrote.
    """

    def __init__(self, name: str, words: str, labels: tuple[str, ...]) -> None:
        self.name = describe(name, words, "histogram")
        self._labels = labels
        self._heard: deque[tuple[tuple[str, ...], float]] = deque()
        self._rows: dict[tuple[str, ...], list[float]] = {}
        self._lock = threading.Lock()
        _timings[name] = self

    def add(self, values: tuple[str, ...], seconds: float) -> None:
        """One was done."""
        self._heard.append((values, seconds))
        if len(self._heard) > GATHERED:
            self._gather()

    def _gather(self) -> None:
        with self._lock:
            while self._heard:
                values, seconds = self._heard.popleft()
                row = self._rows.get(values)
                if row is None:
                    row = self._rows[values] = [0.0] * (len(BOUNDS) + 2)
                row[bisect_left(BOUNDS, seconds)] += 1
                row[-1] += seconds

    def count(self, values: tuple[str, ...]) -> int:
        """How many of a kind were done so far."""
        self._gather()
        return int(sum(self._rows.get(values, [0.0])[:-1]))

    def samples(self) -> Iterator[Sample]:
        """All so far: cumulative buckets, sum and count."""
        self._gather()
        with self._lock:
            rows = [(values, list(row)) for values, row in sorted(self._rows.items())]
        for values, row in rows:
            labels, so_far = tuple(zip(self._labels, values, strict=True)), 0.0
            for bound, number in zip([*map(_written, BOUNDS), "+Inf"], row[:-1], strict=True):
                so_far += number
                yield Sample(f"{self.name}_bucket", so_far, (*labels, ("le", bound)))
            yield Sample(f"{self.name}_sum", row[-1], labels)
            yield Sample(f"{self.name}_count", so_far, labels)


FAILED = describe("alliance_figures_failed", "Figures that could not be found out this time (1 each): the log says why.")


def page() -> str:
    """All figures as text. What cannot be found out is left out, and named as failed."""
    found = _own()
    for one in [sample for file in _beside for sample in _left(file)]:
        found.setdefault(_family_of(one), []).append(one)
    _ask(found, shared=True)
    return "".join(_family(name, samples) for name, samples in sorted(found.items()))


def tell_too(file: int) -> None:
    """Tell also what a process that nobody can ask leaves in a file (its descriptor)."""
    _beside[:] = [file]


def leave(file: int) -> None:
    """Write what is told of this process alone into a file (its descriptor), for a process that can be asked."""
    told = json.dumps([astuple(one) for samples in _own().values() for one in samples])
    os.pwrite(file, f"{told}\n".encode(), 0)


def _left(file: int) -> list[Sample]:
    """What another process left; nothing while it is at writing it."""
    told, _end, _older = os.pread(file, os.fstat(file).st_size, 0).partition(b"\n")
    try:
        return [Sample(name, value, tuple((key, word) for key, word in labels)) for name, value, labels in json.loads(told or b"[]")]
    except ValueError:
        return []


def _own() -> dict[str, list[Sample]]:
    """What this process alone can tell, by family."""
    found = {name: [_with(_process(), one) for one in timing.samples()] for name, timing in _timings.items()}
    _ask(found, shared=False)
    return found


def _ask(found: dict[str, list[Sample]], *, shared: bool) -> None:
    """Add the figures that are asked for when somebody looks."""
    for name, asked in _sources.items():
        if asked.shared is not shared:
            continue
        try:
            for one in list(asked.ask()):
                found.setdefault(one.name, []).append(one if shared else _with(_process(), one))
        except Exception as error:  # the database or Redis may be away: all else is still told
            log.warning("figures.failed", source=name, error=type(error).__name__)
            found.setdefault(FAILED, []).append(Sample(FAILED, 1, (("source", name.removeprefix("alliance.")), _process())))
        finally:
            db.release()


def _process() -> tuple[str, str]:
    return "process", str(os.getpid())


def _family_of(one: Sample) -> str:
    """The family of a sample: of a histogram, its name without what it counts."""
    stem = one.name.rpartition("_")[0]
    return one.name if one.name in _families else stem


def _with(label: tuple[str, str], one: Sample) -> Sample:
    return Sample(one.name, one.value, (*one.labels, label))


def _family(name: str, samples: list[Sample]) -> str:
    kind, words = _families[name]
    lines = [f"# HELP {name} {words}", f"# TYPE {name} {kind}", *map(_line, samples)]
    return "\n".join(lines) + "\n" if samples else ""


def _line(one: Sample) -> str:
    labels = ",".join(f'{name}="{_escaped(value)}"' for name, value in one.labels)
    return f"{one.name}{{{labels}}} {_written(one.value)}" if labels else f"{one.name} {_written(one.value)}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _written(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(round(value, 9))
