"""Sizes, overlaps and contexts of passages compared: `python -m evals.passages [SUITE] [--reports DIR] [--index DIR]`.

Each setting is a copy of the program with other constants (evals/overlay.py). In a process of its own it builds an
index, and looks in it for the gold quotes of the suite's questions (those without history). Larger passages stand
higher because each hit holds more text; so what the first five hold is counted too, and what stands within a budget.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import accumulate
from pathlib import Path
from statistics import mean
from typing import Any

from rich.console import Console
from rich.progress import track
from rich.table import Table

from assistant import Hit, InputError, JudianError, open_assistant, read_settings
from evals.grid import Cell
from evals.metrics import Reply, evidence_trace
from evals.overlay import check_constant, make_overlay
from evals.run import report_reader
from evals.suite import DEFAULT_SUITE, read_suite
from index import build_index, load_embedder

_DEEPEST = 10
_GIVEN = 5  # passages that a plain recipe hands to its model
_BUDGET = 400  # tokens
_NAMES = {"tokens": "index.split.PASSAGE_TOKENS", "overlap": "index.split.OVERLAP", "context": "index.split.CONTEXT"}
_COLUMNS = ("passages", "quotes", "@1", "@5", "MRR@10", f"@{_BUDGET} tokens", f"characters of {_GIVEN}")


def cells(sizes: Sequence[int], overlaps: Sequence[int], contexts: Sequence[str]) -> list[Cell]:
    """Every combination; the program's own value where none is named. Raises InputError."""
    unknown = {name for one in contexts for name in one.replace("|", " ").split()} - {"place", "title", "section"}
    if unknown:
        raise InputError(f"--contexts 里不认得 {'、'.join(sorted(unknown))}：可以写 place、title、section。")
    made: list[dict[str, Any]] = [{}]
    for name, values in zip(_NAMES.values(), (sizes, overlaps, contexts), strict=True):
        for value in values:
            check_constant(name, value)
        made = [one | {name: value} for one in made for value in values] if values else made
    return [Cell(constants=one) for one in made]


def measure(suite: Path, reports: Path, index: Path) -> dict[str, float]:
    """What is found of the suite's quotes with the constants of this very program."""
    settings = read_settings(reports=reports, index=index, llm="none", reranker="")
    built = build_index(reports, index, load_embedder(settings.embedding, settings.models))
    text_of = report_reader(reports)
    questions = [one for one in read_suite(suite) if one.answerable and one.evidence and not one.history]
    ranks: list[int | None] = []
    within: list[bool] = []
    given: list[int] = []
    with closing(open_assistant(settings)) as assistant:
        for question in questions:
            hits = assistant.search(question.question, _DEEPEST)
            found = [rank for rank, _ in evidence_trace(question, _reply(hits), text_of)]
            fit = sum(tokens <= _BUDGET for tokens in accumulate(hit.passage.tokens for hit in hits))
            ranks += found
            within += [rank is not None and rank <= fit for rank in found]
            given.append(sum(len(hit.passage.text) for hit in hits[:_GIVEN]))
    shares = [mean(rank is not None and rank <= k for rank in ranks) for k in (1, 5)]
    reciprocal = mean(1 / rank if rank else 0.0 for rank in ranks)
    return dict(
        zip(_COLUMNS, (built.passages, len(ranks), *shares, reciprocal, mean(within), mean(given)), strict=True)
    )


def _reply(hits: Sequence[Hit]) -> Reply:
    found = tuple((hit.passage.source, hit.passage.start, hit.passage.end) for hit in hits)
    return Reply("answered", "", (), (), found, 0.0, 0.0)


def compare(found: Sequence[Cell], suite: Path, reports: Path, home: Path) -> Iterator[dict[str, float]]:
    """What each cell finds; `home` keeps the copies and their indexes. Raises InputError with what a cell said."""
    for cell in found:
        folder = home.resolve() / cell.own_index if cell.own_index else home.resolve() / "as-it-is"
        make_overlay(folder / "code", cell.constants, None)
        paths = [str(folder / "code"), *filter(None, [os.environ.get("PYTHONPATH", "")])]
        command = [sys.executable, "-P", "-m", "evals.passages", str(suite), "--reports", str(reports)]
        done = subprocess.run(
            [*command, "--index", str(folder / "index"), "--one"],
            env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise InputError((done.stderr.strip().splitlines() or ["没有跑成。"])[-1])
        yield json.loads(done.stdout)


def _row(cell: Cell, found: dict[str, float]) -> list[str]:
    said: list[Any] = [cell.constants.get(name, "-") for name in _NAMES.values()]
    shown = [f"{value:.3f}" if isinstance(value, float) and value <= 1 else f"{value:.0f}" for value in found.values()]
    return [*map(str, said), *shown]


def main() -> int:
    """Measure and print; 0, or 1 with one Chinese sentence on standard error."""
    parser = argparse.ArgumentParser(prog="python -m evals.passages", description=__doc__)
    parser.add_argument("suite", type=Path, nargs="?", default=DEFAULT_SUITE)
    parser.add_argument("--reports", type=Path, default=read_settings().reports)
    parser.add_argument("--index", type=Path, help="keep the indexes here, to go on or to repeat")
    parser.add_argument("--sizes", type=int, nargs="*", default=[80, 130, 200, 300], help="tokens")
    parser.add_argument("--overlaps", type=int, nargs="*", default=[1, 0], help="sentences")
    parser.add_argument(
        "--contexts", nargs="*", default=[], help='such as "" "place|title section" "place title section"'
    )
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    suite, reports = options.suite.resolve(), options.reports.resolve()
    try:
        if options.one:
            print(json.dumps(measure(suite, reports, options.index)))
            return 0
        table = Table(*_NAMES, *_COLUMNS)
        tried = cells(options.sizes, options.overlaps, options.contexts)
        with tempfile.TemporaryDirectory() as scratch:
            each = compare(tried, suite, reports, options.index or Path(scratch))
            done = track(each, "一种切法一个索引", total=len(tried), console=Console(stderr=True))
            for cell, found in zip(tried, done, strict=True):
                table.add_row(*_row(cell, found))
        Console(width=140).print(table)
    except JudianError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
