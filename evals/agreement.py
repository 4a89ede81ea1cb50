"""Do the judge model and the string metrics agree?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from evals.judge import Judged
from evals.metrics import Score
from evals.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Agreement:
    """Verdicts of one measure by both: `both`, `judge_only`, `metric_only`, `neither` call it good.

    `name` is the measure, `metric` how the strings are measured (both Chinese); `apart` holds the ids on which they
    differ.
    """

    name: str
    metric: str
    both: int
    judge_only: int
    metric_only: int
    neither: int
    apart: tuple[str, ...]

    @property
    def total(self) -> int:
        return self.both + self.judge_only + self.metric_only + self.neither

    @property
    def kappa(self) -> float | None:
        return kappa(self.both, self.judge_only, self.metric_only, self.neither)

    @property
    def judged_good(self) -> float | None:
        """Share that the judge calls good, 0 to 1."""
        return (self.both + self.judge_only) / self.total if self.total else None


def kappa(both: int, first_only: int, second_only: int, neither: int) -> float | None:
    """Agreement of two raters beyond chance, -1 to 1; None where chance alone would agree always.

    Source: Cohen 1960. Read as in Landis & Koch 1977: above 0.6 substantial, below 0.2 slight.
    """
    total = both + first_only + second_only + neither
    if not total:
        return None
    first, second = (both + first_only) / total, (both + second_only) / total
    chance = first * second + (1 - first) * (1 - second)
    return None if chance == 1 else ((both + neither) / total - chance) / (1 - chance)


def agreements(outcomes: Sequence[Outcome], judged: Judged) -> tuple[Agreement, ...]:
    """Correctness and faithfulness, over the answers that the judge could judge."""
    right, grounded = [], []
    for outcome in outcomes:
        said = judged.judgements.get(outcome.question.id)
        if said and said.correct is not None:
            right.append((outcome.question.id, said.correct, outcome.score.correct))
        if said and said.faithful is not None:
            grounded.append((outcome.question.id, said.faithful, _grounded(outcome.score)))
    return (
        _agreement("答得对", "正确率的判定", right),
        _agreement("句句有据", "每句有引用，数字都在引文里", grounded),
    )


def _grounded(score: Score) -> bool:
    """Each sentence cites, and each figure stands in what is cited."""
    return score.uncited.hits == 0 and score.figure_precision.hits == score.figure_precision.cases


def _agreement(name: str, metric: str, verdicts: Sequence[tuple[str, bool, bool]]) -> Agreement:
    counts = Counter((judge, strings) for _, judge, strings in verdicts)
    return Agreement(
        name=name,
        metric=metric,
        both=counts[True, True],
        judge_only=counts[True, False],
        metric_only=counts[False, True],
        neither=counts[False, False],
        apart=tuple(id for id, judge, strings in verdicts if judge != strings),
    )


def judge_summary(outcomes: Sequence[Outcome], judged: Judged) -> dict[str, Any]:
    """What summary.json holds of the judge."""
    return {
        "model": judged.model,
        "problem": judged.problem,
        "judged": len(judged.judgements),
        "failed": sum(bool(one.problem) for one in judged.judgements.values()),
        "agreement": [
            {"name": a.name, "total": a.total, "judged_good": a.judged_good, "kappa": a.kappa, "apart": list(a.apart)}
            for a in agreements(outcomes, judged)
        ],
    }


def judge_lines(outcomes: Sequence[Outcome], judged: Judged) -> list[str]:
    """The judge and its agreement with the metrics, a Chinese line each."""
    failed = sum(bool(one.problem) for one in judged.judgements.values())
    lines = [f"评判模型 {judged.model}：评了 {len(judged.judgements)} 题，其中 {failed} 题没有评成。"]
    lines += [f"评判没有做完：{judged.problem}"] if judged.problem else []
    for one in agreements(outcomes, judged):
        if not one.total:
            continue
        agreed = f"{one.both + one.neither}/{one.total}"
        lines.append(
            f"{one.name}：评判模型认为 {one.judged_good:.1%}，与“{one.metric}”一致 {agreed}，"
            f"kappa = {told_kappa(one.kappa)}；只有模型说好 {one.judge_only}，只有指标说好 {one.metric_only}。"
        )
        lines += [f"  说法不同的题：{'、'.join(one.apart)}"] if one.apart else []
    return lines


def told_kappa(value: float | None) -> str:
    """ "0.62", or "—" where it is not defined."""
    return "—" if value is None else f"{value:.2f}"
