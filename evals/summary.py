"""Measures of a group of questions: by class, by half, overall.

Shares are micro averages (hits of all questions / cases of all questions); where there was no case the share
is None, not 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from evals.metrics import RANKS, Score
from evals.wording import Share


@dataclass(frozen=True, slots=True)
class Summary:
    """The measures of a group of questions; seconds and characters of length as (p50, p95)."""

    questions: int
    accuracy: float
    interval: tuple[float, float]
    character_f1: float | None
    list_recall: float | None
    gold_figure_recall: float | None
    gold_figure_precision: float | None
    length: tuple[float, float]
    citation_support: float | None
    uncited: int
    citation_exactness: float | None
    citation_precision: float | None
    evidence_recall: float | None
    figure_precision: float | None
    figures_verified: float | None
    verified_wrongly: float | None
    false_answers: float | None
    false_refusals: float | None
    retrieval_recall: dict[str, float | None]
    reciprocal_rank: float | None
    first_token: tuple[float, float]
    total: tuple[float, float]
    stages: dict[str, tuple[float, float]]


def summarise(scores: Sequence[Score]) -> Summary:
    """The measures of at least one question."""
    verdicts = [score.correct for score in scores]
    return Summary(
        questions=len(scores),
        accuracy=sum(verdicts) / len(verdicts),
        interval=bootstrap(verdicts),
        character_f1=_mean(s.character_f1 for s in scores),
        list_recall=_total(s.list_recall for s in scores),
        gold_figure_recall=_total(s.gold_figure_recall for s in scores),
        gold_figure_precision=_total(s.gold_figure_precision for s in scores),
        length=percentiles([s.length for s in scores]),
        citation_support=_total(s.citation_support for s in scores),
        uncited=sum(s.uncited.hits for s in scores),
        citation_exactness=_total(s.citation_exactness for s in scores),
        citation_precision=_total(s.citation_precision for s in scores),
        evidence_recall=_total(s.evidence_recall for s in scores),
        figure_precision=_total(s.figure_precision for s in scores),
        figures_verified=_total(s.figures_verified for s in scores),
        verified_wrongly=_total(s.verified_wrongly for s in scores),
        false_answers=_mean(s.false_answer for s in scores),
        false_refusals=_mean(s.false_refusal for s in scores),
        retrieval_recall={str(k): _total(s.retrieval_recall[at] for s in scores) for at, k in enumerate(RANKS)},
        reciprocal_rank=_mean(s.reciprocal_rank for s in scores),
        first_token=percentiles([s.first_token for s in scores]),
        total=percentiles([s.total for s in scores]),
        stages=_stages(scores),
    )


def _stages(scores: Sequence[Score]) -> dict[str, tuple[float, float]]:
    """(p50, p95) seconds of each stage, over the answers that went through it."""
    names = dict.fromkeys(name for score in scores for name in score.stages)
    return {name: percentiles([s.stages[name] for s in scores if name in s.stages]) for name in names}


def _total(shares: Iterable[Share]) -> float | None:
    counted = list(shares)
    return Share(sum(s.hits for s in counted), sum(s.cases for s in counted)).value


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def percentiles(seconds: Sequence[float]) -> tuple[float, float]:
    """(p50, p95) of at least one measurement, with linear interpolation."""
    return float(np.percentile(seconds, 50)), float(np.percentile(seconds, 95))


def bootstrap(verdicts: Sequence[bool], *, rounds: int = 2000, seed: int = 0) -> tuple[float, float]:
    """95 % percentile interval of the accuracy (Efron & Tibshirani 1993), the same for the same verdicts."""
    drawn = np.random.default_rng(seed).choice(np.array(verdicts, dtype=float), size=(rounds, len(verdicts)))
    low, high = np.percentile(drawn.mean(axis=1), [2.5, 97.5])
    return float(low), float(high)
