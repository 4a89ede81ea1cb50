"""Finished runs are kept, each in a folder of its own: run.json, answers.jsonl, summary.json."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from assistant import InputError, Settings
from evals.baseline import read_baseline
from evals.journal import read_records

LOCK = ".lock"  # of the folder of a run that goes on
_PARTS = ("run.json", "answers.jsonl", "summary.json", "report.html", "judge.jsonl")


@dataclass(frozen=True, slots=True)
class Run:
    """A run as it is kept: what it depended on (`about`), and of each question id its record.

    A record holds at least "correct"; of a run (not of a baseline) also "answer" and "question".
    """

    name: str
    about: dict[str, Any]
    questions: dict[str, dict[str, Any]]


def runs_folder(settings: Settings) -> Path:
    """Where runs are kept: beside the index."""
    return settings.index.parent / "runs"


def suites_folder(settings: Settings) -> Path:
    """Where an office keeps its own suites for the chat to run, and where drafts from feedback go."""
    return settings.index.parent / "suites"


def now() -> str:
    """This moment in UTC, as in 2026-11-21T08:00:00+00:00."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def commit() -> str:
    """The commit of the code that runs, with a "+" if it was changed since; empty if git does not know it."""
    here = Path(__file__).resolve()
    if not _git("ls-files", "--error-unmatch", here.name):  # some other project's repository, or none
        return ""
    changed = _git("status", "--porcelain", "--untracked-files=no", ":/")
    return _git("rev-parse", "HEAD") + ("+" if changed else "")


def _git(*words: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(Path(__file__).resolve().parent), *words], capture_output=True, text=True, timeout=20
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def keep(folder: Path, kept: Path, key: str) -> Path:
    """Keeps a finished run under `kept` and returns where; one that lies there already is renamed."""
    stamp = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{key[:8]}"
    target, n = kept / stamp, 1
    while target.exists():
        n += 1
        target = kept / f"{stamp}-{n}"
    if folder.parent.resolve() == kept.resolve():
        folder.rename(target)
        (target / LOCK).unlink(missing_ok=True)
        return target
    target.mkdir(parents=True)
    for name in _PARTS:
        if (folder / name).exists():
            shutil.copyfile(folder / name, target / name)
    return target


def read_run(where: Path, kept: Path) -> Run:
    """A run by its folder, by its name among the kept ones, or a baseline file. Raises InputError."""
    if where.is_file():
        baseline = read_baseline(where)
        return Run(where.name, baseline, baseline["questions"])
    folder = where if where.is_dir() else kept / where
    try:
        about = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        records = read_records(folder / "answers.jsonl")
        return Run(folder.name, dict(about), {r["id"]: _of(r) for r in records if "score" in r})
    except FileNotFoundError as error:
        raise InputError(f"找不到评测运行 {where}：请写运行的文件夹，或 {kept} 下的名字。") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"读不了评测运行 {where}：记录已损坏，请重新运行 judian eval。") from error


def _of(record: dict[str, Any]) -> dict[str, Any]:
    return {
        "correct": bool(record["score"]["correct"]),
        "answer": str(record["answer"]["answer"]),
        "question": str(record["answer"]["question"]),
        "class": str(record.get("class", "")),
    }


def earlier_runs(kept: Path, suites: dict[str, str]) -> list[Run]:
    """As finished_runs, those over exactly these suites (name -> digest)."""
    return [run for run in finished_runs(kept) if run.about.get("suites") == suites]


def finished_runs(kept: Path) -> list[Run]:
    """The kept runs, oldest first; what cannot be read is left out.

    `about` holds the run's summary as "summary"; the questions are read by `read_run`.
    """
    found = []
    for folder in sorted(kept.glob("*/")) if kept.is_dir() else ():
        try:
            about = json.loads((folder / "run.json").read_text(encoding="utf-8"))
            if about["finished"]:
                summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
                if isinstance(summary, dict) and isinstance(summary.get("groups"), dict):
                    found.append(Run(folder.name, about | {"summary": summary}, {}))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue
    return sorted(found, key=lambda run: str(run.about.get("finished_at", "")))


def last_run(history: Sequence[Run], kept: Path) -> Run | None:
    """The last of `earlier_runs` that can be read, with its questions; None if there is none."""
    for run in reversed(history):
        try:
            return Run(run.name, run.about, read_run(kept / run.name, kept).questions)
        except InputError:
            continue
    return None
