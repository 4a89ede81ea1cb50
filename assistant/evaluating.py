"""A run of the evaluation as work in the background."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assistant.errors import InputError
from assistant.job import CancelledError, Job, JobState

if TYPE_CHECKING:
    from assistant.service import Assistant


@dataclass(frozen=True, slots=True, kw_only=True)
class RunState(JobState):
    """Where a run stands: the items are questions of `suite`, `correct` of them right, `question` just answered.

    `run` is the name under which a finished run is kept, `error` why one failed.
    """

    suite: str = ""
    correct: int = 0
    question: str = ""
    run: str = ""
    error: str = ""


class EvaluationJob(Job[RunState]):
    """Runs suites with `evaluation` (evals.service.Evaluation; this room knows no name of that one) and `assistant`.

    A run that is cancelled stops after the question that is being answered; the next start goes on there.
    """

    def __init__(self, evaluation: Any, assistant: Assistant) -> None:
        super().__init__(RunState(), broken="评测时出了意外的错误：请把终端里的记录交给维护者。")
        self._evaluation = evaluation
        self._assistant = assistant

    def start(self, suite: str) -> bool:
        """Begin, or go on with, a run of the suite of this name; False if one is under way."""
        return self._start(lambda: self._work(suite), suite=suite)

    def _work(self, suite: str) -> None:
        if self._assistant.empty:
            raise InputError("还没有收入报告，无从评测：请先在“报告”页上传，再点“更新索引”。")
        info = self._evaluation.start(
            suite, assistant=self._assistant, progress=self._tell, cancelled=lambda: self._state.cancelling
        )
        if info is None:
            raise CancelledError
        self._change(run=info.name)

    def _tell(self, now: Any) -> None:
        self._change(done=now.done, total=now.total, correct=now.correct, question=now.question)

    def _say(self, sentence: str) -> None:
        self._change(error=sentence)
