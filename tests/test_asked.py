"""asked.py: which figure of the evidence is the one asked for, and where reports disagree about it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.asked import CERTAIN, best_fit, fit, pick, pick_each, rivals, subject, subject_share
from assistant.asked_units import units_of
from assistant.figures import find_figures
from assistant.rewrite import understand
from assistant.schema import Evidence
from index import Passage, Sentence, Span


def passage(*texts: str, place: str = "曲靖", date: str = "2021-03", source: str = "甲.md") -> Passage:
    sentences, at = [], 0
    for text in texts:
        sentences.append(Sentence(text, (Span(at, at + len(text)),)))
        at += len(text)
    return Passage(source, source, f"{place}纪行", place, date, "", None, "".join(texts), 0, tuple(sentences))


def evidence(*texts: str, place: str = "曲靖", date: str = "2021-03", source: str = "甲.md") -> list[Evidence]:
    whole = passage(*texts, place=place, date=date, source=source)
    return [Evidence(whole, sentence, 0.0) for sentence in whole.sentences]


def picked(question: str, *texts: str, place: str = "曲靖") -> str | None:
    found = pick(understand(question), evidence(*texts, place=place))
    return found.figure.text if found else None


def test_a_year_of_a_plan_is_not_all_of_it() -> None:
    told = "“十三五”期间新增建成区面积48平方公里，2020年新增建成区面积9平方公里。"
    assert picked("曲靖“十三五”期间新增建成区面积是多少？", told) == "48平方公里"
    assert picked("曲靖2020年新增建成区面积是多少？", told) == "9平方公里"


def test_all_but_something_is_not_all() -> None:
    told = "2022年，曲靖完成能源外工业投资121亿元，占全部工业投资的46%。"
    assert picked("2022年曲靖的工业投资是多少亿元？", told) is None
    assert picked("2022年曲靖的能源工业投资是多少亿元？", told) is None
    assert picked("2022年曲靖能源以外的工业投资是多少亿元？", told) == "121亿元"
    assert picked("2022年曲靖的工业投资中，能源以外的部分占百分之几？", told) == "46%"


def test_some_zones_are_not_all_of_the_city() -> None:
    told = "全市6个省级开发区入园企业321户，其中规模以上工业企业99户。"
    assert picked("曲靖全市有多少户规上工业企业？", told) is None
    assert picked("曲靖6个省级开发区有多少户规上工业企业？", told) == "99户"


def test_all_there_are_are_not_only_those_of_this_year() -> None:
    told = "曲靖成功申报5户省级优质中小企业，累计培育省级优质中小企业11户。"
    assert picked("曲靖有多少户省级优质中小企业？", told) == "11户"
    assert picked("曲靖成功申报了多少户省级优质中小企业？", told) == "5户"


@pytest.mark.parametrize(
    ("question", "units"),
    [
        ("曲靖硅产业产值", {"元"}),
        ("曲靖硅产业的投资是多少？", {"元"}),
        ("曲靖硅产业的增速是多少？", {"%", "百分点"}),
        ("曲靖硅产业产值的增速是多少？", {"%", "百分点"}),  # the last indicator is the one asked for
        ("曲靖园区的面积是多少？", {"亩", "平方公里", "平方米", "公顷"}),
        ("曲靖规上企业的户数是多少？", {"户"}),
        ("曲靖规上企业的数量是多少？", {"户"}),
        ("曲靖某企业的营业额有多少？", {"元"}),
        ("曲靖有多少户规上企业？", {"户"}),
        ("曲靖有什么特产？", set()),
    ],
)
def test_the_units_an_answer_may_have(question: str, units: set[str]) -> None:
    assert units_of(understand(question)) == units


def test_what_a_whole_province_has_is_not_the_citys() -> None:
    told = "曲靖推动一家硅企业入围全省100户“领航企业”名单。"
    assert picked("曲靖“领航企业”有多少户？", told) is None
    assert picked("全省“领航企业”有多少户？", told) == "100户"
    assert picked("曲靖“领航企业”有多少户？", "曲靖“领航企业”达13户，居全省第5位。") == "13户"


def test_the_figure_has_the_unit_asked_for() -> None:
    told = "2020年，曲靖硅产业实现产值190亿元，占全市的31%，现有企业12户。"
    assert picked("曲靖硅产业2020年产值是多少？", told) == "190亿元"
    assert picked("曲靖硅产业的企业有多少户？", told) == "12户"
    assert picked("曲靖硅产业占全市的比重是多少？", told) == "31%"
    assert picked("曲靖硅产业的面积是多少？", told) is None


def test_the_figure_is_of_the_indicator_asked_for() -> None:
    told = "曲靖硅产业产值190亿元，税收12亿元，投资45亿元。"
    assert picked("曲靖硅产业税收是多少？", told) == "12亿元"
    assert picked("曲靖硅产业投资是多少？", told) == "45亿元"
    counts = "曲靖现有智能工厂6家、数字车间11家。"
    assert picked("曲靖智能工厂有多少家？", counts) == "6家"
    assert picked("曲靖数字车间有多少家？", counts) == "11家"


def test_the_figure_is_of_the_period_asked_for() -> None:
    told = ("2019年，曲靖硅产业产值为150亿元。", "2020年，曲靖硅产业产值为190亿元。")
    assert picked("曲靖2019年硅产业产值是多少？", *told) == "150亿元"
    assert picked("曲靖2020年硅产业产值是多少？", *told) == "190亿元"
    reported = ("前年，曲靖工业投资为150亿元。", "去年，曲靖工业投资为188亿元。")
    assert picked("曲靖2020年工业投资是多少？", *reported) == "188亿元"
    assert picked("曲靖2019年工业投资是多少？", *reported) == "150亿元"


def test_an_aim_is_picked_where_one_is_asked_for_and_only_there() -> None:
    told = ("曲靖硅产业产值力争突破500亿元。", "曲靖硅产业产值完成190亿元。")
    assert picked("曲靖硅产业产值的目标是多少？", *told) == "500亿元"
    assert picked("曲靖硅产业产值是多少？", *told) == "190亿元"


def test_what_is_new_is_not_all_so_far() -> None:
    line = "曲靖成功申报5户专精特新企业，19户创新型企业，全市累计培育专精特新企业11户，创新型企业46户。"
    assert picked("曲靖新申报成功的创新型企业有多少户？", line) == "19户"
    assert picked("曲靖累计培育的创新型企业有多少户？", line) == "46户"


def test_a_narrower_scope_gives_way_to_the_whole() -> None:
    told = ("曲靖硅产业集群规上企业31户。", "曲靖市规上企业240户。")
    assert picked("曲靖规上企业有多少户？", *told) == "240户"
    assert picked("曲靖硅产业规上企业有多少户？", *told) == "31户"
    assert picked("曲靖规上企业有多少户？", told[0]) is None
    assert picked("曲靖规上企业有多少户？", "高新区规上企业55户，曲靖市规上企业240户。") == "240户"


def test_another_place_in_front_takes_the_figure_away() -> None:
    told = "遵义工业投资为230亿元，曲靖工业投资为188亿元。"
    assert picked("曲靖工业投资是多少？", told) == "188亿元"
    assert picked("遵义工业投资是多少？", told) == "230亿元"
    assert picked("曲靖工业投资是多少？", "曲靖超过遵义，工业投资为188亿元。") == "188亿元"


def test_a_threshold_in_the_name_of_a_thing_is_no_answer() -> None:
    told = "曲靖实施2000万元以上工业项目，总投资330亿元。"
    assert picked("曲靖工业项目总投资是多少？", told) == "330亿元"
    query = understand("曲靖2000万元以上工业项目总投资是多少？")
    name, total = (f for f in find_figures(told) if f.unit == "元")
    whole = passage(told)
    assert fit(query, whole, whole.sentences[0], name) < fit(query, whole, whole.sentences[0], total)


def test_earlier_evidence_wins_a_tie() -> None:
    told = ("曲靖硅产业产值为190亿元。", "曲靖硅产业产值为191亿元。")
    assert picked("曲靖硅产业产值是多少？", *told) == "190亿元"
    assert picked("曲靖硅产业产值是多少？", *reversed(told)) == "191亿元"


def test_no_figure_is_picked_from_other_matters() -> None:
    assert picked("曲靖硅产业产值是多少？", "活动当天，场馆接待观众3.2万人次。", "门票收入80万元。") is None
    assert picked("曲靖硅产业产值是多少？") is None


def test_each_operand_takes_a_figure_of_its_own() -> None:
    shared = evidence("曲靖硅产业产值为190亿元，力争突破500亿元。")
    asked = [understand("曲靖硅产业产值是多少？"), understand("曲靖硅产业产值目标是多少？")]
    found = pick_each([(query, shared) for query in asked])
    assert [p.figure.text for p in found if p] == ["190亿元", "500亿元"]
    twice = pick_each([(asked[0], evidence("曲靖硅产业产值为190亿元。"))] * 2)
    assert [p.figure.text if p else None for p in twice] == ["190亿元", None]
    assert pick_each([]) == ()


def test_the_same_figure_of_two_reports_may_be_given_twice() -> None:
    query = understand("曲靖硅产业产值是多少？")
    told = "曲靖硅产业产值为190亿元。"
    found = pick_each([(query, evidence(told)), (query, evidence(told, source="乙.md"))])
    assert [p.evidence.passage.source for p in found if p] == ["甲.md", "乙.md"]


def test_rivals_say_something_else_of_the_same() -> None:
    query = understand("曲靖2020年硅产业产值是多少？")
    told = evidence(
        "2020年，曲靖硅产业产值为190亿元。",
        "2020年，曲靖硅产业产值为205亿元。",
        "2020年，曲靖硅产业产值为1900000万元。",  # the same in another notation
        "2019年，曲靖硅产业产值为150亿元。",
        "2020年，曲靖硅产业税收为9亿元。",
        "2020年，曲靖硅产业产值增长21%。",
    )
    first = pick(query, told)
    assert first
    assert first.fit >= CERTAIN
    assert [rival.figure.text for rival in rivals(query, first, told)] == ["205亿元"]
    assert rivals(query, first, told[:1]) == ()


def test_the_subject_is_what_the_indicator_is_of() -> None:
    query = understand("曲靖多晶硅产业产值目标是多少？")
    assert "".join(subject(query)) == "多晶硅"
    assert subject_share(query, "多晶硅产值为90亿元") == 1.0
    assert subject_share(query, "花卉产值为90亿元") == 0.0
    assert subject(understand("曲靖规上工业总产值是多少？")) == ()
    assert subject_share(understand("曲靖规上工业总产值是多少？"), "花卉") == 1.0


_QUESTIONS = (
    "曲靖2020年硅产业产值是多少？",
    "曲靖规上企业有多少户？",
    "曲靖硅产业的增速是多少？",
    "曲靖的目标是多少？",
)
_PIECES = st.sampled_from(
    "曲靖 遵义 2020年 2019年 去年 硅产业 产值 规上企业 高新区 ， 、 。 190亿元 31户 21% 力争突破 500亿元 占 其中 增长"
    " 2000万元以上 的 （ ） 比".split()
)
_TOLD = st.lists(_PIECES, min_size=1, max_size=12).map("".join)


@given(st.sampled_from(_QUESTIONS), _TOLD)
@settings(deadline=None)
def test_a_fit_lies_between_nothing_and_all(question: str, text: str) -> None:
    query, whole = understand(question), passage(text)
    fits = [fit(query, whole, whole.sentences[0], figure) for figure in find_figures(text)]
    assert all(0.0 <= one <= 1.0 for one in fits)
    assert best_fit(query, whole, whole.sentences[0]) == max(fits, default=0.0)


@given(st.lists(st.tuples(st.sampled_from(_QUESTIONS), st.integers(1, 3)), max_size=5), st.lists(_TOLD, max_size=3))
@settings(deadline=None)
def test_no_figure_is_given_twice(asked: list[tuple[str, int]], texts: list[str]) -> None:
    shared = evidence(*texts) if texts else []
    found = pick_each([(understand(question), shared[:count]) for question, count in asked])
    assert len(found) == len(asked)
    given_out = [(p.evidence.sentence.start, p.figure.start) for p in found if p]
    assert len(set(given_out)) == len(given_out)


@pytest.mark.parametrize("question", ["曲靖2020年水果综合产值是多少？", "曲靖蚕桑种植面积是多少？"])
def test_a_figure_of_another_subject_is_not_picked(question: str) -> None:
    told = ("2020年，曲靖茶叶综合产值12.6亿元。", "曲靖茶叶种植面积31万亩。")
    assert picked(question, *told) is None
    assert picked(question.replace("水果", "茶叶").replace("蚕桑", "茶叶"), *told) is not None


def test_the_zones_of_a_city_are_no_rival_of_the_city() -> None:
    query = understand("曲靖2020年工业总产值是多少？")
    told = evidence(
        "2020年，曲靖工业总产值为997亿元。", "2020年，曲靖的园区完成投资202亿元，实现的工业总产值为862亿元。"
    )
    first = pick(query, told[:1])
    assert first is not None
    assert rivals(query, first, told) == ()


def test_enterprises_above_scale_and_all_are_told_apart() -> None:
    told = "2020年，曲靖工业总产值实现997亿元，其中规模以上工业总产值757亿元。"
    assert picked("曲靖2020年规上工业总产值是多少？", told) == "757亿元"
    assert picked("曲靖2020年工业总产值是多少？", told) == "997亿元"


def test_the_first_aim_and_the_one_strived_for_are_told_apart() -> None:
    told = "到2025年，曲靖硅产业产值达35亿元，力争突破50亿元。"
    assert picked("曲靖硅产业2025年产值力争达到多少？", told) == "50亿元"
    assert picked("曲靖硅产业2025年产值至少要达到多少？", told) == "35亿元"
    assert picked("曲靖硅产业2025年产值（不含力争）是多少？", told) == "35亿元"
    assert picked("曲靖硅产业2025年的力争目标是多少亿？", told.replace("50亿元", "50亿")) == "50亿"


def test_things_are_counted_in_other_words() -> None:
    assert picked("曲靖平台推出多少种金融产品？", "曲靖平台推出170余项金融产品。") == "170余项"


def test_what_there_was_before_is_not_what_there_is() -> None:
    told = "曲靖的硅业占比，“十二五”末是61.5%，现在降到44%。"
    assert picked("曲靖的硅业占比是多少？", told) != "61.5%"


def test_a_figure_behind_the_sentence_that_names_the_firm_is_of_the_firm() -> None:
    told = passage("麟湖酿酒公司今年满产。", "总投资28亿元的“酿酒新技术项目”已经投产。")
    apart = passage("麟湖酿酒公司今年满产。", "总投资28亿元的“茶叶新技术项目”已经投产。")
    for whole, expected in ((told, "28亿元"), (apart, None)):
        one = pick(understand("麟湖酿酒的总投资是多少？"), [Evidence(whole, whole.sentences[1], 1.0)])
        assert (one.figure.text if one else None) == expected
