"""conclusion.py: how many of a list, where each has a sentence of its own."""

from __future__ import annotations

import pytest
from told import passage, selected

from assistant.conclusion import concluded, of_result_alone, to_take_apart
from assistant.rewrite import understand
from assistant.selection import Selection
from assistant.service import SentenceSimilarity
from index import Embedder


@pytest.fixture(scope="module")
def alike(embedder: Embedder) -> SentenceSimilarity:
    return SentenceSimilarity(embedder)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("泸州到2026年“力争突破50亿元”的产业一共有几个？是哪些？", "报告里找到2个。"),
        ("泸州到2026年力争突破50亿元以上的产业有几个？是哪些？", "报告里找到3个。"),
        ("泸州到2026年“力争突破50亿元”的产业是哪些？", ""),  # nobody asked how many
    ],
)
def test_how_many_there_are(alike: SentenceSimilarity, question: str, said: str) -> None:
    aims = (("酿酒", 50), ("机械", 50), ("能源", 90))
    whole = passage(*(f"到2026年，泸州{one}产业产值要有20亿元，力争突破{n}亿元。" for one, n in aims))
    found = selected(alike, question, whole)
    assert concluded(found.query, [found], []) == said


@pytest.mark.parametrize(
    ("question", "by_model"),
    [
        ("同样是酒城：泸州和遵义，谁的已经建成了，谁的还在打造？", True),
        ("泸州和遵义2020年的白酒产业产值相差多少？", False),  # the rules find both, with their measure
        ("2022年泸州白酒产值占工业总产值的比重是多少？", False),
        ("泸州2021年争取到多少补贴？相当于前一年的几倍？", False),  # of one place and time
        ("泸州的白酒产值是多少？", False),
    ],
)
def test_the_model_takes_apart_what_the_rules_leave_unclear(question: str, by_model: bool) -> None:
    assert to_take_apart(understand(question)) is by_model


@pytest.mark.parametrize(
    ("question", "alone"),
    [
        ("泸州2022年的白酒产值，比2021年增长了百分之几？", True),
        ("泸州2022年的白酒产值比2021年多多少，各是多少？", False),
        ("泸州2022年的白酒产值是多少，比2021年的白酒产值多多少？", False),
        ("泸州和遵义的白酒产值合计多少？", True),
        ("泸州与遵义，谁的白酒产值更高？", True),
        ("泸州与遵义的白酒产值各是多少，谁更高？", False),
    ],
)
def test_whether_anything_but_the_result_is_asked_for(question: str, alone: bool) -> None:
    query = understand(question)
    assert query.parts
    missing = [Selection(query.parts[-1], (), ("period",))]
    assert of_result_alone(query, missing) is alone
