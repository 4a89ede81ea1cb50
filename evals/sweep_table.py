"""What a sweep found, as a table: each cell with its interval and its difference to the first."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from evals.grid import Cell
from evals.outcome import OVERALL
from evals.paired import difference_interval, mcnemar_exact
from evals.table import percent, plain

# Two lines where there is an interval, so that the table fits 80 columns.
HEAD = ("正确率\n95% 区间", "与第一格相差\n95% 区间", "p", "误答", "误拒", "检索\n@5", "秒\np50")


@dataclass(frozen=True, slots=True)
class Result:
    """A cell's overall measures and verdicts by question id; or why there is none (`problem`, Chinese)."""

    overall: Mapping[str, Any] = field(default_factory=dict)
    verdicts: Mapping[str, bool] = field(default_factory=dict)
    problem: str = ""

    @classmethod
    def read(cls, folder: Path) -> Result:
        """The result that a finished run left in its folder."""
        try:
            summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
            verdicts = {id: bool(one["correct"]) for id, one in summary["questions"].items()}
            return cls(summary["groups"][OVERALL], verdicts)
        except (OSError, ValueError, KeyError, TypeError):
            return cls(problem=f"{folder} 里的结果读不了：请删去这个文件夹后重新运行。")


def _rows(cells: Sequence[Cell], results: Sequence[Result]) -> tuple[list[str], list[list[str]]]:
    """Column names and rows; a value that is the same in every cell has no column."""
    labels = [cell.label for cell in cells]
    names = list(dict.fromkeys(name for label in labels for name in label))
    shown = [name for name in names if len({label.get(name) for label in labels}) > 1] or names
    rows = [
        [*(label.get(name, "—") for name in shown), *_measures(result, results[0])]
        for label, result in zip(labels, results, strict=True)
    ]
    return [*shown, *HEAD], rows


def _measures(result: Result, first: Result) -> list[str]:
    if result.problem:
        return ["没有跑成", *("—" for _ in HEAD[1:])]
    told = result.overall
    low, high = told["interval"]
    return [
        f"{percent(told['accuracy'])}\n{100 * low:.0f}–{100 * high:.0f}",
        *_difference(result, first),
        percent(told["false_answers"]),
        percent(told["false_refusals"]),
        percent(told["retrieval_recall"]["5"]),
        f"{told['total'][0]:.2f}",
    ]


def _difference(result: Result, first: Result) -> tuple[str, str]:
    shared = [id for id in result.verdicts if id in first.verdicts]
    if result is first or not shared:
        return "—", "—"
    old, new = ([one.verdicts[id] for id in shared] for one in (first, result))
    low, high = difference_interval(old, new)
    right = sum(b and not a for a, b in zip(old, new, strict=True))
    wrong = sum(a and not b for a, b in zip(old, new, strict=True))
    moved = 100 * (sum(new) - sum(old)) / len(shared)
    return f"{moved:+.1f}\n{100 * low:+.1f}…{100 * high:+.1f}", f"{mcnemar_exact(right, wrong):.2f}"


def sweep_table(cells: Sequence[Cell], results: Sequence[Result]) -> Table:
    """The table for a terminal."""
    names, rows = _rows(cells, results)
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for n, name in enumerate(names):
        knob = n < len(names) - len(HEAD)
        table.add_column(_lines(name), justify="left" if knob else "right", no_wrap=not knob, overflow="fold")
    for row in rows:
        table.add_row(*(_lines(value) for value in row))
    return table


def _lines(value: str) -> Text:
    return Text("\n".join(plain(line) for line in value.split("\n")))


def sweep_markdown(cells: Sequence[Cell], results: Sequence[Result]) -> str:
    """The same in Markdown."""
    names, rows = _rows(cells, results)
    lines = [names, ["---"] * len(names), *rows]  # `plain` makes a space of a line break
    return "\n".join("| " + " | ".join(plain(v).replace("|", "\\|") for v in line) + " |" for line in lines) + "\n"
