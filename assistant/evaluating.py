"""One run of the evaluation at a time, in a thread of its own: its progress, and how to stop it."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from assistant.errors import InputError
from index import JudianError

if TYPE_CHECKING:
    from assistant.service import Assistant

RunStatus = Literal["idle", "running", "done", "failed", "cancelled"]
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RunState:
    """Where a run stands: `done` of `total` questions of `suite`, `correct` of them right, `question` just answered.

    `run` is the name under which a finished run is kept, `error` why one failed. `number` counts the runs of this
    process; `cancelling` tells that it was asked to stop and has not done so yet.
    """

    status: RunStatus = "idle"
    suite: str = ""
    done: int = 0
    total: int = 0
    correct: int = 0
    question: str = ""
    seconds: float = 0.0
    run: str = ""
    error: str = ""
    cancelling: bool = False
    number: int = 0

    @property
    def running(self) -> bool:
        return self.status == "running"


class EvaluationJob:
    """Runs suites with `evaluation` (evals.service.Evaluation; this room knows no name of that one) and `assistant`.

    Any number of threads may start, watch and cancel; there is never more than one run.
    """

    def __init__(self, evaluation: Any, assistant: Assistant) -> None:
        self._evaluation = evaluation
        self._assistant = assistant
        self._state = RunState()
        self._began = 0.0
        self._cancelled = threading.Event()
        self._lock = threading.Lock()

    @property
    def state(self) -> RunState:
        with self._lock:
            if self._state.running:
                return replace(self._state, seconds=time.monotonic() - self._began)
            return self._state

    def start(self, suite: str) -> bool:
        """Begin, or go on with, a run of the suite of this name; False if one is under way."""
        with self._lock:
            if self._state.running:
                return False
            self._began = time.monotonic()
            self._cancelled.clear()
            self._state = RunState("running", suite, number=self._state.number + 1)
        threading.Thread(target=self._run, args=(suite,), name="evaluation", daemon=True).start()
        return True

    def cancel(self) -> bool:
        """Stop after the question that is being answered; the next start goes on there. False if none runs."""
        with self._lock:
            if not self._state.running:
                return False
            self._cancelled.set()
            self._state = replace(self._state, cancelling=True)
            return True

    def wait(self, seconds: float) -> RunState:
        """The state once no run is under way, or after `seconds`."""
        deadline = time.monotonic() + seconds
        while self.state.running and time.monotonic() < deadline:
            time.sleep(0.02)
        return self.state

    def _run(self, suite: str) -> None:
        ended: dict[str, Any]
        try:
            if self._assistant.empty:
                raise InputError("还没有收入报告，无从评测：请先在“报告”页上传，再点“更新索引”。")
            info = self._evaluation.start(
                suite, assistant=self._assistant, progress=self._told, cancelled=self._cancelled.is_set
            )
            ended = {"status": "done", "run": info.name} if info else {"status": "cancelled"}
        except JudianError as error:
            ended = {"status": "failed", "error": str(error)}
        except Exception:
            _log.exception("an evaluation failed")
            ended = {"status": "failed", "error": "评测时出了意外的错误：请把终端里的记录交给维护者。"}
        with self._lock:
            seconds = time.monotonic() - self._began
            self._state = replace(self._state, seconds=seconds, cancelling=False, question="", **ended)

    def _told(self, now: Any) -> None:
        with self._lock:
            counts = {"done": now.done, "total": now.total, "correct": now.correct, "question": now.question}
            self._state = replace(self._state, **counts)
