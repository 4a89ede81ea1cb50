"""operands.py: what a question compares or computes with, and what is no comparison."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.operands import MEASURE, operands


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("泸州2020年白酒产量比遵义多多少？", ("泸州2020年白酒产量", "遵义2020年白酒产量")),
        ("泸州白酒产值和遵义茶叶产值相差多少？", ("泸州白酒产值", "遵义茶叶产值")),
        ("与泸州相比，遵义的茶叶产量多多少？", ("泸州茶叶产量", "遵义的茶叶产量")),
        ("泸州和遵义的规上企业数合计多少户？", ("泸州规上企业数", "遵义的规上企业数")),
        ("泸州和遵义的工业投资加起来是多少？", ("泸州工业投资", "遵义的工业投资")),
        ("泸州、遵义、曲靖的工业增速谁最高？", ("泸州工业增速", "遵义工业增速", "曲靖的工业增速")),
        ("泸州纳溪区的产值和江阳区的产值哪个高", ("泸州纳溪区的产值", "江阳区的产值")),
        (
            "遵义高新区和泸州白酒产业园区，2020年规上产值哪个大",
            ("遵义高新区2020年规上产值", "泸州白酒产业园区，2020年规上产值"),
        ),
        (
            "遵义高新区和泸州白酒产业园区2020年规上产值哪个大",
            ("遵义高新区2020年规上产值", "泸州白酒产业园区2020年规上产值"),
        ),
        ("省级园区，泸州和遵义相差悬殊吧", ("泸州省级园区", "遵义省级园区")),
        ("泸州2026年规上产值和遵义“十四五”产值的目标差多大？", ("泸州2026年规上产值", "遵义“十四五”产值的目标")),
        ("泸州缴的税跟遵义税收目标比，哪个多？", ("泸州缴的税", "遵义税收目标")),
    ],
)
def test_each_place_is_an_operand_with_what_the_other_says(question: str, found: tuple[str, ...]) -> None:
    assert operands(question) == found


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("曲靖2019年和2020年的工业投资分别是多少？", ("曲靖2019年工业投资", "曲靖2020年工业投资")),
        ("泸州2021年的产值比2018年多多少？", ("泸州2021年产值", "泸州2018年产值")),
        ("泸州一期产能加上二期产能一共多少？", ("泸州一期产能", "二期产能")),
        ("曲靖多晶硅产量和铝材产量哪个多？", ("曲靖多晶硅产量", "铝材产量")),
        ("曲靖的多晶硅产量与铝材产量之和是多少？", ("曲靖的多晶硅产量", "铝材产量")),
        ("临港智慧小镇的总投资和占地面积各是多少？", ("临港智慧小镇的总投资", "临港智慧小镇的占地面积")),
        ("泸州两大园区，酒业园区和机械园区，规上企业谁多", ("泸州酒业园区规上企业", "泸州机械园区规上企业")),
        (
            "2020年以来泸州园区的产值，和2020年全市规上产值，分别是多少？",
            ("2020年以来泸州园区的产值", "2020年全市规上产值"),
        ),
        (
            "把泸州白酒、机械、页岩气三个产业2025年的力争目标加总，是多少亿？",
            ("泸州白酒产业2025年的力争目标", "机械产业2025年的力争目标", "页岩气产业2025年的力争目标"),
        ),
    ],
)
def test_years_and_parts_of_one_place_are_operands(question: str, found: tuple[str, ...]) -> None:
    assert operands(question) == found


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("曲靖硅产业产值占全市工业总产值的比重是多少？", ("曲靖硅产业产值", "全市工业总产值")),
        ("曲靖硅产业占全市工业总产值的比重是多少？", ("曲靖硅产业总产值", "全市工业总产值")),
        ("南充国家级平台占全部平台的比例？", ("南充国家级平台", "全部平台")),
        ("曲靖光伏项目已完成投资占总投资的百分之几？", ("曲靖光伏项目已完成投资", "曲靖光伏项目总投资")),
        ("南充丝绸企业户数减去停产户数是多少？", ("南充丝绸企业户数", "停产户数")),
        ("南充纺织企业扣除停产企业还剩多少户？", ("南充纺织企业", "停产企业")),
        ("遵义园区平均每户企业产值多少？", ("遵义园区产值", "遵义园区企业数量")),
        ("遵义白酒企业平均下来，每户企业的产值大约是多少？", ("遵义白酒企业产值", "遵义白酒企业数量")),
        (
            "南充油气产业2021年产值距离2025年目标还差多少亿元？",
            ("南充2025年油气产业产值目标", "南充油气产业2021年产值"),
        ),
        ("遵义外出务工的人里，去省外的占多大比例？", ("遵义外出务工的人中的去省外", "遵义外出务工的人")),
        (
            "泸州白酒产值要从2020年的水平做到2025年的目标，还差多少亿？",
            ("泸州白酒产值2025年的目标", "泸州白酒产值2020年"),
        ),
        ("遵义计划开工的化工项目还有多少个没有开工？", ("遵义计划开工的化工项目", "遵义已开工化工项目")),
    ],
)
def test_shares_rests_means_and_gaps_have_their_operands_in_order(question: str, found: tuple[str, ...]) -> None:
    assert operands(question) == found


@pytest.mark.parametrize(
    "question",
    [
        "泸州白酒产值是多少？",
        "泸州有哪些白酒企业？",
        "泸州规上工业增加值增速同比提高多少？",
        "哪些城市的白酒产值超过100亿元？",
        "各县的茶叶面积合计多少？",
        "所有城市的茶叶产量和白酒产量合计多少？",
        "园区产值占园区产值的比重是多少？",
        "泸州的市场占有率是多少？",
        "曲靖的投资和税收都增长了吗？",
        "“三线两园”中的三线和两园分别指什么？",
        "曲靖市占全省的比例是多少？",  # a report states it or nobody knows
        "南充2016—2020年的投资是多少",
        "",
        "，、比和的",
    ],
)
def test_a_plain_question_has_none(question: str) -> None:
    assert operands(question) == ()


def test_a_place_named_twice_is_one_operand() -> None:
    assert operands("泸州市的工业投资是多少，泸州的工业投资和去年比怎么样？") == ()


def test_a_topic_with_places_is_that_of_each_operand() -> None:
    found = operands("泸州和遵义的白酒产值：泸州2025年的目标与遵义2020年的实际各是多少？")
    assert len(found) == 2
    assert "2025年" in found[0]
    assert found[0].endswith("目标的白酒产值")
    assert found[1].startswith("遵义2020年")
    assert found[1].endswith("白酒产值")


@pytest.mark.parametrize("word", ["总产值", "增速", "户数", "目标", "投资", "企业数"])
def test_what_is_measured_ends_the_operand(word: str) -> None:
    found = MEASURE.search(f"曲靖光伏{word}")
    assert found
    assert found[0].endswith(word)
    assert not MEASURE.search(f"{word}情况")


_WORDS = st.sampled_from(
    "泸州 遵义 曲靖市 2020年 2019年 目标 产值 企业 数 占 比 和 与 、 ， ？ 多少 哪个 合计 减去 平均 每户 还差 没有 开工"
    " 计划 的 是 全市 ： “ ” 几倍 园区 100亿元".split()
)


@given(st.one_of(st.text(max_size=60), st.lists(_WORDS, max_size=14).map("".join)))
def test_there_are_never_one_nor_two_alike(text: str) -> None:
    found = operands(text)
    assert len(found) != 1
    assert len(set(found)) == len(found)
    assert all(found)


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("泸州和遵义的规上企业一共有多少户？", ("泸州规上企业", "遵义的规上企业")),
        ("泸州2021年产值是2018年的多少倍？", ("泸州2021年产值", "泸州2018年产值")),
        ("泸州规上企业数比遵义工业企业多多少户？", ("泸州规上企业数", "遵义工业企业数")),
        ("泸州白酒产值是遵义的多少倍？", ("泸州白酒产值", "遵义白酒产值")),
        ("曲靖2019年的税收和2021年的税收哪个高？", ("曲靖2019年税收", "曲靖2021年税收")),
        ("泸州产值2025年的目标比2020年多多少？", ("泸州2025年产值的目标", "泸州2020年产值")),
    ],
)
def test_what_asks_and_what_aims_stays_out_of_the_operands(question: str, found: tuple[str, ...]) -> None:
    assert operands(question) == found
