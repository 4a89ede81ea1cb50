"""The figures of the parts of a question: what the model read of each, and what the rules found."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from told import passage, selected

from assistant.asked import Picked, pick
from assistant.chain import _read_or_picked
from assistant.figures import find_figures
from assistant.part_figures import led_by, of_more, tells_share
from assistant.rewrite import understand
from assistant.schema import Evidence
from assistant.service import SentenceSimilarity
from index import Embedder


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("泸州规上工业企业有18户。", "95户"),  # of one industry, where the reports tell that of the city
        ("泸州规上工业企业有95户。", "95户"),
    ],
)
def test_what_the_rules_find_clearly_rather_stands(embedder: Embedder, told: str, said: str) -> None:
    line = (
        "目前，泸州市白酒产业的规上工业企业有18户，占全市总户数的两成。",
        "泸州全市规模以上工业企业共有95户。",
    )
    one = passage(*line)
    found = replace(
        selected(SentenceSimilarity(embedder), "泸州的规模以上工业企业有多少户？", one),
        evidence=tuple(Evidence(one, sentence, 1.0) for sentence in one.sentences),
    )
    parts: Any = SimpleNamespace(index=SimpleNamespace(text=lambda source: one.text))
    rules = pick(found.query, found.evidence)
    assert rules
    _, (read,) = _read_or_picked([found], [told], [rules], parts)
    assert read
    assert read.figure.text == said


def test_one_figure_is_not_read_for_two_parts(embedder: Embedder) -> None:
    one = passage("泸州争取技改补贴4.2亿元。")
    found = selected(SentenceSimilarity(embedder), "泸州争取到多少技改补贴？", one)
    parts: Any = SimpleNamespace(index=SimpleNamespace(text=lambda source: one.text))
    draft = "泸州争取技改补贴4.2亿元。"
    _, (first, second) = _read_or_picked([found, found], [draft, draft], [None, None], parts)
    assert first
    assert first.figure.text == "4.2亿元"
    assert second is None


def test_the_sentence_of_the_figure_comes_first(embedder: Embedder) -> None:
    one = passage("泸州园区共有规上企业34户。", "泸州市规上企业有95户。")
    first, second = (Evidence(one, sentence, 1.0) for sentence in one.sentences)
    found = replace(selected(SentenceSimilarity(embedder), "泸州规上企业有多少户？", one), evidence=(first, second))
    rules = pick(found.query, (second,))
    assert led_by(found, rules).evidence == (second, first)
    assert led_by(found, None) == found


@pytest.mark.parametrize(
    ("question", "more"),
    [
        ("泸州酿酒产业2020年产值是多少？", True),
        ("泸州酿酒及制曲产业2020年产值是多少？", False),
        ("泸州规上企业2020年产值是多少？", False),
    ],
)
def test_the_figure_of_two_industries_is_not_said_of_one(question: str, more: bool) -> None:
    one = passage("泸州酿酒及制曲产业2020年产值30亿元。")
    found = Evidence(one, one.sentences[0], 1.0)
    figure = next(f for f in find_figures(found.sentence.text) if f.unit == "元")
    assert of_more(understand(question), Picked(figure, found, 1.0)) is more


@pytest.mark.parametrize(
    ("line", "share"),
    [
        ("泸州酒厂的研发投入占营业额的7%。", True),
        ("泸州酒厂每年将营业额的7%用于研发。", True),
        ("泸州酒厂的产值增长7%。", False),
    ],
)
def test_what_part_of_something_a_figure_is(line: str, share: bool) -> None:
    one = passage(line)
    figure = next(f for f in find_figures(line) if f.unit == "%")
    assert tells_share(Picked(figure, Evidence(one, one.sentences[0], 1.0), 1.0)) is share
