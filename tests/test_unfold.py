"""unfold.py: sentences that go with the best one."""

from __future__ import annotations

import pytest
from told import passage, selected, texts

from assistant.service import SentenceSimilarity
from index import Embedder


@pytest.fixture(scope="module")
def alike(embedder: Embedder) -> SentenceSimilarity:
    return SentenceSimilarity(embedder)


@pytest.mark.parametrize(
    ("first", "second", "third"),
    [
        (
            "江阳酒业选址泸州有两大好处：一是高粱产地就在近旁，运费低；",
            "二是窖池可以沿用，工期短。",
            "建成后年产两万吨。",
        ),
        ("江阳酒业选址泸州，一方面因为高粱产地就在近旁；", "另一方面是窖池可以沿用。", "建成后年产两万吨。"),
    ],
)
def test_what_is_counted_off_is_told_to_its_end(alike: SentenceSimilarity, first: str, second: str, third: str) -> None:
    told = texts(selected(alike, "江阳酒业选址泸州有哪些好处？", passage(first, second, third)))
    assert told[:2] == [first, second]
    assert third not in told


def test_counting_stops_where_a_number_is_missing(alike: SentenceSimilarity) -> None:
    told = passage("江阳酒业选址泸州有三大好处：一是高粱产地近；", "三是窖池可以沿用。")
    assert texts(selected(alike, "江阳酒业选址泸州有哪些好处？", told))[0].endswith("产地近；")
    assert len(texts(selected(alike, "江阳酒业选址泸州的第一个好处是什么？", told))) < 3
