"""One after the other, in the order in which they asked."""

from __future__ import annotations

import threading
import time

import pytest

from alliance.core import turns


def test_in_the_order_of_asking() -> None:
    line, order, inside = turns.Turns(), [], []

    def ask(number: int) -> None:
        with line.turn():
            inside.append(number)
            assert len(inside) == 1
            order.append(number)
            inside.remove(number)

    threads = []
    with line.turn():
        for number in range(20):
            threads.append(threading.Thread(target=ask, args=(number,)))
            threads[-1].start()
            while len(line._waiting) <= number:
                time.sleep(0.001)
    for thread in threads:
        thread.join()
    assert order == list(range(20))
    assert not line._taken


def test_a_turn_ends_with_an_error() -> None:
    line = turns.Turns()
    with pytest.raises(ValueError, match="x"), line.turn():
        raise ValueError("x")
    with line.turn():
        pass


def test_patience_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PATIENCE", 0.01)
    line = turns.Turns()
    went = []

    def ask() -> None:
        with line.turn():
            went.append(1)

    with line.turn():
        thread = threading.Thread(target=ask)
        thread.start()
        thread.join(5)
        assert went == [1]
    assert not line._waiting
    with line.turn():
        pass
