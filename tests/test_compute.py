"""Results are computed, never guessed."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.compute import Operand, about, conclude, operation
from assistant.figures import find_figures


def operand(label: str, text: str) -> Operand:
    return Operand(label, find_figures(text)[0])


def operands(*texts: str) -> list[Operand]:
    return [Operand(name, find_figures(text)[0]) for name, text in zip("甲乙丙", texts, strict=False)]


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("甲乙合计多少？", "sum"),
        ("甲是乙的多少倍？", "ratio"),
        ("甲比乙高多少？", "difference"),
        ("甲和乙哪个多？", "rank"),
        ("甲和乙分别是多少？", None),
    ],
)
def test_operation(question: str, asked: str | None) -> None:
    assert operation(question) == asked


def test_results_with_their_formulas() -> None:
    assert conclude("合计多少？", operands("1.5亿元", "0.25亿元")) == "合计1.75亿元（1.5亿元＋0.25亿元）。"
    assert conclude("相差多少？", operands("95户", "188户")) == "乙比甲多93户（188户−95户）。"
    assert conclude("甲比乙高多少？", operands("14.8%", "9.3%")) == "甲比乙高5.5个百分点（14.8%−9.3%）。"
    assert conclude("甲占乙的比例？", operands("30亿元", "120亿元")) == "占比为25%（30亿元÷120亿元）。"
    assert conclude("甲减去乙是多少？", operands("169亿元", "86.3亿元")) == "相减得82.7亿元（169亿元−86.3亿元）。"
    assert conclude("平均每户产值多少？", operands("520亿元", "95户")) == "平均每户约5.47亿元（520亿元÷95户）。"
    assert conclude("甲是乙的几倍？", operands("30户", "12户")) == "甲是乙的2.5倍（30户÷12户）。"
    both = conclude("甲比乙多多少户，是后者的几倍？", operands("30户", "12户"))
    assert both == "甲比乙多18户（30户−12户）；甲是乙的2.5倍（30户÷12户）。"
    assert conclude("哪个快，快几个百分点？", operands("4.5%", "3.5%")) == "甲比乙高1个百分点（4.5%−3.5%）。"
    assert conclude("哪个更多？", operands("30户", "12户")) == "甲更多：甲30户，乙12户。"
    assert conclude("哪个少？", operands("30户", "12户")) == "乙更少：乙12户，甲30户。"
    assert conclude("哪个多？", operands("30户", "30户")) == "甲、乙相同，都是30户。"


@pytest.mark.parametrize("texts", [("30户", "12亿元"), ("30户",), ("3—5户", "4户")])
def test_nothing_is_computed_from_what_does_not_compare(texts: tuple[str, ...]) -> None:
    assert conclude("相差多少？", operands(*texts)) == ""


@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_differences_are_exact(one: int, other: int) -> None:
    text = conclude("相差多少？", operands(f"{one / 10}亿元", f"{other / 10}亿元"))
    if one == other:
        assert text.startswith("两者相同")
        return
    result = find_figures(text)[0]
    assert result.value == abs(Decimal(one) - Decimal(other)) * 10**7


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("甲的产值占全市的比重是多少？", "share"),
        ("平均每户企业的产值是多少？", "average"),
        ("甲的户数减去乙的户数是多少？", "less"),
        ("产值距离目标还差多少？", "less"),
        ("计划的项目还有多少个没有开工？", "less"),
        ("两地一共多少户？", "sum"),
        ("甲占全市的比重与乙相差几个百分点？", "difference"),
        ("哪个园区的面积最小？", "rank"),
        ("已开工的项目里有百分之几投产了？", "share"),
        ("甲的产值是什么？", None),
    ],
)
def test_more_operations(question: str, asked: str | None) -> None:
    assert operation(question) == asked


def test_what_is_left_may_be_less_than_nothing() -> None:
    assert conclude("还差多少？", operands("3亿元", "3.5亿元")) == "相减得-0.5亿元（3亿元−3.5亿元）。"
    assert conclude("甲减去乙还剩多少？", operands("20户", "20户")) == "相减得0户（20户−20户）。"


def test_a_share_is_of_something_larger() -> None:
    assert conclude("甲占乙的比重？", operands("1亿元", "3亿元")) == "占比约为33.3%（1亿元÷3亿元）。"
    assert conclude("甲占乙的比重？", operands("5000万元", "2亿元")) == "占比为25%（5000万元÷2亿元）。"
    assert conclude("甲占乙的比重？", operands("3亿元", "1亿元")) == ""
    assert conclude("甲占乙的比重？", operands("3亿元", "10户")) == ""


def test_a_mean_needs_a_count() -> None:
    assert conclude("平均每户产值多少？", operands("9亿元", "1200户")) == "平均每户约75万元（9亿元÷1200户）。"
    assert conclude("平均每户收入多少？", operands("90元", "12户")) == "平均每户约7.5元（90元÷12户）。"
    assert conclude("平均每户产值多少？", operands("9亿元", "3亿元")) == ""
    assert conclude("平均每户产值多少？", operands("9亿元", "0户")) == ""
    assert conclude("平均每户产值多少？", operands("9亿元", "3户", "4户")) == ""


def test_equal_figures_are_said_to_be_equal() -> None:
    assert conclude("相差多少？", operands("30户", "30户")) == "两者相同，都是30户。"
    assert conclude("相差多少？", operands("0.5亿元", "5000万元")) == "两者相同，都是0.5亿元。"
    assert conclude("哪个多？", operands("30户", "30户", "12户")) == "甲、乙最多：甲、乙30户，丙12户。"
    assert conclude("谁的增速最低？", operands("3%", "5%", "4%")) == "甲最低：甲3%，乙5%、丙4%。"


@given(st.lists(st.integers(0, 10**9), min_size=2, max_size=3))
def test_sums_are_exact(tenths: list[int]) -> None:
    found = conclude("合计多少？", operands(*(f"{n / 10}万元" for n in tenths)))
    assert find_figures(found)[0].value == sum(tenths) * 1000


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_what_is_left_is_exact(one: int, other: int) -> None:
    found = conclude("甲减去乙是多少？", operands(f"{one}户", f"{other}户"))
    assert found == f"相减得{one - other}户（{one}户−{other}户）。"


@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_a_share_is_rounded_to_the_tenth_of_a_per_cent(part: int, rest: int) -> None:
    found = conclude("甲占乙的比重？", operands(f"{part}元", f"{part + rest}元"))
    share = find_figures(found)[0].value
    assert share is not None
    assert 0 <= share <= 100
    exact = Decimal(part) * 100 / (part + rest)
    assert abs(share - exact) <= (Decimal("0.05") if exact >= 1 else Decimal("0.005"))
    assert ("约" in found) == (share != exact)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("3602.1127", "3602元"),
        ("494.7368", "494.7元"),
        ("4.9462", "4.95元"),
        ("36021127", "3602万元"),
        ("0.4", "0.4元"),
    ],
)
def test_a_quotient_has_no_more_digits_than_what_it_comes_of(value: str, said: str) -> None:
    assert about(Decimal(value), "元") == said


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("甲市规上企业数比乙市高出多少户？", "difference"),
        ("甲市和乙市的产值谁更多，差了多少？", "difference"),
        ("计划新开工的项目里还有几个没动工？", "less"),
        ("甲占比例和乙的强度比，差几个百分点？", "difference"),
        ("风险基金和周转资金，两笔加一块儿是多少钱？", "sum"),
        ("甲的产值目标（不算力争的）是多少？", None),
        ("全部建成后，甲还占多少GWh？", None),
        ("甲占了多少亿元？", None),
    ],
)
def test_operations_in_other_words(question: str, asked: str | None) -> None:
    assert operation(question) == asked


def test_of_two_shares_none_is_a_share_of_the_other() -> None:
    told = [Operand(name, find_figures(text)[0]) for name, text in (("泸州", "25.2%"), ("遵义", "36.5%"))]
    said = conclude("工业占经济总量的比重，泸州和遵义各是多少？哪边更高？", told)
    assert said.startswith("遵义更高")
    assert "÷" not in said


def test_the_change_of_each_year_between_two() -> None:
    asked = "从2020年到2023年，泸州白酒产值平均每年增加多少？"
    rise = [operand("泸州2020年白酒产值", "30亿元"), operand("泸州2023年白酒产值", "80亿元")]
    assert conclude(asked, rise) == "平均每年增加约16.67亿元（（80亿元−30亿元）÷3年）。"
    fall = [operand("泸州2023年白酒产值", "60亿元"), operand("泸州2020年白酒产值", "90亿元")]
    assert conclude(asked, fall) == "平均每年减少约10亿元（（90亿元−60亿元）÷3年）。"
    assert conclude(asked, [operand("泸州白酒产值", "30亿元"), operand("泸州2023年白酒产值", "80亿元")]) == ""


def test_growth_of_a_year_is_compounded() -> None:
    asked = "从2020年到2022年，产值年均增长百分之几？"
    assert operation(asked) == "compound"
    assert operation("从2020年到2022年，产值年均增加多少亿元？") == "yearly"
    assert operation("“十三五”年均增速是多少？") != "compound"
    assert operation("2023年的增速比2026年的年均增速目标高出几个百分点？") == "difference"
    told = [operand("2020年产值", "100亿元"), operand("2022年产值", "121亿元")]
    assert conclude(asked, told) == "年均增长约10%（（121亿元÷100亿元）的2次方根−1）。"
    fallen = [operand("2020年产值", "100亿元"), operand("2022年产值", "81亿元")]
    assert conclude(asked, fallen) == "年均下降约10%（（81亿元÷100亿元）的2次方根−1）。"
    assert conclude(asked, [told[0]]) == ""


def test_growth_between_two_years_is_of_the_earlier() -> None:
    later, earlier = operand("青河2025年产值目标", "118亿元"), operand("青河2023年产值目标", "95亿元")
    asked = "青河的产值从2023年的目标到2025年的目标，增长百分之几？"
    assert operation(asked) == "growth"
    assert operation("青河2025年的产值，比2023年增长了百分之几？") == "growth"
    for order in ([later, earlier], [earlier, later]):
        assert conclude(asked, order) == "增长约24.2%（（118亿元−95亿元）÷95亿元）。"
    fallen = [operand("青河2023年产值", "100亿元"), operand("青河2025年产值", "80亿元")]
    assert conclude(asked, fallen) == "下降约20%（（100亿元−80亿元）÷100亿元）。"
    assert conclude(asked, [operand("青河2023年占比", "20%"), operand("青河2025年占比", "30%")]) == ""


def test_what_limits_a_figure_stays() -> None:
    one, other = Operand("甲", find_figures("超过40%")[0]), Operand("乙", find_figures("35%左右")[0])
    assert conclude("哪个更高？", [one, other]) == "甲更高：甲超过40%，乙35%左右。"
    assert conclude("甲比乙高多少？", [one, other]) == "甲比乙高约5个百分点（40%−35%）。"
