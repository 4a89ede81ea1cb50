"""The committed baseline: written on request alone, compared question by question."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant import InputError
from evals.metrics import Score

TOLERANCE = 0.02


@dataclass(frozen=True, slots=True)
class Comparison:
    """Now against the baseline, over the questions that both know.

    `false_answers` is None if none of them is unanswerable; `new` and `gone` are ids that only this
    run, or only the baseline, knows.
    """

    accuracy: tuple[float, float]
    false_answers: tuple[float, float] | None
    turned_wrong: tuple[str, ...]
    turned_right: tuple[str, ...]
    new: tuple[str, ...]
    gone: tuple[str, ...]

    @property
    def failed(self) -> bool:
        """Whether accuracy fell, or false answers rose, by more than the tolerance."""
        margin = TOLERANCE + 1e-9
        fell = self.accuracy[0] - self.accuracy[1] > margin
        rose = self.false_answers is not None and self.false_answers[1] - self.false_answers[0] > margin
        return fell or rose


def verdicts(scores: Mapping[str, Score]) -> dict[str, dict[str, bool | None]]:
    """What a baseline remembers of each question, by id."""
    return {id: {"correct": s.correct, "false_answer": s.false_answer} for id, s in scores.items()}


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


def compare(baseline: Mapping[str, Any], scores: Mapping[str, Score]) -> Comparison:
    """Raises InputError if the baseline knows none of the questions."""
    before, now = baseline["questions"], verdicts(scores)
    shared = [id for id in now if id in before]
    if not shared:
        raise InputError("评测基线与这次的题集没有一道相同的题：请换用对应的基线，或用 --update-baseline 重新生成。")
    open_ended = [id for id in shared if now[id]["false_answer"] is not None]
    return Comparison(
        accuracy=(_rate(before, shared, "correct"), _rate(now, shared, "correct")),
        false_answers=(
            (_rate(before, open_ended, "false_answer"), _rate(now, open_ended, "false_answer")) if open_ended else None
        ),
        turned_wrong=tuple(id for id in shared if before[id]["correct"] and not now[id]["correct"]),
        turned_right=tuple(id for id in shared if now[id]["correct"] and not before[id]["correct"]),
        new=tuple(id for id in now if id not in before),
        gone=tuple(id for id in before if id not in now),
    )


def _rate(verdicts: Mapping[str, Mapping[str, Any]], ids: list[str], name: str) -> float:
    return sum(bool(verdicts[id].get(name)) for id in ids) / len(ids)
