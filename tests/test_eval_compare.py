"""Kept runs, and two of them set side by side."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from assistant import InputError, Settings, cli, read_settings
from evals.compare import run_compare
from evals.journal import Journal
from evals.paired import difference_interval, mcnemar_exact
from evals.runs import commit, earlier_runs, keep, last_run, read_run, runs_folder


@pytest.mark.parametrize(
    ("right", "wrong", "p"),
    [(0, 0, 1.0), (1, 0, 1.0), (3, 3, 1.0), (5, 0, 0.0625), (0, 6, 0.03125), (8, 1, 0.0390625), (10, 2, 0.03857421875)],
)
def test_mcnemar_exact(right: int, wrong: int, p: float) -> None:
    assert mcnemar_exact(right, wrong) == pytest.approx(p)
    assert mcnemar_exact(wrong, right) == pytest.approx(p)


def test_mcnemar_counts_what_chance_would_do() -> None:
    """Against all 2^7 ways in which seven verdicts may have changed."""
    outcomes = [sum(way) for way in product((0, 1), repeat=7)]
    for right in range(8):
        as_far = sum(abs(count - 3.5) >= abs(right - 3.5) for count in outcomes)
        assert mcnemar_exact(right, 7 - right) == pytest.approx(as_far / len(outcomes))


def test_the_interval_of_the_difference_is_paired() -> None:
    same = [True, False] * 50
    assert difference_interval(same, same) == (0.0, 0.0)
    low, high = difference_interval([False] * 100, [True] * 30 + [False] * 70)
    assert 0.2 < low < 0.3 < high < 0.4
    assert difference_interval([False] * 9, [True] * 9) == (1.0, 1.0)
    with pytest.raises(ValueError, match="paired"):
        difference_interval([True], [])


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read_settings(reports=tmp_path, index=tmp_path / "data" / "index", llm="none")


def make_run(folder: Path, verdicts: dict[str, bool], *, key: str = "k" * 64, **about: Any) -> Path:
    known = {"model": "m", "suites": {"s.jsonl": "1"}, "settings": {"llm": "none"}, "index_version": "v1"} | about
    journal = Journal(folder, key, known)
    for id, correct in verdicts.items():
        answer = {"question": f"问{id}？", "answer": f"{folder.name}答{id}。"}
        score = {"correct": correct}
        record = {"id": id, "class": "fact", "answer": answer, "first_token": 0.1, "total": 0.1, "score": score}
        journal.append(record)
    (folder / "summary.json").write_text('{"groups": {}}', encoding="utf-8")
    journal.finish(finished_at="2026-11-21T08:00:00+00:00")
    return folder


def test_compare_tells_what_turned(settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a = make_run(tmp_path / "甲", {"1": True, "2": False, "3": True, "4": True})
    b = make_run(tmp_path / "乙", {"1": True, "2": True, "3": False, "5": True}, settings={"llm": "big"})
    assert run_compare(settings, a, b) == 0
    said = capsys.readouterr().out
    assert "设置 llm：none → big" in said
    assert "只在 A：1，只在 B：1" in said
    assert "相同的题 3 道：A 正确率 66.7%，B 正确率 66.7%，相差 +0.0 个百分点" in said
    assert "变对 1 题，变错 1 题；McNemar 精确检验 p = 1.000，差别可能只是偶然。" in said
    wrong, right = said.index("变错的题（1）：单项事实 1"), said.index("变对的题（1）：单项事实 1")
    assert "[3] 问3？\n  A：甲答3。\n  B：乙答3。" in said[wrong:right]
    assert "[2] 问2？\n  A：甲答2。\n  B：乙答2。" in said[right:]
    assert "问1？" not in said


def test_a_clear_difference_is_called_one(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ids = [str(n) for n in range(8)]
    a, b = make_run(tmp_path / "a", dict.fromkeys(ids, True)), make_run(tmp_path / "b", dict.fromkeys(ids, False))
    run_compare(settings, a, b)
    assert "p = 0.008，差别不像偶然" in capsys.readouterr().out


def test_a_run_by_the_name_it_is_kept_under_and_a_baseline(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = keep(make_run(tmp_path / "out", {"1": True}), runs_folder(settings), "k" * 64)
    assert (tmp_path / "out").is_dir()
    baseline = tmp_path / "base.json"
    baseline.write_text(json.dumps({"questions": {"1": {"correct": False}}}), encoding="utf-8")
    assert run_compare(settings, baseline, Path(kept.name)) == 0
    assert "变对 1 题" in capsys.readouterr().out


def test_what_cannot_be_compared_is_named(settings: Settings, tmp_path: Path) -> None:
    a, b = make_run(tmp_path / "a", {"1": True}), make_run(tmp_path / "b", {"2": True})
    with pytest.raises(InputError, match="没有一道相同的题"):
        run_compare(settings, a, b)
    with pytest.raises(InputError, match="找不到评测运行 nowhere"):
        run_compare(settings, Path("nowhere"), b)
    (b / "run.json").write_text("[", encoding="utf-8")
    with pytest.raises(InputError, match="已损坏"):
        run_compare(settings, a, b)


def test_kept_runs_never_replace_one_another(settings: Settings, tmp_path: Path) -> None:
    kept = runs_folder(settings)
    names = {keep(make_run(tmp_path / "out", {"1": True}), kept, "k" * 64).name for _ in range(3)}
    assert len(names) == 3
    inside = keep(make_run(kept / "kkkk", {"1": True}), kept, "k" * 64)
    assert not (kept / "kkkk").exists()
    assert read_run(inside, kept).questions["1"]["answer"] == "kkkk答1。"


def test_history_is_of_the_same_suites_and_of_finished_runs(settings: Settings, tmp_path: Path) -> None:
    kept = runs_folder(settings)
    assert earlier_runs(kept, {"s.jsonl": "1"}) == []
    make_run(kept / "b", {"1": True})
    make_run(kept / "other", {"1": True}, suites={"s.jsonl": "2"})
    Journal(kept / "half", "k", {"suites": {"s.jsonl": "1"}})
    (kept / "broken").mkdir()
    (kept / "broken" / "run.json").write_text("{", encoding="utf-8")
    (make_run(kept / "c", {"1": True}) / "summary.json").write_text("[]", encoding="utf-8")
    assert [run.name for run in earlier_runs(kept, {"s.jsonl": "1"})] == ["b"]


def test_a_kept_run_that_was_damaged_does_not_spoil_the_next(settings: Settings) -> None:
    kept = runs_folder(settings)
    make_run(kept / "a", {"1": True})
    (make_run(kept / "b", {"1": False}) / "answers.jsonl").unlink()
    found = last_run(earlier_runs(kept, {"s.jsonl": "1"}), kept)
    assert found is not None
    assert (found.name, found.questions["1"]["correct"], found.about["summary"]) == ("a", True, {"groups": {}})
    assert last_run([], kept) is None


def test_a_run_that_goes_on_keeps_what_it_said_at_first(tmp_path: Path) -> None:
    Journal(tmp_path, "k", {"started": "早"})
    again = Journal(tmp_path, "k", {"started": "晚"})
    assert again.about["started"] == "早"
    assert Journal(tmp_path, "other", {"started": "晚"}).about["started"] == "晚"


def test_the_commit_is_that_of_this_code() -> None:
    assert all(character in "0123456789abcdef+" for character in commit())


def test_the_command_line_of_evaluation(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a, b = make_run(tmp_path / "a", {"1": True}), make_run(tmp_path / "b", {"1": False})
    assert cli.run(["eval", "compare", str(a), str(b), "--index", str(tmp_path / "index")]) == 0
    assert "变错 1 题" in capsys.readouterr().out
    assert cli.run(["eval", "compare", str(a)]) == 2
    assert cli.run(["eval", "check", str(tmp_path / "没有.jsonl")]) == 1
    assert "找不到评测题集" in capsys.readouterr().err
    assert cli.run(["eval", str(tmp_path / "没有.jsonl"), "--report", str(tmp_path / "r")]) == 1
    assert "找不到评测题集" in capsys.readouterr().err
    assert cli.run(["eval", "--update-baseline"]) == 1
    assert "--baseline" in capsys.readouterr().err
    assert cli.run(["eval", "sweep", str(tmp_path / "没有.toml")]) == 1
    assert "找不到扫描设置" in capsys.readouterr().err
    assert cli.run(["eval", "from-feedback", "--accept", "fb-0", "--index", str(tmp_path / "index")]) == 1
    assert "没有题号为 fb-0 的草稿" in capsys.readouterr().err
    assert cli.run(["eval", "--tolerance", "多"]) == 2
    assert "应是数" in capsys.readouterr().err


@pytest.mark.parametrize("command", [(), ("run",), ("compare",), ("check",), ("from-feedback",), ("sweep",)])
def test_the_help_of_evaluation_is_chinese(command: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["eval", *command, "--help"]) == 0
    shown = capsys.readouterr().out
    assert not any(word in shown for word in ("required", "path>", "list[", "Usage", "Options"))


def test_the_help_of_evaluation_names_its_options(capsys: pytest.CaptureFixture[str]) -> None:
    cli.run(["eval", "--help"])
    shown = capsys.readouterr().out
    words = ("compare", "check", "--report DIR", "--baseline FILE", "--update-baseline", "--judge MODEL", "sweep")
    assert all(word in shown for word in words)
