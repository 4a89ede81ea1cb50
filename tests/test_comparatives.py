"""comparatives.py: the many ways to ask a comparison end in the same parts."""

from __future__ import annotations

import pytest

from assistant.comparatives import plainly_compared
from assistant.rewrite import understand


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("泸州2020年的酒业产值，比遵义的高还是低？", ("泸州2020年的酒业产值", "遵义2020年酒业产值")),
        ("泸州全部机械产业的产值，有没有超过酒城集团一家的？", ("泸州全部机械产业的产值", "酒城集团产值")),
        ("泸州酒业的产值超过机械产业了吗？", ("泸州酒业的产值", "机械产业产值")),
        ("帮我比一下泸州和遵义省级绿色工厂的户数", ("泸州省级绿色工厂的户数", "遵义省级绿色工厂的户数")),
        ("泸州2021年的两个目标放在一起：酒业产值比工业产值高还是低？", ("泸州2021年酒业产值", "2021年工业产值")),
        (
            "泸州窖藏投资占工业投资的比重，2021年上半年是否已经高过2020年全年？",
            ("泸州2021年上半年窖藏投资占工业投资的比重", "泸州2020年全年窖藏投资占工业投资的比重"),
        ),
        (
            "若以2020年27户酒厂的产值为基数，泸州要达到2025年酒业总产值的力争目标，还需增加多少亿元？",
            ("泸州2025年酒业总产值的力争目标", "2020年27户酒厂的产值"),
        ),
    ],
)
def test_what_is_compared(question: str, parts: tuple[str, ...]) -> None:
    assert tuple(part.label for part in understand(question).parts) == parts


@pytest.mark.parametrize(
    "question", ["泸州酒业产值有没有超过500亿元？", "泸州产值突破300亿元了吗？", "泸州对比去年有什么变化？"]
)
def test_a_bound_is_no_other_thing(question: str) -> None:
    assert plainly_compared(question) == question


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        (
            "泸州有两个重点园区，2021年产值的同比增速是酒业园区高，还是机械园区高？",
            ("泸州2021年酒业园区产值的同比增速", "泸州2021年机械园区产值的同比增速"),
        ),
        ("泸州机械产业的产值高还是酒业的产值高？", ("泸州机械产业的产值", "酒业的产值")),
        (
            "泸州在“城市酿酒竞争力50强”和“酿酒百强市”两个2021榜单上，哪个榜爬升的位次更多？",
            ("泸州在“城市酿酒竞争力50强”提升的位次", "“酿酒百强市”提升的位次"),
        ),
    ],
)
def test_which_of_two_clauses(question: str, parts: tuple[str, ...]) -> None:
    assert tuple(part.label for part in understand(question).parts) == parts
