"""Feedback becomes draft questions; a draft is no question until a person accepts it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from eval_parts import QUESTIONS, REPORTS, make_settings

from assistant import Feedback, InputError, Settings, append_feedback, cli, open_assistant, read_settings
from evals.drafts import draft, run_drafts
from evals.run import run_eval
from evals.suite import read_suite
from index import Embedder, ReportError

TEXT = REPORTS["西昌.md"]
QUESTION = "西昌市2023年规上企业有多少家？"
HIT = {"source": "西昌.md", "start": 0, "end": len(TEXT), "score": 1.0}


def text_of(source: str) -> str:
    if source not in REPORTS:
        raise ReportError(f"没有 {source}。")
    return REPORTS[source]


def answer(
    text: str = "规上企业4家[1]。", status: str = "answered", quote: str = "苦荞种植面积12.5万亩。"
) -> dict[str, Any]:
    cited = {"n": 1, "source": "西昌.md", "quote": quote}
    return {"answer": text, "status": status, "citations": [cited], "figures": [], "retrieved": [HIT]}


DOWN = Feedback(
    QUESTION, "down", answer(), comment="把增加的当成了总数", right_answer="应该是35家，比上年多4家。", user="li"
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "reports").mkdir()
    for name, text in REPORTS.items():
        (tmp_path / "reports" / name).write_text(text, encoding="utf-8")
    return read_settings(reports=tmp_path / "reports", index=tmp_path / "data" / "index", llm="none")


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_right_answer_gives_its_figures_and_the_sentence_that_proves_them() -> None:
    made = draft(DOWN, text_of)
    assert made["draft"] is True
    assert made["answerable"] is True
    assert made["accept"] == [["35家"], ["4家"]]
    assert made["evidence"] == [{"source": "西昌.md", "quote": "2023年，西昌市规上企业达到35家，比上年多4家。"}]
    assert "把增加的当成了总数" in made["note"]
    assert "当时答：规上企业4家" in made["note"]


@pytest.mark.parametrize(
    ("right", "answerable", "accept"),
    [
        ("答案是 2023 年的 35 家", True, [["35家"]]),
        ("正确答案：苦荞。", True, [["苦荞"]]),
        ("三十五家", True, [["三十五家"]]),
        ("报告里没有提到", False, []),
        ("没有", False, []),
        ("无答案", False, []),
        ("没有苦荞这一项", True, [["没有苦荞这一项"]]),
        ("", True, []),
    ],
)
def test_what_must_be_said(right: str, answerable: bool, accept: list[list[str]]) -> None:
    made = draft(replace(DOWN, right_answer=right), text_of)
    assert (made["answerable"], made["accept"]) == (answerable, accept)


def test_a_praised_answer_is_gold_and_its_citations_the_evidence() -> None:
    quote = "西昌市规上企业达到35家，比上年多4家。"
    made = draft(Feedback(QUESTION, "up", answer("2023年有35家[1]。", quote=quote)), text_of)
    assert made["accept"] == [["35家"]]
    assert made["evidence"] == [{"source": "西昌.md", "quote": quote}]
    refused = draft(Feedback("有机场吗？", "up", answer("没有找到。", status="refused")), text_of)
    assert (refused["answerable"], refused["accept"], refused["evidence"]) == (False, [], [])


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"citations": None, "retrieved": "x"},
        {"citations": [None, {}], "retrieved": [{"source": "没有.md", "start": 0, "end": 9}, HIT | {"start": "a"}]},
    ],
)
def test_feedback_of_another_program_is_no_trouble(broken: dict[str, Any]) -> None:
    assert draft(replace(DOWN, answer=broken), text_of)["evidence"] == []


def test_drafts_are_added_once_and_nothing_is_overwritten(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    path = settings.index.parent / "suites" / "反馈.jsonl"
    assert run_drafts(settings) == 0
    assert "没有等人核对的草稿" in capsys.readouterr().out
    assert not path.exists()
    for one in (replace(DOWN, right_answer=""), DOWN, replace(DOWN, right_answer="", user="wang")):
        append_feedback(settings.index, one)
    append_feedback(settings.index, Feedback("撤回的题？", "down", {"answer": "甲"}, user="li"))
    append_feedback(settings.index, Feedback("撤回的题？", "none", {"answer": "甲"}, user="li"))
    run_drafts(settings)
    assert "[['35家'], ['4家']]" in str([one["accept"] for one in lines(path)])
    assert "新增草稿 1 道，共 1 道等人核对" in capsys.readouterr().out
    path.write_text(path.read_text(encoding="utf-8").replace("反馈", "人工", 1) + "改到一半的行\n", encoding="utf-8")
    edited = path.read_text(encoding="utf-8")
    run_drafts(settings)
    assert path.read_text(encoding="utf-8") == edited
    append_feedback(settings.index, replace(DOWN, question="涪陵区榨菜产值是多少？", right_answer="25亿元"))
    run_drafts(settings)
    now = path.read_text(encoding="utf-8")
    assert now.startswith(edited)
    assert now.count("\n") == edited.count("\n") + 1


def test_the_same_question_under_another_name_is_no_new_draft(settings: Settings, tmp_path: Path) -> None:
    out = tmp_path / "s.jsonl"
    out.write_text(json.dumps(QUESTIONS[0] | {"question": QUESTION}, ensure_ascii=False), encoding="utf-8")
    append_feedback(settings.index, DOWN)
    run_drafts(settings, out)
    assert [one["id"] for one in lines(out)] == ["q1"]
    append_feedback(settings.index, replace(DOWN, history=("先问的？",)))
    run_drafts(settings, out)
    assert len(lines(out)) == 2


def test_a_draft_is_refused_until_it_is_accepted(settings: Settings, tmp_path: Path) -> None:
    append_feedback(settings.index, DOWN)
    append_feedback(settings.index, replace(DOWN, question="另一题？", right_answer=""))
    out = tmp_path / "s.jsonl"
    run_drafts(settings, out)
    with pytest.raises(InputError, match="第 1 行还是草稿"):
        run_eval(settings, [out])
    sound, empty = (one["id"] for one in lines(out))
    with pytest.raises(InputError, match="没有题号为 fb-0 的草稿"):
        run_drafts(settings, out, accept=["fb-0"])
    with pytest.raises(InputError, match="accept"):
        run_drafts(settings, out, accept=[sound, empty])
    assert all(one["draft"] for one in lines(out))
    run_drafts(settings, out, accept=[sound])
    assert [one.get("draft") for one in lines(out)] == [None, True]
    out.write_text(out.read_text(encoding="utf-8").splitlines()[0], encoding="utf-8")
    (question,) = read_suite(out)
    assert question.accept == (("35家",), ("4家",))


def test_a_draft_whose_quote_is_gone_is_not_accepted(settings: Settings, tmp_path: Path) -> None:
    append_feedback(settings.index, DOWN)
    out = tmp_path / "s.jsonl"
    run_drafts(settings, out)
    (settings.reports / "西昌.md").write_text("别的。", encoding="utf-8")
    with pytest.raises(InputError, match="还不能收下"):
        run_drafts(settings, out, accept=[lines(out)[0]["id"]])


def test_from_a_real_answer_to_a_question_that_is_run(embedder: Embedder, tmp_path: Path) -> None:
    settings = make_settings(tmp_path, embedder)
    assistant = open_assistant(settings)
    try:
        given = assistant.ask("西昌市规上企业有多少家？")
    finally:
        assistant.close()
    append_feedback(settings.index, Feedback(given.question, "up", given.to_json()))
    where = ["--reports", str(settings.reports), "--index", str(settings.index)]
    assert cli.run(["eval", "from-feedback", *where]) == 0
    suite = settings.index.parent / "suites" / "反馈.jsonl"
    (made,) = lines(suite)
    assert ["35家"] in made["accept"]
    assert cli.run(["eval", "from-feedback", "--accept", made["id"], *where]) == 0
    assert run_eval(settings, [suite], report=tmp_path / "out") == 0
    assert (
        json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))["groups"]["全部"]["accuracy"] == 1
    )
