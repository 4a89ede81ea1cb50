"""greatest.py: which industry, or zone, of a place has most is asked of each that is named beside a figure."""

from __future__ import annotations

from dataclasses import replace

import pytest
from told import passage

from assistant.conclusion import _labels, concluded
from assistant.everywhere import told_apart
from assistant.evidence import select
from assistant.greatest import asks_greatest, of_each_sort
from assistant.part_figures import pick_each
from assistant.rewrite import understand
from assistant.schema import Hit
from assistant.service import SentenceSimilarity
from index import Embedder

INDUSTRIES = passage(
    "计划到2025年，届时泸州机械制造产业产值达到60亿元，力争突破90亿元。",
    "通过深化绿色食品产业发展，计划到2025年，绿色食品产业产值达到65亿元，力争突破70亿元。",
    "泸州将发展特色产业，到2025年建成3个基地。",
    "到2025年，泸州工业总产值力争突破700亿元。",
)
HITS = [Hit(INDUSTRIES, 1.0)]


@pytest.mark.parametrize(
    ("question", "measure"),
    [
        ("泸州哪个产业2025年的产值目标最高？", "产值目标"),
        ("泸州2025年产值目标最低的产业是哪个？", "产值目标"),
        ("泸州各产业2025年的产值目标中，力争值最高的是哪个产业、多少？", "力争产值"),
        ("泸州的几个产业里，2025年力争目标最大的是谁？", "力争目标"),
    ],
)
def test_each_industry_with_a_figure_is_asked_about(question: str, measure: str) -> None:
    found = [one.text for one in of_each_sort(understand(question), HITS)]
    assert found == [f"泸州{name}产业2025年{measure}是多少？" for name in ("机械制造", "绿色食品")]


@pytest.mark.parametrize(
    "question",
    [
        "哪个城市的规上企业最多？",  # of all reports
        "泸州机械制造产业和绿色食品产业，哪个产值目标更高？",  # named
        "泸州哪个产业最有前途？",  # in no measure
        "泸州2025年的产值目标最高是多少？",
    ],
)
def test_other_questions_are_not_asked_so(question: str) -> None:
    assert of_each_sort(understand(question), HITS) == ()


def test_zones_are_told_as_well() -> None:
    zones = passage("泸州江阳产业园区2023年产值310亿元。", "高坝工业园区2023年产值42亿元。")
    found = of_each_sort(understand("泸州哪个园区2023年的产值最高？"), [Hit(zones, 1.0)])
    assert [one.text for one in found] == ["泸州江阳产业园区2023年产值是多少？", "泸州高坝工业园区2023年产值是多少？"]
    assert not asks_greatest(found[0])


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("泸州哪个产业2025年的产值目标最高？", "泸州绿色食品产业2025年产值目标更多"),
        ("泸州各产业2025年的产值目标中，力争值最高的是哪个？", "泸州机械制造产业2025年力争产值更多"),
    ],
)
def test_the_greatest_is_told_first(embedder: Embedder, question: str, told: str) -> None:
    query, alike = understand(question), SentenceSimilarity(embedder)
    selections = told_apart(select(one, HITS, {}, alike) for one in of_each_sort(query, HITS))
    found = pick_each([(one.query, one.evidence) for one in selections])
    compared = replace(query, kind="compare", parts=tuple(one.query for one in selections))
    assert concluded(compared, selections, [one for one in found if one]).startswith(told)


def test_of_more_than_two_the_names_alone_are_told() -> None:
    labels = ["甲市酿酒产业2025年产值目标", "甲市机械制造产业2025年产值目标", "甲市绿色食品产业2025年产值目标"]
    parts = [understand(f"{label.replace('甲市', '泸州')}是多少？") for label in labels]
    assert _labels(parts) == ["酿酒产业", "机械制造产业", "绿色食品产业"]
    assert _labels(parts[:2]) == [part.label for part in parts[:2]]
