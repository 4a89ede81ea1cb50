"""Results are computed, never guessed."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.compute import Operand, conclude, operation
from assistant.figures import find_figures


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
    assert conclude("相差多少？", operands("95户", "188户")) == "乙比甲多93户（188户－95户）。"
    assert conclude("甲比乙高多少？", operands("14.8%", "9.3%")) == "甲比乙高5.5个百分点（14.8%－9.3%）。"
    assert conclude("甲占乙的比例？", operands("30亿元", "120亿元")) == "占比为25%（30亿元÷120亿元）。"
    assert conclude("甲减去乙是多少？", operands("169亿元", "86.3亿元")) == "相减得82.7亿元（169亿元－86.3亿元）。"
    assert conclude("平均每户产值多少？", operands("520亿元", "95户")) == "平均每户约5.47亿元（520亿元÷95户）。"
    assert conclude("甲是乙的几倍？", operands("30户", "12户")) == "前者是后者的2.5倍（30户÷12户）。"
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
