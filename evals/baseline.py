"""The committed baseline: written on request alone, compared question by question."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant import InputError
from evals.metrics import Score

TOLERANCE = 0.02
# What may not get worse: key of a verdict, Chinese name, 1 where more is better.
GUARDED = (
    ("correct", "正确率", 1),
    ("false_answer", "误答", -1),
    ("citation_support", "引用支持", 1),
    ("citation_exactness", "引用准确", 1),
    ("verified_wrongly", "误核", -1),
)
_TIMES = ("first_token", "total", "stages")


@dataclass(frozen=True, slots=True)
class Guard:
    """One guarded measure over the shared questions, as shares, 0 to 1; `loss` > 0 is worse than before."""

    name: str
    before: float
    now: float
    loss: float


@dataclass(frozen=True, slots=True)
class Change:
    """A question whose verdict turned: the answers then (empty if the baseline keeps none) and now."""

    id: str
    before: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Now against the baseline, over the questions that both know.

    `guards` holds what both measured, accuracy first; `new` and `gone` are ids that only this run, or only the
    baseline, knows.
    """

    guards: tuple[Guard, ...]
    turned_wrong: tuple[Change, ...]
    turned_right: tuple[Change, ...]
    new: tuple[str, ...]
    gone: tuple[str, ...]
    tolerance: float = TOLERANCE

    @property
    def broken(self) -> tuple[Guard, ...]:
        """Those that are worse than the baseline by more than the tolerance."""
        return tuple(guard for guard in self.guards if guard.loss > self.tolerance + 1e-9)

    @property
    def failed(self) -> bool:
        return bool(self.broken)


def verdicts(scores: Mapping[str, Score]) -> dict[str, dict[str, Any]]:
    """What a baseline remembers of each question, by id; shares as [hits, cases]."""
    return {
        id: {
            "correct": s.correct,
            "false_answer": s.false_answer,
            "citation_support": list(s.citation_support),
            "citation_exactness": list(s.citation_exactness),
            "verified_wrongly": list(s.verified_wrongly),
        }
        for id, s in scores.items()
    }


def baseline_of(result: Mapping[str, Any]) -> dict[str, Any]:
    """What a baseline keeps of a run's summary: nothing that differs between two runs of the same code."""
    groups = {
        label: {name: value for name, value in measures.items() if name not in _TIMES}
        for label, measures in result["groups"].items()
    }
    kept = {name: result[name] for name in ("suites", "model", "commit", "finished_at")}
    return kept | {"groups": groups, "questions": result["questions"]}


def read_baseline(path: Path) -> dict[str, Any]:
    """A baseline file. Raises InputError if it is missing or is not one."""
    try:
        baseline = json.loads(path.read_text(encoding="utf-8"))
        well_formed = all(isinstance(seen["correct"], bool) for seen in baseline["questions"].values())
    except FileNotFoundError as error:
        raise InputError(f"找不到评测基线 {path}：请检查路径，或加上 --update-baseline 来生成它。") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"读不了评测基线 {path}：请用 --update-baseline 重新生成。") from error
    if not well_formed or not baseline["questions"]:
        raise InputError(f"评测基线 {path} 里没有逐题的结果：请用 --update-baseline 重新生成。")
    return dict(baseline)


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Replaces a JSON file in one step."""
    replace_file(path, json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def replace_file(path: Path, text: str) -> None:
    """Replaces a UTF-8 file in one step, so that an interruption leaves the old one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".part")
    draft.write_text(text, encoding="utf-8")
    os.replace(draft, path)


def compare(baseline: Mapping[str, Any], scores: Mapping[str, Score], *, tolerance: float = TOLERANCE) -> Comparison:
    """Raises InputError if the baseline knows none of the questions."""
    before, now = baseline["questions"], verdicts(scores)
    shared = [id for id in now if id in before]
    if not shared:
        raise InputError("评测基线与这次的题集没有一道相同的题：请换用对应的基线，或用 --update-baseline 重新生成。")
    turned = [
        (now[id]["correct"], Change(id, str(before[id].get("answer") or "")))
        for id in shared
        if before[id]["correct"] != now[id]["correct"]
    ]
    return Comparison(
        guards=tuple(_guards(before, now, shared)),
        turned_wrong=tuple(change for right, change in turned if not right),
        turned_right=tuple(change for right, change in turned if right),
        new=tuple(id for id in now if id not in before),
        gone=tuple(id for id in before if id not in now),
        tolerance=tolerance,
    )


def _guards(before: Mapping[str, Any], now: Mapping[str, Any], shared: Sequence[str]) -> list[Guard]:
    found = []
    for key, name, good in GUARDED:
        old, new = (_share(one, shared, key) for one in (before, now))
        if old is not None and new is not None:
            found.append(Guard(name, old, new, (old - new) * good))
    return found


def _share(verdicts: Mapping[str, Mapping[str, Any]], ids: Sequence[str], key: str) -> float | None:
    """Hits / cases over the questions that measured it; None if there is no case."""
    hits = cases = 0
    for id in ids:
        value = verdicts[id].get(key)
        hit, case = value if isinstance(value, list) else (bool(value), value is not None)
        hits, cases = hits + hit, cases + case
    return hits / cases if cases else None
