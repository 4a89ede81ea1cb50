"""Excel workbooks -> a heading a sheet, a line a row, with the values as they were displayed."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from hashlib import sha256
from io import BytesIO
from zipfile import ZipFile

from lxml import etree
from openpyxl import load_workbook
from openpyxl.utils import range_boundaries
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

from index.errors import ReportError
from index.load.cells import displayed
from index.load.grid import Merge
from index.load.limits import MAX_CELLS, MAX_CHARACTERS, check_package
from index.load.properties import sensible_date, sensible_title
from index.load.sheets import sheet_lines
from index.report import Report

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_MAX_ROWS = 1_048_576
_UNNAMED = re.compile(r"(?:sheet|工作表|表)\s*\d*", re.IGNORECASE)


def read_xlsx(data: bytes, source: str) -> Report:
    """An .xlsx workbook: values, not formulas; hidden sheets are left out.

    Raises ReportError for a package that `check_package` refuses, for one of more than MAX_CELLS cells, and
    where formulas were never calculated, so that their values stand nowhere in the file.
    """
    check_package(data, source, kind="Excel 工作簿", ending=".xlsx")
    with warnings.catch_warnings():  # of extensions that openpyxl does not know, none of them values
        warnings.simplefilter("ignore")
        book = load_workbook(BytesIO(data), read_only=True, data_only=True, keep_links=False)
        try:
            lines: list[str] = []
            left = MAX_CELLS
            for sheet in book.worksheets:
                if sheet.sheet_state != "visible":
                    continue
                merges = list(_merges(data, sheet._worksheet_path, source))
                rows = _rows(sheet, source, left)
                left -= sum(map(len, rows))
                named = not _UNNAMED.fullmatch(sheet.title)
                body = sheet_lines(rows, merges, title="## " if named else "# ")
                lines += [f"# {sheet.title}", *body, ""] if body and named else [*body, ""] if body else []
            text = "\n".join(lines).rstrip("\n")
            title, created = sensible_title(book.properties.title), sensible_date(book.properties, text)
        finally:
            book.close()
    return Report(
        source=source,
        text=text,
        sha256=sha256(data).hexdigest(),
        title=title,
        date=created,
        whole_lines=True,
    )


def _rows(sheet: ReadOnlyWorksheet, source: str, left: int) -> list[list[str]]:
    sheet.reset_dimensions()  # what the file says of its size may be wrong
    rows: list[list[str]] = []
    cells = characters = 0
    for row in sheet.iter_rows():
        texts = [displayed(cell.value, cell.number_format) for cell in row]
        while texts and not texts[-1]:
            texts.pop()
        cells += len(row)
        characters += sum(map(len, texts))
        if cells > left or len(rows) > _MAX_ROWS or characters > MAX_CHARACTERS:
            raise ReportError(f"报告“{source}”的单元格过多（上限 {MAX_CELLS // 10_000} 万个），请拆成几份后重试。")
        rows.append(texts)
    return rows


def _merges(data: bytes, part: str, source: str) -> Iterator[Merge]:
    """The merged cells of one sheet, which a read-only workbook does not tell."""
    uncalculated = 0
    with ZipFile(BytesIO(data)) as package, package.open(part) as xml:
        for _, element in etree.iterparse(
            xml, tag=(f"{_MAIN}c", f"{_MAIN}row", f"{_MAIN}mergeCell"), resolve_entities=False, no_network=True
        ):
            if element.tag == f"{_MAIN}mergeCell":
                left, top, right, bottom = range_boundaries(element.get("ref", ""))
                yield Merge(top - 1, left - 1, bottom - 1, right - 1)
            elif element.tag == f"{_MAIN}c":
                formula = element.find(f"{_MAIN}f") is not None and element.get("t") != "str"
                uncalculated += formula and not element.findtext(f"{_MAIN}v")
            else:
                element.clear()
    if uncalculated:
        raise ReportError(
            f"报告“{source}”有 {uncalculated} 个公式没有存下算出的值，请用 Excel 或 WPS 打开、保存一次后重试。"
        )
