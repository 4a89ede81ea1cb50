"""A colloquial question in written words: what is taken from the model's reply, and when the chain uses it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_model import FakeModel
from test_chain import built

from assistant import Answer, Settings
from assistant.chain import build_chain
from assistant.model import LoadedModel
from assistant.reword import reword
from assistant.service import SentenceSimilarity
from assistant.state import Parts, State
from index import Embedder, Index

QUESTION = "泸州2020年给“酒谷”的厂子掏了多少腰包补电钱？"
WRITTEN = "泸州2020年为“酒谷”企业补贴电费多少元？"
REPORT = """# 泸州：酒城向新

日期：2021年3月

2020年，泸州为酿酒企业减免电费1.4亿元。当地还新建了三座水厂，供水能力明显提升。
"""


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Index]:
    opened = built(tmp_path_factory.mktemp("reword"), embedder, 泸州=REPORT)
    yield opened
    opened.close()


def test_written_words_that_keep_what_can_be_checked_are_used() -> None:
    assert reword(QUESTION, FakeModel(replies=[WRITTEN])) == WRITTEN


@pytest.mark.parametrize(
    "reply",
    [
        "",
        QUESTION,
        WRITTEN.replace("泸州", "遵义"),
        WRITTEN.replace("泸州", "四川泸州和遵义"),
        WRITTEN.replace("2020年", ""),
        WRITTEN.replace("2020年", "2021年"),
        WRITTEN.replace("“酒谷”", "酒业"),
        WRITTEN.replace("企业", "52户企业"),
        WRITTEN + "\n泸州2020年补贴了电费。",
    ],
)
def test_words_that_add_or_leave_out_are_not(reply: str) -> None:
    assert reword(QUESTION, FakeModel(replies=[reply])) == ""


def test_a_long_text_is_not_reworded() -> None:
    assert reword("泸州的酒" * 40, FakeModel()) == ""


def ask(index: Index, embedder: Embedder, question: str, *replies: str | Exception) -> Answer:
    settings = Settings(llm="fake", llm_base_url="http://127.0.0.1:9/v1", reports=Path(), index=Path())
    parts = Parts(settings, index, SentenceSimilarity(embedder), LoadedModel(FakeModel(replies=list(replies)), "fake"))
    *_, last = build_chain(parts).stream(State(question=question))
    assert isinstance(last, Answer)
    return last


def test_what_nothing_answers_is_asked_again_in_written_words(index: Index, embedder: Embedder) -> None:
    written = "泸州2020年为酿酒企业减免电费多少元？"
    found = ask(index, embedder, "泸州2020年帮酿酒的老板们少掏了多少电钱？", written, "泸州减免电费1.4亿元。")
    assert found.status == "answered"
    assert found.standalone_question == written
    assert [figure.text for figure in found.figures if figure.verified] == ["1.4亿元"]


def test_written_words_that_lead_elsewhere_change_nothing(index: Index, embedder: Embedder) -> None:
    question = "泸州2020年帮酿酒的老板们少掏了多少电钱？"
    found = ask(index, embedder, question, "泸州2020年新建水厂多少座？")
    assert (found.status, found.standalone_question) == ("refused", question)


def test_a_model_that_fails_leaves_the_refusal(index: Index, embedder: Embedder) -> None:
    assert ask(index, embedder, "泸州2020年帮酿酒的老板们少掏了多少电钱？", OSError("gone")).status == "refused"
