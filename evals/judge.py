"""A judge model reads each answer: is it right, and does each sentence rest on a citation? Optional.

What it says is kept beside the metrics and never replaces them; whatever goes wrong with it is told, and the run is
as good as without it. Source of the two questions: correctness and faithfulness as in RAGAS (Es et al. 2023).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from assistant import EndpointError, JudgeModel, JudianError, Settings, open_judge, redacted
from evals.asking import Cancelled, EvalProgress, Told, never, silent
from evals.match import without_marks
from evals.metrics import Reply
from evals.outcome import Outcome
from evals.suite import Question
from prompts import render

FILE = "judge.jsonl"
_MOST_FAILURES = 3  # in a row: then the judge is given up
_FENCE = re.compile(r"^```(?:json)?\s*\n(.*)\n```$", re.S)
_UNREADABLE = "回复不是要求的 JSON"
T = TypeVar("T", bound=BaseModel)


class _Correct(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    correct: bool
    reason: str


class _Faithful(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    faithful: bool
    unsupported: list[str]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the judge said of one answer; None where it was not asked or not understood, and `problem` says why.

    `key` is a digest of judge, prompts and answer: the same one need not be judged twice.
    """

    id: str
    key: str
    correct: bool | None
    reason: str
    faithful: bool | None
    unsupported: tuple[str, ...]
    problem: str


@dataclass(frozen=True, slots=True)
class Judged:
    """All judgements of a run, by question id; `problem` is empty, or why the judge was given up (Chinese)."""

    model: str
    judgements: dict[str, Judgement]
    problem: str = ""
    cancelled: bool = False


def judge_all(
    settings: Settings,
    outcomes: Sequence[Outcome],
    folder: Path,
    *,
    progress: Told = silent,
    cancelled: Cancelled = never,
) -> Judged:
    """Asks the judge of each answer and keeps `judge.jsonl` in `folder`; what it holds already is not asked again.

    Raises nothing for a judge that cannot be opened, does not answer or answers nonsense: that is told in the result.
    """
    try:
        model = open_judge(settings)
    except JudianError as error:
        return Judged(settings.judge, {}, str(error))
    try:
        return _judge_with(model, outcomes, folder / FILE, progress, cancelled)
    except OSError:
        return Judged(model.name, {}, f"写不了评判记录 {folder / FILE}：请检查磁盘空间和权限。")
    finally:
        model.close()


def _judge_with(
    model: JudgeModel, outcomes: Sequence[Outcome], path: Path, progress: Told, cancelled: Cancelled
) -> Judged:
    known, judged, failures = _read(path), dict[str, Judgement](), 0
    with path.open("a", encoding="utf-8") as file:
        for outcome in outcomes:
            key, id = _key(model.name, outcome), outcome.question.id
            judgement = known.get((id, key))
            if judgement is None:
                if cancelled():
                    return Judged(model.name, judged, "评判中途取消了。", cancelled=True)
                judgement = judge(model, outcome, key)
                failures = failures + 1 if judgement.correct is None else 0
                file.write(json.dumps(asdict(judgement), ensure_ascii=False) + "\n")
                file.flush()
            judged[id] = judgement
            progress(EvalProgress(len(judged), len(outcomes), question=outcome.question.question, stage="评判"))
            if failures == _MOST_FAILURES:
                return Judged(model.name, judged, f"连续 {failures} 题没有评成，不再评判：{judgement.problem}")
    return Judged(model.name, judged)


def judge(model: JudgeModel, outcome: Outcome, key: str = "") -> Judgement:
    """The two questions on one answer. A refusal claims nothing, so nobody asks what it rests on."""
    question, reply = outcome.question, outcome.reply
    right, trouble = _asked(model, _correct_prompt(question, reply), _Correct)
    grounds: _Faithful | None = None
    more: str | EndpointError = ""
    if reply.status != "refused" and not isinstance(trouble, EndpointError):
        grounds, more = _asked(model, _faithful_prompt(question, reply), _Faithful)
    return Judgement(
        id=question.id,
        key=key,
        correct=right.correct if right else None,
        reason=right.reason if right else "",
        faithful=grounds.faithful if grounds else None,
        unsupported=tuple(grounds.unsupported) if grounds else (),
        problem=str(trouble or more),
    )


def _asked(model: JudgeModel, prompt: str, form: type[T]) -> tuple[T | None, str | EndpointError]:
    """The reply in its form, or None and why."""
    try:
        said = model.ask(prompt).strip()
    except EndpointError as error:
        return None, error
    fenced = _FENCE.match(said)
    try:
        return form.model_validate_json(fenced[1] if fenced else said), ""
    except ValidationError:
        return None, f"{_UNREADABLE}：{redacted(said)[:80]}"  # some servers say here which key is wrong


def _correct_prompt(question: Question, reply: Reply) -> str:
    return render("judge_correct", question=_told(question), gold=_gold(question), answer=without_marks(reply.answer))


def _faithful_prompt(question: Question, reply: Reply) -> str:
    quotes = "\n".join(f"[{c.n}]《{c.title}》{c.date}：{''.join(c.quote.split())}" for c in reply.citations)
    return render("judge_faithful", question=_told(question), quotes=quotes or "（没有引文）", answer=reply.answer)


def _told(question: Question) -> str:
    before = f"（之前问过：{'；'.join(question.history)}）" if question.history else ""
    return before + question.question


def _gold(question: Question) -> str:
    if not question.answerable:
        return "报告里没有答案"
    points = "；".join(" 或 ".join(group) for group in question.accept)
    return points + (f"（不得出现：{'、'.join(question.forbid)}）" if question.forbid else "")


def _key(model: str, outcome: Outcome) -> str:
    """Changes with the judge, the prompts (as rendered: gold answer, answer and quotes are in them)."""
    asked = (model, _correct_prompt(outcome.question, outcome.reply), _faithful_prompt(outcome.question, outcome.reply))
    return hashlib.sha256("\0".join(asked).encode()).hexdigest()[:32]


def _read(path: Path) -> dict[tuple[str, str], Judgement]:
    """What was judged without trouble, by id and key; a torn line is left out."""
    found: dict[tuple[str, str], Judgement] = {}
    for line in path.read_text(encoding="utf-8", errors="replace").split("\n") if path.exists() else ():
        try:
            value: dict[str, Any] = json.loads(line)
            one = Judgement(**value | {"unsupported": tuple(value["unsupported"])})
        except (ValueError, TypeError, KeyError):
            continue
        if not one.problem:
            found[one.id, one.key] = one
    return found
