"""periods.py: which days a period named in a report means."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.periods import FAR, Period, covers, find_periods, overlaps


def only(text: str, reference: str = "2023-12-27") -> Period:
    periods = find_periods(text, reference=reference)
    assert len(periods) == 1, (text, periods)
    return periods[0]


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2023年", "2023-01-01", "2023-12-31"),
        ("２０２３ 年", "2023-01-01", "2023-12-31"),
        ("位列2023百强榜", "2023-01-01", "2023-12-31"),
        ("到2026年", "2026-01-01", "2026-12-31"),
        ("2023—2027年", "2023-01-01", "2027-12-31"),
        ("2023年12月", "2023-12-01", "2023-12-31"),
        ("2024年2月", "2024-02-01", "2024-02-29"),
        ("2023年11月22日至26日", "2023-11-22", "2023-11-26"),
        ("2023-12-26", "2023-12-26", "2023-12-26"),
        ("2023年上半年", "2023-01-01", "2023-06-30"),
        ("2023年第二季度", "2023-04-01", "2023-06-30"),
        ("2023年前三季度", "2023-01-01", "2023-09-30"),
        ("2020年底", "2020-12-01", "2020-12-31"),
        ("2022年以来", "2022-01-01", "2023-12-27"),
        ("“十四五”时期", "2021-01-01", "2025-12-31"),
        ("“十四五”末", "2025-01-01", "2025-12-31"),
        ("“十三五”期间", "2016-01-01", "2020-12-31"),
        ("“十二五”末", "2015-01-01", "2015-12-31"),
        ("“十五五”规划", "2026-01-01", "2030-12-31"),
        ("上世纪90年代", "1990-01-01", "1999-12-31"),
    ],
)
def test_absolute_periods(text: str, first: str, last: str) -> None:
    period = only(text)
    assert (period.first, period.last, period.relative) == (first, last, False)
    assert text[period.start : period.end] == period.text


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("今年上半年", "2023-01-01", "2023-06-30"),
        ("今年以来", "2023-01-01", "2023-12-27"),
        ("去年3月", "2022-03-01", "2022-03-31"),
        ("前年", "2021-01-01", "2021-12-31"),
        ("明年", "2024-01-01", "2024-12-31"),
        ("目前", "2023-12-27", "2023-12-27"),
        ("前三季度", "2023-01-01", "2023-09-30"),
        ("1—5月", "2023-01-01", "2023-05-31"),
        ("1月至5月", "2023-01-01", "2023-05-31"),
        ("12月26日", "2023-12-26", "2023-12-26"),
        ("全年", "2023-01-01", "2023-12-31"),
    ],
)
def test_relative_periods_take_the_report_date(text: str, first: str, last: str) -> None:
    period = only(text)
    assert (period.first, period.last, period.relative) == (first, last, True)
    unknown = only(text, "")
    assert (unknown.first, unknown.last, unknown.relative) == ("", "", True)


def test_a_december_day_in_a_report_of_january_is_last_year() -> None:
    assert only("12月26日", "2024-01").first == "2023-12-26"
    assert only("全年", "2024-01").first == "2023-01-01"
    assert only("全年", "2024-03").first == "2024-01-01"
    assert only("今年全年", "2024-01").first == "2024-01-01"
    assert only("1月9日", "2024-01").first == "2024-01-09"


@pytest.mark.parametrize("reference", ["", "2025-01"])
def test_a_month_belongs_to_the_year_named_before_it_in_its_sentence(reference: str) -> None:
    periods = find_periods("2023年2月签约，5月投产，全年增长。", reference=reference)
    assert [p.first for p in periods] == ["2023-02-01", "2023-05-01", "2023-01-01"]
    assert not any(p.relative for p in periods)
    later = find_periods("2023年签约。5月投产。", reference="2025-06")[1]
    assert (later.first, later.relative) == ("2025-05-01", True)


def test_an_open_end_without_a_date_is_far() -> None:
    assert only("2022年以来", "").last == FAR


@pytest.mark.parametrize(
    "text", ["2个月", "未来5年", "2000亿元", "2000户企业", "第三产业", "三年行动", "五年倍增", "20户"]
)
def test_durations_and_amounts_are_no_periods(text: str) -> None:
    assert find_periods(text, reference="2023") == ()


def test_covers_and_overlaps() -> None:
    year, half, next_year = only("2023年"), only("2023年上半年"), only("2024年")
    unknown = only("今年", "")
    assert covers(year, half)
    assert not covers(half, year)
    assert overlaps(year, half)
    assert not overlaps(year, next_year)
    assert not covers(unknown, unknown)
    assert not overlaps(unknown, year)


@settings(deadline=None)
@given(
    st.text(alphabet="0123456789年月日今去前上下半季度至—-十三四五末初底以来，。 \n", max_size=30),
    st.sampled_from(["", "2023", "2023-12", "2023-12-27"]),
)
def test_any_text_gives_ordered_periods_inside_it(text: str, reference: str) -> None:
    periods = find_periods(text, reference=reference)
    for period in periods:
        assert text[period.start : period.end] == period.text
        assert period.first <= period.last
        assert not period.first or re.fullmatch(r"\d{4}-\d\d-\d\d", period.first)
    assert all(a.end <= b.start for a, b in pairwise(periods))


def test_before_a_year_is_not_the_year_before_last() -> None:
    assert [p.text for p in find_periods("2026年之前年均增长12%")] == ["2026年"]
    assert [p.text for p in find_periods("前年增长12%")] == ["前年"]
