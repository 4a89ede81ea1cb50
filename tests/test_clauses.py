"""clauses.py: the words, the clause and the period that belong to one figure of a sentence; query.py's labels."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.clauses import CLAUSE, PIECE, bounds, governing, local_words, without_subject
from assistant.figures import FoundFigure, find_figures
from assistant.periods import find_periods
from assistant.query import core
from assistant.rewrite import understand


def figure(text: str, written: str) -> FoundFigure:
    return next(f for f in find_figures(text) if f.text == written)


@pytest.mark.parametrize(
    ("text", "written", "period"),
    [
        ("2020年，园区产值为12亿元", "12亿元", "2020年"),  # the clause before
        ("2018年产值9亿元，2020年产值12亿元", "9亿元", "2018年"),
        ("2018年产值9亿元，2020年产值12亿元", "12亿元", "2020年"),
        ("产值突破80亿元（2025年），2020年仅30亿元", "80亿元", "2025年"),  # behind it in its clause
        ("产值突破80亿元（2025年），2020年仅30亿元", "30亿元", "2020年"),
        ("2020年，产值12亿元，比2018年增加3亿元", "3亿元", "2020年"),  # what it is compared with is not its own
        ("较2018年增加3亿元", "3亿元", ""),
        ("产值12亿元，预计2025年翻番", "12亿元", ""),  # the clause behind is another's
        ("园区产值12亿元", "12亿元", ""),
    ],
)
def test_the_period_of_a_figure(text: str, written: str, period: str) -> None:
    found = governing(find_periods(text), text, figure(text, written))
    assert (found.text if found else "") == period


@pytest.mark.parametrize(
    ("text", "written", "near", "far"),
    [
        ("园区有企业42户、平台7个，产值9亿元", "42户", "企业", "平台"),
        ("园区有企业42户、平台7个，产值9亿元", "7个", "平台", "企业"),
        ("园区有企业42户、平台7个，产值9亿元", "9亿元", "产值", "平台"),
        ("建成42户企业，引进7个平台", "7个", "平台", "企业"),
        ("建成企业42户和平台7个", "7个", "平台", "企业"),
        ("茶园（含山地）3万亩，加工厂（不含作坊）5座", "5座", "加工厂", "茶园"),
    ],
)
def test_the_words_that_say_what_is_counted(text: str, written: str, near: str, far: str) -> None:
    words = local_words(text, figure(text, written))
    assert near in words
    assert far not in words


def test_words_leave_places_and_periods_out() -> None:
    assert without_subject("泸州市2020年白酒产值") == "，，白酒产值"
    assert "泸州" not in local_words("泸州2020年酒产量3万吨", figure("泸州2020年酒产量3万吨", "3万吨"))
    assert without_subject("白酒产值") == "白酒产值"


def test_a_clause_holds_several_pieces() -> None:
    text = "其中，园区（含港口）有企业42户、平台7个；产值9亿元。"
    one = figure(text, "42户")
    assert text[slice(*bounds(text, one, CLAUSE))] == "园区（含港口）有企业42户、平台7个"
    assert text[slice(*bounds(text, one, PIECE))] == "有企业42户"
    last = figure("产值9亿元", "9亿元")
    assert bounds("产值9亿元", last, CLAUSE) == (0, 5)


@given(st.text(alphabet="园区产值，、。（）；2020年3亿元户5%比较", max_size=40))
def test_a_figure_lies_within_its_piece_and_that_within_its_clause(text: str) -> None:
    for one in find_figures(text):
        clause, piece = bounds(text, one, CLAUSE), bounds(text, one, PIECE)
        assert clause[0] <= piece[0] <= one.start
        assert one.end <= piece[1] <= clause[1]
        assert not CLAUSE.search(text[clause[0] : one.start])


@pytest.mark.parametrize(
    ("question", "label"),
    [
        ("泸州2020年白酒产值是多少？", "泸州2020年白酒产值"),
        ("泸州的白酒企业有多少户？", "泸州的白酒企业"),
        ("泸州白酒园区的目标是什么？", "泸州白酒园区的目标"),
        ("泸州有哪些？", "泸州"),
        ("泸州白酒产值", "泸州白酒产值"),
    ],
)
def test_the_label_is_the_question_without_its_asking(question: str, label: str) -> None:
    assert core(question) == label
    assert understand(question).label == label
