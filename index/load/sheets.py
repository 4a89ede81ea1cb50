"""A sheet of cells -> lines: blank rows and titles divide it into tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from index.load.grid import Merge, is_data
from index.load.tables import table_lines

Rows = Sequence[Sequence[str]]


def sheet_lines(rows: Rows, merges: Sequence[Merge] = (), *, title: str = "# ") -> list[str]:
    """All lines of a sheet; `rows` as for `table_lines`, with blank rows where they stand; `title` as there."""
    lines: list[str] = []
    for first, last in _tables(rows):
        own = [
            Merge(m.top - first, m.left, min(m.bottom, last - 1) - first, m.right)
            for m in merges
            if first <= m.top < last
        ]
        part = rows[first:last]
        lefts = [next((i for i, cell in enumerate(row) if cell.strip()), len(row)) for row in part]
        left = min(lefts, default=0)
        own = [Merge(m.top, max(0, m.left - left), m.bottom, m.right - left) for m in own]
        covered = {i for m in own for i in range(m.top + 1, min(m.bottom, len(part) - 1) + 1)}
        kept = [i for i, row in enumerate(part) if i in covered or any(cell.strip() for cell in row)]
        place = {row: at for at, row in enumerate(kept)}
        own = [
            Merge(place[m.top], m.left, place[m.bottom], m.right) for m in own if m.top in place and m.bottom in place
        ]
        lines += table_lines([part[i][left:] for i in kept], merges=own, title=title)
    return lines


def _tables(rows: Rows) -> Iterator[tuple[int, int]]:
    """Half-open ranges of rows: after blank rows a table begins only where heads do."""
    blocks: list[tuple[int, int]] = []
    start: int | None = None
    for at in range(len(rows) + 1):
        blank = at == len(rows) or not any(cell.strip() for cell in rows[at])
        if not blank and start is None:
            start = at
        elif blank and start is not None:
            blocks.append((start, at))
            start = None
    begin = 0
    for number, (first, _) in enumerate(blocks):
        if number and _begins_anew(rows, blocks, number):
            yield begin, blocks[number - 1][1]
            begin = first
        elif not number:
            begin = first
    if blocks:
        yield begin, blocks[-1][1]


def _begins_anew(rows: Rows, blocks: Sequence[tuple[int, int]], number: int) -> bool:
    """Whether this block has heads of its own, or is a title over the next one that has."""
    if all(_cells(row) <= 1 for row in rows[slice(*blocks[number - 1])]):
        return False  # what stands above is the title of this very table
    full = [row for row in rows[slice(*blocks[number])] if _cells(row) > 1]
    if not full and number + 1 < len(blocks):
        full = [row for row in rows[slice(*blocks[number + 1])] if _cells(row) > 1]
    return len(full) > 1 and not any(is_data(cell.strip()) for cell in full[0])


def _cells(row: Sequence[str]) -> int:
    return sum(bool(cell.strip()) for cell in row)
