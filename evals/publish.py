"""What a finished run leaves: tables on standard output, summary.json, report.md, report.html."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console

from evals.agreement import judge_lines, judge_summary
from evals.baseline import Comparison, replace_file, verdicts, write_json
from evals.journal import Journal
from evals.judge import Judged
from evals.metrics import Reply
from evals.outcome import Outcome, groups
from evals.page import page
from evals.runs import Run, now
from evals.suite import Question
from evals.table import comparison_lines, markdown, plain, print_failures, print_tables


@dataclass(frozen=True, slots=True)
class Finished:
    """A run in which every question was asked, and what it is set beside.

    `earlier` is the baseline, or the last run over the same suites; `history` holds all kept runs over them; `judged`
    is what a judge model said, if one was asked.
    """

    journal: Journal
    outcomes: tuple[Outcome, ...]
    comparison: Comparison | None
    earlier: Run | None
    history: tuple[Run, ...]
    judged: Judged | None = None


def write_results(run: Finished) -> dict[str, Any]:
    """Writes summary.json, report.md and report.html; then the run is finished. Returns what summary.json holds."""
    about = run.journal.about | {"finished_at": now()}
    result, folder = _result(about, run.outcomes), run.journal.folder
    if run.judged:
        result["judge"] = judge_summary(run.outcomes, run.judged)
    write_json(folder / "summary.json", result)
    text = markdown(result, groups(run.outcomes), _failed(run), _compared(run))
    replace_file(folder / "report.md", text)
    replace_file(
        folder / "report.html", page(result, run.outcomes, earlier=run.earlier, history=run.history, judged=run.judged)
    )
    run.journal.finish(finished_at=about["finished_at"])
    return result


def show(run: Finished, result: Mapping[str, Any]) -> None:
    """Prints the tables, the questions answered wrong and the comparison with the baseline."""
    console = Console(highlight=False, markup=False, emoji=False, soft_wrap=not sys.stdout.isatty())
    print_tables(console, groups(run.outcomes), peak=result["peak_memory_bytes"])
    print_failures(console, _failed(run))
    told = judge_lines(run.outcomes, run.judged) if run.judged else []
    for line in [*told, *_compared(run)]:
        console.print(plain(line))


def _compared(run: Finished) -> list[str]:
    asked = {o.question.id: (o.question, o.reply) for o in run.outcomes}
    return comparison_lines(run.comparison, asked) if run.comparison else []


def _failed(run: Finished) -> list[tuple[Question, Reply]]:
    return [(o.question, o.reply) for o in run.outcomes if not o.score.correct]


def _result(about: Mapping[str, Any], outcomes: tuple[Outcome, ...]) -> dict[str, Any]:
    peaks = [outcome.peak for outcome in outcomes if outcome.peak is not None]
    known = verdicts({outcome.question.id: outcome.score for outcome in outcomes})
    return {
        "suites": list(about.get("suites", ())),
        **{name: about.get(name, "") for name in ("model", "index_version", "commit", "started", "finished_at")},
        "peak_memory_bytes": max(peaks, default=None),
        "groups": {label: asdict(summary) for label, summary in groups(outcomes).items()},
        "questions": {o.question.id: known[o.question.id] | {"answer": o.reply.answer} for o in outcomes},
    }
