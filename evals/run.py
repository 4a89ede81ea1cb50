"""`judian eval`: ask every gold question, measure, print, compare with a baseline."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from assistant import Answer, Assistant, InputError, Settings, Token, open_assistant
from evals.baseline import Comparison, compare, read_baseline, replace_file, verdicts, write_json
from evals.journal import Journal, fingerprint
from evals.metrics import Reply, Score, TextOf, score
from evals.suite import Question, check_evidence, read_suites
from evals.summary import Summary, peak_memory, summarise
from evals.table import markdown, print_comparison, print_failures, print_tables
from index import ReportError, read_report

DEFAULT_SUITE = Path(__file__).parent / "suites" / "gold.jsonl"
OVERALL = "全部"
_HALVES = {"tune": "调参半", "test": "检验半"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """A question, what was answered, and how that measures; `peak` is bytes of memory at that time."""

    question: Question
    reply: Reply
    score: Score
    peak: int | None


def run_eval(
    settings: Settings,
    suites: Sequence[Path] = (),
    *,
    report: Path | None = None,
    baseline: Path | None = None,
    update_baseline: bool = False,
) -> int:
    """Runs the suites (the packaged gold suite if none is named); returns the exit code.

    Results go to standard output, progress to standard error, the trace to `report` (or to `runs` beside the
    index). Returns 1 if `baseline` is given, not to be updated, and the run is worse than it allows; else 0.
    Raises InputError for a suite, baseline or folder that cannot be used, and what open_assistant raises.
    """
    if update_baseline and baseline is None:
        raise InputError("不知道要更新哪个基线：请用 --baseline 写明基线文件。")
    paths = tuple(suites) or (DEFAULT_SUITE,)
    questions = read_suites(paths)
    before = _baseline_before(baseline, update_baseline)
    text_of = report_reader(settings.reports)
    _warn(check_evidence(questions, text_of))
    with closing(open_assistant(settings)) as assistant:
        header = {
            "suites": [path.name for path in paths],
            "model": assistant.model_name,
            "index_version": assistant.index_version,
        }
        key = fingerprint(settings, paths, model=assistant.model_name, index_version=assistant.index_version)
        journal = _journal(report or settings.index.parent / "runs" / key[:12], key)
        outcomes = ask_all(assistant, questions, journal, text_of)
    scores = {outcome.question.id: outcome.score for outcome in outcomes}
    comparison = compare(before, scores) if before else None
    result = _result(header, outcomes)
    _publish(journal, result, outcomes, comparison)
    if update_baseline and baseline is not None:
        write_json(baseline, result)
        return 0
    return 1 if comparison and comparison.failed else 0


def _baseline_before(path: Path | None, update: bool) -> dict[str, Any] | None:
    if path is None or (update and not path.exists()):
        return None
    return read_baseline(path)


def report_reader(reports: Path) -> TextOf:
    """Reads a source's text anew from the reports folder: the judge does not take the index's word for it."""

    @cache
    def text_of(source: str) -> str:
        path = reports / source
        if not path.resolve().is_relative_to(reports.resolve()) or not path.is_file():
            raise ReportError(f"报告目录 {reports} 里没有 {source}：请检查题集里的出处。")
        return read_report(path, source).text

    return text_of


def _warn(complaints: Sequence[str]) -> None:
    if complaints:
        console = Console(stderr=True, highlight=False, markup=False, emoji=False)
        console.print(f"注意：题集里有 {len(complaints)} 处引文与报告对不上，证据召回会偏低。例如：{complaints[0]}")


def _journal(folder: Path, key: str) -> Journal:
    try:
        return Journal(folder, key)
    except OSError as error:
        raise InputError(f"写不了评测目录 {folder}：请检查路径和权限。") from error


def ask_all(
    assistant: Assistant, questions: Sequence[Question], journal: Journal, text_of: TextOf
) -> tuple[Outcome, ...]:
    """An outcome for each question, in order; those the journal has already are not asked again."""
    outcomes = []
    with _progress() as progress:
        task = progress.add_task("评测", total=len(questions))
        for question in questions:
            record = journal.done.get(question.id)
            if record is None:
                record = ask(assistant, question)
                journal.append(record | {"score": asdict(_outcome(question, record, text_of).score)})
            outcomes.append(_outcome(question, record, text_of))
            progress.advance(task)
    return tuple(outcomes)


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )


def ask(assistant: Assistant, question: Question, clock: Callable[[], float] = time.perf_counter) -> dict[str, Any]:
    """One question as a user of the chat sees it: streamed, on our own clock (seconds).

    Where nothing was streamed (a refusal, or no model) the first token is the answer itself.
    """
    begin = clock()
    first: float | None = None
    for event in assistant.stream(question.question, history=question.history):
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


def _outcome(question: Question, record: Mapping[str, Any], text_of: TextOf) -> Outcome:
    reply = Reply.from_json(record["answer"], first_token=record["first_token"], total=record["total"])
    return Outcome(question, reply, score(question, reply, text_of), record.get("peak_memory"))


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


def _result(header: Mapping[str, Any], outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """What summary.json and a baseline hold."""
    peaks = [outcome.peak for outcome in outcomes if outcome.peak is not None]
    return {
        **header,
        "peak_memory_bytes": max(peaks, default=None),
        "groups": {label: asdict(summary) for label, summary in groups(outcomes).items()},
        "questions": verdicts({outcome.question.id: outcome.score for outcome in outcomes}),
    }


def _publish(
    journal: Journal,
    result: Mapping[str, Any],
    outcomes: Sequence[Outcome],
    comparison: Comparison | None,
) -> None:
    """Standard output, summary.json and report.md; then the run is finished."""
    console = Console(highlight=False, markup=False, emoji=False, soft_wrap=not sys.stdout.isatty())
    tables = groups(outcomes)
    failed = [(o.question, o.reply) for o in outcomes if not o.score.correct]
    print_tables(console, tables, peak=result["peak_memory_bytes"])
    print_failures(console, failed)
    if comparison:
        print_comparison(console, comparison)
    write_json(journal.folder / "summary.json", result)
    replace_file(journal.folder / "report.md", markdown(result, tables, failed, comparison))
    journal.finish()
    console.print(f"逐题记录：{journal.folder}")
