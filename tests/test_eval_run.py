"""A whole evaluation over a small folder, with the real index and no chat model."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from eval_parts import QUESTIONS, make_settings, write_suite
from rich.console import Console

from assistant import Answer, Assistant, Event, InputError, Scope, Settings, open_assistant
from evals.asking import ask
from evals.baseline import compare
from evals.journal import Journal, describe, fingerprint
from evals.metrics import Reply, Score, score
from evals.run import run_eval
from evals.runs import runs_folder
from evals.suite import Question
from evals.table import comparison_lines, markdown, print_failures
from index import Embedder


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Settings:
    return make_settings(tmp_path_factory.mktemp("eval"), embedder)


class Watched:
    """The real assistant; counts the questions, and on demand is interrupted or refuses."""

    def __init__(self, inner: Assistant, *, stop_at: int = 0, refuse: bool = False) -> None:
        self._inner, self._stop_at, self._refuse = inner, stop_at, refuse
        self.asked: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def stream(self, question: str, *, history: Sequence[str] = (), scope: Scope) -> Iterator[Event]:
        self.asked.append(question)
        if len(self.asked) == self._stop_at:
            raise KeyboardInterrupt
        for event in self._inner.stream(question, history=history, scope=scope):
            if self._refuse and isinstance(event, Answer):
                event = replace(event, status="refused", answer="没有。", citations=(), figures=())
            yield event


def watch(monkeypatch: pytest.MonkeyPatch, **how: Any) -> list[Watched]:
    opened: list[Watched] = []

    def open_watched(settings: Settings) -> Watched:
        opened.append(Watched(open_assistant(settings), **how))
        return opened[-1]

    monkeypatch.setattr("evals.run.open_assistant", open_watched)
    return opened


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_run_prints_and_leaves_its_trace(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "out"
    assert run_eval(settings, [write_suite(tmp_path / "s.jsonl")], report=report) == 0
    printed = capsys.readouterr()
    for word in ("正确率", "误答", "误拒", "引用支持", "证据召回", "数字精确", "峰值内存", "全部", "检验半"):
        assert word in printed.out
    records = lines(report / "answers.jsonl")
    assert [record["id"] for record in records] == ["q1", "q2", "q3"]
    assert all(0 < record["first_token"] <= record["total"] for record in records)
    assert all(record["answer"]["index_version"] for record in records)
    summary = json.loads((report / "summary.json").read_text(encoding="utf-8"))
    overall = summary["groups"]["全部"]
    assert overall["questions"] == 3
    assert overall["citation_exactness"] == 1.0
    assert overall["retrieval_recall"]["10"] == 1.0
    assert summary["questions"]["q1"]["correct"] is True
    assert summary["peak_memory_bytes"] > 2**26
    assert "| 全部 | 3 |" in (report / "report.md").read_text(encoding="utf-8")
    told = json.loads((report / "run.json").read_text(encoding="utf-8"))
    assert told["finished"]
    assert told["settings"]["llm"] == "none"
    assert not any(name.endswith("key") for name in told["settings"])
    assert not list(settings.index.glob("traces/*"))
    assert {"answer.txt", "system.txt"} <= told["prompts"].keys()
    assert told["index_version"] == records[0]["answer"]["index_version"]
    assert told["suites"].keys() == {"s.jsonl"}
    assert told["started"] <= told["finished_at"]
    gold = {"source": "西昌.md", "quote": "西昌市规上企业达到35家", "retrieved_at": 1, "cited": True}
    assert records[0]["evidence"] == [gold]
    assert records[0]["gold"] == Question.model_validate(QUESTIONS[0]).model_dump(mode="json", by_alias=True)
    page = (report / "report.html").read_text(encoding="utf-8")
    assert all(question["question"] in page for question in QUESTIONS)
    kept = [path.parent for path in runs_folder(settings).glob("*/answers.jsonl")]
    assert (report / "answers.jsonl").read_bytes() in [(run / "answers.jsonl").read_bytes() for run in kept]


def test_an_interrupted_run_goes_on_and_a_finished_one_begins_anew(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    suite, report = write_suite(tmp_path / "s.jsonl"), tmp_path / "out"
    watch(monkeypatch, stop_at=3)
    with pytest.raises(KeyboardInterrupt):
        run_eval(settings, [suite], report=report)
    assert [record["id"] for record in lines(report / "answers.jsonl")] == ["q1", "q2"]
    with (report / "answers.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"id": "q3", "answ')
    second = watch(monkeypatch)
    run_eval(settings, [suite], report=report)
    assert second[0].asked == [QUESTIONS[2]["question"]]
    assert [record["id"] for record in lines(report / "answers.jsonl")] == ["q1", "q2", "q3"]
    third = watch(monkeypatch)
    run_eval(settings, [suite], report=report)
    assert len(third[0].asked) == 3


def test_another_suite_does_not_go_on_with_the_old_answers(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    suite, report = write_suite(tmp_path / "s.jsonl"), tmp_path / "out"
    watch(monkeypatch, stop_at=2)
    with pytest.raises(KeyboardInterrupt):
        run_eval(settings, [suite], report=report)
    write_suite(suite, [QUESTIONS[0] | {"accept": [["36家"]]}])
    again = watch(monkeypatch)
    run_eval(settings, [suite], report=report)
    assert len(again[0].asked) == 1


def test_without_a_report_folder_the_trace_lies_beside_the_index(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = set((settings.index.parent / "runs").glob("*/summary.json"))
    capsys.readouterr()
    run_eval(settings, [write_suite(tmp_path / "s.jsonl", QUESTIONS[:1])])
    assert Path(capsys.readouterr().out.rpartition("报告：")[2].strip()).is_file()
    (new,) = set((settings.index.parent / "runs").glob("*/summary.json")) - before
    assert sorted(file.name for file in new.parent.iterdir()) == [
        "answers.jsonl", "report.html", "report.md", "run.json", "summary.json",
    ]  # fmt: skip


def test_the_baseline_is_written_on_request_alone_and_guards(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    suite, baseline = write_suite(tmp_path / "s.jsonl"), tmp_path / "base.json"
    with pytest.raises(InputError, match=r"base\.json"):
        run_eval(settings, [suite], report=tmp_path / "a", baseline=baseline)
    with pytest.raises(InputError, match="--baseline"):
        run_eval(settings, [suite], report=tmp_path / "a", update_baseline=True)
    assert not baseline.exists()
    assert run_eval(settings, [suite], report=tmp_path / "a", baseline=baseline, update_baseline=True) == 0
    written = baseline.read_bytes()
    assert json.loads(written)["questions"]["q1"]["answer"]
    assert run_eval(settings, [suite], report=tmp_path / "a", baseline=baseline) == 0
    capsys.readouterr()
    watch(monkeypatch, refuse=True)
    assert run_eval(settings, [suite], report=tmp_path / "b", baseline=baseline) == 1
    printed = capsys.readouterr().out
    assert "变错的题" in printed
    assert "q1" in printed
    assert baseline.read_bytes() == written
    assert run_eval(settings, [suite], report=tmp_path / "b", baseline=baseline, update_baseline=True) == 0
    assert baseline.read_bytes() != written


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"questions": {}}', '{"questions": {"q1": {"correct": 1}}}'])
def test_a_broken_baseline_is_named(settings: Settings, tmp_path: Path, content: str) -> None:
    baseline = tmp_path / "base.json"
    baseline.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=r"base\.json"):
        run_eval(settings, [write_suite(tmp_path / "s.jsonl")], baseline=baseline)


def test_a_report_folder_that_is_a_file_is_named(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "占用").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="占用"):
        run_eval(settings, [write_suite(tmp_path / "s.jsonl")], report=tmp_path / "占用")


def test_gold_that_does_not_fit_the_reports_is_announced(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outside = [{"source": "../secret.md", "quote": "西昌"}]
    (settings.reports.parent / "secret.md").write_text("西昌", encoding="utf-8")
    suite = write_suite(tmp_path / "s.jsonl", [QUESTIONS[0] | {"evidence": outside}])
    run_eval(settings, [suite], report=tmp_path / "out")
    printed = capsys.readouterr()
    assert "引文与报告对不上" in printed.err
    assert "引文与报告对不上" not in printed.out


def test_seconds_are_taken_on_our_own_clock(settings: Settings) -> None:
    assistant = open_assistant(settings)
    try:
        told = Question.model_validate(QUESTIONS[0])
        record = ask(assistant, told, clock=iter([10.0, 10.5, 12.0]).__next__)
        assert (record["first_token"], record["total"]) == (0.5, 2.0)
        refused = Question.model_validate(QUESTIONS[2])
        record = ask(assistant, refused, clock=iter([10.0, 12.0]).__next__)
        assert (record["first_token"], record["total"]) == (2.0, 2.0)
    finally:
        assistant.close()


def test_the_fingerprint_knows_what_matters(settings: Settings, tmp_path: Path) -> None:
    suite = write_suite(tmp_path / "s.jsonl")

    def key(settings: Settings = settings, model: str = "m", version: str = "v") -> str:
        return fingerprint(describe(settings, [suite], model=model, index_version=version))

    keys = {key(), key(model="n"), key(version="w"), key(settings.model_copy(update={"reranker": "r"}))}
    assert len(keys) == 4
    silent = {"llm_api_key": "secret", "judge": "big", "judge_api_key": "secret", "trace": "off"}
    assert all(key(settings.model_copy(update={name: value})) == key() for name, value in silent.items())
    login = settings.model_copy(update={"llm_base_url": "http://li:secret@model.example/v1"})
    about = describe(login, [suite], model="m", index_version="v")
    assert about["settings"]["llm_base_url"] == "http://model.example/v1"
    write_suite(suite, QUESTIONS[:2])
    assert key() not in keys


def test_a_journal_outlives_a_broken_state_file(tmp_path: Path) -> None:
    Journal(tmp_path, "k").append({"id": "a", "answer": {}, "first_token": 1.0, "total": 1.0})
    assert Journal(tmp_path, "k").done.keys() == {"a"}
    (tmp_path / "run.json").write_text("{", encoding="utf-8")
    assert Journal(tmp_path, "k").done == {}


TRAP = Question.model_validate(QUESTIONS[2])
FACT = Question.model_validate(QUESTIONS[0])
REPLY = Reply("refused", "没有提到。", (), (), (), 0.1, 0.2)


def judged(question: Question, *, refused: bool) -> Score:
    return score(question, replace(REPLY, status="refused" if refused else "answered"), str)


def before(**correct: bool) -> dict[str, Any]:
    return {"questions": {id: {"correct": right, "false_answer": None} for id, right in correct.items()}}


def test_the_tolerance_is_two_in_a_hundred() -> None:
    trap = judged(TRAP, refused=True)
    # False answers are many already, so that accuracy alone decides.
    old = {"questions": {f"q{n}": {"correct": True, "false_answer": True} for n in range(100)}}
    for wrong, failed in ((2, False), (3, True)):
        now = {f"q{n}": judged(TRAP, refused=False) if n < wrong else trap for n in range(100)}
        comparison = compare(old, now)
        assert comparison.failed is failed
        assert [change.id for change in comparison.turned_wrong] == [f"q{n}" for n in range(wrong)]


def test_more_false_answers_fail_even_where_accuracy_holds() -> None:
    old = {
        "questions": {
            "trap": {"correct": True, "false_answer": False},
            "other": {"correct": False, "false_answer": True},
            "fact": {"correct": False, "false_answer": None},
        }
    }
    now = {
        "trap": judged(TRAP, refused=False),
        "other": judged(TRAP, refused=False),
        "fact": replace(judged(FACT, refused=True), correct=True),
    }
    comparison = compare(old, now)
    accuracy, false_answers = comparison.guards[:2]
    assert accuracy.before == accuracy.now
    assert (false_answers.before, false_answers.now) == (0.5, 1.0)
    assert [guard.name for guard in comparison.broken] == ["误答"]
    asked = {id: (FACT if id == "fact" else TRAP, REPLY) for id in now}
    said = comparison_lines(comparison, asked)
    assert "变对的题（1）：fact" in said
    assert said[3:6] == [f"[trap] {TRAP.question}", "  现在：没有提到。", "  应答：应当拒答"]
    assert said[-1] == "结论：误答比基线差，超出容许的 2 个百分点。"


def test_a_comparison_is_over_shared_questions() -> None:
    trap = judged(TRAP, refused=True)
    comparison = compare(before(a=True, b=True), {"b": trap, "c": trap})
    assert (comparison.new, comparison.gone, comparison.failed) == (("c",), ("a",), False)
    with pytest.raises(InputError):
        compare(before(a=True), {"c": trap})


def test_what_was_written_by_others_stays_text(capsys: pytest.CaptureFixture[str]) -> None:
    question = FACT.model_copy(update={"question": "<script>x</script> | **粗** \x1b[31m"})
    reply = replace(REPLY, answer="[bold]见[1]\n- `<img src=x>`")
    result = {"suites": ["s"], "model": "<m>", "index_version": "v", "peak_memory_bytes": None}
    page = markdown(result, {}, [(question, reply)])
    assert "<" not in page
    assert "\\*\\*粗" in page
    assert "\n- `" not in page
    assert "\x1b" not in page
    print_failures(Console(highlight=False, markup=False, emoji=False), [(question, reply)])
    printed = capsys.readouterr().out
    assert "[bold]见[1]" in printed
    assert "\x1b" not in printed
