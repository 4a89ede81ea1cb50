"""A question about a group whose members the reports name becomes one about each of them."""

from __future__ import annotations

import pytest

from assistant.groups import members, the_other
from assistant.rewrite import understand
from assistant.schema import Hit
from index import Passage, Sentence, Span

ZONES = (
    "青河酒业园区最大，2023年产值310亿元，增长2.5%。",
    "江阳工业园区（青河农高区）2023年产值65亿元，增长6.5%，企业有27户。",
    "青河有两大重点园区，2023年全市完成产值520亿元。",
    "数字园区正在建设。",
)


def hits(*texts: str) -> list[Hit]:
    sentences = tuple(Sentence(text, (Span(0, len(text)),)) for text in texts)
    return [Hit(Passage("p", "甲.md", "工业", "西昌", "2024", "", None, "".join(texts), 40, sentences), 1.0)]


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        (
            "西昌两个重点园区2023年的规上产值加到一块是多少亿元？",
            ("西昌青河酒业园区2023年的规上产值是多少亿元？", "西昌江阳工业园区2023年的规上产值是多少亿元？"),
        ),
        (
            "西昌两大园区2023年产值各是多少亿元？",
            ("西昌青河酒业园区2023年产值有多少亿元？", "西昌江阳工业园区2023年产值有多少亿元？"),
        ),
        (
            "西昌两个园区2023年哪个产值多，各多少亿元？",
            ("西昌青河酒业园区2023年产值有多少亿元？", "西昌江阳工业园区2023年产值有多少亿元？"),
        ),
        (
            "西昌两大园区的2023年产值相差多少亿元？",
            ("西昌青河酒业园区的2023年产值是多少？", "西昌江阳工业园区的2023年产值是多少？"),
        ),
        (
            "西昌两大重点园区2023年的规上产值谁更高，差多少？",
            ("西昌青河酒业园区2023年的规上产值是多少？", "西昌江阳工业园区2023年的规上产值是多少？"),
        ),
        (
            "西昌的两个重点园区，2023年规上产值哪个涨得快些？",
            ("西昌的青河酒业园区，2023年规上产值增速是多少？", "西昌的江阳工业园区，2023年规上产值增速是多少？"),
        ),
        (
            "西昌两大重点园区的规上企业各有几户，2023年产值各多少？",
            (
                "西昌青河酒业园区的规上企业有几户",
                "西昌青河酒业园区2023年产值有多少？",
                "西昌江阳工业园区的规上企业有几户",
                "西昌江阳工业园区2023年产值有多少？",
            ),
        ),
        ("西昌三大园区2023年产值各是多少亿元？", ()),  # the reports name two
        ("西昌两大园区2023年占地多少亩，各是多少亩？", ()),  # of no such unit
        ("西昌两大园区是2023年建成的吗？", ()),
        ("西昌2023年产值是多少亿元？", ()),
    ],
)
def test_members(question: str, parts: tuple[str, ...]) -> None:
    assert members(understand(question), hits(*ZONES)) == parts


TWO = ("酒业园区2023年产值310亿元，增长2.5%。", "云台工业园区2023年产值65亿元，增长6.5%，企业有27户。")


@pytest.mark.parametrize(
    ("before", "question", "whole"),
    [
        ("西昌云台工业园区2023年产值多少？", "那另一个重点园区呢？", "西昌酒业园区2023年产值多少？"),
        ("西昌酒业园区2023年产值增长多少？", "另一个呢？", "西昌云台工业园区2023年产值增长多少？"),
    ],
)
def test_the_other_of_two(before: str, question: str, whole: str) -> None:
    asked = understand(question, [before])
    assert the_other(asked, hits(*TWO)) == whole
    assert the_other(asked, hits(*TWO, "数字园区2023年产值20亿元，增长1.5%。")) == ""  # which of them nobody knows
