"""Asks every question of a run, one after another; each answer is on disk before the next question is put."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from assistant import Answer, Assistant, Scope, Token
from evals.journal import Journal
from evals.memory import peak_memory
from evals.metrics import TextOf
from evals.outcome import Outcome, measure
from evals.suite import Question


@dataclass(frozen=True, slots=True)
class EvalProgress:
    """`done` of `total` questions, `correct` of them right; `question` is the one just answered ("" at first).

    `stage` is 作答, then 评判 where a judge model reads the answers (there `correct` is not counted).
    """

    done: int
    total: int
    correct: int = 0
    question: str = ""
    stage: str = "作答"


EVERYWHERE = Scope()
Told = Callable[[EvalProgress], None]
Cancelled = Callable[[], bool]


def silent(progress: EvalProgress) -> None:
    """A listener that does nothing."""


def never() -> bool:
    """A run that nobody cancels."""
    return False


def ask_all(
    assistant: Assistant,
    questions: Sequence[Question],
    journal: Journal,
    text_of: TextOf,
    *,
    scope: Scope = EVERYWHERE,
    progress: Told = silent,
    cancelled: Cancelled = never,
) -> tuple[Outcome, ...]:
    """An outcome for each question, in order; those the journal has already are not asked again.

    Fewer outcomes than questions: it was cancelled between two of them.
    """
    outcomes: list[Outcome] = []
    progress(EvalProgress(0, len(questions)))
    for question in questions:
        record = journal.done.get(question.id)
        if record is None:
            if cancelled():
                break
            record = ask(assistant, question, scope=scope)
            journal.append(record | _traced(measure(question, record, text_of)))
        outcomes.append(measure(question, record, text_of))
        right = sum(outcome.score.correct for outcome in outcomes)
        progress(EvalProgress(len(outcomes), len(questions), right, question.question))
    return tuple(outcomes)


def ask(
    assistant: Assistant,
    question: Question,
    *,
    scope: Scope = EVERYWHERE,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, Any]:
    """One question as a user of the chat sees it: streamed, on our own clock (seconds), within `scope`.

    Where nothing was streamed (a refusal, or no model) the first token is the answer itself.
    """
    begin = clock()
    first: float | None = None
    for event in assistant.stream(question.question, history=question.history, scope=scope):
        if isinstance(event, Token) and first is None:
            first = clock() - begin
        if isinstance(event, Answer):
            total = clock() - begin
            return {
                "id": question.id,
                "class": question.kind,
                "answer": event.to_json() | {"id": question.id},
                "first_token": total if first is None else first,
                "total": total,
                "peak_memory": peak_memory(),
            }
    raise RuntimeError(f"the stream of question {question.id} ended without an answer")


def _traced(outcome: Outcome) -> dict[str, Any]:
    """What the metrics add to a record: the gold question, its evidence's fate, the scores, where it went wrong."""
    evidence = [
        {"source": gold.source, "quote": gold.quote, "retrieved_at": rank, "cited": cited}
        for gold, (rank, cited) in zip(outcome.question.evidence, outcome.trace, strict=True)
    ]
    return {
        "gold": outcome.question.model_dump(mode="json", by_alias=True),
        "evidence": evidence,
        "score": asdict(outcome.score),
        "failure": outcome.stage,
    }
