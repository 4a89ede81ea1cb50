"""The benchmarks of load and of stages, over one small report and the fast endpoint that comes with them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console
from serving import running

from assistant import Settings, read_settings
from evals.ablation import ROWS, table
from evals.ablation import measure as measure_row
from evals.load import FastModel, Tally, growth, measure, report, serving
from evals.profile import ours, plain, print_tables
from evals.suite import Question
from index import Embedder, build_index

REPORT = "# 云溪县：茶园里走出新产业\n\n2024年3月8日\n\n2023年，云溪县茶叶综合产值为12.6亿元，比上年增长8.6%。\n"
QUESTION = Question.model_validate(
    {
        "id": "1",
        "class": "fact",
        "question": "云溪县2023年茶叶综合产值是多少？",
        "answerable": True,
        "accept": [["12.6亿元"]],
        "evidence": [{"source": "云溪.md", "quote": "2023年，云溪县茶叶综合产值为12.6亿元"}],
    }
)


@pytest.fixture
def model() -> Iterator[FastModel]:
    with running(FastModel()) as server:
        yield server


@pytest.fixture
def settings(tmp_path: Path, model: FastModel) -> Settings:
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "云溪.md").write_text(REPORT, "utf-8")
    return read_settings(
        reports=tmp_path / "reports", index=tmp_path / "index", llm="fast", llm_base_url=model.url, trace="off"
    )


def test_the_stages_and_the_plain_recipe_are_measured(settings: Settings, embedder: Embedder) -> None:
    build_index(settings.reports, settings.index, embedder)
    own, other = ours(settings, [QUESTION] * 2), plain(settings, embedder, [QUESTION] * 2)
    assert (own.right, other.right) == (2, 0)  # the fast model finds no labelled evidence in the plain prompt
    assert set(own.stages) == {"rewrite", "retrieve", "evidence", "write", "verify"}
    for seconds in (own.whole, own.first, own.retrieve, other.whole, other.first, other.retrieve):
        assert len(seconds) == 2
        assert min(seconds) > 0
    assert sum(own.stages.values()) <= sum(own.whole)
    shown = io.StringIO()
    print_tables(own, other, 2, Console(file=shown, width=100))
    assert "100%" in shown.getvalue()


def test_each_row_of_the_ablation_adds_a_part(settings: Settings, embedder: Embedder) -> None:
    earlier = "# 云溪县\n\n2023年2月1日\n\n2022年，云溪县茶叶综合产值为11.6亿元。\n"
    (settings.reports / "去年.md").write_text(earlier, "utf-8")
    build_index(settings.reports, settings.index, embedder)
    text = "云溪县2022年和2023年茶叶综合产值合计多少亿元？"
    added = QUESTION.model_copy(update={"id": "2", "question": text, "accept": (("24.2亿元",),)})
    absent = QUESTION.model_copy(update={"id": "3", "question": "云溪县2023年煤炭产量是多少？", "answerable": False})
    rows = {row: measure_row(row, settings, [QUESTION, added, absent]) for row in ROWS}
    # the fast model finds no labelled evidence in a plain prompt and declines; only parts can be added up
    assert [one.right for one in rows.values()] == [1, 1, 2, 3, 3]
    assert all(one.false_answers == one.unfounded == 0 for one in rows.values())
    assert [one.false_refusals for one in rows.values()] == [2, 2, 0, 0, 0]
    shown = io.StringIO()
    Console(file=shown, width=120).print(table(rows, ""))
    assert "3/3 100.0%" in shown.getvalue()


def test_users_are_answered_by_a_real_server(settings: Settings, model: FastModel, tmp_path: Path) -> None:
    with serving(settings.reports, tmp_path, "fast", model.url) as (address, process):
        tally = measure(address, process, [QUESTION.question], users=3, seconds=2.0, think=0.2)
    assert tally.failures == []
    assert tally.statuses["answered"] == len(tally.waits) >= 3
    assert tally.models == {"fast": len(tally.waits)}
    assert min(size for _, size in tally.memory) > 2**20
    assert "失败 0 次" in report(tally, 3, 2.0)


def test_the_rate_is_that_of_all_the_time_until_the_last_answer() -> None:
    told = report(Tally(began=10.0, ended=130.0, waits=[40.0] * 12, memory=[(0.0, 2**30)]), 5, 60.0)
    assert "提问 1 分钟，120 秒后答完：回答 12 题，每秒 0.10 题" in told


def test_growth_is_that_of_the_second_half() -> None:
    steps = [(float(second), (500 if second < 300 else 600 + second // 60) * 2**20) for second in range(0, 600, 2)]
    assert growth(steps) == pytest.approx(1.0, abs=0.1)
    assert growth(steps[:2]) == 0.0
    assert "没有一个问题得到回答" in report(Tally(failures=["500"]), 1, 1.0)
