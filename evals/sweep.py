"""`judian eval sweep`: a small grid of settings over a suite, each cell in a process of its own.

A cell is a run like any other: it goes on where it was interrupted, and one that is finished is not run again
while neither its values, nor the other settings, nor the suites, nor the index, nor the program have changed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from assistant import Settings
from evals.baseline import replace_file, write_json
from evals.grid import Cell, digest, read_grid
from evals.journal import deciding, describe, without_login
from evals.overlay import make_overlay
from evals.run import say
from evals.suite import DEFAULT_SUITE, read_suites
from evals.sweep_table import Result, sweep_markdown, sweep_table
from index import IndexMissingError, current_version

# GB of one cell, measured with the bundled embedding (README): without and with the process of the chat model.
_BASE, _EMBEDDED, _OTHER_MODEL = 1.6, 3.2, 2.5


@dataclass(frozen=True, slots=True)
class Sweep:
    """What all cells share: settings, suites, the folder, a digest of program, suites and version of the index."""

    settings: Settings
    suites: tuple[Path, ...]
    folder: Path
    program: str


def run_sweep(
    settings: Settings, grid: Path, suites: Sequence[Path] = (), *, jobs: int = 0, out: Path | None = None
) -> int:
    """Runs what is not finished, prints the table (and keeps it in `out`, by default beside the index); the exit code.

    `jobs` processes at most; 0: as many as memory and cores allow. 1 if a cell failed. Raises InputError for a grid
    or a suite that cannot be used.
    """
    paths = tuple(path.resolve() for path in suites) or (DEFAULT_SUITE,)
    cells = read_grid(grid, settings)
    read_suites(paths)
    about = describe(settings, paths, model="", index_version="")
    folder = (out or settings.index.parent / "sweeps" / grid.stem).resolve()
    sweep = Sweep(settings, paths, folder, digest([about["code"], about["suites"], _version(settings)]))
    workers = _workers(settings, cells, jobs)
    results = _run_cells(sweep, cells, workers)
    console = Console(highlight=False, markup=False, emoji=False, soft_wrap=not sys.stdout.isatty())
    console.print(sweep_table(cells, results))
    note = "几格同时跑，秒数只宜粗看。" if workers > 1 else ""
    replace_file(folder / "sweep.md", sweep_markdown(cells, results))
    failed = [cell for cell, result in zip(cells, results, strict=True) if result.problem]
    for cell, result in zip(cells, results, strict=True):
        if result.problem:
            console.print(f"没有跑成（{_said(cell)}）：{result.problem}")
    console.print(f"{note}记录：{folder}")
    return 1 if failed else 0


def _version(settings: Settings) -> str:
    """Of the usual index, "" if there is none: new reports, which a cell's own index is made from, change it too."""
    try:
        return current_version(settings.index)
    except IndexMissingError:
        return ""


def _said(cell: Cell) -> str:
    return "，".join(f"{name}={value}" for name, value in cell.label.items())


def memory_of(settings: Settings, cell: Cell) -> float:
    """GB that one run is expected to need; models that are not bundled are guessed."""
    value = settings.model_copy(update=dict(cell.settings))
    more = (value.embedding != "bundled") + bool(value.reranker)
    return (_EMBEDDED if value.llm == "embedded" else _BASE) + more * _OTHER_MODEL


def _workers(settings: Settings, cells: Sequence[Cell], jobs: int) -> int:
    need, free = max(memory_of(settings, cell) for cell in cells), free_memory()
    fit = max(1, min(os.cpu_count() or 1, int(0.8 * free / need) if free else 1))
    workers = min(len(cells), jobs or fit)
    known = f"空闲内存 {free:.1f} GB" if free else "空闲内存未知"
    say(f"共 {len(cells)} 格；估计每格用内存 {need:.1f} GB，{known}，{workers} 格同时跑。")
    return workers


def free_memory() -> float:
    """GB that this machine can give to new processes; 0 where the system does not tell."""
    info = Path("/proc/meminfo")
    for line in info.read_text(encoding="ascii").splitlines() if info.exists() else ():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) / 2**20
    return 0.0


def _run_cells(sweep: Sweep, cells: Sequence[Cell], workers: int) -> list[Result]:
    results: dict[int, Result] = {}
    running: set[subprocess.Popen[bytes]] = set()
    stop = threading.Event()
    with _bar(len(cells)) as advance, ThreadPoolExecutor(workers) as pool:
        tasks = {pool.submit(_run_cell, sweep, cell, running, stop): n for n, cell in enumerate(cells)}
        try:
            for task in as_completed(tasks):
                results[tasks[task]] = task.result()
                advance()
        except BaseException:  # Ctrl-C: what the cells have answered is kept
            stop.set()
            for process in list(running):
                process.terminate()
            raise
    return [results[n] for n in range(len(cells))]


def _run_cell(sweep: Sweep, cell: Cell, running: set[subprocess.Popen[bytes]], stop: threading.Event) -> Result:
    folder = sweep.folder / cell.name
    shared = {name: value for name, value in deciding(sweep.settings).items() if name not in cell.settings}
    mark, key = folder / "cell.json", digest([sweep.program, cell.name, shared])
    known = _read(mark)
    if known.get("key") == key and known.get("finished"):
        return Result.read(folder / "run")
    if known.get("key") != key:
        make_overlay(folder / "code", cell.constants, cell.prompts)
    values, secrets = _values(sweep, cell)
    told = {
        "key": key,
        "finished": False,
        "label": cell.label,
        "settings": values,
        "passages": cell.passages,
        "suites": [str(path) for path in sweep.suites],
        "build": bool(cell.own_index),
    }
    write_json(mark, told)
    if problem := _process(folder, secrets, running, stop):
        return Result(problem=problem)
    write_json(mark, told | {"finished": True})
    return Result.read(folder / "run")


def _values(sweep: Sweep, cell: Cell) -> tuple[dict[str, Any], dict[str, str]]:
    """The cell's settings, but for keys and addresses with a login: those are for the environment of its process."""
    own = {"index": str(sweep.folder / f"index-{cell.own_index}" / "index")} if cell.own_index else {}
    values = sweep.settings.model_dump(mode="json") | {"judge": "", "trace": "off"} | dict(cell.settings) | own
    secret = [name for name, v in values.items() if name.endswith("_key") or without_login(str(v)) != str(v)]
    return values, {f"JUDIAN_{name.upper()}": values.pop(name) for name in secret}


def _process(
    folder: Path, secrets: Mapping[str, str], running: set[subprocess.Popen[bytes]], stop: threading.Event
) -> str:
    """Runs the cell's process to its end; empty, or why it failed (Chinese)."""
    if stop.is_set():
        return "中断了。"
    paths = [str(folder / "code"), *filter(None, [os.environ.get("PYTHONPATH", "")])]
    environment = os.environ | secrets | {"PYTHONPATH": os.pathsep.join(paths)}
    command = [sys.executable, "-P", "-m", "evals.cell", str(folder / "cell.json")]
    with (folder / "log.txt").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        running.add(process)
        code = process.wait()
        running.discard(process)
    if code == 0:
        return ""
    lines = (folder / "log.txt").read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return f"{lines[-1] if lines else f'进程退出码 {code}'}（{folder / 'log.txt'}）"


def _read(path: Path) -> Mapping[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


@contextmanager
def _bar(total: int) -> Iterator[Callable[[], None]]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(file=sys.stderr)) as bar:
        task = bar.add_task("扫描", total=total)
        yield lambda: bar.advance(task)
