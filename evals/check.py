"""`judian eval check`: does every gold quote still stand in the reports? And `python -m evals.check`: the schema.

`python -m evals.check` rewrites `suites/suite.schema.json` from the model; a test tells when that was forgotten.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from assistant import InputError, Settings
from evals.baseline import write_json
from evals.metrics import TextOf
from evals.run import report_reader
from evals.suite import DEFAULT_SUITE, SCHEMA, Entry, checked_entries, complaint, suite_schema


def run_check(settings: Settings, suites: Sequence[Path] = ()) -> int:
    """Prints one Chinese sentence for each line that is wrong, then the count; 1 if there was any, else 0.

    Raises InputError for a file that is no suite.
    """
    text_of = report_reader(settings.reports)
    problems, questions, quotes = 0, 0, 0
    for entry in checked_entries(tuple(suites) or (DEFAULT_SUITE,)):
        questions += 1
        complaints = [str(entry)] if isinstance(entry, InputError) else _complaints(entry, text_of)
        quotes += 0 if isinstance(entry, InputError) else len(entry.question.evidence)
        problems += len(complaints)
        for said in complaints:
            print(said)
    if problems:
        print(f"查了 {questions} 道题、{quotes} 处引文：{problems} 处要改。")
        return 1
    print(f"查了 {questions} 道题、{quotes} 处引文：都在报告里。")
    return 0


def _complaints(entry: Entry, text_of: TextOf) -> list[str]:
    found = [complaint(entry.question, gold, text_of) for gold in entry.question.evidence]
    return [f"评测题集 {entry.path} {entry.place}：{said}" for said in found if said]


if __name__ == "__main__":
    write_json(SCHEMA, suite_schema())
