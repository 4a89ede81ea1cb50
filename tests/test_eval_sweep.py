"""A sweep runs each combination in a process of its own, in a copy of the program, and once only."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from eval_parts import make_settings, write_suite

from assistant import InputError, Settings, read_settings
from evals.grid import Cell, read_grid
from evals.overlay import ROOT, make_overlay
from evals.sweep import free_memory, memory_of, run_sweep
from evals.sweep_table import Result, sweep_markdown
from index import Embedder, build_index

SETTINGS = read_settings(llm="none")


def grid(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_a_grid_is_every_combination_with_the_first_values_first(tmp_path: Path) -> None:
    (tmp_path / "甲").mkdir()
    (tmp_path / "甲" / "answer.txt").write_text("{evidence}{question}", encoding="utf-8")
    text = """
        [settings]
        llm = ["none", "embedded"]
        [search]
        passages = [6, 10]
        [constants]
        "index.split.PASSAGE_TOKENS" = 200
        "assistant.retrieve.DENSE_WEIGHT" = [0.7, 1]
        [prompts]
        folder = ["", "甲"]
    """
    cells = read_grid(grid(tmp_path / "g.toml", text), SETTINGS)
    assert len(cells) == 16
    first = cells[0]
    assert (first.settings, first.passages, first.prompts) == ({"llm": "none"}, 6, None)
    assert first.constants == {"index.split.PASSAGE_TOKENS": 200, "assistant.retrieve.DENSE_WEIGHT": 0.7}
    assert cells[1].prompts == tmp_path / "甲"
    assert first.label == {"llm": "none", "PASSAGE_TOKENS": "200", "DENSE_WEIGHT": "0.7", "passages": "6"}
    assert len({cell.name for cell in cells}) == 16
    assert len({cell.own_index for cell in cells}) == 1
    assert first.own_index
    assert Cell(settings={"llm": "none"}).own_index == ""


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[settings", "TOML"),
        ("", "没有要试的值"),
        ("[other]\na = 1", "other"),
        ("settings = 1", "settings"),
        ('[settings]\nllm_api_key = "x"', "不能扫描"),
        ('[settings]\nmodel = "x"', "不能扫描"),
        ("[settings]\nllm = []", "没有值"),
        ("[settings]\nllm_timeout = [-1]", "LLM_TIMEOUT"),
        ("[search]\npassages = [0]", "1 到 200"),
        ("[search]\nk = [1]", "passages"),
        ('[constants]\n"index.split.NOTHING" = 1', "NOTHING"),
        ('[constants]\n"index.split.split" = 1', "常数"),
        ('[constants]\n"index.split.PASSAGE_TOKENS" = "x"', "同一种值"),
        ('[constants]\n"os.path.sep" = "x"', "没有常数"),
        ('[constants]\n"..index.split.PASSAGE_TOKENS" = 1', "没有常数"),
        ("[prompts]\nfolder = 1", "文件夹"),
        ('[prompts]\nfolder = "没有"', "没有 .txt"),
    ],
)
def test_a_faulty_grid_is_named(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        read_grid(grid(tmp_path / "g.toml", text), SETTINGS)
    with pytest.raises(InputError, match="找不到"):
        read_grid(tmp_path / "没有.toml", SETTINGS)


def test_a_copy_differs_in_its_constants_and_prompts_alone(tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "system.txt").write_text("短。", encoding="utf-8")
    make_overlay(tmp_path / "code", {"index.split.PASSAGE_TOKENS": 77}, tmp_path / "p")
    changed = []
    for path in (tmp_path / "code").rglob("*.*"):
        if path.is_file() and path.read_bytes() != (ROOT / path.relative_to(tmp_path / "code")).read_bytes():
            changed.append(path.name)
    assert sorted(changed) == ["split.py", "system.txt"]
    was, now = ((root / "index" / "split.py").read_text(encoding="utf-8") for root in (ROOT, tmp_path / "code"))
    assert now == was.replace("PASSAGE_TOKENS = 130\n", "PASSAGE_TOKENS = 77\n")


def test_an_unknown_prompt_is_named(tmp_path: Path) -> None:
    (tmp_path / "新的.txt").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="新的"):
        read_grid(grid(tmp_path / "g.toml", '[prompts]\nfolder = "."'), SETTINGS)


def test_memory_is_estimated() -> None:
    plain = memory_of(SETTINGS, Cell())
    assert plain < memory_of(SETTINGS, Cell(settings={"llm": "embedded"}))
    assert plain < memory_of(SETTINGS, Cell(settings={"reranker": "BAAI/bge-reranker-v2-m3"}))
    assert free_memory() >= 0


def result(verdicts: list[bool], **more: Any) -> Result:
    overall = {
        "accuracy": sum(verdicts) / len(verdicts),
        "interval": [0.1, 0.9],
        "false_answers": None,
        "false_refusals": 0.0,
        "retrieval_recall": {"5": 1.0},
        "total": [0.5, 1.0],
    }
    return Result(overall | more, {str(n): right for n, right in enumerate(verdicts)})


def test_the_table_sets_each_cell_against_the_first() -> None:
    cells = [Cell(passages=k, settings={"llm": "none"}) for k in (6, 10, 12)]
    results = [result([True] * 8 + [False] * 8), result([True] * 16), Result(problem="坏了")]
    _, _, first, second, third = sweep_markdown(cells, results).splitlines()
    assert first.startswith("| 6 | 50.0% 10–90 | — | — | — | 0.0% | 100.0% | 0.50 |")
    assert second.startswith("| 10 | 100.0% 10–90 | +50.0 +25.0…+75.0 | 0.01 |")
    assert third.startswith("| 12 | 没有跑成 |")
    assert "none" not in first


def test_a_sweep_runs_each_cell_once(
    embedder: Embedder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings: Settings = make_settings(tmp_path, embedder)
    suite = write_suite(tmp_path / "s.jsonl")
    values = grid(tmp_path / "g.toml", '[constants]\n"index.split.PASSAGE_TOKENS" = [130, 15]\n')
    assert run_sweep(settings, values, [suite], jobs=1) == 0
    printed = capsys.readouterr()
    assert "共 2 格" in printed.err
    assert "PASSAGE_TOKENS" in printed.out
    folder = settings.index.parent / "sweeps" / "g"
    told = [json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*/cell.json")]
    assert {cell["label"]["PASSAGE_TOKENS"] for cell in told} == {"130", "15"}
    shortest = {
        cell["label"]["PASSAGE_TOKENS"]: min(
            hit["end"] - hit["start"]
            for line in (folder_of / "run" / "answers.jsonl").read_text(encoding="utf-8").splitlines()
            for hit in json.loads(line)["answer"]["retrieved"]
        )
        for cell, folder_of in zip(told, (path.parent for path in folder.glob("*/cell.json")), strict=True)
    }
    assert shortest["15"] < shortest["130"]
    assert not list(settings.index.parent.glob("runs/*"))  # a cell is no run of the user's

    def no_process(*words: Any, **more: Any) -> None:
        raise AssertionError("a finished cell was run again")

    with monkeypatch.context() as patched:
        patched.setattr(subprocess, "Popen", no_process)
        assert run_sweep(settings, values, [suite], jobs=1) == 0
        assert capsys.readouterr().out == printed.out
        with pytest.raises(AssertionError, match="run again"):
            run_sweep(settings.model_copy(update={"llm_timeout": 5.0}), values, [suite], jobs=1)
        (settings.reports / "南浦.md").write_text("# 南浦市一年\n\n2023年，南浦市建成泵站3座。\n", encoding="utf-8")
        build_index(settings.reports, settings.index, embedder)
        with pytest.raises(AssertionError, match="run again"):
            run_sweep(settings, values, [suite], jobs=1)


def test_a_cell_that_fails_is_told_and_the_others_run(
    embedder: Embedder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = make_settings(tmp_path, embedder)
    values = grid(tmp_path / "g.toml", '[settings]\nreranker = ["", "/no/such/model"]\n')
    assert run_sweep(settings, values, [write_suite(tmp_path / "s.jsonl")], jobs=2) == 1
    printed = capsys.readouterr().out
    assert "没有跑成（reranker=/no/such/model）：" in printed
    assert "Traceback" not in printed
    assert "100.0%" in printed
