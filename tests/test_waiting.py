"""The line before the model: in order, with the number of those before, and full at a limit."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from assistant.waiting import Line


def wait_for(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_each_is_served_in_order_and_told_how_many_are_before() -> None:
    line, served, told = Line(2, longest=5), list[int](), dict[int, list[int]]()
    leave = {number: threading.Event() for number in range(6)}

    def stand(number: int) -> None:
        with line.turn(told.setdefault(number, []).append):
            served.append(number)
            assert leave[number].wait(10)

    threads = []
    for number in range(6):
        threads.append(threading.Thread(target=stand, args=(number,)))
        threads[-1].start()
        wait_for(lambda: number in served or bool(told.get(number)))  # noqa: B023
    assert served == [0, 1]
    assert [told[number] for number in range(6)] == [[], [], [1], [2], [3], [4]]
    leave[1].set()
    wait_for(lambda: served == [0, 1, 2])
    wait_for(lambda: told[5] == [4, 3])
    for number in range(6):
        leave[number].set()
        wait_for(lambda: number in served)  # noqa: B023
    for thread in threads:
        thread.join(10)
    assert sorted(served) == list(range(6))
    assert not line.full


def test_it_is_full_at_its_limit() -> None:
    line = Line(1, longest=1)
    inside, leave = threading.Event(), threading.Event()
    with line.turn(lambda _: None):
        assert not line.full

        def stand() -> None:
            with line.turn(lambda _: inside.set()):
                leave.set()

        second = threading.Thread(target=stand)
        second.start()
        assert inside.wait(10)
        assert line.full
    second.join(10)
    assert leave.is_set()
    assert not line.full


def test_who_fails_leaves_the_line() -> None:
    line = Line(1, longest=0)
    with pytest.raises(ZeroDivisionError), line.turn(lambda _: None):
        raise ZeroDivisionError
    assert not line.full
