"""retrieval.py: a small question set through the real pipeline, and the rates of ranks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evals.retrieval import measure, rates


def test_rates_of_ranks() -> None:
    assert rates([1, 2, None, 6]) == (0.25, 0.5, 0.75, pytest.approx((1 + 1 / 2 + 1 / 6) / 4))


def test_a_set_is_measured_by_type(tmp_path: Path) -> None:
    passages = [
        {"pid": "a", "title": "曲靖的硅产业", "date": "2021-03-01", "text": "曲靖硅产业产值达到210亿元，增长8%。"},
        {"pid": "b", "title": "大理的茶", "date": "2022-03-01", "text": "大理茶园面积31万亩，带动农户6万户。"},
    ]
    questions = [
        {"qid": "1", "type": "fact", "question": "曲靖硅产业的产值是多少？", "pids": ["a"], "alt_pids": []},
        {"qid": "2", "type": "fact", "question": "大理有多少亩茶园？", "pid": "b"},
        {"qid": "4", "type": "dated", "question": "大理有多少亩茶园？", "pid": "b", "date": "2022"},
        {"qid": "3", "type": "none", "question": "大理有多少亩茶园？", "pids": ["c"], "alt_pids": ["d"]},
    ]
    for name, rows in (("passages", passages), ("questions", questions)):
        lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
        (tmp_path / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    assert measure(tmp_path, tmp_path / "kept" / "index") == {
        "fact": [1, 1],
        "dated": [1],
        "dated, year in words": [1],
        "none": [None],
    }
