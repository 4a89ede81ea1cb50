"""required.py: a sentence that lacks what the question requires is no answer, however alike it sounds."""

from __future__ import annotations

import pytest
from told import passage

from assistant.required import lacking
from assistant.rewrite import understand
from assistant.schema import Evidence


def lacks(question: str, text: str) -> bool:
    told = passage(text)
    return lacking(understand(question), Evidence(told, told.sentences[0], 1.0))


@pytest.mark.parametrize("question", ["泸州酿酒实验室的主任由哪位院士担任？", "谁是泸州酿酒实验室的主任？"])
def test_who_holds_a_post_is_told_by_a_sentence_with_the_post(question: str) -> None:
    assert lacks(question, "泸州酿酒实验室揭牌成立，引进院士团队三个。")
    assert not lacks(question, "泸州酿酒实验室主任周明介绍了院士团队。")
    assert lacks(question, "泸州酿酒实验室副主任周明介绍了院士团队。")


def test_people_are_named_by_their_names() -> None:
    question = "泸州给产业链聘的首席科学家有哪些人？"
    assert lacks(question, "每条产业链有一名首席科学家、一个专班、一套政策。")
    assert not lacks(question, "首席科学家周明、李春和两个专班已经到位。")
    assert not lacks("泸州的产业链有哪些支持办法？", "每条产业链有一名首席科学家、一个专班、一套政策。")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("泸州白酒产业投资30亿元。", False),
        ("泸州白酒产业的投资居各产业之首。", True),
        ("泸州第一家投资超百亿元的企业是江阳酒业。", False),  # no industry
    ],
)
def test_the_greatest_of_a_sort_is_told_as_the_greatest(text: str, told: bool) -> None:
    assert lacks("泸州哪个产业的投资最大？", text) is not told


def test_how_much_one_of_a_sort_has_is_no_question_for_the_greatest() -> None:
    assert not lacks("泸州白酒产业的投资是多少？", "泸州白酒产业投资30亿元。")
