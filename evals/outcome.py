"""A question, what was answered, and how that measures; the same in groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evals.failures import failure
from evals.metrics import Reply, Score, TextOf, evidence_trace, score
from evals.suite import Question
from evals.summary import Summary, summarise

OVERALL = "全部"
_HALVES = {"tune": "调参半", "test": "检验半"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """`peak` is bytes of memory at that time, `stage` where it went wrong (a key of failures.STAGES, or empty).

    `trace` holds, of each gold quote, the rank at which it was retrieved (None: not) and whether it was cited.
    """

    question: Question
    reply: Reply
    score: Score
    peak: int | None
    stage: str
    trace: tuple[tuple[int | None, bool], ...]


def measure(question: Question, record: Mapping[str, Any], text_of: TextOf) -> Outcome:
    """The outcome of a record of the journal."""
    reply = Reply.from_json(record["answer"], first_token=record["first_token"], total=record["total"])
    scored = score(question, reply, text_of)
    stage, trace = failure(question, reply, scored), evidence_trace(question, reply, text_of)
    return Outcome(question, reply, scored, record.get("peak_memory"), stage, trace)


def groups(outcomes: Sequence[Outcome]) -> dict[str, Summary]:
    """Summaries by class in order of appearance, by half where both occur, and overall (last)."""
    members: dict[str, list[Score]] = {}
    for outcome in outcomes:
        members.setdefault(outcome.question.kind, []).append(outcome.score)
    halves = {outcome.question.half for outcome in outcomes}
    for half, label in _HALVES.items():
        if len(halves) > 1:
            members[label] = [o.score for o in outcomes if o.question.half == half]
    members[OVERALL] = [outcome.score for outcome in outcomes]
    return {label: summarise(scores) for label, scores in members.items()}
