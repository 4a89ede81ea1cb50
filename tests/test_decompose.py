"""Taking a question apart with the model: what is taken from its reply, and what is not."""

from __future__ import annotations

import pytest
from fake_model import FakeModel

from assistant.decompose import decompose

QUESTION = "规上企业户数，德阳比宜宾多出多少？"
GOOD = "德阳的规上企业户数是多少？\n宜宾的规上企业户数是多少？"


def test_each_line_is_a_question() -> None:
    assert decompose(QUESTION, FakeModel(replies=[GOOD])) == (
        "德阳的规上企业户数是多少？",
        "宜宾的规上企业户数是多少？",
    )


@pytest.mark.parametrize(
    "reply",
    [
        "",
        QUESTION,
        "德阳的规上企业户数是多少？\n德阳的规上企业户数是多少？",
        "德阳的规上企业户数是多少？\n泸州的规上企业户数是多少？",  # a place nobody asked about
        "德阳2023年的规上企业户数是多少？\n宜宾的规上企业户数是多少？",  # a year of the model's own
        "德阳的规上企业户数是1512户吗？\n宜宾的规上企业户数是多少？",  # a figure of its own
        "德阳的规上企业户数是多少？\n我无法回答这个问题，因为资料不足。",
        "\n".join(f"德阳的规上企业户数是多少{'？' * i}" for i in range(9)),
    ],
)
def test_a_reply_that_says_more_than_was_asked_is_not_used(reply: str) -> None:
    assert decompose(QUESTION, FakeModel(replies=[reply])) == ()


def test_a_long_text_is_not_taken_apart() -> None:
    assert decompose("德阳和宜宾的产值" * 40, FakeModel()) == ()
