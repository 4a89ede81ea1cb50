"""What the pages of the chat use of evaluation, over a real index and without a chat model."""

from __future__ import annotations

import threading
from contextlib import closing
from pathlib import Path

import pytest
from eval_parts import QUESTIONS, make_settings, write_suite

from assistant import InputError, Settings, open_assistant
from evals.runs import runs_folder, suites_folder
from evals.service import PACKAGED, EvalProgress, Evaluation
from index import Embedder


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Settings:
    settings = make_settings(tmp_path_factory.mktemp("service"), embedder)
    suites_folder(settings).mkdir()
    write_suite(suites_folder(settings) / "本处.jsonl")
    (suites_folder(settings) / "坏的.jsonl").write_text('{"id": "x"}', encoding="utf-8")
    (suites_folder(settings) / "说明.txt").write_text("不是题库", encoding="utf-8")
    return settings


def test_suites_are_listed_with_what_is_wrong_with_them(settings: Settings) -> None:
    packaged, bad, good = Evaluation(settings).suites()
    assert (packaged.name, packaged.problem) == (PACKAGED, "")
    assert packaged.questions >= 150
    assert (good.name, good.questions, good.problem) == ("本处.jsonl", 3, "")
    assert bad.name == "坏的.jsonl"
    assert "第 1 行" in bad.problem


def test_a_run_is_told_about_kept_listed_and_compared(settings: Settings) -> None:
    evaluation, told = Evaluation(settings), list[EvalProgress]()
    with closing(open_assistant(settings)) as assistant:
        first = evaluation.start("本处.jsonl", assistant=assistant, progress=told.append)
        assert assistant.index_version  # it stays open
    second = evaluation.start("本处.jsonl")
    assert first is not None
    assert second is not None
    assert [(one.done, one.total) for one in told] == [(0, 3), (1, 3), (2, 3), (3, 3)]
    assert [one.question for one in told] == ["", *(question["question"] for question in QUESTIONS)]
    assert first.accuracy == told[-1].correct / 3
    assert first.suites == ("本处.jsonl",)
    assert evaluation.runs()[:2] == (second, first)
    assert "</html>" in evaluation.report_html(first.name).read_text(encoding="utf-8")
    compared = evaluation.compare(first.name, second.name)
    assert (compared.shared, compared.turned_wrong, compared.turned_right, compared.p) == (3, (), (), 1.0)
    assert compared.verdict == "没有一题变化"
    assert any("相同的题 3 道" in line for line in compared.lines)


def test_a_cancelled_run_goes_on_where_it_stopped(settings: Settings) -> None:
    evaluation, told = Evaluation(settings), list[EvalProgress]()
    kept = len(evaluation.runs())
    assert evaluation.start("本处.jsonl", progress=told.append, cancelled=lambda: len(told) > 2) is None
    assert told[-1].done == 2
    assert len(evaluation.runs()) == kept
    asked_again = list[EvalProgress]()
    done = evaluation.start("本处.jsonl", progress=asked_again.append, cancelled=lambda: len(asked_again) > 3)
    assert done is not None  # the first two were not asked again, so nothing was there to cancel
    assert done.questions == 3


def test_one_run_at_a_time_here_and_in_another_process(settings: Settings) -> None:
    one, other = Evaluation(settings), Evaluation(settings)
    begun, go_on = threading.Event(), threading.Event()

    def wait(progress: EvalProgress) -> None:
        begun.set()
        go_on.wait(60)

    runner = threading.Thread(target=one.start, args=("本处.jsonl",), kwargs={"progress": wait})
    runner.start()
    try:
        assert begun.wait(60)
        assert one.running
        with pytest.raises(InputError, match="正在进行"):
            one.start("本处.jsonl")
        with pytest.raises(InputError, match="同样的评测正在"):
            other.start("本处.jsonl")
    finally:
        go_on.set()
        runner.join()
    assert not one.running
    assert not list(runs_folder(settings).glob("*/.lock"))


def test_names_that_are_none_are_refused(settings: Settings) -> None:
    evaluation = Evaluation(settings)
    outside = runs_folder(settings).parent / "别处"
    outside.mkdir(exist_ok=True)
    (outside / "report.html").write_text("x", encoding="utf-8")
    for name in ("没有", "../别处", str(outside), ""):
        with pytest.raises(InputError):
            evaluation.report_html(name)
        with pytest.raises(InputError):
            evaluation.compare(name, name)
        with pytest.raises(InputError):
            evaluation.start(name)
    with pytest.raises(InputError, match="第 1 行"):
        evaluation.start("坏的.jsonl")


def test_a_run_without_its_page_says_so(settings: Settings, tmp_path: Path) -> None:
    folder = runs_folder(settings) / "空"
    folder.mkdir(parents=True, exist_ok=True)
    with pytest.raises(InputError, match="没有留下报告页"):
        Evaluation(settings).report_html("空")
