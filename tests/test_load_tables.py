"""Tables become sentences that keep their heads, with units behind the numbers."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from index.load.cells import displayed
from index.load.grid import Merge
from index.load.sheets import sheet_lines
from index.load.tables import table_lines


def _lines(text: str, *, merges: Sequence[Merge] = (), caption: str = "") -> list[str]:
    """The lines of a table written as rows of cells with "|" between them."""
    return table_lines([row.split("|") for row in text.strip().split("\n")], merges=merges, caption=caption)


def test_place_and_year_name_the_row_and_units_follow_the_numbers() -> None:
    table = "地区|年份|规上工业总产值（亿元）|增速（%）\n青溪市|2022|520|14.8\n白石县|2022|96.3|-2.1"
    assert _lines(table) == [
        "青溪市2022年：规上工业总产值520亿元；增速14.8%。",
        "白石县2022年：规上工业总产值96.3亿元；增速-2.1%。",
    ]


@pytest.mark.parametrize(
    "head", ["产值(亿元)", "产值/亿元", "产值：亿元", "产值 亿元", "产值［亿元］".replace("［", "[").replace("］", "]")]
)
def test_every_way_to_write_a_unit_in_a_head(head: str) -> None:
    assert _lines(f"县区|{head}\n东岭区|520\n白石县|96") == ["东岭区：产值520亿元。", "白石县：产值96亿元。"]


def test_a_value_with_its_own_unit_is_not_given_another() -> None:
    assert _lines("县区|产值（亿元）|增速（%）\n东岭区|5200万元|14.8%\n白石县|96|3") == [
        "东岭区：产值5200万元；增速14.8%。",
        "白石县：产值96亿元；增速3%。",
    ]


def test_heads_of_two_rows_with_merged_cells_and_a_row_of_units() -> None:
    table = "县区|规上工业总产值||企业数\n|总量（亿元）|增速（%）|户\n东岭区|520|14.8|133"
    merges = [Merge(0, 0, 1, 0), Merge(0, 1, 0, 2)]
    wanted = ["东岭区：规上工业总产值总量520亿元；规上工业总产值增速14.8%；企业数133户。"]
    assert _lines(table, merges=merges) == wanted
    assert _lines(table) == wanted  # as CSV gives it, with blanks for what was merged


def test_years_as_heads_and_units_in_the_rows() -> None:
    table = "指标|单位|2021|2022\n工业总产值|亿元|480|520\n企业|户|12|14"
    assert _lines(table) == ["工业总产值：2021年为480亿元；2022年为520亿元。", "企业：2021年为12户；2022年为14户。"]
    assert _lines("指标|2021年|2022年\n工业总产值（亿元）|480|520") == [
        "工业总产值：2021年为480亿元；2022年为520亿元。"
    ]


def test_a_caption_gives_unit_and_period_where_that_is_sure() -> None:
    table = "县区|产值|增速|排名|企业数\n东岭区|520|14.8|1|133"
    assert _lines(table, caption="2023年上半年各县区工业 单位：亿元、%") == [
        "2023年上半年东岭区：产值520亿元；增速14.8%；排名1；企业数133。"
    ]
    assert _lines(table, caption="2022—2023年各县区工业 单位：亿元、万吨") == [
        "东岭区：产值520；增速14.8；排名1；企业数133。"
    ]
    assert _lines(table, caption="单位：亿元")[0] == "东岭区：产值520亿元；增速14.8；排名1；企业数133。"


def test_a_table_with_its_own_years_takes_none_from_the_caption() -> None:
    assert _lines("年份|产值（亿元）\n2021|480\n2022|520", caption="2023年年鉴摘录") == [
        "2021年：产值480亿元。",
        "2022年：产值520亿元。",
    ]


def test_words_are_values_and_serial_numbers_are_left_out() -> None:
    table = "序号|企业|产值（万元）|负责人\n1|甲公司|1,200|王某\n2|乙公司|—|李某"
    assert _lines(table) == ["甲公司：产值1,200万元；负责人为王某。", "乙公司：负责人为李某。"]
    assert _lines("姓名|职务|分工\n周某|局长|全面工作") == ["周某：职务为局长；分工为全面工作。"]


def test_forms_pair_labels_with_contents() -> None:
    assert _lines("项目名称|青溪水厂\n总投资|5亿元") == ["项目名称：青溪水厂。", "总投资：5亿元。"]
    form = "项目名称|青溪水厂|业主|水务集团\n总投资|5亿元|工期|2年\n地点|东岭区|面积|30亩"
    assert _lines(form)[:3] == ["项目名称：青溪水厂。", "业主：水务集团。", "总投资：5亿元。"]


def test_tables_side_by_side_and_rows_without_a_head() -> None:
    assert _lines("城市|产值（亿元）|城市|产值（亿元）\n甲市|12|乙市|34\n丙市|5||") == [
        "甲市：产值12亿元。",
        "丙市：产值5亿元。",
        "乙市：产值34亿元。",
    ]
    assert _lines("青溪市|520|14.8%\n白石县|96|3%") == ["青溪市：520；14.8%。", "白石县：96；3%。"]


def test_a_blank_first_head_is_that_of_the_row_above() -> None:
    assert _lines("行业|产品|产量（万吨）\n冶金|钢|12\n|钒|3") == ["冶金钢：产量12万吨。", "冶金钒：产量3万吨。"]


def test_titles_and_notes_in_a_table_stay_as_lines() -> None:
    merges = [Merge(0, 0, 0, 2), Merge(3, 0, 3, 2)]
    table = "表1 各县区工业||\n县区|产值（亿元）|增速（%）\n东岭区|520|14.8\n注：按可比价格计算||"
    assert _lines(table, merges=merges) == [
        "表1 各县区工业",
        "东岭区：产值520亿元；增速14.8%。",
        "注：按可比价格计算。",
    ]


def test_a_wide_row_says_in_each_sentence_which_row_it_is_of() -> None:
    heads = "|".join(f"第{i}产品产量（万吨）" for i in "一二三四五六七八九十")
    lines = _lines(f"县区|{heads}\n东岭区|" + "|".join(str(100 + i) for i in range(10)))
    assert len(lines) > 1
    assert all(line.startswith("东岭区：") and len(line) <= 82 for line in lines)
    assert all(f"{100 + i}万吨" in "".join(lines) for i in range(10))


def test_no_figure_of_a_table_is_lost() -> None:
    rows = [["县区", *[f"指标{c}" for c in "甲乙丙丁"]]]
    rows += [[f"{name}县", *[str(1000 * n + i) for i in range(4)]] for n, name in enumerate("子丑寅卯", 1)]
    text = "\n".join(table_lines(rows))
    assert all(cell in text for row in rows[1:] for cell in row)


def test_a_sheet_of_several_tables_with_blank_rows() -> None:
    rows = [
        ["", "县区", "产值（亿元）"], [], ["", "东岭区", "520"], [], ["", "白石县", "96"], [],
        ["", "表2 产品产量"], ["", "产品", "产量（万吨）"], ["", "钢", "33"],
    ]  # fmt: skip
    assert sheet_lines(rows, title="## ") == [
        "东岭区：产值520亿元。",
        "白石县：产值96亿元。",
        "## 表2 产品产量",
        "钢：产量33万吨。",
    ]


@pytest.mark.parametrize(
    ("value", "number_format", "shown"),
    [
        (0.148, "0.0%", "14.8%"),
        (0.148, "0%", "15%"),
        (519.9999999999999, "General", "520"),
        (0.1 + 0.2, "General", "0.3"),
        (1234567, "#,##0", "1,234,567"),
        (1234.5, "#,##0.00_ ", "1,234.50"),
        (-5, "0.0_);(0.0)", "-5.0"),
        (-5, "0.0;[Red]0.0", "-5.0"),
        (0, '0.0;-0.0;"-"', "-"),
        (5.25, '"约"0.0"亿元"', "约5.3亿元"),
        (12_345_678, '0.0,,"百万"', "12.3百万"),
        (3, "0.##", "3"),
        (123456789012.5, "General", "123456789012.5"),
        (True, "General", "是"),
        (None, "General", ""),
    ],
)
def test_numbers_are_as_the_cell_displayed_them(value: object, number_format: str, shown: str) -> None:
    assert displayed(value, number_format) == shown
