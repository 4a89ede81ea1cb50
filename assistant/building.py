"""The build of the index as work in the background: its stages and its log."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from assistant.job import CancelledError, Job, JobState
from assistant.terminal import STAGES, build_lines, left_out_lines
from index import BuildProgress, BuildReport

Build = Callable[[bool, Callable[[BuildProgress], None]], BuildReport]

_LONGEST_LOG = 200  # lines
_BREATH = 0.005  # seconds
_GIVES_WAY = 3.0  # seconds at most between two steps


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildState(JobState):
    """Where the build stands: the items are those of `stage` (Chinese, "" before the first); `log` is oldest first."""

    stage: str = ""
    log: tuple[str, ...] = ()


class BuildJob(Job[BuildState]):
    """A cancelled build leaves its draft behind as if it had been killed; the version that answers stays."""

    def __init__(self, build: Build, *, busy: Callable[[], bool] = lambda: False) -> None:
        """`build` takes whether to make all anew, and whom to tell of progress; `busy` tells whether somebody waits
        for an answer meanwhile."""
        super().__init__(
            BuildState(),
            cancelled="已停下，仍用原来的索引；算好的部分会保留，下次接着做。",
            broken="更新索引时出了意外的错误：仍用原来的索引，请把终端里的记录交给维护者。",
        )
        self._build = build
        self._busy = busy

    def start(self, *, full: bool = False) -> bool:
        """Begin a build; False if one is under way."""
        line = _line("开始全部重建。" if full else "开始更新索引。")
        return self._start(lambda: self._work(full), log=(line,))

    def cancel(self) -> bool:
        with self._lock:
            asked = super().cancel()
            if asked:
                self._say("正在停下……")
            return asked

    def _work(self, full: bool) -> None:
        report = self._build(full, self._tell)
        self._say(*build_lines(report), *left_out_lines(report))

    def _tell(self, now: BuildProgress) -> None:
        stage = STAGES.get(now.stage, now.stage)
        with self._lock:
            if self._state.cancelling:
                raise CancelledError
            if stage != self._state.stage:
                self._say(f"{stage}……")
            self._change(stage=stage, done=now.done, total=now.total)
        self._give_way()

    def _give_way(self) -> None:
        """Let questions go first: the embedder serves one thread at a time, and an answer asks it at several steps,
        each of which would wait for a whole batch of the build. A build goes on even where there is always one."""
        until = time.monotonic() + _GIVES_WAY
        time.sleep(_BREATH)
        while self._busy() and not self._state.cancelling and time.monotonic() < until:
            time.sleep(4 * _BREATH)

    def _say(self, *lines: str) -> None:
        with self._lock:
            self._change(log=(*self._state.log, *map(_line, lines))[-_LONGEST_LOG:])


def _line(text: str) -> str:
    return f"{datetime.now():%H:%M:%S} {text}"
