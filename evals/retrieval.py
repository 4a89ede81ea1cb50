"""How well passages are found on a public question set: `python -m evals.retrieval FOLDER [--index DIR]`.

FOLDER holds passages.jsonl (`pid`, `title`, `text`, and `date` or not) and questions.jsonl (`qid`, `question`, `pid` or
`pids`, and `alt_pids`, `type`, `date` or not; one with a date is asked of the reports of that date, and, where it is a
year, once more of all of them with the year in its words). Each passage of the set becomes a report of its own and goes
the usual way through repair, splitting and embedding; a hit is right if it is of a report that holds the answer. Prints
R@1, R@5, R@10 and MRR@10 (Voorhees 1999) for each type of question.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from assistant import Assistant, Scope, open_assistant, read_settings
from index import build_index, load_embedder

_DEEPEST = 10
_YEAR = 4  # digits of a date that is a year alone
_SEARCHED = 40  # passages, of which several may be of one report


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The JSON objects of a file, one a line. Raises OSError and ValueError."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def write_reports(passages: Iterable[dict[str, Any]], folder: Path) -> None:
    """A Markdown file for each passage, named by its pid."""
    folder.mkdir(parents=True, exist_ok=True)
    for passage in passages:
        date = f"日期：{passage['date']}\n\n" if passage.get("date") else ""
        text = f"# {passage['title']}\n\n{date}{passage['text']}\n"
        (folder / f"{passage['pid']}.md").write_text(text, encoding="utf-8")


def first_right(assistant: Assistant, question: dict[str, Any]) -> int | None:
    """The rank (from 1) of the first report found that holds the answer, None beyond the tenth."""
    asked = Scope(since=question.get("date", ""), until=question.get("date", ""))
    return _rank(assistant, question, question["question"], asked)


def first_right_by_words(assistant: Assistant, question: dict[str, Any]) -> int | None:
    """The same for a question with a year, asked as 2023年… of all reports."""
    return _rank(assistant, question, f"{question['date']}年{question['question']}", Scope())


def _rank(assistant: Assistant, question: dict[str, Any], asked: str, scope: Scope) -> int | None:
    right = {question["pid"]} if "pid" in question else {*question["pids"], *question.get("alt_pids", ())}
    hits = assistant.search(asked, _SEARCHED, scope=scope)
    found = list(dict.fromkeys(Path(hit.passage.source).stem for hit in hits))[:_DEEPEST]
    return next((rank for rank, pid in enumerate(found, start=1) if pid in right), None)


def rates(ranks: Sequence[int | None]) -> tuple[float, float, float, float]:
    """R@1, R@5, R@10 and MRR@10 of the ranks, each from 0 to 1."""
    total = len(ranks)
    shares = [sum(rank is not None and rank <= k for rank in ranks) / total for k in (1, 5, 10)]
    return shares[0], shares[1], shares[2], sum(1 / rank for rank in ranks if rank) / total


def _table(ranks: dict[str, list[int | None]]) -> Table:
    table = Table("type", "questions", "R@1", "R@5", "R@10", "MRR@10")
    for kind, found in ranks.items():
        table.add_row(kind, str(len(found)), *(f"{rate:.3f}" for rate in rates(found)))
    return table


def measure(folder: Path, index: Path) -> dict[str, list[int | None]]:
    """The ranks of the first right report, by type of question; the index is built in `index` where it is missing."""
    reports = index.parent / "reports"
    write_reports(read_lines(folder / "passages.jsonl"), reports)
    settings = read_settings(reports=reports, index=index, llm="none")
    build_index(reports, index, load_embedder(settings.embedding, settings.models))
    ranks: dict[str, list[int | None]] = defaultdict(list)
    with closing(open_assistant(settings)) as assistant:
        for question in read_lines(folder / "questions.jsonl"):
            kind = question.get("type", "all")
            ranks[kind].append(first_right(assistant, question))
            if len(question.get("date", "")) == _YEAR:
                ranks[f"{kind}, year in words"].append(first_right_by_words(assistant, question))
    return dict(ranks)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m evals.retrieval", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--index", type=Path, help="keep the index here, to go on or to repeat; none is kept otherwise")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        index = options.index or Path(scratch) / "index"
        Console(file=sys.stdout).print(_table(measure(options.folder, index)))


if __name__ == "__main__":
    main()
