"""events.py: the times that sentences give events, and which was the earlier."""

from __future__ import annotations

import pytest
from told import passage

from assistant.events import closing, earlier, event_of, lasting, time_of
from assistant.rewrite import understand
from assistant.schema import Evidence
from assistant.selection import Selection

ASKED = "泸州酒厂启动搬迁与遵义酒庄落户，哪件事更早？早几年？"


def evidence(text: str, date: str = "2021-03") -> Evidence:
    here = passage(text, date=date)
    return Evidence(here, here.sentences[0], 1.0)


def told(*sentences: str) -> str:
    parts = understand(ASKED).parts
    return earlier([Selection(part, (evidence(text),)) for part, text in zip(parts, sentences, strict=True)])


def test_the_parts_ask_for_times() -> None:
    parts = understand(ASKED).parts
    assert [event_of(part) for part in parts] == ["泸州酒厂启动搬迁", "遵义酒庄落户"]
    assert event_of(understand("泸州酒厂什么时候启动搬迁？")) == ""


def test_years_are_counted() -> None:
    said = told("2006年，泸州酒厂启动搬迁。", "遵义酒庄于2010年落户。")
    assert said == "泸州酒厂启动搬迁更早：泸州酒厂启动搬迁在2006年，遵义酒庄落户在2010年，早4年。"


def test_years_and_a_month_are_counted_roughly() -> None:
    assert told("2006年，泸州酒厂启动搬迁。", "遵义酒庄于2020年7月落户。").endswith("早约14年。")


def test_the_other_may_be_the_earlier_and_months_are_no_years() -> None:
    said = told("2020年7月，泸州酒厂启动搬迁。", "今年2月，遵义酒庄落户。")
    assert said == "泸州酒厂启动搬迁更早：泸州酒厂启动搬迁在2020年7月，遵义酒庄落户在今年2月（2021年）。"
    assert told("今年2月，泸州酒厂启动搬迁。", "遵义酒庄于2020年7月落户。").startswith("遵义酒庄落户更早：")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("2020年，泸州酒厂启动搬迁。", "2020年7月，遵义酒庄落户。"),  # within that year
        ("泸州酒厂启动搬迁。", "2020年7月，遵义酒庄落户。"),  # without a time
        ("2019年，高粱丰收。", "2020年7月，遵义酒庄落户。"),  # of something else
    ],
)
def test_where_nobody_can_tell_nothing_is_said(first: str, second: str) -> None:
    assert told(first, second) == ""


def test_the_time_is_that_of_the_clause_with_the_event() -> None:
    text = "2015年园区设立，2018年酒厂启动搬迁，2020年投产。"
    found = time_of("酒厂启动搬迁", evidence(text))
    assert found
    assert found.text == "2018年"


@pytest.mark.parametrize(
    ("question", "line", "said"),
    [
        ("泸州酒会哪天开幕，按会期推算哪天闭幕？", "2020年11月29日，为期3天的酒会在泸州开幕。",
         "最后一天是12月1日（2020年11月29日起，为期3天）。"),
        ("泸州酒会的最后一天是几号？", "酒会2020年3月5日开幕，会期两天。",
         "最后一天是3月6日（2020年3月5日起，会期两天）。"),
        ("泸州酒会哪天开幕？", "2020年11月29日，为期3天的酒会在泸州开幕。", ""),
        ("泸州酒会哪天闭幕？", "2020年11月29日，酒会在泸州开幕。", ""),
        ("泸州酒会哪天闭幕？", "2020年11月，为期3天的酒会在泸州开幕。", ""),
    ],
)  # fmt: skip
def test_the_last_day_of_what_lasts_some_days(question: str, line: str, said: str) -> None:
    assert closing(Selection(understand(question), (evidence(line),))) == said


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("从遵义酒庄落户算起，到2023年一共过去了多少年？", "到2023年有13年（从2010年算起）。"),
        ("从遵义酒庄落户到现在有几年了？", "到2021年有11年（从2010年算起）。"),  # the report is of 2021
        ("遵义酒庄落户是什么时候？", ""),
        ("从遵义酒庄落户算起，到2009年过去了多少年？", ""),
    ],
)
def test_years_that_have_passed_are_counted(question: str, said: str) -> None:
    query = understand(question)
    assert query.kind == "when"
    assert lasting(Selection(query, (evidence("遵义酒庄于2010年落户。"),))) == said
