"""Heads that stand in several rows: of printed tables, and of tables in every other format."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import docx
import numpy as np
import openpyxl
import pytest
from test_load_pdf import TABLE, Canvas, make, set_table

from index import read_report
from index.load.grid import Merge
from index.load.heads import Cell, one_head_row
from index.load.pdf import read_pdf
from index.load.sheets import sheet_lines

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


@pytest.mark.parametrize(("levels", "step"), [(2, 16), (2, 18), (2, 24), (2, 30), (3, 18)])
def test_the_head_of_the_first_column_may_stand_between_the_rows_of_heads(levels: int, step: int) -> None:
    def page(canvas: Canvas) -> None:
        canvas.drawString(40, 780, "各地的产值都比上年增长，增速各有快慢，明细见表。")
        canvas.drawString(40, 700 - step * (levels - 1) / 2, "地区")
        for x, cell in ((200, "2022年"), (420, "2023年")):
            canvas.drawString(x, 700, cell)
        for level in range(1, levels):
            for x, cell in zip(
                COLUMNS[1:], (("产值/亿元", "增速/%"), ("合计", "同比"))[levels - 1 - level] * 2, strict=True
            ):
                canvas.drawString(x, 700 - step * level, cell)
        for at, row in enumerate(BODY):
            for x, cell in zip(COLUMNS, row, strict=True):
                canvas.drawString(x, 700 - step * (levels + at), cell)

    total, rate = ("合计", "同比") if levels == 3 else ("", "")
    lines = read_pdf(make(page), "a.pdf").text.split()
    assert lines[0].startswith("各地的产值")
    assert lines[1:] == [
        f"{name}：2022年{total}产值{a}亿元；2022年{rate}增速{b}%；2023年{total}产值{c}亿元；2023年{rate}增速{d}%。"
        for name, a, b, c, d in BODY
    ]


def test_a_name_over_a_group_of_rows_is_no_head() -> None:
    def page(canvas: Canvas) -> None:
        rows = [("地区", "产值/亿元"), ("北部",), *(row[:2] for row in BODY), ("南部",), *(row[:2] for row in BODY)]
        for at, row in enumerate(rows):
            for x, cell in zip(COLUMNS, row, strict=False):
                canvas.drawString(x, 700 - 18 * at, cell)

    text = read_pdf(make(page), "a.pdf").text
    assert [text.count(word) for word in ("北部", "南部", "120.5")] == [1, 1, 2]
    assert "地区北部" not in text


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


# Heads as rows of cells with "|" between them, and which of them are merged.
HEADS = {
    "the key above": ("地区|2022年||2023年|\n|产值|增速|产值|增速", [(0, 0, 1, 0), (0, 1, 0, 2), (0, 3, 0, 4)]),
    "the key below": ("|2022年||2023年|\n地区|产值|增速|产值|增速", [(0, 1, 0, 2), (0, 3, 0, 4)]),
    "the key between": ("|2022年||2023年|\n地区||||\n|产值|增速|产值|增速", [(0, 1, 0, 2), (0, 3, 0, 4)]),
    "the key beside merged cells": (
        "|2022年||2023年|\n地区||||\n|产值|增速|产值|增速",
        [(0, 1, 1, 2), (0, 3, 1, 4)],
    ),
    "three rows": (
        "地区|工业|||\n|2022年||2023年|\n|产值|增速|产值|增速",
        [(0, 0, 2, 0), (0, 1, 0, 4), (1, 1, 1, 2), (1, 3, 1, 4)],
    ),
}


def write_csv(path: Path, rows: Sequence[Sequence[str]], merges: Sequence[Merge]) -> None:
    path.write_text("\n".join(",".join(row) for row in rows), "utf-8")


def write_xlsx(path: Path, rows: Sequence[Sequence[str]], merges: Sequence[Merge]) -> None:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append([cell or None for cell in row])
    for m in merges:
        book.worksheets[0].merge_cells(None, m.top + 1, m.left + 1, m.bottom + 1, m.right + 1)
    book.save(path)


def write_docx(path: Path, rows: Sequence[Sequence[str]], merges: Sequence[Merge]) -> None:
    document = docx.Document()
    table = document.add_table(len(rows), len(rows[0]))
    for at, row in enumerate(rows):
        for column, text in enumerate(row):
            table.cell(at, column).text = text
    for m in merges:
        text = table.cell(m.top, m.left).text
        table.cell(m.top, m.left).merge(table.cell(m.bottom, m.right)).text = text
    document.save(str(path))


def write_html(path: Path, rows: Sequence[Sequence[str]], merges: Sequence[Merge]) -> None:
    spans = {(m.top, m.left): (m.bottom - m.top + 1, m.right - m.left + 1) for m in merges}
    covered = {(row, at) for m in merges for row in range(m.top, m.bottom + 1) for at in range(m.left, m.right + 1)}
    lines = []
    for at, row in enumerate(rows):
        cells = []
        for column, text in enumerate(row):
            if (at, column) not in covered or (at, column) in spans:
                down, across = spans.get((at, column), (1, 1))
                cells.append(f'<td rowspan="{down}" colspan="{across}">{text}</td>')
        lines.append(f"<tr>{''.join(cells)}</tr>")
    path.write_text(f"<html><body><p>各地工业的情况见表。</p><table>{''.join(lines)}</table></body></html>", "utf-8")


@pytest.mark.parametrize("write", [write_csv, write_xlsx, write_docx, write_html])
@pytest.mark.parametrize("name", HEADS)
def test_heads_of_several_rows_in_every_format(tmp_path: Path, name: str, write: Callable[..., None]) -> None:
    heads, merges = HEADS[name]
    rows = [*(row.split("|") for row in heads.split("\n")), *BODY]
    path = tmp_path / f"表.{write.__name__.removeprefix('write_')}"
    write(path, rows, [Merge(*merge) for merge in merges])
    what = "工业" if name == "three rows" else ""
    wanted = [
        f"{n}：2022年{what}产值{a}；2022年{what}增速{b}；2023年{what}产值{c}；2023年{what}增速{d}。"
        for n, a, b, c, d in BODY
    ]
    assert [line for line in read_report(path, path.name).text.splitlines() if "：" in line] == wanted


def test_a_group_of_rows_under_its_name_is_no_head() -> None:
    rows = [["", "优势", "户数"], ["东部", "", ""], ["", "港口", "12"], ["西部", "", ""], ["", "矿产", "9"]]
    lines = sheet_lines(rows)
    assert "东部" in lines
    assert "西部" in lines
    assert any("港口" in line and "12" in line for line in lines)
