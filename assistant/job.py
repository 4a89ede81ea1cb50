"""Work in the background, one at a time: how far it is, how it ended, and how to stop it."""

from __future__ import annotations

import logging
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Generic, Literal, TypeVar

from index import JudianError

JobStatus = Literal["idle", "running", "done", "failed", "cancelled"]
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobState:
    """Where a job stands: `done` of `total` items after `seconds`.

    `cancelling` tells that it was asked to stop and has not done so yet. `number` counts the jobs of this process.
    """

    status: JobStatus = "idle"
    done: int = 0
    total: int = 0
    seconds: float = 0.0
    cancelling: bool = False
    number: int = 0

    @property
    def running(self) -> bool:
        return self.status == "running"


_S = TypeVar("_S", bound=JobState)


class CancelledError(Exception):
    """Raised by work that was asked to stop, and stops."""


class Job(ABC, Generic[_S]):
    """Any number of threads may start, watch and cancel; there is never more than one at work."""

    def __init__(self, idle: _S, *, cancelled: str = "", broken: str) -> None:
        """`cancelled` and `broken` are the sentences for work that stopped and for an error that nobody foresaw."""
        self._idle, self._cancelled, self._broken = idle, cancelled, broken
        self._state = idle
        self._began = 0.0
        self._lock = threading.RLock()

    @abstractmethod
    def _say(self, sentence: str) -> None:
        """Put into the state why the work did not end well."""

    @property
    def state(self) -> _S:
        with self._lock:
            if self._state.running:
                return replace(self._state, seconds=time.monotonic() - self._began)
            return self._state

    def cancel(self) -> bool:
        """Ask the work to stop at its next step; False if there is none, or it was asked before."""
        with self._lock:
            if not self._state.running or self._state.cancelling:
                return False
            self._change(cancelling=True)
            return True

    def wait(self, seconds: float) -> _S:
        """The state once nothing is at work, or after `seconds`."""
        deadline = time.monotonic() + seconds
        while self.state.running and time.monotonic() < deadline:
            time.sleep(0.02)
        return self.state

    def _start(self, work: Callable[[], None], **first: Any) -> bool:
        """Begin `work` with these fields of the state; False if one is under way."""
        with self._lock:
            if self._state.running:
                return False
            self._began = time.monotonic()
            self._state = replace(self._idle, status="running", number=self._state.number + 1, **first)
        threading.Thread(target=self._run, args=(work,), name=type(self).__name__, daemon=True).start()
        return True

    def _change(self, **fields: Any) -> None:
        with self._lock:
            self._state = replace(self._state, **fields)

    def _run(self, work: Callable[[], None]) -> None:
        status: JobStatus = "failed"
        try:
            work()
            status, sentence = "done", ""
        except CancelledError:
            status, sentence = "cancelled", self._cancelled
        except JudianError as error:
            sentence = str(error)
        except Exception:
            _log.exception("%s failed", type(self).__name__)
            sentence = self._broken
        with self._lock:
            if sentence:
                self._say(sentence)
            self._change(status=status, seconds=time.monotonic() - self._began, cancelling=False)
