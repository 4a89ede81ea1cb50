"""One build of the index at a time, in a thread of its own: its progress, its log, and how to stop it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from assistant.terminal import STAGES, build_lines, left_out_lines
from index import BuildProgress, BuildReport, JudianError

BuildStatus = Literal["idle", "running", "done", "failed", "cancelled"]
Build = Callable[[bool, Callable[[BuildProgress], None]], BuildReport]

_LONGEST_LOG = 200  # lines
_BREATH = 0.005  # seconds
_GIVES_WAY = 3.0  # seconds at most between two steps
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class BuildState:
    """Where the build stands: `done` of `total` items of `stage` (Chinese, "" before the first), `log` oldest first.

    `cancelling` tells that it was asked to stop and has not done so yet. `number` counts the builds of this process.
    """

    status: BuildStatus = "idle"
    stage: str = ""
    done: int = 0
    total: int = 0
    seconds: float = 0.0
    log: tuple[str, ...] = ()
    cancelling: bool = False
    number: int = 0

    @property
    def running(self) -> bool:
        return self.status == "running"


class _CancelledError(Exception):
    """Ends a build from within its progress; the build leaves its draft behind as if it had been killed."""


class BuildJob:
    """Any number of threads may start, watch and cancel; there is never more than one build."""

    def __init__(self, build: Build, *, busy: Callable[[], bool] = lambda: False) -> None:
        """`build` takes whether to make all anew, and whom to tell of progress; `busy` tells whether somebody waits
        for an answer meanwhile."""
        self._build = build
        self._busy = busy
        self._state = BuildState()
        self._began = 0.0
        self._lock = threading.Lock()

    @property
    def state(self) -> BuildState:
        with self._lock:
            if self._state.running:
                return replace(self._state, seconds=time.monotonic() - self._began)
            return self._state

    def start(self, *, full: bool = False) -> bool:
        """Begin a build; False if one is under way."""
        with self._lock:
            if self._state.running:
                return False
            self._began = time.monotonic()
            line = _line("开始全部重建。" if full else "开始更新索引。")
            self._state = BuildState("running", log=(line,), number=self._state.number + 1)
        threading.Thread(target=self._run, args=(full,), name="build", daemon=True).start()
        return True

    def cancel(self) -> bool:
        """Stop at the next step; the version that answers stays as it is. False if no build is under way."""
        with self._lock:
            if not self._state.running or self._state.cancelling:
                return False
            self._state = replace(self._state, cancelling=True, log=self._logged("正在停下……"))
            return True

    def wait(self, seconds: float) -> BuildState:
        """The state once no build is under way, or after `seconds`."""
        deadline = time.monotonic() + seconds
        while self.state.running and time.monotonic() < deadline:
            time.sleep(0.02)
        return self.state

    def _run(self, full: bool) -> None:
        status: BuildStatus = "failed"
        try:
            report = self._build(full, self._tell)
            lines = build_lines(report) + left_out_lines(report)
            status = "done"
        except _CancelledError:
            status, lines = "cancelled", ["已停下，仍用原来的索引；算好的部分会保留，下次接着做。"]
        except JudianError as error:
            lines = [str(error)]
        except Exception:
            _log.exception("a build failed")
            lines = ["更新索引时出了意外的错误：仍用原来的索引，请把终端里的记录交给维护者。"]
        with self._lock:
            seconds = time.monotonic() - self._began
            log = self._logged(*lines)
            self._state = replace(self._state, status=status, seconds=seconds, log=log, cancelling=False)

    def _tell(self, now: BuildProgress) -> None:
        stage = STAGES.get(now.stage, now.stage)
        with self._lock:
            if self._state.cancelling:
                raise _CancelledError
            log = self._state.log if stage == self._state.stage else self._logged(f"{stage}……")
            self._state = replace(self._state, stage=stage, done=now.done, total=now.total, log=log)
        self._give_way()

    def _give_way(self) -> None:
        """Let questions go first: the embedder serves one thread at a time, and an answer asks it at several steps,
        each of which would wait for a whole batch of the build. A build goes on even where there is always one."""
        until = time.monotonic() + _GIVES_WAY
        time.sleep(_BREATH)
        while self._busy() and not self._state.cancelling and time.monotonic() < until:
            time.sleep(4 * _BREATH)

    def _logged(self, *lines: str) -> tuple[str, ...]:
        return (*self._state.log, *map(_line, lines))[-_LONGEST_LOG:]


def _line(text: str) -> str:
    return f"{datetime.now():%H:%M:%S} {text}"
