"""A line of questions before the one model: served in order, each told how many stand before it, of limited length."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Line:
    """At most `at_once` are served at a time, `longest` stand in the line. Safe to share between threads."""

    def __init__(self, at_once: int, *, longest: int) -> None:
        self._at_once = at_once
        self._longest = longest
        self._line: list[object] = []  # those served stand first
        self._moved = threading.Condition()

    @property
    def full(self) -> bool:
        """Whether nobody should join: it would be a long wait."""
        with self._moved:
            return len(self._line) >= self._at_once + self._longest

    @contextmanager
    def turn(self, ahead: Callable[[int], None]) -> Iterator[None]:
        """Waits for this one's turn; `ahead` hears how many are to be served before, as often as that changes."""
        ticket = object()
        with self._moved:
            self._line.append(ticket)
        try:
            before = self._before(ticket, than=-1)
            while before > 0:
                ahead(before)
                before = self._before(ticket, than=before)
            yield
        finally:
            with self._moved:
                self._line.remove(ticket)
                self._moved.notify_all()

    def _before(self, ticket: object, *, than: int) -> int:
        """How many are to be served before, once that is another number `than` this."""

        def now() -> int:
            return max(0, self._line.index(ticket) - self._at_once + 1)

        with self._moved:
            self._moved.wait_for(lambda: now() != than)
            return now()
