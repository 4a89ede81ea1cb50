"""The heads of a printed table that stand in several rows: each over the columns in whose middle it is set."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Boxes = NDArray[np.float64]
Cell = tuple[str, Boxes]  # the characters, and a box for each

FIGURE = re.compile(r"[-+－−]?[\d,，.]+[%％]?|[-—–－]")
_MOST = 4
_BLANK = 0.09  # of a column's width squared: what it costs to leave a column without a head


def one_head_row(rows: Sequence[Sequence[Cell]]) -> Sequence[Sequence[Cell]]:
    """The rows with their head rows made one: 2022年 over 产值 becomes 2022年产值.

    A head in the middle over several columns belongs to each of them; one between the rows, to its own column. The
    rows as they are, where there is one head row, or where a column would have no head.
    """
    count = next((at for at, row in enumerate(rows) if any(FIGURE.fullmatch(text) for text, _ in row[1:])), 0)
    body = rows[count:]
    if not 2 <= count <= _MOST or len({len(row) for row in body}) != 1:
        return rows
    columns = np.mean([[_middle(cell) for cell in row] for row in body], axis=0)
    if len(columns) < 2 or (np.diff(columns) <= 0).any():
        return rows
    heads: list[list[Cell]] = [[] for _ in columns]
    for row in rows[:count]:
        places = _places([_middle(cell) for cell in row], columns)
        if not places or (len(row) == 1 and len(set(places)) == 1):
            return rows  # a head without a column, or a title over the whole table
        for head, place in zip(heads, places, strict=True):
            if place >= 0:
                head.append(row[place])
    if not all(heads):
        return rows
    return [[("".join(t for t, _ in head), np.concatenate([b for _, b in head])) for head in heads], *body]


def _middle(cell: Cell) -> float:
    return float(np.nanmin(cell[1][:, 0]) + np.nanmax(cell[1][:, 2])) / 2


def _places(heads: Sequence[float], columns: NDArray[np.float64]) -> list[int]:
    """For each column the head over it, -1 for none; nothing where a head would be over no column.

    Heads and columns keep their order. Of all ways the one whose heads stand nearest to the middles of their columns.
    """
    width = float(np.median(np.diff(columns))) ** 2
    # best[h][c]: the cost of the first c columns under the first h heads, and the way there
    best: list[list[tuple[float, list[int]]]] = [[(_BLANK * c, [-1] * c) for c in range(len(columns) + 1)]]
    for number, middle in enumerate(heads):
        row: list[tuple[float, list[int]]] = []
        for end in range(len(columns) + 1):
            ways = [(row[-1][0] + _BLANK, [*row[-1][1], -1])] if row else [(math.inf, [])]
            for start in range(end):
                cost, way = best[-1][start]
                off = (float(columns[start:end].mean()) - middle) ** 2 / width
                ways.append((cost + off, [*way, *[number] * (end - start)]))
            row.append(min(ways))
        best.append(row)
    cost, way = best[-1][-1]
    return way if cost < math.inf else []
