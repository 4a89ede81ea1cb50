"""A sentence of which it is open whether it answers: what is taken from the model's reply, and when the chain asks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_model import FakeModel
from test_chain import built

from assistant import Answer, Settings
from assistant.chain import build_chain
from assistant.model import LoadedModel
from assistant.rewrite import understand
from assistant.second_reading import answered_by
from assistant.service import SentenceSimilarity
from assistant.state import Parts, State
from index import Embedder, Index

QUESTION = "泸州2020年帮酿酒的老板们少掏了多少电钱？"
SENTENCE = "2020年，泸州为酿酒企业减免电费1.4亿元，酒类产值达到900亿元。"
REPORT = f"""# 泸州：酒城向新

日期：2021年3月

{SENTENCE}当地还新建了三座水厂，供水能力明显提升。
"""


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Index]:
    opened = built(tmp_path_factory.mktemp("reading"), embedder, 泸州=REPORT)
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("question", "reply", "answered"),
    [
        (QUESTION, "有：1.4亿元", True),
        (QUESTION, "有：减免电费1.4亿元。", True),
        (QUESTION, "没有", False),
        (QUESTION, "", False),
        (QUESTION, "有：", False),
        (QUESTION, "有：减免了一些", False),
        (QUESTION, "有：1.5亿元", False),
        (QUESTION, "有：2020年", False),
        ("泸州2020年帮了几户酿酒的人家？", "有：1.4亿元", False),
        ("泸州2020年酿酒的利润是多少？", "有：900亿元", False),
        ("泸州2020年造酒一共造出多少产值？", "有：900亿元", True),
        ("谁在泸州少掏了电钱？", "有：酿酒企业", True),
        ("谁在泸州少掏了电钱？", "有：张三", False),
        ("谁在泸州的“酒谷”少掏了电钱？", "有：酿酒企业", False),
    ],
)
def test_an_answer_counts_if_its_words_stand_in_the_sentence(question: str, reply: str, answered: bool) -> None:
    assert answered_by(understand(question), SENTENCE, FakeModel(replies=[reply])) is answered


def test_a_long_question_is_not_asked() -> None:
    assert not answered_by(understand("泸州的酒有多少" * 20), SENTENCE, FakeModel(replies=["有：1.4亿元"]))


def ask(index: Index, embedder: Embedder, question: str, *replies: str | Exception) -> Answer:
    settings = Settings(llm="fake", llm_base_url="http://127.0.0.1:9/v1", reports=Path(), index=Path())
    parts = Parts(settings, index, SentenceSimilarity(embedder), LoadedModel(FakeModel(replies=list(replies)), "fake"))
    *_, last = build_chain(parts).stream(State(question=question))
    assert isinstance(last, Answer)
    return last


def test_a_sentence_in_which_the_model_finds_the_answer_is_quoted(index: Index, embedder: Embedder) -> None:
    found = ask(index, embedder, QUESTION, "有：1.4亿元")
    assert found.status == "answered"
    assert found.answer == SENTENCE.removesuffix("。") + "[1]。"
    assert [figure.text for figure in found.figures if figure.verified] == ["2020年", "1.4亿元", "900亿元"]


@pytest.mark.parametrize("reply", ["没有", "有：3亿元", OSError("gone")])
def test_without_an_answer_in_it_the_refusal_stands(index: Index, embedder: Embedder, reply: str | Exception) -> None:
    assert ask(index, embedder, QUESTION, reply).status == "refused"
