"""The damage generator and what it measures: no character invented or lost, and the shares mean what they say."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evals.damage import KINDS, Damaged, damage, main, recovery, trials
from evals.recovery import Clean, characters, figures_intact, read_clean, sentences_recovered, subjects
from index import Report, repair

TEXT = """# 彝良：园区提质增效

日期：2024年1月

## 工业发展

彝良县去年新开工工业项目十二个，建成投产七个，完成投资18.6亿元，同比增长9.5%。园区新建标准厂房3.2万平方米，引进装备制造企业12户。

县里还出台“工业二十条”，推进“企业满园”，为企业减免税费1,250万元，帮助38户企业升级纳规。

## 农业和就业

全县种植天麻三万亩，建成加工厂两座，带动群众就业三千余人。今年，彝良将再建两个园区，力争产值突破120亿元。

# 威信：方竹铺就富路

日期：2023年12月

## 方竹产业

威信县今年种植方竹三万亩，建成加工厂两座，综合产值达到4.7亿元。合作社与农户签订“保底”协议，保底收购价每公斤6元。

## 城市品质

县城推进“一城三园”，改造老旧小区67个，新建口袋公园68个、充电站14座，市民的生活更加便利。
"""
REPORT = Report("样例.md", TEXT, "0" * 64)
ARTICLES = read_clean(REPORT)


def _repaired(broken: Damaged) -> list[str]:
    report = Report("样例.txt", broken.text, "0" * 64, pages=broken.pages)
    return [s.text for article in repair(report) for s in article.sentences]


def test_clean_articles_are_read_as_they_stand() -> None:
    assert [(a.title, a.place, a.date) for a in ARTICLES] == [
        ("彝良：园区提质增效", "彝良", "2024-01"), ("威信：方竹铺就富路", "威信", "2023-12"),
    ]  # fmt: skip
    assert [unit.kind for unit in ARTICLES[1].units] == ["title", "credit", "heading", "text", "heading", "text"]
    assert all("".join(ARTICLES[0].sentences).count(s) == 1 for s in ARTICLES[0].sentences)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_alone_is_repaired(kind: str) -> None:
    found = recovery(ARTICLES, (kind,), seeds=(1, 2))
    assert min(found.sentences, found.recall, found.precision, found.figures) >= 0.9
    assert min(found.title, found.place, found.date) == 1.0


def test_every_kind_breaks_something_and_the_seed_tells_what() -> None:
    whole = [damage(ARTICLES, (), Random(seed)).text for seed in range(5)]
    for kind in set(KINDS) - {"several"}:
        assert [damage(ARTICLES, (kind,), Random(seed)).text for seed in range(5)] != whole, kind
    assert trials(ARTICLES, KINDS, 7) == trials(ARTICLES, KINDS, 7) != trials(ARTICLES, KINDS, 8)
    assert [len(one.articles) for one in trials(ARTICLES, ("several",), 1)] == [2, 2]


@given(st.sets(st.sampled_from(sorted(KINDS))), st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_no_character_is_invented_or_lost(kinds: set[str], seed: int) -> None:
    broken = damage(ARTICLES, sorted(kinds), Random(seed))
    report = Report("样例.txt", broken.text, "0" * 64, pages=broken.pages)
    spans = [span for article in repair(report) for s in article.sentences for span in s.spans]
    covered = sorted(i for span in spans for i in range(span.start, span.end))
    assert len(covered) == len(set(covered))
    missing = set(range(len(broken.text))) - set(covered)
    assert "".join(sorted({broken.text[i] for i in missing})).strip(" \n#*-0123456789") == ""
    assert set("".join(_repaired(broken))) <= set(broken.text) | set("，；：？！（）。 ")


def test_sentences_recovered() -> None:
    assert sentences_recovered(["一句。", "二句。", "一句。"], ["一句。", "二句", "三句。"]) == pytest.approx(1 / 3)
    assert sentences_recovered(["“新”区。"], ["新”区。"]) == 1.0
    assert sentences_recovered(["2023年。"], ["2023 年。"]) == 0.0


def test_characters_in_order() -> None:
    assert characters("甲乙丙丁", "甲乙丙丁") == (1.0, 1.0)
    assert characters("甲乙丙丁", "丙丁甲乙") == (0.5, 0.5)
    assert characters("甲乙丙丁", "甲 乙\n戊己") == (0.5, 0.5)
    assert characters("甲乙", "") == (0.0, 1.0)


def test_figures_intact() -> None:
    assert figures_intact(["投资3.86亿元，增长8%。"], ["投资3.86", "亿元，增长8%。"]) == 0.5
    assert figures_intact(["没有数字。"], []) == 1.0


def test_subjects() -> None:
    clean = Clean("彝良：甲", "彝良", "2023", (), ("近年来全县工业投资稳步增长。", "园区建设加快推进成效显著。"))
    (article,) = repair(Report("甲.txt", "# 彝良：甲\n\n近年来全县工业投资稳步增长。\n", "0" * 64))
    assert subjects([clean], [replace(article, date="2022")]) == (0.5, 0.5, 0.0)
    assert subjects([clean], [replace(article, title="乙", place="威信", date="2023")]) == (0.0, 0.0, 0.5)


def test_the_table_is_printed(tmp_path: object, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path)]) == 1
    assert "没有可用的报告" in capsys.readouterr().err
