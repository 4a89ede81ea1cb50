"""Each measure of wording is right on a good answer and drops when its own part of the answer is corrupted."""

from __future__ import annotations

import pytest

from evals.suite import Question
from evals.wording import (
    answer_length,
    character_f1,
    gold_figure_precision,
    gold_figure_recall,
    list_recall,
)

QUESTION = Question.model_validate(
    {
        "id": "q1",
        "class": "列举",
        "question": "青禾县2023年规上企业多少家，种什么药材，占几成？",
        "answerable": True,
        "accept": [["35家", "35户"], ["天麻", "明天麻"], ["70%"]],
    }
)
GOOD = "2023年有规上企业35户[1]，种天麻[2]，占七成[2]。"
TRAP = QUESTION.model_copy(update={"answerable": False, "accept": ()})


def asking(*accept: list[str], question: str = "问什么？") -> Question:
    return Question.model_validate(
        {"id": "q", "class": "c", "question": question, "answerable": True, "accept": accept}
    )


@pytest.mark.parametrize(
    ("said", "share"),
    [(GOOD, (3, 3)), (GOOD.replace("35", "135"), (2, 3)), (GOOD.replace("天麻", "当归"), (2, 3)), ("", (0, 3))],
)
def test_list_recall(said: str, share: tuple[int, int]) -> None:
    assert list_recall(QUESTION, said) == share


def test_a_single_answer_is_no_list() -> None:
    assert list_recall(asking(["35家"]), GOOD) == (0, 0)
    assert list_recall(TRAP, GOOD) == (0, 0)


@pytest.mark.parametrize(
    ("said", "recall", "precision"),
    [
        (GOOD, (2, 2), (2, 2)),
        (GOOD.replace("35", "36"), (1, 2), (1, 2)),
        (GOOD.replace("七成", "六成"), (1, 2), (1, 2)),
        (GOOD + "另有5户停产。", (2, 2), (2, 3)),
        ("2023年种天麻。", (0, 2), (0, 0)),
        ("2022年有35户，占70%。", (2, 2), (2, 3)),
    ],
)
def test_figures_against_the_gold_answer(said: str, recall: tuple[int, int], precision: tuple[int, int]) -> None:
    assert gold_figure_recall(QUESTION, said) == recall
    assert gold_figure_precision(QUESTION, said) == precision


def test_each_figure_counts_for_itself() -> None:
    two = asking(["从20亿元增至30亿元", "增加10亿元"])
    assert gold_figure_recall(two, "由20亿元增至35亿元。") == (1, 2)
    assert gold_figure_recall(two, "增加了10亿元。") == (1, 1)


def test_a_mark_is_no_figure() -> None:
    assert gold_figure_precision(asking(["3家"]), "有3家[1][2]。") == (1, 1)


def test_figures_of_the_question_count_where_they_are_the_answer() -> None:
    either = asking(["35家"], question="是35家还是36家？")
    assert gold_figure_precision(either, "是35家，不是36家。") == (1, 1)


def test_without_gold_figures_nothing_is_measured() -> None:
    assert gold_figure_precision(asking(["天麻"]), GOOD) == (0, 0)
    assert gold_figure_recall(asking(["天麻"]), GOOD) == (0, 0)
    assert gold_figure_recall(TRAP, GOOD) == (0, 0)


@pytest.mark.parametrize(
    ("said", "f1"),
    [("天麻", 1.0), ("天，麻。[1]", 1.0), ("天府", 0.5), ("当归", 0.0), ("", 0.0), ("种植天麻", 2 * 2 / 6)],
)
def test_character_f1(said: str, f1: float) -> None:
    assert character_f1(asking(["天麻", "人参"]), said) == pytest.approx(f1)


def test_character_f1_takes_the_best_alternative_of_every_group() -> None:
    assert character_f1(asking(["35家", "三十五户"], ["70%"]), "35家，70%") == 1.0
    assert character_f1(asking(["35家"], ["70%"]), "35家") == pytest.approx(6 / 9)
    assert character_f1(TRAP, GOOD) is None


@pytest.mark.parametrize(("answer", "length"), [("有35家[1]。\n 种天麻[12]。", 9), ("", 0), ("[1]", 0)])
def test_length(answer: str, length: int) -> None:
    assert answer_length(answer) == length
