"""Mistyped characters of a question, put right by the passages found."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from assistant.typos import corrected

TEXTS = ["到2025年，全县农业综合产值达到118亿元。", "规模以上工业企业有95户。"]


def test_a_homophone_between_the_same_neighbours_is_put_right() -> None:
    assert corrected("农业棕合产值", TEXTS) == "农业综合产值"


def test_another_word_is_no_typo() -> None:
    assert corrected("规模以下工业企业", TEXTS) == "规模以下工业企业"


def test_what_stands_in_the_texts_is_left_alone() -> None:
    assert corrected("农业综合产值", TEXTS) == "农业综合产值"


def test_two_ways_to_mend_are_none() -> None:
    assert corrected("农业棕合产值", [*TEXTS, "农业宗合产值"]) == "农业棕合产值"


@given(st.text(alphabet="农业综合产值棕以上下工企户", max_size=20))
def test_the_length_stays(text: str) -> None:
    assert len(corrected(text, TEXTS)) == len(text)
