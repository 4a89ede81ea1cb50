"""passages.py: settings of passages compared, each in a copy of the program with an index of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from eval_parts import REPORTS, write_suite

from assistant import InputError
from evals.overlay import ROOT
from evals.passages import cells, compare


def test_settings_are_every_combination() -> None:
    made = cells([80, 130], [1, 0], [])
    assert [tuple(cell.constants.values()) for cell in made] == [(80, 1), (80, 0), (130, 1), (130, 0)]
    assert len({cell.own_index for cell in made}) == 4
    assert [cell.constants for cell in cells([], [], ["section"])] == [{"index.split.CONTEXT": "section"}]


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    folder = tmp_path / "reports"
    folder.mkdir()
    more = "".join(f"第{i}个园区新增企业{i}户，投资{i}.5亿元，带动就业{i}00人。" for i in range(2, 12))
    for name, text in REPORTS.items():
        (folder / name).write_text(f"{text}\n{more}\n", encoding="utf-8")
    return folder


def test_smaller_passages_are_more_and_hold_less(tmp_path: Path, reports: Path) -> None:
    suite = write_suite(tmp_path / "suite.jsonl")
    small, large = compare(cells([40, 300], [0], []), suite, reports, tmp_path / "kept")
    assert small["passages"] > large["passages"]
    assert small["characters of 5"] < large["characters of 5"]
    assert (small["quotes"], large["quotes"]) == (2, 2)
    assert all(0 < found["@5"] <= 1 and found["@1"] <= found["@5"] for found in (small, large))
    kept = sorted((tmp_path / "kept").glob("*/code/index/split.py"))
    assert sum("PASSAGE_TOKENS = 40\n" in path.read_text(encoding="utf-8") for path in kept) == 1


def test_what_a_copy_cannot_do_is_one_sentence(tmp_path: Path) -> None:
    suite = write_suite(tmp_path / "suite.jsonl")
    with pytest.raises(InputError, match=r"^报告目录 .*。$"):
        list(compare(cells([40], [], []), suite, tmp_path / "none", tmp_path / "kept"))
    command = [sys.executable, "-m", "evals.passages", str(suite), "--contexts", "place|nothing"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "nothing" in done.stderr
    assert "Traceback" not in done.stderr
