"""Mistyped characters of a question, put right by the passages found."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.typos import corrected, places_corrected, places_read

TEXTS = ["到2025年，全县农业综合产值达到118亿元。", "规模以上工业企业有95户。"]


def test_a_homophone_between_the_same_neighbours_is_put_right() -> None:
    assert corrected("农业棕合产值", TEXTS) == "农业综合产值"


def test_a_character_that_looks_alike_is_put_right() -> None:
    assert corrected("关键核心技木需求", ["建立关键核心技术需求库。"]) == "关键核心技术需求"


def test_another_word_is_no_typo() -> None:
    assert corrected("规模以下工业企业", TEXTS) == "规模以下工业企业"


def test_what_stands_in_the_texts_is_left_alone() -> None:
    assert corrected("农业综合产值", TEXTS) == "农业综合产值"


def test_two_ways_to_mend_are_none() -> None:
    assert corrected("审批权历清单", ["审批权力清单", "审批权利清单"]) == "审批权历清单"


@settings(deadline=None)  # dictionaries are loaded by the first of them
@given(st.text(alphabet="农业综合产值棕以上下工企户", max_size=20))
def test_the_length_stays(text: str) -> None:
    assert len(corrected(text, TEXTS)) == len(text)


def test_a_character_of_a_word_is_no_typo() -> None:
    assert corrected("工业项目相差多少", ["两县工业项目向差异化发展"]) == "工业项目相差多少"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("高薪区", "高新区"),  # a word that the texts do not have
        ("产直", "产值"),  # no word
        ("云吕新材", "云侣新材"),
        ("qingjie", "清洁"),
        ("Nengyuan", "能源"),
        ("jiying", "jiying"),  # 科技硬件 has no word of that sound
        ("机场", "机场"),  # a word, though the texts have 机厂
        ("以下", "以下"),
        ("各产业", "各产业"),  # though the texts have 个产业
    ],
)
def test_words_that_the_texts_do_not_have_are_read_by_their_sound(typed: str, meant: str) -> None:
    texts = ["高新区产值超过200亿元", "云侣新材发展清洁能源和科技硬件", "老柴油机厂", "规模以上企业", "三个产业"]
    assert corrected(typed, texts) == meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("凃陵规上企业有多少户？", "涪陵规上企业有多少户？"),
        ("乐杉去年的产值", "乐山去年的产值"),
        ("夷良县的总产值", "彝良县的总产值"),
        ("哪里已通高铁？", "哪里已通高铁？"),  # 通 stands in 昭通, 已 does not rhyme
        ("会理凃陵之间", "会理凃陵之间"),  # a place is named: nothing is guessed
        ("绵羊有多少只？", "绵羊有多少只？"),  # a word
        ("算的山葵多少钱？", "算的山葵多少钱？"),  # 的 rhymes with 乐, and is a word
    ],
)
def test_a_mistyped_place_of_the_reports_is_put_right(typed: str, meant: str) -> None:
    assert places_corrected(typed, ["乐山", "绵阳", "涪陵", "昭通", "彝良"]) == meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("yiliang县2025年产值", "彝良县2025年产值"),  # 宜良 is spelled so as well
        ("YiLiangXian有多少人", "彝良有多少人"),
        ("luzhou有多少人", "luzhou有多少人"),  # not of the reports
        ("GDP多少", "GDP多少"),
    ],
)
def test_pinyin_is_of_the_places_of_the_reports(typed: str, meant: str) -> None:
    assert places_read(typed, ["乐山", "绵阳", "彝良"]) == meant
