"""Events that come as they like -> batches at a steady pace that a page can draw."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Iterator
from queue import Empty, SimpleQueue
from typing import TypeVar

T = TypeVar("T")


class _End:
    """The last thing in the box; `error` is what ended the events, if anything did."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


def paced(events: Iterator[T], *, seconds: float) -> Generator[tuple[T, ...], None, None]:
    """What came in each interval of `seconds`, an empty tuple where nothing did (so a clock can go on).

    `events` is drawn in a thread of its own. Closing this generator stops that thread at the next event and
    closes `events` there. An exception of `events` is raised here after what came before it.
    """
    box: SimpleQueue[T | _End] = SimpleQueue()
    stopped = threading.Event()
    threading.Thread(target=_pump, args=(events, box, stopped), daemon=True).start()
    try:
        while True:
            batch, end = _gather(box, seconds)
            yield batch
            if end is not None:
                if end.error is not None:
                    raise end.error
                return
    finally:
        stopped.set()


def _pump(events: Iterator[T], box: SimpleQueue[T | _End], stopped: threading.Event) -> None:
    end = _End()
    try:
        for event in events:
            if stopped.is_set():
                break
            box.put(event)
        if isinstance(events, Generator):
            events.close()
    except Exception as error:
        end = _End(error)
    box.put(end)


def _gather(box: SimpleQueue[T | _End], seconds: float) -> tuple[tuple[T, ...], _End | None]:
    """All that arrives within `seconds`; earlier if the end arrives."""
    batch: list[T] = []
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        try:
            item = box.get(timeout=left)
        except Empty:
            break
        if isinstance(item, _End):
            return tuple(batch), item
        batch.append(item)
    return tuple(batch), None
