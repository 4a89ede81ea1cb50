"""The evaluation can fail: what is corrupted in real answers is seen by its own measure, and the gate closes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from eval_parts import make_settings, write_suite

from assistant import Answer, Assistant, Event, Figure, Settings, open_assistant
from evals.run import run_eval
from index import Embedder

Corrupt = Callable[[Answer], Answer]


class Corrupted:
    """The real assistant, whose answers are changed before anybody sees them."""

    def __init__(self, inner: Assistant, corrupt: Corrupt) -> None:
        self._inner, self._corrupt = inner, corrupt

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def close(self) -> None:
        """The next test uses the same assistant."""

    def stream(self, question: str, **how: Any) -> Iterator[Event]:
        for event in self._inner.stream(question, **how):
            yield self._corrupt(event) if isinstance(event, Answer) else event


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Settings:
    return make_settings(tmp_path_factory.mktemp("corrupted"), embedder)


@pytest.fixture(scope="module")
def assistant(settings: Settings) -> Iterator[Assistant]:
    opened = open_assistant(settings)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def baseline(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("baseline")
    path = folder / "base.json"
    run_eval(settings, [write_suite(folder / "s.jsonl")], report=folder / "run", baseline=path, update_baseline=True)
    known = json.loads(path.read_text(encoding="utf-8"))["questions"].values()
    assert all(one["correct"] for one in known)
    return path


def answered(corrupt: Corrupt) -> Corrupt:
    return lambda answer: answer if answer.status == "refused" else corrupt(answer)


def other_figure(answer: Answer) -> Answer:
    return replace(answer, answer=answer.answer.replace("35家", "53家"))


def shifted_citations(answer: Answer) -> Answer:
    moved = (replace(c, start=c.start + 1, end=c.end + 1) for c in answer.citations)
    return replace(answer, citations=tuple(moved))


def called_verified(answer: Answer) -> Answer:
    return replace(answer, figures=tuple(Figure("9999家", True, figure.citation) for figure in answer.figures))


def refused(answer: Answer) -> Answer:
    return replace(answer, status="refused", answer="报告中没有提到。", citations=(), figures=())


def answered_anyway(answer: Answer) -> Answer:
    return replace(answer, status="answered", answer="有3座。") if answer.status == "refused" else answer


def without_marks(answer: Answer) -> Answer:
    return replace(answer, answer=answer.answer.replace("[1]", "").replace("[2]", ""))


@pytest.mark.parametrize(
    ("corrupt", "measure", "before", "after", "said"),
    [
        (answered(other_figure), "accuracy", 1.0, 2 / 3, "正确率"),
        (answered(shifted_citations), "citation_exactness", 1.0, 0.0, "引用准确"),
        (answered(called_verified), "verified_wrongly", 0.0, 1.0, "误核"),
        (answered(refused), "false_refusals", 0.0, 1.0, "正确率"),
        (answered_anyway, "false_answers", 0.0, 1.0, "误答"),
        (answered(without_marks), "citation_support", 1.0, 0.0, "引用支持"),
    ],
)
def test_a_corrupted_answer_is_seen_by_its_measure_and_stopped_by_the_gate(
    settings: Settings, assistant: Assistant, baseline: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str], corrupt: Corrupt, measure: str, before: float, after: float, said: str,
) -> None:  # fmt: skip
    known = json.loads(baseline.read_text(encoding="utf-8"))["groups"]["全部"]
    assert known[measure] == before
    monkeypatch.setattr("evals.run.open_assistant", lambda settings: Corrupted(assistant, corrupt))
    suite = write_suite(tmp_path / "s.jsonl")
    assert run_eval(settings, [suite], report=tmp_path / "run", baseline=baseline) == 1
    told = capsys.readouterr().out.splitlines()
    conclusion = next(line for line in told if line.startswith("结论："))
    assert said in conclusion
    now = json.loads((tmp_path / "run" / "summary.json").read_text(encoding="utf-8"))["groups"]["全部"]
    assert now[measure] == pytest.approx(after)


def test_the_same_answers_pass_the_gate(
    settings: Settings, assistant: Assistant, baseline: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("evals.run.open_assistant", lambda settings: Corrupted(assistant, lambda answer: answer))
    assert run_eval(settings, [write_suite(tmp_path / "s.jsonl")], report=tmp_path / "run", baseline=baseline) == 0
