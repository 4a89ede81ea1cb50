"""several.py: a question that asks for several results, each answered by itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from assistant import Answer, Assistant, Figure, open_assistant, read_settings
from assistant.several import _sentences, several
from index import Embedder, build_index

REPORT = """# 泸州市工业一年

2021年8月

今年泸州计划新开工酿酒项目80个，现已开工60个（其中48个项目已投产）。全市4个省级开发区入园企业达250户，其中规模以上工业企业50户。

泸州规模以上工业企业总数达200户。

泸州2021年争取技改补贴4.2亿元，是上年的2.1倍。

3月，签约酒城瓶业项目。6月，酒城酿酒二期项目投产。
"""


@pytest.mark.parametrize(
    ("question", "each"),
    [
        (
            "泸州2021年酿酒项目平均每个总投资多少亿元，其中列入省重点的平均每个又是多少？",
            ("泸州2021年酿酒项目平均每个总投资多少亿元", "泸州2021年列入省重点的项目平均每个总投资多少亿元"),
        ),
        (
            "泸州酒业、机械两个园区的规上企业加起来多少户，2023年产值合计多少亿元？",
            ("泸州酒业、机械两个园区的规上企业加起来多少户", "泸州酒业、机械两个园区的2023年产值合计多少亿元"),
        ),
        (
            "泸州4个省级开发区的规上企业，占入园企业总数的比例是多少，占全市规上企业总数的比例又是多少？",
            (
                "泸州4个省级开发区的规上企业，占入园企业总数的比例是多少",
                "泸州4个省级开发区的规上企业，占全市规上企业总数的比例是多少",
            ),
        ),
        (
            "泸州今年新开工的酿酒项目，开工率是多少？已开工的项目里有百分之几投产了？",
            ("泸州今年新开工的酿酒项目，开工率是多少", "泸州已开工的酿酒项目里有百分之几投产了"),
        ),
        (
            "用2021年的产值和同比增速，把泸州酒业园区与机械园区2020年的产值都推算出来，分别是多少亿元？",
            (
                "用2021年的产值和同比增速，泸州酒业园区2020年产值是多少亿元",
                "用2021年的产值和同比增速，泸州机械园区2020年的产值是多少亿元",
            ),
        ),
        (
            "泸州签约酒城瓶业项目，与酒城酿酒二期项目投产，分别在哪个月？",
            ("泸州签约酒城瓶业项目在哪个月", "泸州酒城酿酒二期项目投产在哪个月"),
        ),
        (
            "泸州2021年签约酒城瓶业是几月，酿酒二期投产又是几月？",
            ("泸州2021年签约酒城瓶业是几月", "泸州酿酒二期投产是几月"),
        ),
        (
            "泸州的酒糟产能，2021年要形成多少？招商引资目标规模又是多少？",
            ("泸州的酒糟产能，2021年要形成多少", "泸州的酒糟产能，招商引资目标规模是多少"),
        ),
        ("泸州酿酒大会和全市酒器展销会分别在哪天开的？", ("泸州酿酒大会在哪天开的", "泸州全市酒器展销会在哪天开的")),
        (
            "泸州在2021年城市酿酒竞争力50强与酿酒百强市两张榜单上各列第几，两年来各进了多少位，哪张榜进得更多？",
            (
                "泸州在2021年城市酿酒竞争力50强列第几，两年来进了多少位",
                "泸州在酿酒百强市列第几，两年来进了多少位",
            ),
        ),
    ],
)
def test_each_is_a_whole_question(question: str, each: tuple[str, ...]) -> None:
    assert several(question) == each


@pytest.mark.parametrize(
    "question",
    [
        "泸州酒业2021年的产值是多少，同比增长多少？",  # what one sentence tells
        "泸州酒业和机械产业的产值，哪个更高，高出多少亿元？",  # one comparison
        "泸州规划的瓶子产能与瓶盖产能分别为多少，前者是后者的几倍？",
        "甲厂投产与乙厂投产，谁更早，分别是哪一年？",
        "在泸州办的酿酒大会哪天开幕，按会期推算哪天闭幕？",
        "泸州2021年，酒业产值占全市的比重是多少？",
        "泸州酒业的产值占工业的百分之几？",
    ],
)
def test_one_question_stays_one(question: str) -> None:
    assert several(question) == ()


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Assistant]:
    folder: Path = tmp_path_factory.mktemp("several")
    (folder / "reports").mkdir()
    (folder / "reports" / "泸州.md").write_text(REPORT, encoding="utf-8")
    settings = read_settings(reports=folder / "reports", index=folder / "index", llm="none")
    build_index(settings.reports, settings.index, embedder)
    with closing(open_assistant(settings)) as opened:
        yield opened


def _ask(assistant: Assistant, question: str) -> Answer:
    answer = assistant.ask(question)
    assert answer.question == question
    for citation in answer.citations:
        assert f"[{citation.n}]" in answer.answer
        assert assistant.context(citation)[1] == citation.quote
    return answer


def test_two_shares(assistant: Assistant) -> None:
    answer = _ask(
        assistant, "泸州4个省级开发区的规上工业企业，占入园企业总数的比例是多少，占全市规上工业企业总数的比例又是多少？"
    )
    assert answer.status == "answered"
    assert "占比为20%（50户÷250户）" in answer.answer
    assert "占比为25%（50户÷200户）" in answer.answer
    assert [c.n for c in answer.citations] == [1, 2]
    assert {f.text for f in answer.figures if f.computed} == {"20%", "25%"}
    assert answer.seconds["first_token"] <= answer.seconds["total"]


def test_a_share_of_what_has_begun(assistant: Assistant) -> None:
    answer = _ask(assistant, "泸州今年新开工的酿酒项目，开工率是多少？已开工的项目里有百分之几已投产？")
    assert "75%（60个÷80个）" in answer.answer
    assert "80%（48个÷60个）" in answer.answer
    assert answer.answer.count("今年泸州计划新开工酿酒项目80个") == 1, "what both answers quote is told once"


def test_a_closing_quotation_mark_stays_with_its_sentence() -> None:
    told = Answer("", "", "", "answered", "局长说，“产值9亿元[1]。”增长3%[2]。", figures=(Figure("9亿元", True, 1),))
    assert [part.answer for part in _sentences(told)] == ["局长说，“产值9亿元[1]。”", "增长3%[2]。"]


def test_when_each_of_two_was(assistant: Assistant) -> None:
    answer = _ask(assistant, "泸州签约酒城瓶业项目，与酒城酿酒二期项目投产，分别在哪个月？")
    assert "3月" in answer.answer
    assert "6月" in answer.answer


def test_one_of_two_is_not_told(assistant: Assistant) -> None:
    answer = _ask(
        assistant, "泸州4个省级开发区的规上工业企业，占入园企业总数的比例是多少，占全市渔船总数的比例又是多少？"
    )
    assert answer.status == "partial"
    assert "占比为20%（50户÷250户）" in answer.answer
    assert "没有找到" in answer.answer


def test_zones_are_not_the_city(assistant: Assistant) -> None:
    """全市4个省级开发区… tells 50户 of those zones, however near 全市 stands."""
    answer = _ask(assistant, "泸州全市规上工业企业总数是多少？")
    assert "200户" in answer.answer
    assert "50户" not in answer.answer


def test_a_ratio_that_a_report_states_needs_no_parts(assistant: Assistant) -> None:
    found = assistant.ask("泸州2021年争取的技改补贴是2020年技改补贴的几倍？")
    assert found.status == "answered"
    assert found.answer == "泸州2021年争取技改补贴4.2亿元，是上年的2.1倍[1]。"
