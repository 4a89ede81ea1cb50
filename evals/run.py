"""`judian eval`: ask every gold question, measure, keep, print, compare with a baseline."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from assistant import Assistant, InputError, Scope, Settings, open_assistant
from evals.asking import EVERYWHERE, Cancelled, EvalProgress, Told, ask_all, never, silent
from evals.baseline import TOLERANCE, baseline_of, compare, read_baseline, write_json
from evals.journal import Journal, describe, fingerprint
from evals.judge import judge_all
from evals.metrics import TextOf
from evals.outcome import Outcome
from evals.publish import Finished, show, write_results
from evals.runs import LOCK, Run, commit, earlier_runs, keep, last_run, now, runs_folder
from evals.suite import DEFAULT_SUITE, check_evidence, read_suites
from index import ReportError, read_report


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be run: suite files, where to write (None: only where runs are kept), the baseline's content.

    `kept` is False for a run that is part of something larger and stays in `report` alone; `scope` is where each
    question looks.
    """

    settings: Settings
    suites: tuple[Path, ...]
    report: Path | None = None
    before: Mapping[str, Any] | None = None
    tolerance: float = TOLERANCE
    kept: bool = True
    scope: Scope = EVERYWHERE


@dataclass(frozen=True, slots=True)
class Done:
    """A run that is finished and lies in `folder`; `result` is what its summary.json holds."""

    finished: Finished
    result: Mapping[str, Any]
    folder: Path


def run_eval(
    settings: Settings,
    suites: Sequence[Path] = (),
    *,
    report: Path | None = None,
    baseline: Path | None = None,
    update_baseline: bool = False,
    tolerance: float = TOLERANCE,
) -> int:
    """Runs the suites (the packaged gold suite if none is named); returns the exit code.

    Results go to standard output, progress to standard error, the trace and the report page to `report` (or to
    `runs` beside the index, where each finished run is kept in any case). Returns 1 if `baseline` is given, not to
    be updated, and the run is worse than it by more than `tolerance` (a share of the questions); else 0.
    Raises InputError for a suite, baseline or folder that cannot be used, and what open_assistant raises.
    """
    if update_baseline and baseline is None:
        raise InputError("不知道要更新哪个基线：请用 --baseline 写明基线文件。")
    before = _baseline_before(baseline, update_baseline)
    job = Job(settings, tuple(suites) or (DEFAULT_SUITE,), report, before, tolerance)
    with _progress_bar() as progress:
        done = carry_out(job, progress=progress)
    assert done is not None  # nobody cancels it
    show(done.finished, done.result)
    print(f"逐题记录：{done.folder}\n报告：{done.folder / 'report.html'}")
    if update_baseline and baseline is not None:
        write_json(baseline, baseline_of(done.result))
        return 0
    comparison = done.finished.comparison
    return 1 if comparison and comparison.failed else 0


def carry_out(
    job: Job, *, assistant: Assistant | None = None, progress: Told = silent, cancelled: Cancelled = never
) -> Done | None:
    """Asks, measures, writes and keeps; None if it was cancelled, and then the next run of the job goes on.

    Opens an assistant of its own unless one is passed. Raises as run_eval.
    """
    questions, text_of = read_suites(job.suites), report_reader(job.settings.reports)
    _warn(check_evidence(questions, text_of))
    kept = runs_folder(job.settings)
    with ExitStack() as opened, ExitStack() as locked:
        untraced = job.settings.model_copy(update={"trace": "off"})  # the journal is the trace
        asked = assistant or opened.enter_context(closing(open_assistant(untraced)))
        if not assistant:
            asked.warm()  # loading is no part of an answer's seconds
        about = describe(job.settings, job.suites, model=asked.model_name, index_version=asked.index_version)
        about |= {"scope": asdict(job.scope)} if job.scope != EVERYWHERE else {}
        key = fingerprint(about)
        folder = locked.enter_context(_only_run(job.report or kept / key[:12]))
        journal = Journal(folder, key, about | {"commit": commit(), "started": now()})
        outcomes = ask_all(asked, questions, journal, text_of, scope=job.scope, progress=progress, cancelled=cancelled)
        if len(outcomes) < len(questions):
            return None
        opened.close()  # an embedded judge needs the memory
        finished = _finished(job, journal, outcomes, kept)
        if job.settings.judge not in ("", "none"):
            judged = judge_all(job.settings, outcomes, folder, progress=progress, cancelled=cancelled)
            if judged.cancelled:
                return None
            finished = replace(finished, judged=judged)
        return Done(finished, write_results(finished), _keep(folder, kept, key, job))


def _finished(job: Job, journal: Journal, outcomes: tuple[Outcome, ...], kept: Path) -> Finished:
    """The baseline as a run, or else the last run over the same questions, is what answers are set beside."""
    before, scores = job.before, {o.question.id: o.score for o in outcomes}
    comparison = compare(before, scores, tolerance=job.tolerance) if before else None
    history = earlier_runs(kept, journal.about["suites"])
    earlier = Run("基线", dict(before), before["questions"]) if before else last_run(history, kept)
    return Finished(journal, outcomes, comparison, earlier, tuple(history))


def _keep(folder: Path, kept: Path, key: str, job: Job) -> Path:
    if not job.kept:
        return folder
    try:
        where = keep(folder, kept, key)
    except OSError:
        say(f"注意：写不了 {kept}，这次运行没有留存，只在 {folder} 里。")
        return folder
    return job.report or where


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
        say(f"注意：题集里有 {len(complaints)} 处引文与报告对不上，证据召回会偏低。例如：{complaints[0]}")


def say(text: str) -> None:
    """A line for whoever sits at the terminal, beside what goes to standard output."""
    Console(stderr=True, highlight=False, markup=False, emoji=False).print(text)


@contextmanager
def _only_run(folder: Path) -> Iterator[Path]:
    """The folder of a run, in which no other process writes meanwhile. Raises InputError."""
    lock = FileLock(folder / LOCK)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout as error:
        raise InputError(f"同样的评测正在 {folder} 里运行：请等它结束，或用 --report 换一个文件夹。") from error
    except OSError as error:
        raise InputError(f"写不了评测目录 {folder}：请检查路径和权限。") from error
    try:
        yield folder
    finally:
        (folder / LOCK).unlink(missing_ok=True)
        lock.release()


@contextmanager
def _progress_bar() -> Iterator[Told]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(file=sys.stderr)) as bar:
        task = bar.add_task("准备", total=None)

        def tell(seen: EvalProgress) -> None:
            bar.update(task, completed=seen.done, total=seen.total, description=seen.stage)

        yield tell
