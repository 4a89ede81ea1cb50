"""Comma-separated values -> a line a row. Reads as RFC 4180 says, with any of four delimiters."""

from __future__ import annotations

import csv
from hashlib import sha256
from io import StringIO

from index.errors import ReportError
from index.load.encodings import decode
from index.load.limits import MAX_CELLS
from index.load.sheets import sheet_lines
from index.report import Report

_DELIMITERS = ",\t;|"


def read_csv(data: bytes, source: str) -> Report:
    """A .csv file: its text has a sentence for each row, with the heads of its columns.

    Raises ReportError as `decode` does, and for a file of more than MAX_CELLS cells.
    """
    text = decode(data, source)
    try:
        rows = list(csv.reader(StringIO(text, newline=""), delimiter=_delimiter(text)))
    except csv.Error as error:
        raise ReportError(f"报告“{source}”的表格有没闭合的引号或过长的单元格，请用表格软件打开另存后重试。") from error
    if sum(map(len, rows)) > MAX_CELLS:
        raise ReportError(f"报告“{source}”的单元格超过 {MAX_CELLS // 10_000} 万个，请拆成几份后重试。")
    return Report(
        source=source,
        text="\n".join(sheet_lines(rows)),
        sha256=sha256(data).hexdigest(),
        whole_lines=True,
    )


def _delimiter(text: str) -> str:
    """The one that gives most lines the same number of cells, more than one."""
    lines = [line for line in text[:50_000].splitlines() if line.strip()][:200]
    best, most = ",", 0.0
    for delimiter in _DELIMITERS:
        try:
            widths = [len(row) for row in csv.reader(lines, delimiter=delimiter)]
        except csv.Error:
            continue
        usual = max(set(widths), key=widths.count, default=1)
        share = widths.count(usual) / len(widths) if usual > 1 else 0.0
        if share > most + 0.05:
            best, most = delimiter, share
    return best
