"""Word, Excel and CSV files made by their own libraries: order, headings, lists, tables, notes, displayed values."""

from __future__ import annotations

import csv
from datetime import date, datetime
from io import BytesIO
from pathlib import Path

import docx
import openpyxl
import pytest
from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml

from index.errors import ReportError
from index.load import read_report
from index.load.numbering import written
from index.report import Report

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_BOX = f"""<w:r {_W} xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" xmlns:v="urn:v"
xmlns:wps="urn:wps"><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wps:txbx><w:txbxContent><w:p><w:r>
<w:t>框里的话：产值520亿元。</w:t></w:r></w:p></w:txbxContent></wps:txbx></w:drawing></mc:Choice><mc:Fallback><w:pict>
<v:textbox><w:txbxContent><w:p><w:r><w:t>框里的话：产值520亿元。</w:t></w:r></w:p></w:txbxContent></v:textbox></w:pict>
</mc:Fallback></mc:AlternateContent></w:r>"""


def _word(folder: Path, document: Document) -> Report:
    document.save(str(folder / "报告.docx"))
    return read_report(folder / "报告.docx", "报告.docx")


def _excel(folder: Path, book: openpyxl.Workbook) -> Report:
    book.save(folder / "表.xlsx")
    return read_report(folder / "表.xlsx", "表.xlsx")


def _table(document: Document, rows: list[list[str]]) -> docx.table.Table:
    table = document.add_table(len(rows), len(rows[0]))
    for i, row in enumerate(rows):
        for j, text in enumerate(row):
            table.cell(i, j).text = text
    return table


def test_a_word_report_in_its_order(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("青溪市2023年工业运行报告").alignment = WD_ALIGN_PARAGRAPH.CENTER
    document.add_paragraph("（2024年1月20日）").alignment = WD_ALIGN_PARAGRAPH.CENTER
    document.add_heading("一、总体情况", 1)
    document.add_paragraph("工业总产值1286.5亿元，").add_run("增长9.3%。").bold = True
    document.add_heading("（一）重点产业", 2)
    document.add_paragraph("链主企业12家", "List Bullet")
    document.add_paragraph("摸清家底", "List Number")
    document.add_paragraph("补齐短板", "List Number")
    document.add_paragraph("表1 各县区工业")
    document.add_paragraph("单位：亿元、%")
    table = _table(document, [["县区", "工业总产值", ""], ["", "总量", "增速"], ["东岭区", "520.0", "14.8"]])
    table.cell(0, 0).merge(table.cell(1, 0))
    table.cell(0, 1).merge(table.cell(0, 2))
    document.add_heading("二、下一步", 1)
    report = _word(tmp_path, document)
    assert (report.title, report.date, report.whole_lines) == ("", "2024-01-20", True)
    assert report.text.split("\n") == [
        "# 青溪市2023年工业运行报告",
        "（2024年1月20日）",
        "## 一、总体情况",
        "工业总产值1286.5亿元，增长9.3%。",
        "### （一）重点产业",
        "- 链主企业12家",
        "1. 摸清家底",
        "2. 补齐短板",
        "表1 各县区工业",
        "东岭区：工业总产值总量520.0亿元；工业总产值增速14.8%。",
        "## 二、下一步",
    ]


def test_revisions_text_boxes_and_footnotes(tmp_path: Path) -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("产值增长9.3%。")._p
    paragraph.append(parse_xml(f'<w:ins {_W} w:id="1"><w:r><w:t>投资增长21.4%。</w:t></w:r></w:ins>'))
    paragraph.append(parse_xml(f'<w:del {_W} w:id="2"><w:r><w:delText>删去的话</w:delText></w:r></w:del>'))
    paragraph.append(parse_xml(f'<w:r {_W}><w:footnoteReference w:id="2"/></w:r>'))
    paragraph.append(parse_xml(_BOX))
    note = '<w:footnote w:id="2"><w:p><w:r><w:t>按可比价格。</w:t></w:r></w:p></w:footnote>'
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
    name, notes = PackURI("/" + "word/footnotes.xml"), f"<w:footnotes {_W}>{note}</w:footnotes>"
    part = Part(name, kind, notes.encode(), document.part.package)
    document.part.relate_to(part, "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes")
    lines = _word(tmp_path, document).text.split("\n")
    assert lines == ["产值增长9.3%。投资增长21.4%。", "注：按可比价格。", "框里的话：产值520亿元。"]


def test_a_title_style_and_core_properties(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_heading("青溪市工业报告", 0)
    document.add_heading("总体情况", 1)
    document.add_paragraph("2023年产值增长9.3%。")
    document.core_properties.title = "青溪市工业报告"
    document.core_properties.created = datetime(2023, 12, 20)
    document.core_properties.modified = datetime(2023, 12, 27)
    report = _word(tmp_path, document)
    assert report.text.startswith("# 青溪市工业报告\n## 总体情况\n")
    assert (report.title, report.date) == ("青溪市工业报告", "2023-12-20")
    document.core_properties.title = "Microsoft Word - 文档1.docx"
    document.core_properties.created = datetime(2013, 12, 23)
    report = _word(tmp_path, document)
    assert (report.title, report.date) == ("", "")


def test_a_contents_list_is_left_out_and_a_form_kept(tmp_path: Path) -> None:
    document = docx.Document()
    document.styles.add_style("toc 1", 1)
    document.add_paragraph("总体情况 3", "toc 1")
    document.add_heading("总体情况", 1)
    _table(document, [["项目名称", "青溪水厂"], ["总投资", "5亿元"]])
    _table(document, [["说明", "这是一段很长的话，讲的是水厂的来历。" * 12]])
    lines = _word(tmp_path, document).text.split("\n")
    assert lines[:4] == ["# 总体情况", "项目名称：青溪水厂。", "总投资：5亿元。", "说明"]
    assert lines[4].startswith("这是一段很长的话")


@pytest.mark.parametrize(
    ("number", "form", "text"),
    [(12, "chineseCounting", "十二"), (20, "chineseCountingThousand", "二十"), (3, "upperRoman", "III"),
     (2, "lowerLetter", "b"), (3, "decimalEnclosedCircle", "③"), (7, "decimal", "7")],
)  # fmt: skip
def test_numbers_of_lists(number: int, form: str, text: str) -> None:
    assert written(number, form) == text


def test_an_excel_workbook_as_it_was_displayed(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "工业"
    for row in (
        ["2023年青溪市各县区工业"], [None, None, "单位：亿元"], ["县区", "工业总产值"], 
        [None, "总量", "增速", "投产日期"],
        ["东岭区", 519.9999999999999, 0.148, date(2022, 3, 5)], [], ["白石县", 1234.5, -0.021, date(2021, 1, 1)],
        ["注：按可比价格"], [], ["产品", "产量（万吨）"], ["钢", 33.0],
    ):  # fmt: skip
        sheet.append(row)
    sheet.merge_cells("A1:D1")
    sheet.merge_cells("A3:A4")
    sheet.merge_cells("B3:C3")
    sheet["B7"].number_format = "#,##0.00"
    sheet["C5"].number_format = sheet["C7"].number_format = "0.0%"
    sheet["D5"].number_format = 'yyyy"年"m"月"'
    sheet["D7"].number_format = "yyyy/m/d"
    book.create_sheet("隐藏").append(["看不见", 1])
    book["隐藏"].sheet_state = "hidden"
    book.create_sheet("Sheet3").append(["企业", "产值"])
    book["Sheet3"].append(["甲公司", 12])
    book["Sheet3"]["B2"].number_format = '0.0"亿元"'
    report = _excel(tmp_path, book)
    assert report.whole_lines
    assert report.text.split("\n") == [
        "# 工业",
        "## 2023年青溪市各县区工业",
        "2023年东岭区：工业总产值总量520亿元；工业总产值增速14.8%；投产日期为2022年3月。",
        "2023年白石县：工业总产值总量1,234.50亿元；工业总产值增速-2.1%；投产日期为2021年1月1日。",
        "注：按可比价格。",
        "钢：产量33万吨。",
        "",
        "甲公司：产值12.0亿元。",
    ]


def test_formulas_that_were_never_calculated_are_not_lost_in_silence(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["县区", "产值"], ["东岭区", 520], ["合计", "=SUM(B2:B2)"]):
        sheet.append(row)
    with pytest.raises(ReportError, match="1 个公式"):
        _excel(tmp_path, book)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_csv_of_every_delimiter(tmp_path: Path, delimiter: str, encoding: str) -> None:
    path = tmp_path / "表.csv"
    with path.open("w", encoding=encoding, newline="") as file:
        rows = [["县区", "产值（亿元）", "备注"], ["东岭区", "1,520", '第一行\n"引号"'], ["白石县", "96.3", ""]]
        csv.writer(file, delimiter=delimiter).writerows(rows)
    report = read_report(path, "表.csv")
    assert report.whole_lines
    assert report.text == '东岭区：产值1,520亿元；备注为第一行 "引号"。\n白石县：产值96.3亿元。'


def test_a_sheet_that_lies_about_its_size_is_read_whole(tmp_path: Path) -> None:
    from zipfile import ZipFile

    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["县区", "产值（亿元）"], ["东岭区", 520], ["白石县", 96]):
        sheet.append(row)
    buffer = BytesIO()
    book.save(buffer)
    with ZipFile(buffer) as old, ZipFile(tmp_path / "表.xlsx", "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b'ref="A1:B3"', b'ref="A1"'))
    assert "白石县：产值96亿元。" in read_report(tmp_path / "表.xlsx", "表.xlsx").text
