"""rewrite.py: a question made standalone with the turns before it."""

from __future__ import annotations

import pytest

from assistant.rewrite import understand


@pytest.mark.parametrize(
    ("history", "question", "standalone"),
    [
        ("泸州“2349”产业体系里的“2”指什么？", "那“3”呢，是哪三个产业？", "泸州“2349”产业体系里的“3”指什么？"),
        ("泸州2025年的工业总产值是多少？", "同一个年份，那个“增加值”的呢？", "泸州2025年的工业增加值是多少？"),
        ("泸州的酒业对话里，答问的局长是谁？", "他说2025年工业税收要做到多少？", "泸州2025年工业税收要做到多少？"),
        (
            "2020年泸州的酒业投资增速在全省排第几？",
            "那规上工业增加值呢？增速大概多少、排在第几？",
            "泸州2020年规上工业增加值增速大概多少、排在第几？",
        ),
        ("泸州国家级的平台有几家？", "除此之外，省级和市级的各有多少？", "泸州省级和市级的平台有几家？"),
        ("泸州哪家企业做无醇酒？", "这家公司每年拿多少钱搞研发？", "泸州做无醇酒的企业每年拿多少元搞研发？"),
        ("泸州2020年的酒厂有多少家？", "张三是谁？", "张三是谁？"),
        ("泸州2022年工业总产值多少？", "工业占GDP比重呢？", "泸州2022年工业占GDP比重是多少？"),
        ("泸州巨龙酒厂在泸州建的是什么项目？", "它2024年能到多少产能？", "泸州巨龙酒厂2024年能到多少产能？"),
        ("泸州白酒项目的年产能是多少？", "一共投了多少钱？", "泸州白酒项目一共投了多少元？"),
        ("泸州酒业园区2020年产值多少？", "那机械园区呢 增速也报", "泸州机械园区2020年产值多少？"),
    ],
)
def test_what_the_turn_before_says(history: str, question: str, standalone: str) -> None:
    assert understand(question, [history]).text.rstrip("？") == standalone.rstrip("？")


def test_what_the_two_turns_before_say() -> None:
    asked = understand("后者是前者的几倍？", ["泸州白酒2020年产值多少？", "2025年的目标呢？"])
    assert [part.text for part in asked.parts] == ["泸州白酒2025年产值的目标是多少？", "泸州白酒2020年产值是多少？"]
