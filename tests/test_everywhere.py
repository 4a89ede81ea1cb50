"""everywhere.py: for a question to all reports, the sentence of each place."""

from __future__ import annotations

from dataclasses import replace

from told import passage

from assistant.everywhere import of_each_place, select_everywhere, told_apart
from assistant.rewrite import understand
from assistant.schema import Evidence, Hit
from assistant.selection import Selection

TOLD = (
    passage("眼下，泸州的规上企业有410户，酒企占八成。", "泸州还想把规上企业做到900户。", source="甲.md"),
    passage("遵义有规模以上工业企业70户。", place="遵义", source="乙.md"),
    passage("德阳力争“十四五”末规上企业达到800户。", place="德阳", source="丙.md"),
)


def asked(question: str) -> dict[str, str]:
    found = select_everywhere(understand(question), [Hit(p, 1.0) for p in TOLD], {})
    return {selection.query.places[0]: selection.evidence[0].sentence.text for selection in found}


def test_which_has_most_is_told_by_what_there_is_not_by_aims() -> None:
    found = asked("哪个城市的规上企业最多？")
    assert set(found) == {"泸州", "遵义"}
    assert "410户" in found["泸州"]
    assert asked("各城市中规上企业数量最少的是哪个？") == found


def test_enterprises_above_scale_are_industrial_ones() -> None:
    assert set(asked("各城市的规上工业企业户数分别是多少，哪个最多？")) == {"泸州", "遵义"}


def test_who_speaks_of_it_may_aim_at_it() -> None:
    assert set(asked("哪些城市提到了规上企业？")) == {"泸州", "遵义", "德阳"}


def test_a_name_in_quotation_marks_may_be_typed_with_a_space() -> None:
    told = passage("泸州大力实施“园区提质、企业满园”行动。")
    query = understand("哪些地方提了“园区提质 企业满园”？")
    assert select_everywhere(query, [Hit(told, 1.0)], {})


def test_a_figure_asked_for_everywhere_is_asked_of_each_place() -> None:
    hits = [Hit(p, 1.0) for p in TOLD]
    asked_of = of_each_place(understand("五份材料里，报出现有规上企业总户数的有哪几个地方，由多到少排一下？"), hits)
    assert [one.text for one in asked_of] == [f"{place}规上企业有多少户？" for place in ("泸州", "遵义", "德阳")]
    assert {one.unit for one in asked_of} == {"户"}
    (any_count, *_) = of_each_place(understand("各城市绿色工厂数量分别是多少？"), hits)
    assert any_count.text == "泸州绿色工厂有多少个？"
    assert not of_each_place(understand("哪些地方提到了规上企业？"), hits)
    assert not of_each_place(understand("哪些地方定了规上企业户数的目标，各是多少户？"), hits)


def test_what_is_aimed_at_is_not_there() -> None:
    query = understand("规上企业有多少户？")
    told = [Selection(replace(query, places=(p.place,)), (Evidence(p, p.sentences[0], 1.0),)) for p in TOLD]
    assert [one.query.places for one in told_apart(told)] == [("泸州",), ("遵义",)]
    assert not told_apart(told[1:])  # one alone is none of several
    assert not told_apart([told[0], told[0]])  # the same figure twice


def test_words_that_any_report_holds_are_no_alternative() -> None:
    told = (passage("泸州布局动力电池项目。"), passage("遵义的重点项目很多。", place="遵义", source="乙.md"))
    query = understand("哪些地方的报道提到了动力电池方面的项目、材料？请把五份报告都查一遍。")
    found = select_everywhere(query, [Hit(p, 1.0) for p in told], {})
    assert [selection.query.places for selection in found] == [("泸州",)]
