"""Evaluation for the pages of the chat: start and cancel a run, list the kept ones, compare two."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant import Assistant, InputError, Settings
from evals.asking import Cancelled, EvalProgress, Told, never, silent
from evals.compare import comparison_text, shared_ids, turned
from evals.outcome import OVERALL
from evals.paired import called, difference_interval, mcnemar_exact
from evals.readers import SUFFIXES
from evals.run import Job, carry_out
from evals.runs import Run, finished_runs, read_run, runs_folder, suites_folder
from evals.suite import DEFAULT_SUITE, read_suite
from evals.table import CLASSES

__all__ = ["Change", "EvalProgress", "Evaluation", "RunComparison", "RunInfo", "SuiteInfo"]
PACKAGED = "自带题库"


@dataclass(frozen=True, slots=True)
class SuiteInfo:
    """A suite that can be started by its name; `problem` is empty, or one Chinese sentence why it cannot."""

    name: str
    path: Path
    questions: int
    problem: str


@dataclass(frozen=True, slots=True)
class RunInfo:
    """A kept run. Shares are 0 to 1 (None: not measured), `finished_at` is UTC in ISO form."""

    name: str
    suites: tuple[str, ...]
    model: str
    index_version: str
    commit: str
    finished_at: str
    questions: int
    accuracy: float
    interval: tuple[float, float]
    false_answers: float | None
    false_refusals: float | None


@dataclass(frozen=True, slots=True)
class Change:
    """A question whose verdict turned, its class in Chinese, and the answers of both runs."""

    id: str
    question: str
    kind: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class RunComparison:
    """Run `b` against run `a` over their `shared` questions.

    `accuracy` is of both (0 to 1), `interval` the 95 % interval of the difference, `p` of McNemar's exact test,
    `verdict` that in Chinese words; `lines` is the text that `judian eval compare` prints.
    """

    a: str
    b: str
    shared: int
    accuracy: tuple[float, float]
    interval: tuple[float, float]
    p: float
    verdict: str
    turned_wrong: tuple[Change, ...]
    turned_right: tuple[Change, ...]
    lines: tuple[str, ...]


class Evaluation:
    """Runs over one folder of reports. Safe to share between threads; one run at a time."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._kept = runs_folder(settings)
        self._busy = threading.Lock()

    @property
    def running(self) -> bool:
        return self._busy.locked()

    def suites(self) -> tuple[SuiteInfo, ...]:
        """The packaged suite, then those in `suites` beside the index, by name."""
        folder = suites_folder(self._settings)
        own = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES) if folder.is_dir() else []
        return tuple(_suite(name, path) for name, path in [(PACKAGED, DEFAULT_SUITE), *((p.name, p) for p in own)])

    def start(
        self,
        suite: str,
        *,
        assistant: Assistant | None = None,
        progress: Told = silent,
        cancelled: Cancelled = never,
    ) -> RunInfo | None:
        """Runs a suite to its end, in the caller's thread, and keeps the run.

        `progress` hears of each answer; once `cancelled()` is true, no further question is asked and None is
        returned: the next start goes on there. `assistant` is used if it is passed, and stays open. Raises
        InputError for an unknown or faulty suite and while another run goes on, and what open_assistant raises.
        """
        found = next((one for one in self.suites() if one.name == suite), None)
        if found is None:
            raise InputError(f"没有名为 {suite} 的题库：请从列表里选一个。")
        if found.problem:
            raise InputError(found.problem)
        if not self._busy.acquire(blocking=False):
            raise InputError("已有一次评测正在进行：请等它结束，或先取消它。")
        try:
            job = Job(self._settings, (found.path,))
            done = carry_out(job, assistant=assistant, progress=progress, cancelled=cancelled)
        finally:
            self._busy.release()
        return _info(done.folder.name, done.result) if done else None

    def runs(self) -> tuple[RunInfo, ...]:
        """The kept runs, newest first."""
        found = (_info(run.name, run.about | run.about["summary"]) for run in finished_runs(self._kept))
        return tuple(info for info in reversed(list(found)) if info)

    def compare(self, a: str, b: str) -> RunComparison:
        """Two kept runs by their names. Raises InputError if one is unknown, or they share no question."""
        before, after = self._read(a), self._read(b)
        ids = shared_ids(before, after)
        old, new = ([run.questions[id]["correct"] for id in ids] for run in (before, after))
        worse, better = turned(before, after, ids)
        return RunComparison(
            a=a,
            b=b,
            shared=len(ids),
            accuracy=(sum(old) / len(ids), sum(new) / len(ids)),
            interval=difference_interval(old, new),
            p=mcnemar_exact(len(better), len(worse)),
            verdict=called(len(better), len(worse)),
            turned_wrong=tuple(_change(before, after, id) for id in worse),
            turned_right=tuple(_change(before, after, id) for id in better),
            lines=tuple(comparison_text(before, after)),
        )

    def report_html(self, name: str) -> Path:
        """The report page of a kept run: one file that loads nothing. Raises InputError if there is none."""
        path = self._folder(name) / "report.html"
        if not path.is_file():
            raise InputError(f"评测运行 {name} 没有留下报告页：请重新运行一次。")
        return path

    def _read(self, name: str) -> Run:
        return read_run(self._folder(name), self._kept)

    def _folder(self, name: str) -> Path:
        """The folder of a kept run; a name from a page is not trusted to be one."""
        if name not in {path.name for path in self._kept.glob("*/")}:
            raise InputError(f"没有名为 {name} 的评测运行：请从列表里选一个。")
        return self._kept / name


def _suite(name: str, path: Path) -> SuiteInfo:
    try:
        return SuiteInfo(name, path, len(read_suite(path)), "")
    except InputError as error:
        return SuiteInfo(name, path, 0, str(error))


def _info(name: str, about: Mapping[str, Any]) -> RunInfo | None:
    """None for a run whose summary is not one."""
    try:
        overall = about["groups"][OVERALL]
        low, high = overall["interval"]
        told = {key: str(about.get(key) or "") for key in ("model", "index_version", "commit", "finished_at")}
        return RunInfo(
            name=name,
            suites=tuple(about["suites"]),
            questions=int(overall["questions"]),
            accuracy=float(overall["accuracy"]),
            interval=(float(low), float(high)),
            false_answers=overall.get("false_answers"),
            false_refusals=overall.get("false_refusals"),
            **told,
        )
    except (KeyError, TypeError, ValueError):
        return None


def _change(before: Run, after: Run, id: str) -> Change:
    old, new = before.questions[id], after.questions[id]
    kind = str(new.get("class") or old.get("class") or "")
    question = str(new.get("question") or old.get("question") or "")
    return Change(id, question, CLASSES.get(kind, kind), str(old.get("answer") or ""), str(new.get("answer") or ""))
