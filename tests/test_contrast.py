"""contrast.py: which clause of a question names the things compared, which their measure, which only asks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.contrast import EVENT, contrasted
from assistant.operands import operands, plainly_compares


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("按报告所列户数，泸州的规上企业比遵义多多少户？", ("泸州的规上企业", "遵义规上企业")),
        (
            "泸州酒业园区与遵义高新区2020年规上产值相差多少亿元，哪一方更高？",
            ("泸州酒业园区2020年规上产值", "遵义高新区2020年规上产值"),
        ),
        (
            "到2025年，泸州的白酒产业和机械产业，力争突破的产值哪个更大？分别是多少？",
            ("2025年泸州的白酒产业力争突破的产值", "2025年机械产业力争突破的产值"),
        ),
        (
            "泸州的窖池改造项目与遵义的酒庄项目，总投资相差多少亿元？",
            ("泸州的窖池改造项目总投资", "遵义的酒庄项目总投资"),
        ),
        ("规上工业增速方面，泸州2020年与遵义2019年哪个更快？", ("泸州2020年规上工业增速", "遵义2019年规上工业增速")),
        (
            "泸州窖池一期项目与六期项目的年产能分别是多少，六期比一期多多少？",
            ("泸州窖池一期项目年产能", "泸州窖池六期项目的年产能"),
        ),
        (
            "按2026年“力争突破”的目标，泸州白酒产业和机械产业的产值谁更高，高多少？",
            ("2026年泸州白酒产业力争突破的产值", "2026年机械产业的力争突破的产值"),
        ),
        (
            "泸州市2026年的力争目标中，白酒产业比机械产业高多少亿元？",
            ("泸州2026年白酒产业力争目标", "泸州2026年机械产业力争目标"),
        ),
        (
            "2020年泸州酒业园区和遵义高新区相比，哪个的规上企业更多，多几户？",
            ("2020年泸州酒业园区规上企业", "2020年遵义高新区规上企业"),
        ),
        (
            "泸州在酒城50强和酿造业百强市这两个榜上，两年里分别前进了多少位？哪个进步更大？",
            ("泸州在酒城50强提升的位次", "酿造业百强市提升的位次"),
        ),
        (
            "2020年酒业园区产值涨得比机械园区慢，两个园区的同比增幅各是多少？",
            ("2020年酒业园区产值同比增幅", "2020年机械园区同比增幅"),
        ),
        (
            "泸州酒业园区和遵义高新区的规上企业，哪个园区更多？多多少户？",
            ("泸州酒业园区的规上企业", "遵义高新区的规上企业"),
        ),
        (
            "2020年泸州工业投资和技改投资的预计增幅，哪个更高？",
            ("2020年泸州工业投资的预计增幅", "2020年技改投资的预计增幅"),
        ),
        (
            "泸州酒业园区2023年规上企业的产值和同比增速各是多少？",
            ("泸州酒业园区2023年规上企业的产值", "泸州酒业园区2023年规上企业的产值同比增速"),
        ),
        (
            "泸州酿酒产业2026年的产值目标和力争值分别是多少？",
            ("泸州酿酒产业2026年的产值目标", "泸州酿酒产业2026年的力争产值"),
        ),
        ("泸州高成长企业跟民企百强，哪个多，各多少户？", ("泸州高成长企业", "民企百强")),
        ("遵义高粱、小麦的种植面积与竹林基地面积相比，前者多多少万亩？", ("遵义高粱、小麦的种植面积", "竹林基地面积")),
        (
            "与2020年园区完成的产值相比，泸州2025年工业总产值的力争目标还要增加多少亿元？",
            ("2020年园区完成的产值", "泸州2025年工业总产值的力争目标"),
        ),
    ],
)
def test_a_measure_may_stand_in_a_clause_of_its_own(question: str, found: tuple[str, ...]) -> None:
    assert operands(question) == found
    assert plainly_compares(question)


@pytest.mark.parametrize(
    ("question", "found"),
    [
        (
            "泸州机械产业2025年的产值目标比2020年的产值多出多少？",
            ("泸州机械产业2025年的产值目标", "泸州机械产业2020年的产值"),
        ),
        ("遵义农业产值，2025年目标较2020年目标高多少？", ("遵义2025年农业产值目标", "遵义2020年农业产值目标")),
        (
            "泸州2025年的工业产值目标与2020年的目标相比，增加多少亿元？",
            ("泸州2025年的工业产值目标", "泸州2020年的工业产值目标"),
        ),
        (
            "按泸州的规划，2025年形成的窖池产能与瓶装产能分别为多少？",
            ("泸州2025年形成的窖池产能", "泸州2025年瓶装产能"),
        ),
        ("2020年泸州酒业园区的税收增速与全市相比如何？", ("2020年泸州酒业园区的税收增速", "2020年全市税收增速")),
        (
            "在企业户数目标上，泸州“十四五”的目标与遵义2025年的目标分别是多少户？",
            ("泸州“十四五”企业户数目标", "遵义2025年企业户数目标"),
        ),
        (
            "泸州、遵义高新区和曲靖，2020年工业产值分别是多少？最低的是哪个？",
            ("2020年泸州工业产值", "2020年遵义高新区工业产值", "2020年曲靖工业产值"),
        ),
    ],
)
def test_each_has_the_period_and_the_aim_that_the_question_gives_it(question: str, found: tuple[str, ...]) -> None:
    assert operands(question) == found


@pytest.mark.parametrize(
    ("question", "events"),
    [
        ("泸州酒厂启动搬迁与遵义酒庄落户，哪件事更早？早几年？", ("泸州酒厂启动搬迁", "遵义酒庄落户")),
        (
            "支持酒业的两项政策中，国务院的发文与四川省委、省政府出台的政策，谁更早？各在何时？",
            ("国务院的发文", "四川省委、省政府出台的政策"),
        ),
        (
            "泸州酒业园区开始运行，与泸州市委全会召开，哪个在先？请写明两者的年月。",
            ("泸州酒业园区开始运行", "泸州市委全会召开"),
        ),
    ],
)
def test_of_events_the_time_is_asked(question: str, events: tuple[str, ...]) -> None:
    assert operands(question) == tuple(event + EVENT for event in events)


@pytest.mark.parametrize(
    "question",
    [
        "泸州，白酒产值和税收合计多少",
        "对比泸州2025年白酒与机械两个产业的目标：初步目标各是多少，力争目标是否相同",  # two figures of each
        "泸州和遵义有哪些白酒企业，分别在哪里",
        "泸州占全省的比重是多少",
        "",
        "，与，和比",
    ],
)
def test_questions_of_other_shapes_are_left_to_others(question: str) -> None:
    assert contrasted(question) == ()


_WORDS = st.sampled_from(
    "泸州 遵义 2020年 目标 产值 企业 一期 六期 比 较 和 与 、 ， 哪个更高 相差多少亿元 分别是多少 前者 谁更早".split()
)


@given(st.lists(_WORDS, max_size=14).map("".join))
def test_there_are_two_or_more_and_none_twice(text: str) -> None:
    found = contrasted(text)
    assert len(found) != 1
    assert len(set(found)) == len(found)


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("泸州和遵义的白酒产业，产值谁更高？", ("泸州白酒产业产值", "遵义的白酒产业产值")),
        (
            "泸州与遵义的“绿色”酿酒企业，累计户数各是多少？谁多？",
            ("泸州绿色酿酒企业累计户数", "遵义的“绿色”酿酒企业累计户数"),
        ),
        (
            "泸州酒城50强、酿酒百强市，哪个提升的位次更多，多几位？",
            ("泸州酒城50强提升的位次", "酿酒百强市提升的位次"),
        ),
        (
            "酒业占经济的比重，2022年的泸州和2020年的遵义相比哪个占比更高？",
            ("2022年的泸州酒业占经济的比重", "2020年的遵义酒业占经济的比重"),
        ),
    ],
)
def test_each_thing_has_its_sort_and_measure(question: str, found: tuple[str, ...]) -> None:
    assert operands(question) == found


def test_events_of_one_firm_are_both_its_own() -> None:
    found = operands("泸州老窖2010年落户，到2023年六期投产，中间隔了多少年？")
    assert found == ("泸州老窖2010年落户的时间", "泸州老窖2023年六期投产的时间")
