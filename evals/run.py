"""`judian eval`: ask every gold question, measure, print, compare with a baseline."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from assistant import Answer, Assistant, InputError, Settings, Token, open_assistant
from evals.baseline import compare, read_baseline, write_json
from evals.journal import Journal, describe, fingerprint
from evals.metrics import TextOf
from evals.outcome import Outcome, measure
from evals.publish import Finished, publish
from evals.runs import Run, commit, earlier_runs, keep, last_run, now, runs_folder
from evals.suite import Question, check_evidence, read_suites
from evals.summary import peak_memory
from index import ReportError, read_report

DEFAULT_SUITE = Path(__file__).parent / "suites" / "gold.jsonl"


def run_eval(
    settings: Settings,
    suites: Sequence[Path] = (),
    *,
    report: Path | None = None,
    baseline: Path | None = None,
    update_baseline: bool = False,
) -> int:
    """Runs the suites (the packaged gold suite if none is named); returns the exit code.

    Results go to standard output, progress to standard error, the trace and the report page to `report` (or to
    `runs` beside the index, where each finished run is kept in any case). Returns 1 if `baseline` is given, not to
    be updated, and the run is worse than it allows; else 0.
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
        about = describe(settings, paths, model=assistant.model_name, index_version=assistant.index_version)
        key = fingerprint(about)
        kept = runs_folder(settings)
        journal = _journal(report or kept / key[:12], key, about | {"commit": commit(), "started": now()})
        outcomes = ask_all(assistant, questions, journal, text_of)
    comparison = compare(before, {o.question.id: o.score for o in outcomes}) if before else None
    # The baseline as a run, or else the last run over the same questions, is what answers are set beside.
    history = earlier_runs(kept, about["suites"])
    earlier = Run("基线", before, before["questions"]) if before else last_run(history, kept)
    finished = Finished(journal, outcomes, comparison, earlier, tuple(history))
    result = publish(finished)
    where = _keep(journal.folder, kept, key, report)
    print(f"逐题记录：{where}\n报告：{where / 'report.html'}")
    if update_baseline and baseline is not None:
        write_json(baseline, result)
        return 0
    return 1 if comparison and comparison.failed else 0


def _keep(folder: Path, kept: Path, key: str, report: Path | None) -> Path:
    try:
        where = keep(folder, kept, key)
    except OSError:
        _say(f"注意：写不了 {kept}，这次运行没有留存，只在 {folder} 里。")
        return folder
    return report or where


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
        _say(f"注意：题集里有 {len(complaints)} 处引文与报告对不上，证据召回会偏低。例如：{complaints[0]}")


def _say(text: str) -> None:
    Console(stderr=True, highlight=False, markup=False, emoji=False).print(text)


def _journal(folder: Path, key: str, about: Mapping[str, Any]) -> Journal:
    try:
        return Journal(folder, key, about)
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
                journal.append(record | _traced(measure(question, record, text_of)))
            outcomes.append(measure(question, record, text_of))
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


def _traced(outcome: Outcome) -> dict[str, Any]:
    """What the judge adds to a record: the gold question, its evidence's fate, the scores, where it went wrong."""
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
