"""Heads of printed tables that stand in two rows."""

from __future__ import annotations

import numpy as np
import pytest
from test_load_pdf import TABLE, Canvas, make, set_table

from index.load.heads import Cell, one_head_row
from index.load.pdf import read_pdf

COLUMNS = (40, 150, 260, 370, 480)
BODY = [
    ("青溪县", "120.5", "5.2", "131.4", "9.1"),
    ("云岭县", "134.0", "6.2", "140.3", "4.7"),
    ("白沙区", "147.5", "7.2", "150.8", "2.2"),
]


def test_a_head_over_two_columns_is_said_of_each() -> None:
    def page(canvas: Canvas) -> None:
        for x, cell in ((40, "地区"), (200, "2022年"), (420, "2023年")):
            canvas.drawString(x, 700, cell)
        for x, cell in zip(COLUMNS[1:], ("产值/亿元", "增速/%") * 2, strict=True):
            canvas.drawString(x, 684, cell)
        for at, row in enumerate(BODY):
            for x, cell in zip(COLUMNS, row, strict=True):
                canvas.drawString(x, 668 - 16 * at, cell)

    report = read_pdf(make(page), "a.pdf")
    assert report.text.splitlines() == [
        f"{name}：2022年产值{a}亿元；2022年增速{b}%；2023年产值{c}亿元；2023年增速{d}%。" for name, a, b, c, d in BODY
    ]
    assert report.boxes is not None
    figure = report.boxes[report.text.index("140.3")]
    assert figure[0] == pytest.approx(370 / 595, abs=0.004)


def test_a_title_over_a_table_is_no_head() -> None:
    def page(canvas: Canvas) -> None:
        canvas.drawString(200, 716, "各地产值一览")
        set_table(canvas, TABLE, 700)

    text = read_pdf(make(page), "a.pdf").text
    assert text.count("各地产值一览") == 1
    assert "各地产值一览\n" in text
    assert all(cell in text for row in TABLE[1:] for cell in row)


def cell(text: str, middle: float) -> Cell:
    width = 4.0 * len(text)
    lefts = middle - width / 2 + 4.0 * np.arange(len(text))
    return text, np.stack([lefts, np.zeros_like(lefts), lefts + 4.0, np.ones_like(lefts)], axis=1)


def heads(*rows: list[tuple[str, float]]) -> str:
    """The heads over five columns with their middles at 0, 100 … 400."""
    body = [[cell(text, 100.0 * at) for at, text in enumerate(row)] for row in BODY]
    made = one_head_row([[cell(*one) for one in row] for row in rows] + body)
    return " ".join(text for text, _ in made[0])


def test_each_head_is_over_the_columns_in_whose_middle_it_stands() -> None:
    below = [("甲", 100.0), ("乙", 200.0), ("丙", 300.0), ("丁", 400.0)]
    assert heads([("地区", 0.0), ("全市", 150.0), ("其中", 350.0)], below) == "地区 全市甲 全市乙 其中丙 其中丁"
    assert heads([("地区", 0.0), ("全市", 200.0), ("其中", 400.0)], below) == "地区 全市甲 全市乙 全市丙 其中丁"
    assert heads([("地区", 3.0), ("全市", 245.0)], below) == "地区 全市甲 全市乙 全市丙 全市丁"
    assert heads([("全市", 150.0), ("其中", 350.0)], [("地区", 0.0)], below) == heads(
        [("地区", 0.0), ("全市", 150.0), ("其中", 350.0)], below
    )


def test_rows_stay_as_they_are_where_a_column_would_have_no_head() -> None:
    single = [("地区", 0.0), ("甲", 100.0), ("乙", 200.0), ("丙", 300.0), ("丁", 400.0)]
    assert heads(single) == "地区 甲 乙 丙 丁"
    assert heads([("表一", 200.0)], single) == "表一"
    assert heads([("全市", 150.0)], single[:3]) == "全市"
