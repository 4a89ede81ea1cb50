"""A printed table -> sentences that keep row and column heads, each character of a cell with its box."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from index.load.heads import FIGURE, Boxes, Cell, one_head_row
from index.load.tables import table_lines


def grid_lines(rows: Sequence[Sequence[Cell]], *, caption: str) -> list[Cell] | None:
    """Sentences of a table of `rows`, the first of them its heads (or the first few: `one_head_row`).

    `caption` is what is printed over it.
    Characters that are repeated heads, units taken from them, or joining words have a box of NaN unless the head
    itself is their place. None where the rows are no plain table: not all of one length, without heads or without
    figures, or if any cell would be lost.
    """
    rows = one_head_row(rows)
    if len(rows) < 3 or not _plain([[text for text, _ in row] for row in rows]):
        return None
    texts = [[text for text, _ in row] for row in rows]
    lines = table_lines(texts, caption=caption)
    if not _complete(texts, lines):
        return None
    made: list[Cell] = []
    at = 1
    for line in lines:
        while at + 1 < len(rows) and not _holds(line, texts[at]) and _holds(line, texts[at + 1]):
            at += 1
        made.append((line, _boxes(line, [*rows[at], *rows[0]])))
    return made


def _plain(rows: Sequence[Sequence[str]]) -> bool:
    heads, body = rows[0], [cell for row in rows[1:] for cell in row[1:]]
    figures = sum(bool(FIGURE.fullmatch(cell)) for cell in body)
    alike = all(len(row) == len(heads) for row in rows)
    names = all(not FIGURE.fullmatch(row[0]) or len(row[0]) == 4 for row in rows)  # 2023 may name a row
    return (
        alike and len(heads) > 1 and names and figures >= 0.7 * len(body) and not any(map(FIGURE.fullmatch, heads[1:]))
    )


def _complete(rows: Sequence[Sequence[str]], lines: Sequence[str]) -> bool:
    """Whether each row's name and figures stand in one line, in the order of the rows."""
    at = 0
    for row in rows[1:]:
        while at < len(lines) and not _holds(lines[at], row):
            at += 1
        if at == len(lines):
            return False
    said = "".join(lines)
    return all(re.split(r"[（(/]", head)[0] in said for head in rows[0][1:])


def _holds(line: str, row: Sequence[str]) -> bool:
    return all(_find(line, cell) >= 0 for cell in row if not re.fullmatch(r"[-—–－]", cell))


def _find(line: str, cell: str, taken: NDArray[np.bool_] | None = None) -> int:
    """Where `cell` stands in `line` as a whole figure or word, not on `taken` characters; -1 if nowhere."""
    before, after = (r"(?<![\d.])" if cell[:1].isdigit() else ""), (r"(?![\d]|\.\d)" if cell[-1:].isdigit() else "")
    for found in re.finditer(before + re.escape(cell) + after, line):
        if taken is None or not taken[found.start() : found.end()].any():
            return found.start()
    return -1


def _boxes(line: str, cells: Sequence[Cell]) -> Boxes:
    boxes = np.full((len(line), 4), math.nan)
    taken = np.zeros(len(line), dtype=bool)
    for text, where in cells:
        begin = _find(line, text, taken)
        if begin < 0:  # a head whose unit moved behind the figure
            text = re.split(r"[（(/]", text)[0]
            begin = _find(line, text, taken) if text else -1
        if begin >= 0:
            boxes[begin : begin + len(text)] = where[: len(text)]
            taken[begin : begin + len(text)] = True
    return boxes
