"""The form of a table: its cells as a full grid, which rows are heads, where tables stand side by side."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.load.units import UNIT, is_unit_line, only_unit

Rows = list[list[str]]

NUMBER = r"[-+－−]?(?:\d{1,3}(?:[,，]\d{3})+|\d+)(?:\.\d+)?"
YEAR = re.compile(r"(?:19|20)\d\d(?:年度?)?")
QUANTITY = re.compile(rf"(?:[约超近逾第]|不足|超过)?{NUMBER}\s*[余多]?(?:{UNIT})?")
_MOST_HEADS = 5


@dataclass(frozen=True, slots=True)
class Merge:
    """A merged cell: rows `top` to `bottom` and columns `left` to `right`, from 0, all inclusive."""

    top: int
    left: int
    bottom: int
    right: int


def full_grid(rows: Sequence[Sequence[str]]) -> Rows:
    """Rows of one width, the white space in their cells collapsed."""
    width = max((len(row) for row in rows), default=0)
    return [[_tidy(cell) for cell in row] + [""] * (width - len(row)) for row in rows]


def _tidy(cell: str) -> str:
    return re.sub(r"[\s\u3000\xa0]+", " ", cell).strip()


def closed(text: str) -> str:
    """`text` without the spaces that set Chinese characters apart: 合 计, 王 芳."""
    return re.sub(r"(?<=[\u2e80-\uffef]) (?=[\u2e80-\uffef])", "", text)


def captions_of(grid: Rows, merges: Sequence[Merge]) -> tuple[list[str], int]:
    """Titles over the heads, and the index of the row where the heads begin."""
    captions: list[str] = []
    inner = {m.top for m in merges if m.left > 0 and m.right > m.left}
    for at, row in enumerate(grid):
        cells = [cell for cell in row if cell]
        units = any(is_unit_line(cell) for cell in cells)
        if (len(cells) > 1 and not units) or (cells and at in inner and not units):
            return captions, at
        captions += cells
    return captions, len(grid)


def filled(grid: Rows, merges: Sequence[Merge]) -> Rows:
    """The grid with the text of each merged cell in all its places."""
    for m in merges:
        for row in grid[m.top : m.bottom + 1]:
            for column in range(m.left, min(m.right + 1, len(row))):
                row[column] = grid[m.top][m.left]
    return grid


def keys_raised(grid: Rows, merges: Sequence[Merge]) -> tuple[Rows, list[Merge]]:
    """Heads of the first columns that have a row of their own between two rows of heads, put into the row above it.

    Such a row says nothing over the other columns, the rows around it nothing over these.
    """
    for at in range(1, min(len(grid) - 2, _MOST_HEADS)):
        if _is_key_row(grid, at) and not any(m.top == at < m.bottom for m in merges):
            above = [key or head for key, head in zip(grid[at], grid[at - 1], strict=True)]
            moved = [Merge(m.top - (m.top >= at), m.left, m.bottom - (m.bottom >= at), m.right) for m in merges]
            return [*grid[: at - 1], above, *grid[at + 1 :]], [m for m in moved if m.top >= 0]
    return grid, list(merges)


def _is_key_row(grid: Rows, at: int) -> bool:
    above, row, below, body = grid[at - 1 : at + 3]
    keys = next((i for i, cell in enumerate(row) if not cell), len(row))
    if not keys or any(row[keys:]) or any(map(is_data, [*above, *row, *below])):
        return False
    apart = not any([*above[:keys], *below[:keys]]) and any(above[keys:]) and sum(map(bool, below[keys:])) > 1
    return apart and all(body[:keys]) and any(map(is_data, body[keys:]))


def head_rows(grid: Rows, merges: Sequence[Merge]) -> int:
    """How many rows at the top are heads; 0 where the first holds data already."""
    if any(is_data(cell) for cell in grid[0]):
        return 0
    count = 1
    while count < len(grid) - 1 and count < _MOST_HEADS:
        below = grid[count]
        if any(is_data(cell) for cell in below):
            break
        deeper = any(m.top < count <= m.bottom for m in merges)
        across = any(m.top <= count - 1 <= m.bottom and m.right > m.left for m in merges)
        gaps = any(not top and low for top, low in zip(grid[count - 1][1:], below[1:], strict=True))
        units = all(only_unit(cell) for cell in below if cell)
        if not (deeper or across or (gaps and not merges) or units):
            break
        count += 1
    for at in range(count - 1 if not merges else 0):
        _fill_right(grid[at], [any(column) for column in zip(*grid[at + 1 : count], strict=True)])
    return count


def _fill_right(row: list[str], over: Sequence[bool]) -> None:
    """A head without merged cells stands over the blanks to its right that are `over` heads of lower rows."""
    for i in range(1, len(row)):
        row[i] = row[i] or (row[i - 1] if over[i] and i > 1 else "")


def is_data(cell: str) -> bool:
    """Whether a cell holds a figure; a year alone may be a head."""
    return bool(QUANTITY.fullmatch(cell)) and not YEAR.fullmatch(cell)


def side_by_side(grid: Rows, heads: int) -> Iterator[Rows]:
    """Tables that a page set beside one another under the same heads, one after the other."""
    width = len(grid[0])
    for size in range(2, width // 2 + 1):
        if heads and width % size == 0 and all(row == row[:size] * (width // size) for row in grid[:heads]):
            for left in range(0, width, size):
                yield [row[left : left + size] for row in grid]
            return
    yield grid
