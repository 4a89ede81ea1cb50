"""Whether a short line is a heading or half a sentence."""

from __future__ import annotations

import pytest

from index.layout import repair
from index.report import Report

LONG = "青溪县把装备制造作为支柱产业，去年新开工项目十二个，建成投产七个，带动就业三千余人，园区面貌焕然一新。"


@pytest.mark.parametrize(
    ("left", "right", "one"),
    [
        ("园区去年的投资累计超过", "18亿元。", True),
        ("在园区建设上，青溪县", "引导企业向东区集中，全年新开工12户。", True),
        ("项目位于威", "信县城东，占地三百亩，明年六月建成投产。", True),
        ("2023年12月", "26日，项目现场一片繁忙。", True),
        ("园区扩容提质", "青溪县补齐园区的基础配套，全年新开工12户。", False),
        ("“新”字当头，做强园区", "中有成效，园区面貌一新，企业纷纷落户。", False),
        ("工业投资", "2022年，青溪县的工业投资完成121亿元。", False),
    ],
)
def test_a_short_line_is_a_heading_or_half_a_sentence(left: str, right: str, one: bool) -> None:
    text = f"{LONG}\n\n{left}\n\n{right}\n\n{LONG}"
    found = [s.text for a in repair(Report("样例.txt", text, "0" * 64)) for s in a.sentences if s.kind == "body"]
    assert (left + right in found) is one
