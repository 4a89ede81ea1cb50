"""A judge model behind a real endpoint: what it says is kept, read strictly, and never spoils a run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from eval_parts import QUESTIONS, make_settings, write_suite
from judge_server import JudgeServer, judge_server

from assistant import Settings, SettingsError, open_judge, read_settings
from evals.agreement import agreements, kappa
from evals.asking import EvalProgress
from evals.judge import Judged, Judgement, judge_all
from evals.outcome import Outcome, measure
from evals.page import page
from evals.run import run_eval
from evals.suite import Question
from index import Embedder

FACT = Question.model_validate(QUESTIONS[0])
ANSWER: dict[str, Any] = {
    "status": "answered",
    "answer": "西昌市规上企业35家。",
    "citations": [
        {"n": 1, "source": "西昌.md", "title": "西昌", "date": "2023", "page": None, "start": 0, "end": 7,
         "quote": "规上企业35家"}
    ],
    "figures": [],
    "retrieved": [],
}  # fmt: skip
RIGHT = '{"correct": true, "reason": "说到了35家"}'
GROUNDED = '{"faithful": true, "unsupported": []}'


def outcome(id: str = "q1", **changes: Any) -> Outcome:
    record = {"answer": ANSWER | changes, "first_token": 0.1, "total": 0.2}
    return measure(FACT.model_copy(update={"id": id}), record, str)


def fair(prompt: str) -> str:
    return GROUNDED if "faithful" in prompt else RIGHT


@pytest.fixture
def server() -> Iterator[JudgeServer]:
    with judge_server(fair) as running:
        yield running


def judged_by(server: JudgeServer, **more: Any) -> Settings:
    told = {"judge": "big", "judge_base_url": server.base_url, "judge_api_key": "秘密".encode().hex(), "llm": "none"}
    return read_settings(**told | more)


def test_both_questions_are_put_with_what_the_judge_must_know(server: JudgeServer, tmp_path: Path) -> None:
    told = judge_all(judged_by(server), [outcome()], tmp_path)
    (said,) = told.judgements.values()
    assert (said.correct, said.faithful, said.reason, said.problem) == (True, True, "说到了35家", "")
    (model, key, correct), (_, _, faithful) = server.asked
    assert (model, key) == ("big", f"Bearer {'秘密'.encode().hex()}")
    assert "35家" in correct
    assert FACT.question in correct
    assert "[1]《西昌》2023：规上企业35家" in faithful


def test_what_was_judged_is_not_judged_again_unless_the_answer_changed(server: JudgeServer, tmp_path: Path) -> None:
    judge_all(judged_by(server), [outcome("a"), outcome("b")], tmp_path)
    with (tmp_path / "judge.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"id": "c", "key')
    judge_all(judged_by(server), [outcome("a"), outcome("b")], tmp_path)
    assert len(server.asked) == 4
    judge_all(judged_by(server), [outcome("a", answer="西昌市规上企业53家。"), outcome("b")], tmp_path)
    assert len(server.asked) == 6


@pytest.mark.parametrize(
    "reply",
    [
        "对。",
        "",
        "{}",
        '{"correct": "true", "reason": "字"}',
        '{"correct": 1, "reason": "数"}',
        '{"correct": true}',
        '{"correct": true, "reason": "", "score": 1}',
        '答案是：{"correct": true, "reason": "前面有字"}',
        "```json\n{}\n```",
    ],
)
def test_a_reply_is_read_strictly(server: JudgeServer, tmp_path: Path, reply: str) -> None:
    server.answer = lambda prompt: GROUNDED if "faithful" in prompt else reply
    (said,) = judge_all(judged_by(server), [outcome()], tmp_path).judgements.values()
    assert said.correct is None
    assert said.faithful is True
    assert "不是要求的 JSON" in said.problem


def test_a_fence_around_the_object_is_no_fault(server: JudgeServer, tmp_path: Path) -> None:
    server.answer = lambda prompt: f"```json\n{fair(prompt)}\n```"
    (said,) = judge_all(judged_by(server), [outcome()], tmp_path).judgements.values()
    assert (said.correct, said.faithful, said.problem) == (True, True, "")


def test_a_refusal_is_not_asked_what_it_rests_on(server: JudgeServer, tmp_path: Path) -> None:
    (said,) = judge_all(judged_by(server), [outcome(status="refused")], tmp_path).judgements.values()
    assert (said.correct, said.faithful) == (True, None)
    assert len(server.asked) == 1


def test_a_judge_that_fails_is_given_up_and_told(server: JudgeServer, tmp_path: Path) -> None:
    server.answer = lambda prompt: None
    told = judge_all(judged_by(server), [outcome(str(n)) for n in range(9)], tmp_path)
    assert len(told.judgements) == 3
    assert "连续 3 题没有评成" in told.problem
    assert "500" in told.problem
    server.answer = fair
    assert judge_all(judged_by(server), [outcome("0")], tmp_path).judgements["0"].correct is True


def test_a_judge_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    told = judge_all(read_settings(judge="big", llm="none"), [outcome()], tmp_path)
    assert told.judgements == {}
    assert "JUDIAN_JUDGE_BASE_URL" in told.problem
    assert "JUDIAN_LLM" not in told.problem
    nowhere = read_settings(judge="big", judge_base_url="http://127.0.0.1:9/v1", llm="none")
    assert "JUDIAN_JUDGE_BASE_URL" in judge_all(nowhere, [outcome()], tmp_path).judgements["q1"].problem
    with pytest.raises(SettingsError, match="JUDIAN_JUDGE"):
        open_judge(read_settings(llm="none"))


def test_the_judge_is_where_the_answering_model_is_unless_told(server: JudgeServer, tmp_path: Path) -> None:
    settings = read_settings(judge="big", llm="small", llm_base_url=server.base_url, llm_api_key="k")
    assert judge_all(settings, [outcome()], tmp_path).problem == ""
    assert server.asked[0][:2] == ("big", "Bearer k")
    elsewhere = settings.model_copy(update={"llm_base_url": "http://127.0.0.1:9", "judge_base_url": server.base_url})
    judge_all(elsewhere, [outcome("other")], tmp_path)
    assert server.asked[-1][1] == "Bearer none"  # a key is for the server it was given for


def test_a_cancelled_judge_goes_on_later(server: JudgeServer, tmp_path: Path) -> None:
    outcomes, told = [outcome("a"), outcome("b")], list[EvalProgress]()
    first = judge_all(judged_by(server), outcomes, tmp_path, progress=told.append, cancelled=lambda: bool(told))
    assert (first.cancelled, list(first.judgements)) == (True, ["a"])
    assert [(one.stage, one.done, one.total) for one in told] == [("评判", 1, 2)]
    second = judge_all(judged_by(server), outcomes, tmp_path)
    assert (second.cancelled, list(second.judgements)) == (False, ["a", "b"])
    assert len(server.asked) == 4


def test_kappa() -> None:
    assert kappa(20, 5, 10, 15) == pytest.approx(0.4)  # the example in Cohen's measure's usual presentation
    assert kappa(5, 0, 0, 5) == 1
    assert kappa(0, 5, 5, 0) == -1
    assert kappa(7, 0, 0, 0) is None
    assert kappa(0, 0, 0, 0) is None


def said(id: str, correct: bool | None, faithful: bool | None) -> Judgement:
    return Judgement(
        id, "", correct, "理由", faithful, () if faithful else ("一句",), "" if correct is not None else "坏了"
    )


def test_agreement_counts_who_calls_what_good_and_where_they_differ() -> None:
    uncited, wrong = outcome("b"), outcome("c", answer="西昌市规上企业36家。")
    cited = outcome("a", answer="西昌市规上企业35家[1]。")
    judged = Judged("big", {"a": said("a", True, True), "b": said("b", True, True), "c": said("c", True, False)})
    right, grounded = agreements([cited, uncited, wrong], judged)
    assert (right.both, right.judge_only, right.metric_only, right.neither, right.apart) == (2, 1, 0, 0, ("c",))
    assert (grounded.both, grounded.judge_only, grounded.neither, grounded.apart) == (1, 1, 1, ("b",))
    none = Judged("big", {"a": said("a", None, None)})
    assert [one.total for one in agreements([cited], none)] == [0, 0]


def test_the_page_shows_the_judge_and_takes_its_words_for_text() -> None:
    judged = Judged("<big>", {"q1": Judgement("q1", "", False, "<b>错了</b>", False, ("<i>句</i>",), "")}, "断了")
    result = {"suites": ["s"], "model": "m", "index_version": "v"}
    shown = page(result, [outcome()], judged=judged)
    assert "&lt;big&gt;" in shown
    assert "评判没有做完：断了" in shown
    assert "错，有的话没有依据。&lt;b&gt;错了&lt;/b&gt;" in shown
    assert "没有依据：&lt;i&gt;句&lt;/i&gt;" in shown
    assert "评判模型" not in page(result, [outcome()])


def test_a_whole_run_with_a_judge(
    server: JudgeServer, embedder: Embedder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = make_settings(tmp_path, embedder)
    judging = settings.model_copy(update={"judge": "big", "judge_base_url": server.base_url, "judge_api_key": "hush"})
    suite, report = write_suite(tmp_path / "s.jsonl"), tmp_path / "out"
    assert run_eval(judging, [suite], report=report) == 0
    printed = capsys.readouterr().out
    assert "评判模型 big：评了 3 题，其中 0 题没有评成。" in printed
    assert "答得对：评判模型认为 100.0%" in printed
    summary = json.loads((report / "summary.json").read_text(encoding="utf-8"))["judge"]
    assert (summary["model"], summary["judged"], summary["failed"]) == ("big", 3, 0)
    assert "评判模型" in (report / "report.html").read_text(encoding="utf-8")
    assert not any("hush" in path.read_text(encoding="utf-8") for path in report.iterdir())
    server.answer = lambda prompt: None
    assert run_eval(judging, [suite], report=tmp_path / "broken") == 0
    assert "评判没有做完：连续 3 题没有评成" in capsys.readouterr().out


@pytest.mark.llm
def test_the_embedded_model_can_be_the_judge(tmp_path: Path) -> None:
    settings = read_settings(judge="embedded", llm="none")
    told = judge_all(settings, [outcome("right"), outcome("wrong", answer="西昌市规上企业3家。")], tmp_path)
    assert told.problem == ""
    assert told.judgements["right"].correct is True
