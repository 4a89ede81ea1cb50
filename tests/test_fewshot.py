"""The examples of a prompt become turns."""

from __future__ import annotations

import pytest

from assistant.fewshot import turns

QUESTION = "德阳和宜宾哪个的产值高？"


@pytest.mark.parametrize("prompt", ["decompose", "formula", "second_reading"])
def test_the_examples_are_turns_and_what_is_asked_is_the_last(prompt: str) -> None:
    told = turns(prompt, QUESTION)
    assert [turn.type for turn in told] == ["system", *(["human", "ai"] * ((len(told) - 2) // 2)), "human"]
    assert len(told) > 10
    assert told[-1].content == QUESTION
    for said, reply in zip(told[1:-1:2], told[2:-1:2], strict=True):
        assert said.content
        assert reply.content
        assert reply.content != said.content
        assert "答：" not in f"{said.content}{reply.content}"


def test_the_parts_of_a_question_are_a_line_each() -> None:
    assert all("\n" in str(turn.content) for turn in turns("decompose", QUESTION) if turn.type == "ai")


def test_a_formula_is_one_line() -> None:
    assert all("\n" not in str(turn.content) for turn in turns("formula", QUESTION) if turn.type == "ai")
