"""conclusion.py: how many of a list, where each has a sentence of its own."""

from __future__ import annotations

import pytest
from told import passage, selected

from assistant.conclusion import concluded
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
